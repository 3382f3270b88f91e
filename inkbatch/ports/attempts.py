"""What a transaction does with attempts, and with what is told of their calls."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from inkbatch.domain.attempt import Attempt, AttemptState
from inkbatch.domain.call import Call
from inkbatch.domain.contact import Contact
from inkbatch.domain.result import Result
from inkbatch.ports.records import (
    CallEvent,
    PendingEvent,
)


class Attempts(Protocol):
    """Attempts, calls, results and webhooks; part of `Transaction`."""

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

    def accept_all(self, accepted: Sequence[Attempt]) -> bool:
        """Do as `advance_all` with reserved attempts that were accepted, quicker."""
        ...

    def look_again(self, attempt: Attempt) -> None:
        """Write when it is looked at next, if it still stands in its state."""
        ...

    def attempt(self, attempt_id: str) -> Attempt | None:
        """Return one by its id."""
        ...

    def attempt_of_call(self, call_id: str) -> Attempt | None:
        """Return the one to which this call is bound."""
        ...

    def open_attempts(self, *states: AttemptState, campaign_id: int | None = None) -> list[Attempt]:
        """Return attempts in these states, oldest first."""
        ...

    def campaigns_to_look_at(
        self, organisation: str, *, now: datetime
    ) -> dict[AttemptState, list[int]]:
        """Return the ids of campaigns that have attempts whose look is due, by their state."""
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

    def count_dialed(self, campaign_id: int, *, since: datetime) -> int:
        """Count the attempts that `dialed_since` tells, all of them."""
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

        A call to somebody who is forgotten since stays as it is. Returns False, changing nothing,
        when the call is bound to another attempt.
        """
        ...

    def save_bound_call(self, call: Call, *, attempt_id: str) -> None:
        """Insert or update the call of an attempt whose `call_id` it is already.

        One to somebody who is forgotten since stays as it is.
        """
        ...

    def known_calls(self, call_ids: Sequence[str]) -> set[str]:
        """Return those of these call ids that are bound to an attempt."""
        ...
