"""What the dialer needs from outside, as Protocols; adapters fulfil them."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from inkbatch.domain.attempt import Attempt, AttemptState
from inkbatch.domain.budget import Limits, Release, Usage
from inkbatch.domain.call import Call, OwnNumber, RateLimit
from inkbatch.domain.call_list import CallList, Columns
from inkbatch.domain.campaign import Campaign, CampaignState
from inkbatch.domain.contact import Contact, ContactState
from inkbatch.domain.eligibility import NumberFacts
from inkbatch.domain.suppression import Suppression


class Clock(Protocol):
    """The only source of `now`; real, or virtual for demo, forecast and tests."""

    def now(self) -> datetime:
        """Return the time, aware and in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back, for deadlines."""
        ...

    async def sleep_until(self, when: datetime) -> None:
        """Return at `when`, or at once if that has passed."""
        ...


# ---------------------------------------------------------------- telephony


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceCall:
    """One request to dial; sent at most once."""

    from_number: str
    to_number: str
    client_websocket_url: str | None
    webhook_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Inkbox's yes: the call, and the limits as it counted them."""

    call: Call
    limit: RateLimit | None


class Telephony(Protocol):
    """Inkbox's calls API. Every method raises from `TelephonyError`, never anything else."""

    @property
    def skew(self) -> timedelta | None:
        """How far the server's clock is ahead of ours; None until it answered."""
        ...

    async def place_call(self, request: PlaceCall) -> Placed:
        """Dial once, with no retry of any kind.

        Raises NotSent, ReplyLost, DialFailed, RateLimited, KeyRefused, FromNumberRefused,
        RecipientBlocked or RequestRefused.
        """
        ...

    async def list_calls(self, phone_number_id: str, *, limit: int, offset: int) -> list[Call]:
        """Return one page of a number's calls, newest first; `limit` is at most 200."""
        ...

    async def get_call(self, phone_number_id: str, call_id: str) -> Call:
        """Return one call; raises CallNotFound."""
        ...

    async def own_numbers(self) -> list[OwnNumber]:
        """Return the organisation's numbers."""
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...


# ---------------------------------------------------------------- store


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignRecord:
    """A campaign as stored: its id, what was last said of it, and where its files are."""

    id: int
    organisation: str
    name: str
    folder: str
    state: CampaignState
    state_reason: str | None
    changed_at: datetime


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
class ZoneQueue:
    """The contacts of one campaign that share their candidate zones and still wait."""

    zones: tuple[str, ...]
    first_at: datetime  # the earliest `waits_until` among them
    contacts: int


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftRecord:
    """One process's time at a campaign; ended, or alive while its lock is held, or dead."""

    id: str
    campaign_id: int
    lock_name: str
    started_at: datetime


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


class DialingLock(Protocol):
    """Proof of life: it is free if and only if its process is dead or has released it."""

    def is_held(self) -> bool:
        """Return whether it is still ours; a database may have dropped our connection."""
        ...

    def release(self) -> None:
        """Give it up."""
        ...


