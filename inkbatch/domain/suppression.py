"""Numbers never to call, and why."""

from dataclasses import dataclass
from datetime import datetime


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


def on_the_list(reason: str) -> str:
    """Say of a number why it may not be called."""
    return f"on the suppression list: {reason}"
