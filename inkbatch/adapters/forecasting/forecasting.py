"""From where a campaign stands to what is to be expected of it, and what would change that."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from inkbatch.adapters.forecasting.beliefs import Beliefs, draw_beliefs
from inkbatch.adapters.forecasting.luck import Luck, draw_luck
from inkbatch.adapters.forecasting.replay import Replay, Replayed, slot_length
from inkbatch.adapters.forecasting.setting import setting_of
from inkbatch.adapters.forecasting.slots import HORIZON, Slots
from inkbatch.domain.budget import Limits
from inkbatch.domain.calling_window import MINUTES_A_DAY, CallingWindow, Span
from inkbatch.domain.campaign_ahead import CampaignAhead
from inkbatch.domain.campaign_forecast import (
    Binding,
    CampaignForecast,
    DayAhead,
    FinishRange,
    Range,
    WhatIf,
)
from inkbatch.domain.disposition import Disposition

REPLAYS, REPLAYS_OF_MANY, MANY_CONTACTS = 400, 200, 3_000
SHORTER_CALLS, MORE_BUDGET, WIDER_MINUTES = 0.75, 1.5, 60
SHARES = (0.1, 0.5, 0.9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """All replays of one campaign, and of what-ifs that share their luck."""

    beliefs: Beliefs
    luck: Luck
    slots: Slots
    first_of_day: int

    def replayed(self, ahead: CampaignAhead, *, minutes_factor: float = 1.0) -> Replayed:
        """Return what comes of a campaign, its calls so much shorter than they are."""
        setting = setting_of(ahead, slots=self.slots, dispositions=self.beliefs.dispositions)
        minutes = tuple(each * np.float32(minutes_factor) for each in self.luck.minutes)
        luck = Luck(outcomes=self.luck.outcomes, minutes=minutes)
        replay = Replay(setting, luck, held_minutes=self.beliefs.held_minutes * minutes_factor)
        return replay.run(first_of_day=self.first_of_day)


def forecast_campaign(ahead: CampaignAhead, *, what_ifs: bool = True) -> CampaignForecast:
    """Replay the rest of a campaign; the same campaign in the same state gives the same."""
    trials, zone = trials_of(ahead), _main_zone(ahead)
    told = trials.replayed(ahead)
    answered = trials.beliefs.dispositions.index(Disposition.ANSWERED)
    return CampaignForecast(
        campaign=ahead.campaign.name,
        at=ahead.at,
        zone=zone,
        contacts=ahead.contacts,
        replays=len(told.finish),
        horizon_days=HORIZON.days,
        finish=_finish(told, trials.slots) if ahead.contacts else None,
        reached=_range(told.reached),
        untried=_range(told.untried),
        never_open=told.never_open,
        calls=_range(told.calls),
        minutes=_range(told.minutes),
        answer_odds=_range(trials.beliefs.odds[:, 0, answered]),
        days=tuple(_days(told, first=trials.slots.start.astimezone(ZoneInfo(zone)))),
        what_ifs=tuple(_what_ifs(ahead, trials, told)) if what_ifs and ahead.contacts else (),
        from_tries=len(ahead.tries),
        assumes=ahead.assumes,
    )


def trials_of(ahead: CampaignAhead) -> Trials:
    """Return the replays of a campaign with all that is left to chance drawn."""
    chance = np.random.default_rng(ahead.seed)
    tries_max = max(ahead.campaign.retry.attempts_max, 1)
    replays = REPLAYS if ahead.contacts <= MANY_CONTACTS else REPLAYS_OF_MANY
    beliefs = draw_beliefs(ahead, tries_max=tries_max, replays=replays, chance=chance)
    at_most = [
        sum(each.contacts for each in ahead.cohorts if min(each.attempts_used, tries_max - 1) <= n)
        for n in range(tries_max)
    ]
    luck = draw_luck(beliefs, tries_made_at_most=at_most, chance=chance)
    length = slot_length(sum(at_most) / max(ahead.budget.usable.calls, 1))
    start = _floored(ahead.at, length)
    local = start.astimezone(ZoneInfo(_main_zone(ahead)))
    midnight = datetime.combine(local.date(), time(), local.tzinfo)
    return Trials(
        beliefs=beliefs,
        luck=luck,
        slots=Slots(start=start, length=length),
        first_of_day=int((start - midnight) / length),
    )


def _floored(at: datetime, length: timedelta) -> datetime:
    seconds = length.total_seconds()
    return at - timedelta(seconds=at.timestamp() % seconds)


def _main_zone(ahead: CampaignAhead) -> str:
    """Return the zone in which most of the contacts live; days are told on its clock."""
    counts = dict[str, int]()
    for cohort in ahead.cohorts:
        for zone in cohort.zones[:1]:
            counts[zone] = counts.get(zone, 0) + cohort.contacts
    return max(counts, key=lambda zone: counts[zone], default="UTC")


def _range(values: NDArray[np.int64] | NDArray[np.float64]) -> Range:
    low, middle, high = np.quantile(values, SHARES, method="inverted_cdf")
    return Range(p10=float(low), p50=float(middle), p90=float(high))


def _finish(told: Replayed, slots: Slots) -> FinishRange:
    ends = np.where(told.finish < 0, slots.horizon + 1, told.finish)
    low, middle, high = (
        None if end > slots.horizon else slots.at(int(end))
        for end in np.quantile(ends, SHARES, method="inverted_cdf")
    )
    return FinishRange(p10=low, p50=middle, p90=high)


def _days(told: Replayed, *, first: datetime) -> Iterator[DayAhead]:
    for day, reached in enumerate(told.reached_by_day):
        counted = told.binding_by_day[day]
        yield DayAhead(
            date=(first.date() + timedelta(days=day)).isoformat(),
            reached=_range(reached),
            calls=_range(told.calls_by_day[day]),
            binding=max(counted, key=lambda each: counted[each], default=Binding.WINDOW),
            done_share=float(1 - told.alive_by_day[day].mean()),
        )


def _what_ifs(ahead: CampaignAhead, trials: Trials, told: Replayed) -> Iterator[WhatIf]:
    campaign, budget = ahead.campaign, ahead.budget
    wider = replace(campaign, window=widened(campaign.window, minutes=WIDER_MINUTES))
    theirs = trials.replayed(replace(ahead, campaign=wider))
    change = "the campaign's own hours begin and end an hour further out"
    yield _compared("wider window", change, told, theirs, slots=trials.slots)
    tries = campaign.retry.attempts_max - 1
    if tries:
        theirs = trials.replayed(_with_tries(ahead, tries))
        change = f"{tries} instead of {tries + 1} tries"
        yield _compared("fewer retries", change, told, theirs, slots=trials.slots)
    shorter = trials.replayed(ahead, minutes_factor=SHORTER_CALLS)
    change = f"calls take {1 - SHORTER_CALLS:.0%} less time"
    yield _compared("shorter calls", change, told, shorter, slots=trials.slots)
    usable = Limits(
        calls=int(budget.usable.calls * MORE_BUDGET), minutes=budget.usable.minutes * MORE_BUDGET
    )
    richer = trials.replayed(replace(ahead, budget=replace(budget, usable=usable)))
    change = f"{usable.calls} calls and {usable.minutes:g} minutes in 24 hours"
    yield _compared("more budget", change, told, richer, slots=trials.slots)


def _with_tries(ahead: CampaignAhead, tries: int) -> CampaignAhead:
    """Return a campaign that makes no more tries than so many; who had them is given up."""
    retry = replace(ahead.campaign.retry, attempts_max=tries)
    return replace(
        ahead,
        campaign=replace(ahead.campaign, retry=retry),
        cohorts=tuple(each for each in ahead.cohorts if each.attempts_used < tries),
    )


def _compared(name: str, change: str, told: Replayed, theirs: Replayed, *, slots: Slots) -> WhatIf:
    both = (told.finish >= 0) & (theirs.finish >= 0)
    sooner = (told.finish - theirs.finish)[both] / slots.a_day
    return WhatIf(
        name=name,
        change=change,
        finish=_finish(theirs, slots),
        days_sooner=float(np.median(sooner)) if both.all() else None,
        reached_more=float(np.mean(theirs.reached - told.reached)),
        untried_fewer=float(np.mean(told.untried - theirs.untried)),
    )


def widened(window: CallingWindow, *, minutes: int) -> CallingWindow:
    """Return a window whose days begin so much earlier and end so much later."""
    days = tuple(_widened(spans, minutes=minutes) for spans in window.weekdays)
    return replace(window, weekdays=days)


def _widened(spans: tuple[Span, ...], *, minutes: int) -> tuple[Span, ...]:
    if not spans:
        return spans
    begin = max(spans[0].start_minute - minutes, 0)
    end = min(spans[-1].end_minute + minutes, MINUTES_A_DAY)
    first = Span(begin, spans[0].end_minute)
    if len(spans) == 1:
        return (Span(begin, end),)
    return (first, *spans[1:-1], Span(spans[-1].start_minute, end))
