"""What a transaction tells of contacts, and where it moves them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from inkbatch.domain.answer_odds import Cell, Tally
from inkbatch.domain.attempt import Attempt
from inkbatch.domain.contact import Contact, ContactNumber, ContactState
from inkbatch.domain.eligibility import NumberFacts
from inkbatch.domain.turns import ContactGroup
from inkbatch.ports.records import (
    ContactRow,
    Reason,
    RunningShift,
    Try,
    ZoneQueue,
)


class Contacts(Protocol):
    """Whom to dial, and why somebody is or is not called; part of `Transaction`."""

    # -- choosing whom to dial
    def zone_queues(self, campaign_id: int) -> list[ZoneQueue]:
        """Return the candidate zones of waiting contacts, the longest waiting first.

        It costs as much as there are different zones and priorities, not contacts.
        """
        ...

    def waiting_groups(self, campaign_id: int) -> list[ContactGroup]:
        """Return those who wait by zones, priority and tries used, due or not.

        It costs as much as there are different groups, not contacts.
        """
        ...

    def deadline_groups(
        self, campaign_id: int, *, before: datetime, limit: int
    ) -> list[ContactGroup]:
        """Return those who wait and have a deadline up to then, by deadline, zones and priority.

        The earliest come first; of more than `limit`, those that are first in their zones.
        """
        ...

    def contacts_in_turn(
        self,
        campaign_id: int,
        turns: Sequence[Sequence[ContactGroup]],
        *,
        now: datetime,
        limit: int,
    ) -> list[Contact]:
        """Return due contacts of the groups, those of earlier turns first, nobody twice.

        Within a turn by waits_until, then row number.
        """
        ...

    def claim_contacts(self, contacts: Sequence[Contact]) -> list[Contact]:
        """Return those that still wait and nobody else is changing; nobody changes them before us.

        Never waits: who is being changed is left out (SKIP LOCKED).
        """
        ...

    def turns_taken(self, campaign_id: int) -> int:
        """Return how many turns of the campaign's contacts were taken so far."""
        ...

    def take_turns(self, campaign_id: int, turns: int) -> None:
        """Count so many turns more."""
        ...

    def answer_tallies(self, campaign_id: int) -> dict[Cell, Tally]:
        """Return what came of the campaign's calls, by try, weekday and hour."""
        ...

    def count_call(self, campaign_id: int, cell: Cell, tally: Tally) -> None:
        """Add what came of a call to its cell."""
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

    def turn_to(self, contact_id: int, number: ContactNumber) -> None:
        """Let a contact be called at this one of its numbers next."""
        ...

    def contact(self, contact_id: int) -> Contact:
        """Return one that is known to exist."""
        ...

    def contacts_in_review(self, campaign_id: int, *, limit: int) -> list[Contact]:
        """Return those that wait for a person, in the order of the list."""
        ...

    def withdraw_all(self, campaign_id: int, *, why: str, now: datetime) -> int:
        """Take back every plan of a campaign and withdraw whoever waits; return how many people."""
        ...

    # -- explaining
    def contact_reasons(self, campaign_id: int, *, limit: int) -> list[Reason]:
        """Count contacts by state and reason, the most first; those never looked at have none."""
        ...

    def contacts_of_number(self, number: str) -> list[Contact]:
        """Return the contacts with this number among theirs, of all campaigns, oldest first."""
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
