"""The figures of one campaign at one instant; they add up.

Phone numbers and the fields of a file are not in here. Reasons are, as the store has them, and a
person's own reason for a suppression may say more than a stranger should read.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from inkbatch.domain.budget import Limits
from inkbatch.domain.campaign_forecast import CampaignForecast
from inkbatch.domain.contact import count_left
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.rate import Rate
from inkbatch.domain.result import Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """All attempts made of one ordinal: what first, second, ... tries came to."""

    ordinal: int
    attempts: int
    answer_rate: Rate
    dispositions: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TryHour:
    """The attempts of one ordinal in one hour of the contacts' own days."""

    ordinal: int
    hour: int
    rate: Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """One hour of the week in the contacts' own first zones; `weekday` 0 is Monday."""

    weekday: int
    hour: int
    answer_rate: Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetPoint:
    """What the organisation had in use from `at` on, counted over the 24 hours before."""

    at: datetime
    calls: int
    minutes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetUse:
    """The rolling 24 hours over the campaign's life, all campaigns and foreign use included.

    `usable` are the limits less this campaign's head-room. The peaks are exact; of very many
    `points` those are kept that show every rise and peak of their stretch of time. The drifts are
    by how much the server once counted more than the ledger, or less; None before it told anything.
    """

    limits: Limits
    usable: Limits
    points: tuple[BudgetPoint, ...]
    peak_calls: int
    peak_minutes: float
    drift_calls: int | None = None
    drift_minutes: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleReason:
    """How many whole hours nobody was called in, for one reason.

    `window_shut`, `budget_full`, `paused` (or canceled, as it stands now), `nobody_due` (a run was
    going; nobody was due, or it was held), `stopped` (the run before ended for a trouble) or
    `no_run`.
    """

    reason: str
    hours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleTime:
    """The whole hours from `since` on while people were left: those dialed in, and the others.

    `hours` are all of them; `reasons` add up to those that were not dialed in.
    """

    since: datetime
    hours: int
    hours_dialed: int
    reasons: tuple[IdleReason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """How many contacts, or rows, stand in one final state for one reason."""

    state: str
    why: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultCount:
    """How many attempts an agent gave one word and one effect, by the result that stands.

    `minutes` are those talked on them; the median is None where it is not known.
    """

    word: str
    effect: str
    count: int
    minutes: float = 0.0
    median_minutes: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkLength:
    """How long the attempts of one disposition were talked, as far as that is known of them."""

    disposition: str
    attempts: int
    mean_minutes: float
    median_minutes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeToReach:
    """How long it took until people were reached, of those who were: at the answered attempt.

    `since` says from when: `enrolled` or `first_attempt`. `curve` has the hours within which a
    twentieth, two twentieths, ... all of them were reached.
    """

    since: str
    people: int
    median_hours: float
    p90_hours: float
    curve: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBack:
    """A contact that asked to be called back, and waits for that."""

    contact_id: int
    row_number: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewItem:
    """A contact whose last attempt nobody can tell about; a person releases or closes it."""

    contact_id: int
    row_number: int
    attempt_id: str | None
    reserved_at: datetime | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What came of a campaign up to `at`.

    The sum of `rows` is the rows of its files; accepted and repaired rows together are the sum
    of `contacts`; `attempts_per_contact` maps attempts made to contacts and covers every
    contact; `dispositions` and `open_attempts` together are all attempts that were not
    withdrawn. `minutes` is by disposition. `review` may be cut short, `contacts` says how many.
    `forecast` is None where nobody can tell. `results` are by the agent's words,
    `call_backs` by their time; both may be cut short.
    """

    campaign: str
    organisation: str
    campaign_state: str
    campaign_state_reason: str | None
    at: datetime
    first_attempt_at: datetime | None
    last_attempt_at: datetime | None
    calling_days: int
    rows: Mapping[str, int]
    contacts: Mapping[str, int]
    dispositions: Mapping[str, int]
    open_attempts: Mapping[str, int]
    minutes: Mapping[str, float]
    attempts_per_contact: Mapping[int, int]
    tries: tuple[Try, ...]
    hours: tuple[Hour, ...]
    answer_rate: Rate
    reach_rate: Rate
    budget: BudgetUse
    forecast: CampaignForecast | None
    not_reached: tuple[Reason, ...]
    set_aside: tuple[Reason, ...]
    review: tuple[ReviewItem, ...]
    results: tuple[ResultCount, ...] = ()
    try_hours: tuple[TryHour, ...] = ()
    call_backs: tuple[CallBack, ...] = ()
    talk_lengths: tuple[TalkLength, ...] = ()
    times_to_reach: tuple[TimeToReach, ...] = ()
    idle: IdleTime | None = None

    @property
    def rows_total(self) -> int:
        """Rows of all files of the campaign."""
        return sum(self.rows.values())

    @property
    def contacts_total(self) -> int:
        """People that the rows stand for."""
        return sum(self.contacts.values())

    @property
    def contacts_called(self) -> int:
        """People with at least one attempt."""
        return sum(count for made, count in self.attempts_per_contact.items() if made)

    @property
    def contacts_left(self) -> int:
        """People who are still to be called or in a call."""
        return count_left(self.contacts)

    @property
    def attempts_ended(self) -> int:
        """Attempts that came to a disposition."""
        return sum(self.dispositions.values())

    @property
    def minutes_total(self) -> float:
        """Minutes talked, voicemail included."""
        return sum(self.minutes.values())

    @property
    def minutes_per_answer(self) -> float | None:
        """Mean minutes of an answered call; None before the first."""
        answered = self.dispositions.get(Disposition.ANSWERED, 0)
        return self.minutes.get(Disposition.ANSWERED, 0.0) / answered if answered else None

    @property
    def opt_outs(self) -> int:
        """Attempts on which somebody asked not to be called again."""
        return sum(each.count for each in self.results if each.effect == Effect.DO_NOT_CALL)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON: times as ISO 8601 in UTC, rates with their interval."""
        values: dict[str, Any] = plain(asdict(self))
        return values


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it; a rate with its share and 95 % interval."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        if value.keys() == {"hits", "cases"}:
            rate = Rate(**value)
            return {**value, "share": rate.share, "low": rate.low, "high": rate.high}
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value
