"""A value that many people look at, worked out once for all of them, and rarely if it is dear."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from fastapi.concurrency import run_in_threadpool

GOOD_FOR_SECONDS = 1.0
COST_TIMES = 20
"""Working it out may use a twentieth of one processor, however many people look."""

GOOD_FOR_SECONDS_MAX = 15.0

Value = TypeVar("Value")


@dataclass(slots=True, kw_only=True)
class Fresh(Generic[Value]):
    """The latest value of `make`, which runs in a thread.

    Who asks while the next one is made has the one before it at once, unless that was good for
    nobody any more for `old_for_seconds_max`; that and the first ever are waited for by all.
    """

    make: Callable[[], Value]
    good_for_seconds: float = GOOD_FOR_SECONDS
    old_for_seconds_max: float = GOOD_FOR_SECONDS_MAX
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _latest: Value | None = None
    _good_until: float = 0.0

    async def latest(self, *, anew: bool = False) -> Value:
        """Return a value of at most a moment ago; `anew` after something was changed."""
        is_old = time.monotonic() > self._good_until + self.old_for_seconds_max
        if self._latest is not None and self._lock.locked() and not (anew or is_old):
            return self._latest
        async with self._lock:
            if anew or self._latest is None or time.monotonic() >= self._good_until:
                began = time.monotonic()
                self._latest = await run_in_threadpool(self.make)
                good_for = max(self.good_for_seconds, (time.monotonic() - began) * COST_TIMES)
                self._good_until = time.monotonic() + min(
                    good_for, max(GOOD_FOR_SECONDS_MAX, self.good_for_seconds)
                )
            return self._latest
