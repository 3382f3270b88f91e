"""Time in slots, and in which of them a calling window is open."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from inkbatch.domain.calling_rules import StrictestWindow

HORIZON = timedelta(days=400)
"""No replay goes on for longer; windows look no further ahead either."""

LOOKED_AHEAD = timedelta(days=28)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slots:
    """Slot 0 begins at `start`; each is `length` long."""

    start: datetime
    length: timedelta

    def at(self, slot: int) -> datetime:
        """Return when a slot begins."""
        return self.start + slot * self.length

    def from_time(self, at: datetime) -> int:
        """Return the first slot that begins at a time or after it; 0 for what is over."""
        return max(ceil((at - self.start) / self.length), 0)

    def holding(self, time: timedelta) -> int:
        """Return how many slots a time takes, at least one."""
        return max(ceil(time / self.length), 1)

    @property
    def a_day(self) -> int:
        """How many of them make 24 hours."""
        return round(timedelta(days=1) / self.length)

    @property
    def horizon(self) -> int:
        """The slot at which replays end that are not over."""
        return floor(HORIZON / self.length)


@dataclass(slots=True, kw_only=True)
class OpenSlots:
    """In which slots a window is open to contacts of some zones; worked out as far as asked."""

    window: StrictestWindow
    zones: tuple[str, ...]
    slots: Slots
    _open: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))

    def __getitem__(self, slot: int) -> bool:
        while slot >= len(self._open):
            self._open = np.r_[self._open, self._further(len(self._open))]
        return bool(self._open[slot])

    def ever(self) -> bool:
        """Whether it opens at all within the horizon."""
        return self.window.next_open(self.slots.start, self.zones) is not None

    def _further(self, begin: int) -> NDArray[np.bool_]:
        count = self.slots.holding(LOOKED_AHEAD)
        found = np.zeros(count, dtype=np.bool_)
        at, end = self.slots.at(begin), self.slots.at(begin + count)
        while (opens := self.window.next_open(at, self.zones)) is not None and opens < end:
            at = max(self.window.closes_at(opens, self.zones), opens + timedelta(minutes=1))
            first, last = self.slots.from_time(opens), self.slots.from_time(at)
            found[max(first - begin, 0) : last - begin] = True
        return found
