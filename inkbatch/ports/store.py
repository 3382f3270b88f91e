"""The database behind everything that must survive."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from inkbatch.domain.attempt import Attempt, AttemptState
from inkbatch.domain.budget import Limits, Need, Release, Spending, Usage
from inkbatch.domain.call import Call
from inkbatch.domain.call_list import CallList
from inkbatch.domain.campaign import AfterACall, BudgetRules, Campaign, CampaignState
from inkbatch.domain.contact import Contact, ContactState
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.eligibility import NumberFacts
from inkbatch.domain.pilot import CallsMade
from inkbatch.domain.result import Result
from inkbatch.domain.retry_policy import RetryPolicy
from inkbatch.domain.suppression import Suppression
from inkbatch.ports.records import (
    CallEvent,
    CampaignCounts,
    CampaignRecord,
    ContactRow,
    Enrolled,
    HoldRecord,
    PendingEvent,
    Reason,
    RunningShift,
    Sharer,
    ShiftRecord,
    Snapshot,
    Snapshots,
    Standing,
    Try,
    ZoneQueue,
)


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

    def retry_policy(self, campaign_id: int) -> RetryPolicy:
        """Return the policy that the campaign was last run by."""
        ...

    def after_a_call(self, campaign_id: int) -> AfterACall:
        """Return what holds once a call ended, by the rules that it was last run by."""
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
    def enroll(
        self,
        campaign_id: int,
        call_list: CallList,
        *,
        now: datetime,
        organisation: str | None = None,
    ) -> Enrolled:
        """Store every row, and a contact for each accepted one whose number is new.

        The file's sha256 and the row number identify a row, so the same file again changes
        nothing but rows that were rejected and, by a corrected campaign, no longer are. A number
        that the campaign already has becomes a duplicate row pointing to it; a suppressed one
        becomes a suppressed row. With `organisation`, a number that another of
        its campaigns has becomes a duplicate too. The rows are gone through once.
        """
        ...

    def suppress(self, suppressions: Sequence[Suppression]) -> int:
        """Add numbers to the suppression list; returns how many were not held by it before.

        A number on the list already keeps the entry that lasts longer, with its own reason,
        source and time.
        """
        ...

    def unsuppress(self, number: str) -> Suppression | None:
        """Take a number off the suppression list; returns its entry, None if it had none.

        Contacts that wait for the entry's end are due at once.
        """
        ...

    def suppression(self, number: str) -> Suppression | None:
        """Return a number's entry, also one that has expired; None if it has none."""
        ...

    def suppressions(self, *, matching: str = "", limit: int | None = None) -> list[Suppression]:
        """Return entries by number, those that have expired too.

        `matching` is a part of the number, written in any way, or of the reason or the source.
        """
        ...

    def numbers_in_other_campaigns(
        self, numbers: Sequence[str], *, campaign_id: int, organisation: str
    ) -> dict[str, str]:
        """Return the campaign's name for each number that another campaign has as a contact.

        Campaigns of the organisation count that are not canceled; where several have the number,
        the one that had it first is told.
        """
        ...

    # -- choosing whom to dial
    def zone_queues(self, campaign_id: int) -> list[ZoneQueue]:
        """Return the candidate zones of waiting contacts, the longest waiting first.

        It costs as much as there are different zones and priorities, not contacts.
        """
        ...

    def count_waiting(self, campaign_id: int, *, limit: int) -> int:
        """Return how many contacts wait, due or not; counts no further than `limit`."""
        ...

    def count_due(
        self,
        campaign_id: int,
        *,
        zones: Sequence[tuple[str, ...]],
        before: datetime,
        limit: int,
    ) -> int:
        """Return how many contacts of these zones wait for a time before that, up to `limit`."""
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

    def suppressed(self, numbers: Sequence[str], *, now: datetime) -> dict[str, str]:
        """Return the reason for each of these numbers that may not be called now."""
        ...

    def number_facts(
        self, numbers: Sequence[str], *, since: datetime, now: datetime
    ) -> dict[str, NumberFacts]:
        """Return for every number its suppression, cool-down, open attempt and calls after `since`.

        Calls are attempts over all campaigns, by reserved_at, that are open or ended with a
        disposition that uses up a try.
        """
        ...

    def cool_down(self, number: str, *, until: datetime, why: str) -> None:
        """Let nobody call a number until then; a cool-down that lasts longer already stays."""
        ...

    def tries(self, contacts: Sequence[Contact]) -> dict[int, list[Try]]:
        """Return the ended attempts that used up a try of each of these contacts, in order."""
        ...

    def set_contact(
        self,
        contact_id: int,
        state: ContactState,
        *,
        until: datetime,
        why: str,
        attempts_used: int | None = None,
        priority: int | None = None,
    ) -> None:
        """Move a contact; attempts_used and priority None keep the figures."""
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

    def open_attempts(self, *states: AttemptState, campaign_id: int | None = None) -> list[Attempt]:
        """Return attempts in these states, oldest first."""
        ...

    def campaigns_to_look_at(self, organisation: str, *, now: datetime) -> list[int]:
        """Return the ids of campaigns that have open attempts whose look is due."""
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

    # -- results and webhooks
    def add_result(self, result: Result, *, attempt: Attempt) -> bool:
        """Keep a result; False, changing nothing, where its attempt has one of this id."""
        ...

    def results_of(self, contact_id: int) -> list[Result]:
        """Return the results of all attempts of a contact, in the order they came."""
        ...

    def latest_attempt(self, contact: Contact) -> Attempt | None:
        """Return the contact's latest attempt that is open or ended; None if it has none."""
        ...

    def keep_event(self, event: CallEvent) -> bool:
        """Store an event as it came; False, changing nothing, where its id is known."""
        ...

    def pending_events(self, campaign_id: int) -> list[PendingEvent]:
        """Return the events of the campaign's placed attempts that nobody looked into yet."""
        ...

    def event_told_at(self, call_id: str) -> datetime | None:
        """Return when the last event of a call came in; None if none did."""
        ...

    def settle_events(self, event_ids: Sequence[str], *, now: datetime) -> None:
        """Write down that what these events told of was looked into."""
        ...

    def look_by(self, campaign_id: int, *, at: datetime) -> None:
        """Let no placed attempt of the campaign wait longer than that for its next look."""
        ...

    def forget_events(self, *, before: datetime) -> int:
        """Delete events that came in before then; returns how many."""
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

    def spending(self, organisation: str, *, now: datetime) -> dict[int | None, Spending]:
        """Return the same by campaign id; None stands for use that is no campaign's."""
        ...

    def unsettled_usage(self, organisation: str) -> Usage:
        """Return calls that were not answered for yet, and minutes of calls that have not ended."""
        ...

    def sharers(self, organisation: str) -> list[Sharer]:
        """Return the organisation's active campaigns, the highest priority first."""
        ...

    def budget_rules(self, campaign_id: int) -> BudgetRules:
        """Return the budget rules that a campaign was last run by."""
        ...

    def keep_snapshot(self, organisation: str, snapshot: Snapshot) -> None:
        """Keep it as the latest, and where its drift is the largest so far."""
        ...

    def snapshots(self, organisation: str) -> Snapshots | None:
        """Return what the server told lately; None before it told anything."""
        ...

    def confirmed_usage(self, organisation: str, *, now: datetime) -> Usage:
        """Return what the server must know of: everything but foreign use not placed in time."""
        ...

    def releases(
        self, organisation: str, *, now: datetime, limit: int, campaign_id: int | None = None
    ) -> list[Release]:
        """Return the next times at which calls or minutes come back, in order.

        With `campaign_id` those of one campaign alone.
        """
        ...

    def reserve_budget(
        self,
        organisation: str,
        *,
        attempt_id: str,
        campaign_id: int,
        need: Need,
        now: datetime,
    ) -> None:
        """Count one call and its minutes from now on, with no end until settled."""
        ...

    def settle_call(self, attempt_id: str, *, until: datetime) -> None:
        """Let the call count until then; its minutes go on counting."""
        ...

    def settle_minutes(self, attempt_id: str, *, minutes: float, until: datetime) -> None:
        """Replace predicted by real minutes, counting until then."""
        ...

    def grow_minutes(self, attempt_id: str, *, minutes: float) -> None:
        """Let a call in progress count at least these minutes; never fewer than before."""
        ...

    def keep_minutes(self, attempt_id: str, *, until: datetime) -> None:
        """Let the minutes that are reserved count until then: nobody knows the real ones."""
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

    def add_foreign_call(
        self,
        organisation: str,
        call: Call,
        *,
        minutes: float,
        calls_until: datetime,
        minutes_until: datetime,
    ) -> bool:
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

    # -- the pilot
    def calls_made(self, campaign_id: int) -> CallsMade:
        """Count the campaign's calls that may have rung."""
        ...

    def first_calls(self, campaign_id: int, *, limit: int) -> list[tuple[Disposition, float]]:
        """Return disposition and minutes of the campaign's first ended calls."""
        ...

    def waiting_by_tries(self, campaign_id: int) -> dict[int, int]:
        """Count the contacts that wait by the tries they used up."""
        ...

    def end_pilot(self, campaign_id: int, *, reason: str, now: datetime) -> None:
        """Pause a campaign whose pilot is over, and remember that it is."""
        ...

    # -- explaining
    def contact_reasons(self, campaign_id: int, *, limit: int) -> list[Reason]:
        """Count contacts by state and reason, the most first; those never looked at have none."""
        ...

    def contacts_of_number(self, number: str) -> list[Contact]:
        """Return the contacts with this number, of all campaigns, oldest first."""
        ...

    def rows_of_contact(self, contact_id: int) -> list[ContactRow]:
        """Return the rows of files that stand for a contact, duplicates of its number too."""
        ...

    def attempts_of_contact(self, contact: Contact) -> list[Attempt]:
        """Return all attempts of a contact, oldest first."""
        ...

    def running_shifts(self, campaign_id: int) -> list[RunningShift]:
        """Return the campaign's shifts that never said they ended, the newest first."""
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