class Transaction(Protocol):
    """All reading and writing, inside one transaction that commits when its block ends.

    Writers exclude one another (IMMEDIATE in SQLite, a locked organisation row in PostgreSQL),
    so what is read here is still true when it commits. The commit is durable (fsync) before the
    block is left. Times are aware UTC.
    """

    # -- campaigns
    def save_campaign(
        self, campaign: Campaign, *, organisation: str, folder: str, now: datetime
    ) -> CampaignRecord:
        """Insert or update by (organisation, name); the state is kept."""
        ...

    def campaign(self, name: str, *, organisation: str | None = None) -> CampaignRecord | None:
        """Return one; without organisation, the one of this name that changed last."""
        ...

    def campaign_by_id(self, campaign_id: int) -> CampaignRecord:
        """Return one that is known to exist."""
        ...

    def campaigns(self) -> list[CampaignRecord]:
        """Return all, by organisation and name."""
        ...

    def set_campaign_state(
        self, campaign_id: int, state: CampaignState, *, reason: str | None, now: datetime
    ) -> None:
        """Say active, paused or canceled, and why."""
        ...

    def counts(self, campaign_id: int, *, now: datetime) -> CampaignCounts:
        """Count everything once; the sums agree with one another."""
        ...

    # -- enrolling
    def enroll(self, campaign_id: int, call_list: CallList, *, now: datetime) -> Enrolled:
        """Store every row, and a contact for each accepted one whose number is new.

        The file's sha256 and the row number identify a row, so the same file again changes
        nothing. A number that the campaign already has becomes a duplicate row pointing to it; a
        suppressed one becomes a suppressed row.
        """
        ...

    def suppress(self, suppressions: Sequence[Suppression]) -> int:
        """Add numbers to the suppression list; returns how many were new."""
        ...

    # -- choosing whom to dial
    def zone_queues(self, campaign_id: int) -> list[ZoneQueue]:
        """Return the waiting contacts grouped by candidate zones."""
        ...

    def due_contacts(
        self,
        campaign_id: int,
        *,
        zones: Sequence[tuple[str, ...]],
        now: datetime,
        limit: int,
    ) -> list[Contact]:
        """Return waiting contacts of these zone groups whose time has come.

        By priority (highest first), then waits_until, then row number.
        """
        ...

    def number_facts(
        self, numbers: Sequence[str], *, since: datetime, now: datetime
    ) -> dict[str, NumberFacts]:
        """Return for every number its suppression, open attempt and dials after `since`.

        Dials are attempts over all campaigns, by reserved_at, that are open or ended with a
        disposition that uses up a try.
        """
        ...

    def set_contact(
        self,
        contact_id: int,
        state: ContactState,
        *,
        until: datetime,
        why: str,
        attempts_used: int | None = None,
    ) -> None:
        """Move a contact; attempts_used None keeps the figure."""
        ...

    def contact(self, contact_id: int) -> Contact:
        """Return one that is known to exist."""
        ...

    # -- attempts
    def planned_attempts(self, contact_ids: Sequence[int]) -> dict[int, Attempt]:
        """Return the planned attempts of these contacts, by contact; each may be reserved again."""
        ...

    def add_attempts(self, attempts: Sequence[Attempt]) -> bool:
        """Insert new ones; False, with none inserted, where a number has an open one already."""
        ...

    def advance(self, attempt: Attempt, *, from_state: AttemptState) -> bool:
        """Write it if it still stands in `from_state` (a guard in the UPDATE); say whether so."""
        ...

    def advance_all(self, attempts: Sequence[Attempt], *, from_state: AttemptState) -> bool:
        """Write them if each still stands in `from_state` and no constraint refuses one.

        Returns False, with none written, otherwise; `advance` then tells which and why.
        """
        ...

    def look_again(self, attempt: Attempt) -> None:
        """Write when it is looked at next, if it still stands in its state."""
        ...

    def attempt(self, attempt_id: str) -> Attempt | None:
        """Return one by its id."""
        ...

    def open_attempts(
        self, *states: AttemptState, campaign_id: int | None = None, organisation: str | None = None
    ) -> list[Attempt]:
        """Return attempts in these states, oldest first."""
        ...

    def count_attempts(self, *states: AttemptState, campaign_id: int) -> int:
        """Return how many attempts of a campaign are in these unfinished states."""
        ...

    def next_look(self, campaign_id: int) -> datetime | None:
        """Return when collecting or reconciling next has something to look at."""
        ...

    def attempts_of_shift(self, shift_id: str, state: AttemptState) -> list[Attempt]:
        """Return a shift's attempts in one state."""
        ...

    def dialed_since(self, campaign_id: int, *, since: datetime, limit: int) -> list[datetime]:
        """Return the latest `limit` reserved_at of open and ended attempts after `since`."""
        ...

    def talk_minutes(self, campaign_id: int, *, limit: int) -> list[float]:
        """Return the minutes of the campaign's latest calls that were answered or voicemail."""
        ...

    # -- calls
    def save_call(self, call: Call, *, attempt_id: str | None) -> bool:
        """Insert or update what Inkbox told; never from ended back to not ended.

        Returns False, changing nothing, when the call is bound to another attempt.
        """
        ...

    def save_bound_call(self, call: Call, *, attempt_id: str) -> None:
        """Insert or update the call of an attempt whose `call_id` it is already."""
        ...

    def known_calls(self, call_ids: Sequence[str]) -> set[str]:
        """Return those of these call ids that are bound to an attempt."""
        ...

    # -- budget
    def limits(self, organisation: str) -> Limits:
        """Return the limits as the server last told them, else the documented ones."""
        ...

    def set_limits(self, organisation: str, limits: Limits, *, now: datetime) -> None:
        """Remember what the server told."""
        ...

    def usage(self, organisation: str, *, now: datetime) -> Usage:
        """Return what counts now: own use, reservations, and foreign use."""
        ...

    def confirmed_usage(self, organisation: str, *, now: datetime) -> Usage:
        """Return what the server must know of: everything but foreign use not placed in time."""
        ...

    def releases(self, organisation: str, *, now: datetime, limit: int) -> list[Release]:
        """Return the next times at which calls or minutes come back, in order."""
        ...

    def reserve_budget(
        self, organisation: str, *, attempt_id: str, minutes: float, now: datetime
    ) -> None:
        """Count one call and these minutes from now on, with no end until settled."""
        ...

    def settle_call(self, attempt_id: str, *, until: datetime) -> None:
        """Let the call count until then; its minutes go on counting."""
        ...

    def settle_minutes(self, attempt_id: str, *, minutes: float, until: datetime) -> None:
        """Replace predicted by real minutes, counting until then."""
        ...

    def release_budget(self, attempt_id: str) -> None:
        """Forget a reservation: it is certain that nothing was placed."""
        ...

    def set_unplaced_foreign_use(
        self, organisation: str, usage: Usage, *, until: datetime, now: datetime
    ) -> None:
        """Make what others used at unknown times add up to `usage`.

        More than before is held until `until`; less lets the newest go first.
        """
        ...

    def add_foreign_call(self, organisation: str, call: Call, *, until: datetime) -> bool:
        """Count a call that is not ours exactly in time; False if it was counted before."""
        ...

    def hold(self, organisation: str, *, until: datetime, reason: str, now: datetime) -> None:
        """Stop the whole organisation until then."""
        ...

    def standing(self, campaign_id: int, *, organisation: str, now: datetime) -> Standing:
        """Return what may have changed since an intent: the campaign's state, and a hold."""
        ...

    def current_hold(self, organisation: str, *, now: datetime) -> HoldRecord | None:
        """Return the hold that lasts longest, None if none lasts."""
        ...

    # -- shifts
    def start_shift(self, shift: ShiftRecord, *, host: str, pid: int) -> None:
        """Insert a shift that has just taken its lock."""
        ...

    def end_shift(self, shift_id: str, *, reason: str, now: datetime) -> None:
        """Write down that it ended."""
        ...

    def unended_shifts(self) -> list[ShiftRecord]:
        """Return shifts, of all campaigns, that never said they ended."""
        ...


class Store(Protocol):
    """The database behind everything that must survive."""

    def transaction(
        self, *, organisation: str | None = None
    ) -> AbstractContextManager[Transaction]:
        """Begin a writing transaction; `organisation` is locked where the budget is touched."""
        ...

    def reading(self) -> AbstractContextManager[Transaction]:
        """Begin a transaction that only reads and blocks no writer."""
        ...

    def take_lock(self, name: str) -> DialingLock | None:
        """Take a dialing lock that the operating system or database frees when we die.

        None when somebody alive holds it. Never waits.
        """
        ...

    def close(self) -> None:
        """Close connections; locks taken are released."""
        ...


# ---------------------------------------------------------------- files


class CallListReader(Protocol):
    """Reads a spreadsheet of people."""

    def __call__(self, path: Path, *, columns: Columns, default_region: str | None) -> CallList:
        """Return every row of the file; raises CallListError."""
        ...


class ReportWriter(Protocol):
    """Writes what came of a campaign."""

    def __call__(self, campaign: CampaignRecord, *, to: Path, now: datetime) -> Path:
        """Write the report page and return its path."""
        ...
