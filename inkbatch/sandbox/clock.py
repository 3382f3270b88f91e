"""What the sandbox asks of a clock, and the real one."""

from datetime import UTC, datetime
from typing import Protocol, runtime_checkable


class Clock(Protocol):
    """Tells the sandbox the time; a virtual one lets nights pass in a moment."""

    def now(self) -> datetime:
        """Return the present moment as an aware UTC datetime."""


@runtime_checkable
class RunningClock(Clock, Protocol):
    """A clock that goes by itself, so that a moment can be waited for."""

    def seconds_until(self, moment: datetime) -> float:
        """Return how many seconds of the machine pass before a moment; below 0 if it is past."""


class RealClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """Return the machine's present moment in UTC."""
        return datetime.now(UTC)

    def seconds_until(self, moment: datetime) -> float:
        """Return the seconds before a moment."""
        return (moment - self.now()).total_seconds()
