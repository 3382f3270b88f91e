"""The exact rolling window: how much an organisation used, and when it has room again.

A call counts from its `created_at` until a whole window later; talk time counts where it falls
inside the window. Moments are whole microseconds, so that the edge of the window is exact, and
every count is amortised O(log n): nothing looks at a call twice. Only a refusal walks through the
calls of the window, once until the next call is placed.
"""

import heapq
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

MICROSECONDS_PER_SECOND = 1_000_000
MICROSECONDS_PER_MINUTE = 60 * MICROSECONDS_PER_SECOND
LIFTED_LIMIT = 1_000_000_000
"""What a lifted limit looks like on the wire, where a figure must stand."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_Turn = tuple[int, int]
"""When the number of people talking changes, and by how much."""


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What an organisation has used of its limits in the window that ends now."""

    calls_used: int
    calls_limit: int
    minutes_used: float
    minutes_limit: float

    @property
    def calls_remaining(self) -> int:
        """Calls that may still be placed; never below zero."""
        return max(self.calls_limit - self.calls_used, 0)

    @property
    def minutes_remaining(self) -> float:
        """Minutes that may still be talked; never below zero."""
        return max(self.minutes_limit - self.minutes_used, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """How long to wait after a refusal: whole seconds from now, and the epoch second it ends."""

    retry_after_seconds: int
    reset_epoch_seconds: int


class _TalkTime:
    """Adds up all talk before a moment that only moves forward, in microseconds."""

    def __init__(self) -> None:
        self._turns: list[_Turn] = []
        self._moment = 0
        self._total = 0
        self._talking = 0

    def add(self, started: int, ended: int) -> None:
        heapq.heappush(self._turns, (started, 1))
        heapq.heappush(self._turns, (ended, -1))

    def cut(self, ends: int, *, instead_of: int) -> None:
        """Let talk that was added end earlier, now at the soonest."""
        heapq.heappush(self._turns, (max(ends, self._moment), -1))
        heapq.heappush(self._turns, (instead_of, 1))

    def before(self, moment: int) -> int:
        while self._turns and self._turns[0][0] <= moment:
            turn, change = heapq.heappop(self._turns)
            self._move_to(turn)
            self._talking += change
        self._move_to(moment)
        return self._total

    def _move_to(self, moment: int) -> None:
        self._total += self._talking * (moment - self._moment)
        self._moment = moment

    def turns_to_come(self) -> tuple[int, list[_Turn]]:
        """Return how many talk at the moment, and how that will change."""
        return self._talking, self._turns


class RollingLimits:
    """Counts one organisation's calls and talk; moments given to it never go back."""

    def __init__(
        self, *, calls_limit: int | None, minutes_limit: float | None, window: timedelta
    ) -> None:
        """Take the limits per window; None lifts one of them."""
        self._calls_limit = LIFTED_LIMIT if calls_limit is None else calls_limit
        self._minutes_limit = LIFTED_LIMIT if minutes_limit is None else minutes_limit
        self._talk_limit = round(self._minutes_limit * MICROSECONDS_PER_MINUTE)
        self._window = window // timedelta(microseconds=1)
        self._placed: deque[int] = deque()
        self._talk_until_now = _TalkTime()
        self._talk_left_behind = _TalkTime()
        self._room_from: int | None = None

    def count_call(self, created_at: datetime) -> None:
        """Count a call that is created now."""
        self._placed.append(_microseconds(created_at))
        self._room_from = None

    def count_talk(self, started_at: datetime, ended_at: datetime) -> None:
        """Count the talk that the call counted last is going to have."""
        started, ended = _microseconds(started_at), _microseconds(ended_at)
        self._talk_until_now.add(started, ended)
        self._talk_left_behind.add(started, ended)

    def cut_talk(self, started_at: datetime, ended_at: datetime, *, at: datetime) -> None:
        """Count less of a talk that was counted: it ends at `at`, or never begins.

        `at` lies between now and the end that was counted.
        """
        ends = _microseconds(max(at, started_at))
        self._talk_until_now.cut(ends, instead_of=_microseconds(ended_at))
        self._talk_left_behind.cut(ends, instead_of=_microseconds(ended_at))
        self._room_from = None

    def usage(self, now: datetime) -> Usage:
        """Return what lies inside (now - window, now]."""
        moment = _microseconds(now)
        return Usage(
            calls_used=self._calls_used(moment),
            calls_limit=self._calls_limit,
            minutes_used=self._talk_used(moment) / MICROSECONDS_PER_MINUTE,
            minutes_limit=self._minutes_limit,
        )

    def have_room(self, now: datetime) -> bool:
        """Tell whether one more call is accepted: both limits must have something left."""
        moment = _microseconds(now)
        has_calls = self._calls_used(moment) < self._calls_limit
        return has_calls and self._talk_used(moment) < self._talk_limit

    def hold(self, now: datetime) -> Hold:
        """Return how long a refused organisation waits until its next call is accepted."""
        moment = _microseconds(now)
        if self._room_from is None or self._room_from <= moment:  # that room has closed again
            self._room_from = self._find_room(moment)
        return Hold(
            retry_after_seconds=max(_whole_seconds(self._room_from - moment), 1),
            reset_epoch_seconds=_whole_seconds(self._room_from),
        )

    def _calls_used(self, moment: int) -> int:
        while self._placed and self._placed[0] <= moment - self._window:
            self._placed.popleft()
        return len(self._placed)

    def _talk_used(self, moment: int) -> int:
        until_now = self._talk_until_now.before(moment)
        return until_now - self._talk_left_behind.before(moment - self._window)

    def _find_room(self, moment: int) -> int:
        too_many = self._calls_used(moment) - self._calls_limit
        room_for_call = self._placed[too_many] + self._window if too_many >= 0 else moment
        return _first_lasting_room(
            self._talk_used(moment),
            self._turns_of_the_window(moment),
            talk_limit=self._talk_limit,
            not_before=room_for_call,
        )

    def _turns_of_the_window(self, moment: int) -> list[_Turn]:
        talking, coming = self._talk_until_now.turns_to_come()
        leaving, going = self._talk_left_behind.turns_to_come()
        gone = ((turn + self._window, -change) for turn, change in going)
        return [(moment, talking - leaving), *sorted([*coming, *gone])]


def _first_lasting_room(used: int, turns: list[_Turn], *, talk_limit: int, not_before: int) -> int:
    """Return the first moment from which the talk used stays below the limit for a second.

    Talk under way can close a gap again. A gap of a second still holds the end of a wait that
    was rounded up to whole seconds, so that `Retry-After` is never a false promise.
    """
    everything_left = max(turns[-1][0], not_before) + MICROSECONDS_PER_SECOND
    room = range(0)
    growth = 0
    for (start, change), (end, _) in pairwise([*turns, (everything_left, 0)]):
        growth += change
        below = _below(used - talk_limit, growth, range(start, end))
        if below := range(max(below.start, not_before), below.stop):
            joined = room.stop == below.start
            room = range(room.start if joined else below.start, below.stop)
        if room.stop - room.start >= MICROSECONDS_PER_SECOND:
            break
        used += growth * (end - start)
    return room.start


def _below(excess: int, growth: int, stretch: range) -> range:
    """Return the part of a stretch in which the excess, growing steadily, is below zero."""
    if growth == 0:
        return stretch if excess < 0 else range(0)
    if growth > 0:
        reaches = stretch.start + _divided_up(-excess, growth)
        return range(stretch.start, min(reaches, stretch.stop))
    falls_below = stretch.start + excess // -growth + 1
    return range(max(falls_below, stretch.start), stretch.stop)


def _whole_seconds(microseconds: int) -> int:
    return _divided_up(microseconds, MICROSECONDS_PER_SECOND)


def _divided_up(dividend: int, divisor: int) -> int:
    return -(-dividend // divisor)
