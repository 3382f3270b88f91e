"""What a transaction tells those who look at a campaign, and who did what there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from inkbatch.domain.attempt import AttemptState
from inkbatch.domain.disposition import Disposition


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """What somebody did; `subject` is what it was done to, such as a campaign's name."""

    at: datetime
    who: str
    role: str
    action: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenAttempt:
    """One line of a table of attempts.

    `zones` and `row_number` are the contact's, `result` is what the agent said last, if anything.
    `dialed_at` is None for one that is planned.
    """

    id: str
    contact_id: int
    row_number: int
    number: str
    zones: tuple[str, ...]
    ordinal: int
    state: AttemptState
    disposition: Disposition | None
    dialed_at: datetime | None
    ended_at: datetime | None
    talk_minutes: float | None
    reason: str | None
    result: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenContact:
    """One line of a table of contacts."""

    id: int
    row_number: int
    number: str
    zones: tuple[str, ...]
    state: str
    waits_until: datetime
    why: str
    attempts_used: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptKey:
    """Where a page of attempts begins: after this one, the latest dialed first."""

    dialed_at: datetime
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptFilter:
    """Which attempts are asked for; empty values ask for all.

    `number` is a part of the number, written in any way; with `shown_digits_only` it is looked
    for among the digits that a masked number shows.
    """

    disposition: str = ""
    number: str = ""
    shown_digits_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFilter:
    """Which contacts are asked for; `number` is searched as that of an `AttemptFilter` is."""

    state: str = ""
    number: str = ""
    shown_digits_only: bool = False


class Viewing(Protocol):
    """Tables for people, by the page, and the log of what people did; part of `Transaction`."""

    def attempts_page(
        self, campaign_id: int, *, only: AttemptFilter, after: AttemptKey | None, limit: int
    ) -> list[SeenAttempt]:
        """Return attempts that were dialed, the latest first, from behind `after` on.

        It costs as much as the page, however many there are before it.
        """
        ...

    def calls_in_progress(self, campaign_id: int, *, limit: int) -> list[SeenAttempt]:
        """Return attempts that are open, the latest first."""
        ...

    def dialed_between(
        self, campaign_id: int, *, since: datetime, limit: int
    ) -> Sequence[tuple[datetime, str]]:
        """Return when attempts since then were dialed, with disposition or else state."""
        ...

    def contacts_page(
        self, campaign_id: int, *, only: ContactFilter, after: int, limit: int
    ) -> list[SeenContact]:
        """Return contacts by id from behind `after` on."""
        ...

    def add_audit_entry(self, entry: AuditEntry) -> None:
        """Write down what somebody did; with what was done, in one transaction."""
        ...

    def audit_entries(self, *, limit: int) -> list[AuditEntry]:
        """Return the latest entries, the newest first."""
        ...
