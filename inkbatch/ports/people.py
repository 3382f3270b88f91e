"""What a transaction does to forget people."""

from datetime import datetime
from typing import Protocol

from inkbatch.ports.records import Erasure, Purge


class People(Protocol):
    """Erasing one person, and what is old of all; part of `Transaction`."""

    def erase(self, number: str, *, now: datetime) -> Erasure:
        """Forget whoever has this number, for good; while a call to them is open, at its end.

        From now on no number of theirs is dialed, nor kept when a list has it again.
        """
        ...

    def erasable(self, number: str) -> Erasure:
        """Return what `erase` would forget."""
        ...

    def waiting_erasures(self) -> list[str]:
        """Return the numbers that are to be erased at the end of a call, and that of none now."""
        ...

    def purgeable(self, *, before: datetime) -> Purge:
        """Return how much there is that `purge_contacts` and `purge_the_rest` would forget."""
        ...

    def purge_contacts(self, *, before: datetime, limit: int, after: int = 0) -> list[int]:
        """Forget so many contacts at most that were over before then; returns their ids in order.

        Only those whose id is above `after`, so that a next time goes on where this one ended.
        """
        ...

    def purge_the_rest(self, *, before: datetime) -> None:
        """Forget rows that became no contact, webhooks and entries that ended before then.

        Cool-downs that last longer hold by the hash of numbers that no contact has any more.
        """
        ...
