"""One goal, one call list, its rules, its schedule."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from inkbatch.domain.budget import HeadRoom
from inkbatch.domain.call_list import Columns
from inkbatch.domain.calling_window import CallingWindow
from inkbatch.domain.pacing import Pacing
from inkbatch.domain.retry_policy import RetryPolicy
from inkbatch.domain.sharing import Part


class CampaignState(StrEnum):
    """What a person, or the breaker, said of the whole campaign."""

    ACTIVE = "active"  # it dials whenever its rules allow
    PAUSED = "paused"  # nothing more is dialed until somebody resumes it
    CANCELED = "canceled"  # nothing more is dialed, ever; open calls are still collected


class DuplicateScope(StrEnum):
    """Where a person may be on the list only once."""

    CAMPAIGN = "campaign"  # others may call the same person too, within the caps
    ORGANISATION = "organisation"  # nor where another campaign, not canceled, has the number


@dataclass(frozen=True, slots=True, kw_only=True)
class FromNumber:
    """A number to call from; `id` is Inkbox's, None until it is looked up by `GET /numbers`."""

    number: str
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetRules:
    """A campaign's part in the budget.

    `predicted_minutes` is reserved per call until there are enough calls of its own to predict
    from; no call is expected to last longer than `minutes_max`. If all calls in progress do last
    that long, the minutes pass the limit by `overrun_minutes` at most. `guarantee` is kept for
    this campaign while it has people to call, `ceiling` is the most that it may use.
    """

    head_room: HeadRoom = field(default_factory=HeadRoom)
    predicted_minutes: float = 1.0
    minutes_max: float = 10.0
    overrun_minutes: float = 0.0
    guarantee: Part = field(default_factory=Part)
    ceiling: Part = field(default_factory=Part)

    @property
    def call_lasts_at_most(self) -> timedelta:
        """How long after its start a call is given up watching: the maximum and an hour."""
        return timedelta(minutes=self.minutes_max) + timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When the nightly run starts: a cron expression read in an IANA zone."""

    cron: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """Everything that a campaign file says, validated; paths are absolute.

    `sheet` is the one of a workbook to read; None takes the first visible one that has rows.
    `client_websocket_url` is a template (see `agent_url`); None falls back to the number's own
    URL at Inkbox. `breaker` is how many dial failures in a row pause the campaign.
    """

    name: str
    call_list: str
    sheet: str | None = None
    columns: Columns
    default_region: str | None
    from_numbers: tuple[FromNumber, ...]
    client_websocket_url: str | None
    webhook_url: str | None
    window: CallingWindow
    retry: RetryPolicy
    pacing: Pacing
    budget: BudgetRules
    suppression_files: tuple[str, ...] = ()
    duplicates: DuplicateScope = DuplicateScope.CAMPAIGN
    priority: int = 0
    schedule: Schedule | None = None
    breaker: int = 5
