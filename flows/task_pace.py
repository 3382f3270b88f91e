"""How much of the dialing Prefect is told as tasks: every call, every batch, or a sum now and then.

Prefect's server records 30 to 40 task runs a second and loses what comes faster, so what is told
to it is held well below: a night at ordinary limits is seen call by call, and a fast one by sums.
"""

from collections.abc import Callable
from enum import StrEnum

CALLS_A_SECOND = 3
CALLS_AT_ONCE = 100
"""So many may come together after a quiet time: those of a whole day at ordinary limits."""

BATCH_EVERY_SECONDS = 1.0


class Shown(StrEnum):
    """As what a batch is told to Prefect."""

    CALLS = "calls"  # a task per call
    BATCH = "batch"  # one task for all
    LATER = "later"  # no task: the next one of a batch tells of it


class TaskPace:
    """A bucket of calls that fills up again by CALLS_A_SECOND.

    Once a batch found too few in it, batches are told as one, at most one a second, until it is
    half full again: nobody follows a page on which both alternate.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """Start full; `monotonic` gives seconds that never go back."""
        self._monotonic = monotonic
        self._filled_at = monotonic()
        self._left = float(CALLS_AT_ONCE)
        self._batch_from = self._filled_at
        self.is_fast = False

    def next(self, calls: int) -> Shown:
        """Decide on a batch of so many calls, which are about to be dialed."""
        now = self._monotonic()
        filled = self._left + (now - self._filled_at) * CALLS_A_SECOND
        left, self._filled_at = min(float(CALLS_AT_ONCE), filled), now
        self._left = max(left - calls, 0.0)
        self.is_fast = calls > left or (self.is_fast and left < CALLS_AT_ONCE / 2)
        if not self.is_fast:
            return Shown.CALLS
        if now < self._batch_from:
            return Shown.LATER
        self._batch_from = now + BATCH_EVERY_SECONDS
        return Shown.BATCH
