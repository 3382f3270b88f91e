"""What a forecast of a campaign tells; `adapters.forecasting` makes it from `CampaignAhead`."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Binding(StrEnum):
    """What holds dialing back for the most part of a day's open hours."""

    CALLS = "calls"  # the budget's calls
    MINUTES = "minutes"  # the budget's minutes
    PACING = "pacing"  # calls at once and per minute
    WINDOW = "window"  # people are due, and it is no hour to call them
    RETRIES = "retries"  # everybody who is left waits for the next try
    NOTHING = "nothing"  # whoever is due is dialed


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Tenth, median and ninetieth percentile of the replays."""

    p10: float
    p50: float
    p90: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishRange:
    """When the last contact is reached or given up; None: not within the horizon."""

    p10: datetime | None
    p50: datetime | None
    p90: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayAhead:
    """One day, `date` on the clock of `CampaignForecast.zone`; `binding` in most replays.

    `done_share` is the share of replays that are over by its end.
    """

    date: str
    reached: Range
    calls: Range
    binding: Binding
    done_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """The same people and the same luck, with one thing changed.

    `days_sooner` is the median difference of the finish, negative if it is later, None where
    either is beyond the horizon; `reached_more` and `untried_fewer` are mean differences.
    """

    name: str
    change: str
    finish: FinishRange
    days_sooner: float | None
    reached_more: float
    untried_fewer: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignForecast:
    """What is to be expected of the rest of a campaign.

    `untried` get no first attempt before their deadline or the campaign's end; `never_open` of
    them since no hour of theirs is ever open. `finish` is None when nobody is left to call.
    """

    campaign: str
    at: datetime
    zone: str
    contacts: int
    replays: int
    horizon_days: int
    finish: FinishRange | None
    reached: Range
    untried: Range
    never_open: int
    calls: Range
    minutes: Range
    answer_odds: Range
    days: tuple[DayAhead, ...]
    what_ifs: tuple[WhatIf, ...]
    from_tries: int
    assumes: tuple[str, ...]
