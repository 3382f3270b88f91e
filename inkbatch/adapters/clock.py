"""The only readers of time: one that is real, one that a program moves."""

import asyncio
import time
from datetime import UTC, datetime


class RealClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the time, aware and in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds since some start; they never go back."""
        return time.monotonic()

    async def sleep_until(self, when: datetime) -> None:
        """Wait for `when`, in slices, so that a suspended machine wakes on time."""
        while (left := (when - self.now()).total_seconds()) > 0:  # noqa: ASYNC110 (no event tells that it woke)
            await asyncio.sleep(min(left, 30))


class VirtualClock:
    """A clock that stands still until somebody sleeps; then it jumps to the end of the sleep."""

    def __init__(self, start: datetime) -> None:
        self._start = self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """Return the virtual time."""
        return self._now

    def monotonic(self) -> float:
        """Return virtual seconds since the start."""
        return (self._now - self._start).total_seconds()

    async def sleep_until(self, when: datetime) -> None:
        """Jump forward to `when`, letting other tasks run once; never backward."""
        await asyncio.sleep(0)
        self._now = max(self._now, when.astimezone(UTC))
