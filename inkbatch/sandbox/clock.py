"""What the sandbox asks of a clock, the real one, and one that goes faster."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol, runtime_checkable

SPEED_MAX = 100_000.0


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


class SpedUpClock:
    """A clock that goes so many times as fast as the machine's, from a moment of your choice.

    It goes by the machine's monotonic seconds, so that setting the machine's clock moves nothing.
    """

    def __init__(
        self,
        *,
        speed: float,
        start: datetime | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start now, or at an aware moment; raises ValueError for a speed that is not above 0."""
        if not 0 < speed <= SPEED_MAX:
            raise ValueError(f"speed is {speed:g}; it must be above 0 and at most {SPEED_MAX:g}")
        self._speed = speed
        self._start = RealClock().now() if start is None else start.astimezone(UTC)
        self._monotonic = monotonic
        self._began = monotonic()

    def now(self) -> datetime:
        """Return the sped-up moment in UTC."""
        return self._start + timedelta(seconds=(self._monotonic() - self._began) * self._speed)

    def seconds_until(self, moment: datetime) -> float:
        """Return the machine's seconds before a moment of this clock."""
        return (moment - self.now()).total_seconds() / self._speed
