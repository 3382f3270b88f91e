"""The database behind everything that must survive."""

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from inkbatch.ports.access import Access
from inkbatch.ports.attempts import Attempts
from inkbatch.ports.budget import Budget
from inkbatch.ports.contacts import Contacts
from inkbatch.ports.lists import Lists
from inkbatch.ports.people import People
from inkbatch.ports.records import Scrubbed, ShiftRecord
from inkbatch.ports.viewing import Viewing


class DialingLock(Protocol):
    """Proof of life: it is free if and only if its process is dead or has released it."""

    def is_held(self) -> bool:
        """Return whether it is still ours; a database may have dropped our connection."""
        ...

    def release(self) -> None:
        """Give it up."""
        ...


class Transaction(Lists, Contacts, Attempts, Budget, People, Viewing, Access, Protocol):
    """All reading and writing, inside one transaction that commits when its block ends.

    Writers exclude one another (IMMEDIATE in SQLite, a locked organisation row in PostgreSQL),
    so what is read here is still true when it commits. The commit is durable (fsync) before the
    block is left. Times are aware UTC.
    """

    # -- shifts
    def start_shift(self, shift: ShiftRecord, *, host: str, pid: int) -> None:
        """Insert a shift that has just taken its lock."""
        ...

    def end_shift(self, shift_id: str, *, reason: str, now: datetime) -> None:
        """Write down that it ended."""
        ...

    def database_ids(self) -> list[str]:
        """Return the ids that this database has and had before it was adopted as a copy."""
        ...

    def last_shift_at(self, campaign_id: int) -> datetime | None:
        """Return when the latest shift of a campaign began; None where none ever did."""
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

    def scrub(self) -> Scrubbed:
        """Rid the database's file of what was forgotten, unless it is in use or has no room."""
        ...

    def require_original(self) -> str:
        """Return this database's id; raises StoreError where it is a copy of one that dialed."""
        ...

    def note_shift(self, shift_id: str, *, has_ended: bool) -> None:
        """Remember, outside of the database, that this shift began or ended, as it is stored."""
        ...

    def close(self) -> None:
        """Close connections; locks taken are released."""
        ...
