"""Numbers never to call, and why."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

Held = TypeVar("Held")

FOR_GOOD = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """One number that may not be called until `expires_at`, or ever when that is None.

    `source` tells where it came from (a file's name, or `by hand`) and `added_at` since when it
    is on the list. All times are aware UTC.
    """

    number: str
    reason: str
    source: str
    added_at: datetime
    expires_at: datetime | None = None

    def holds_at(self, now: datetime) -> bool:
        """Return whether the number may not be called now."""
        return self.expires_at is None or now < self.expires_at

    def outlasts(self, end: datetime | None) -> bool:
        """Return whether this one holds beyond an end, which None says never comes."""
        if end is None:
            return False
        return self.expires_at is None or self.expires_at > end


def lasting(held: Iterable[Held], *, until: Callable[[Held], datetime | None]) -> Held | None:
    """Return what holds a person longest, of all of their numbers; None where nothing does.

    `until` gives the end of one, None where it never ends. Of two that end together: the first.
    """
    return max(held, key=lambda each: until(each) or FOR_GOOD, default=None)


def on_the_list(reason: str) -> str:
    """Say of a number why it may not be called."""
    return f"on the suppression list: {reason}"
