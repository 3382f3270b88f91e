"""What the sandbox asks of a clock, and the real one."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the sandbox the time; a virtual one lets nights pass in a moment."""

    def now(self) -> datetime:
        """Return the present moment as an aware UTC datetime."""


class RealClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """Return the machine's present moment in UTC."""
        return datetime.now(UTC)
