"""What the store tells that is no value of the domain."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from inkbatch.domain.budget import Drift, Usage
from inkbatch.domain.calling_window import Hours
from inkbatch.domain.campaign import BudgetRules, CampaignState
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.list_row import RowStatus
from inkbatch.domain.turns import ContactGroup


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignRecord:
    """A campaign as stored: its id, what was last said of it, and where its files are.

    `pilot_ended_at` is when its pilot was over and paused it; None before and without a pilot.
    `night_told_at` is when somebody was last told what a night came to.
    """

    id: int
    organisation: str
    name: str
    folder: str
    state: CampaignState
    state_reason: str | None
    changed_at: datetime
    pilot_ended_at: datetime | None = None
    night_told_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """What enrolling one file did; `known_rows` of this very file were enrolled before."""

    rows: int
    known_rows: int
    contacts_added: int
    duplicates: int
    suppressed: int
    rejected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """How much there was of one person; `call_ids` are those of Inkbox, which has them still.

    `other_numbers` are those of the same person, which go too and are dialed no more. `mentions`
    are other contacts with a number in one of their cells; `sharers` have one of the other numbers
    as theirs, and are kept and not called. `waits_for_call` says that a call is in progress, at
    whose end all this is erased.
    """

    contacts: int
    other_numbers: int
    rows: int
    attempts: int
    call_ids: tuple[str, ...]
    results: int
    events: int
    mentions: int
    sharers: int
    was_suppressed: bool
    waits_for_call: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Purge:
    """How much there is of people with whom nothing happened for long.

    `rows` are those that became no contact, `suppressions` entries that have ended.
    """

    contacts: int
    results: int
    rows: int
    events: int
    suppressions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrubbed:
    """Whether the database's file is rid of what was forgotten; true where it is.

    Else `problem` says in sentences why not and what to do, and it is to be done again.
    """

    problem: str | None = None

    def __bool__(self) -> bool:
        return self.problem is None


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneQueue:
    """The contacts of one campaign that share their candidate zones and still wait."""

    zones: tuple[str, ...]
    first_at: datetime  # the earliest `waits_until` among them

    @classmethod
    def of_groups(cls, groups: Iterable[ContactGroup]) -> list[Self]:
        """Return the queues of groups of waiting contacts, the longest waiting first."""
        first = dict[tuple[str, ...], datetime]()
        for group in groups:
            first[group.zones] = min(group.first_at, first.get(group.zones, group.first_at))
        queues = [cls(zones=zones, first_at=at) for zones, at in first.items()]
        return sorted(queues, key=lambda queue: (queue.first_at, queue.zones))


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What the server counted at a time, and by how much more than the ledger did."""

    at: datetime
    told: Usage
    drift: Drift


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshots:
    """The latest of an organisation, and those with the largest drift so far."""

    latest: Snapshot
    most_calls: Snapshot
    most_minutes: Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharer:
    """An active campaign of an organisation, with its part in the budget, as it was last run.

    `is_at_work` says that a shift began and never said that it ended.
    """

    campaign_id: int
    name: str
    priority: int
    budget: BudgetRules
    window: Hours
    is_at_work: bool
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRecord:
    """The whole organisation places nothing before `until`."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is asked right before a dial; `hold_reason` None means that nothing holds."""

    state: CampaignState
    hold_reason: str | None


NOTHING_MORE = "nothing more to do now"
"""Why a shift ended that no trouble stopped."""

FOUND_DEAD = "found dead: its lock was free"
"""Why a shift ended of which nobody knows when it did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftRecord:
    """One process's time at a campaign; ended, or alive while its lock is held, or dead."""

    id: str
    campaign_id: int
    lock_name: str
    started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningShift:
    """A shift that never said it ended: which process of which machine it is, or was."""

    id: str
    lock_name: str
    host: str
    pid: int
    started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRow:
    """A row of a file that stands for a contact; a repaired or refused one says of which column."""

    file: str
    row_number: int
    enrolled_at: datetime
    status: RowStatus
    reason: str | None
    column: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """How many contacts stand in one state for one reason."""

    state: str
    why: str
    contacts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEvent:
    """A webhook whose signature is good: its body as it came, and the call to fetch for it."""

    id: str
    call_id: str
    received_at: datetime
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingEvent:
    """An event of a placed attempt's call that nobody looked into yet; `shift_id` dialed it."""

    event_id: str
    attempt_id: str
    shift_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignCounts:
    """Numbers that add up: rows by status, contacts by state, attempts by disposition.

    `rows_accepted` (accepted and repaired) equals the sum over `contacts`; all of `rows` equals
    the rows of the files. Contacts due are counted as `due`, others that wait as `waiting`.
    """

    rows: Mapping[str, int]
    contacts: Mapping[str, int]
    attempts: Mapping[str, int]  # ended, by disposition
    open_attempts: Mapping[str, int]  # not ended, by state
    talk_minutes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """An ended attempt that used up a try of its contact."""

    dialed_at: datetime
    disposition: Disposition
