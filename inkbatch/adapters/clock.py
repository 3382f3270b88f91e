"""The only readers of time: one that is real, one that a program moves."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_GOES_ON: int | None = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))
"""Linux and macOS have a clock that counts a suspended machine's sleep; that of Windows does."""


class RealClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the time, aware and in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds since some start; they never go back, and go on while it is asleep."""
        return time.clock_gettime(_GOES_ON) if _GOES_ON is not None else time.monotonic()

    async def sleep_until(self, when: datetime) -> None:
        """Wait for `when`, in slices, so that a suspended machine wakes on time."""
        while (left := (when - self.now()).total_seconds()) > 0:  # noqa: ASYNC110 (no event tells that it woke)
            await asyncio.sleep(min(left, 30))

    async def watch_until(
        self, when: datetime, *, happened: Callable[[], bool], every: timedelta
    ) -> None:
        """Wait for `when`, and ask at the start of each slice whether something happened."""
        while self.now() < when and not happened():
            await self.sleep_until(min(when, self.now() + every))


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

    def set_to(self, when: datetime) -> None:
        """Set the time, as a person or a time server does; the monotonic seconds do not jump."""
        self._start += when.astimezone(UTC) - self._now
        self._now = when.astimezone(UTC)

    async def sleep_until(self, when: datetime) -> None:
        """Jump forward to `when`, letting other tasks run once; never backward."""
        await asyncio.sleep(0)
        self._now = max(self._now, when.astimezone(UTC))

    async def watch_until(
        self,
        when: datetime,
        *,
        happened: Callable[[], bool],
        every: timedelta,  # noqa: ARG002 (the port's signature)
    ) -> None:
        """Ask once and jump: while this clock stands still, nothing happens in between."""
        if not happened():
            await self.sleep_until(when)
