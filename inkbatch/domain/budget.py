"""The scarce budget: calls and minutes in a rolling window, counted exactly.

An exact sliding log, since token buckets, GCRA and fixed windows all let 199 calls into some
24 hours of a limit of 100. An entry counts from the moment of its reservation; its call stays
counted until a window after the request was answered, its minutes until a window after the
call ended. Both are at least as long as any way in which the server could count.

What holds of minutes: in no rolling window do those known to inkbatch pass the limit less what is
left for others, by more than `overrun_minutes`, as long as no call lasts longer than its campaign
says it may. For that a call is dialed only while there is room even if it and every call in
progress run to their maximum; so the calls at once become fewer as the limit comes near. Inkbox
itself goes by less: it takes any call while minutes are left, and lets calls in progress go on.
"""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

BUDGET_WINDOW = timedelta(hours=24)
"""The API page: «100 calls or 100 minutes in the last 24 hours»."""

MINUTES_TOLERANCE = 1e-9
"""Sums of fractions of minutes are compared with this much grace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the organisation may use in any rolling 24 hours, as the server last told."""

    calls: int
    minutes: float


DOCUMENTED_LIMITS = Limits(calls=100, minutes=100.0)
"""The API page's figures; believed only until the server's first answer says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadRoom:
    """What a campaign leaves unused, for calls made by hand and for what others dial."""

    calls: int = 0
    minutes: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What is counted now: used, reserved and unconfirmed together, foreign use included."""

    calls: int
    minutes: float

    def __add__(self, more: "Usage") -> "Usage":
        return Usage(calls=self.calls + more.calls, minutes=self.minutes + more.minutes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What counts now, with what it may come to: calls in progress may run to their maximum."""

    calls: int = 0
    minutes: float = 0.0
    minutes_at_worst: float = 0.0  # never less than `minutes`

    @property
    def usage(self) -> Usage:
        """What counts, reservations as they were predicted or have grown."""
        return Usage(calls=self.calls, minutes=self.minutes)

    @property
    def may_grow(self) -> bool:
        """Whether a call is in progress whose minutes are not settled."""
        return self.minutes_at_worst > self.minutes

    def less(self, release: "Release") -> "Spending":
        """Return what counts after a release."""
        return Spending(
            calls=self.calls - release.calls,
            minutes=self.minutes - release.minutes,
            minutes_at_worst=self.minutes_at_worst - release.minutes,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class KindsOfUsage:
    """What counts now, by how it is known.

    `settled` ends at a known time; `reserved` are calls without an answer yet and minutes of calls
    that have not ended; `unplaced` is what only the server's figures tell of others.
    """

    settled: Usage
    reserved: Usage
    unplaced: Usage


def total(each: Iterable[Spending]) -> Spending:
    """Add up what several have spent."""
    parts = tuple(each)
    return Spending(
        calls=sum(part.calls for part in parts),
        minutes=sum(part.minutes for part in parts),
        minutes_at_worst=sum(part.minutes_at_worst for part in parts),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What one call takes: the minutes to reserve, and the most that it may last."""

    minutes: float
    minutes_max: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What may still be used now, never negative; `minutes_at_worst` if all calls run on."""

    calls: int
    minutes: float
    minutes_at_worst: float

    def calls_of(self, need: Need) -> int:
        """Return how many calls of this need fit together."""
        return min(
            self.calls,
            _times(self.minutes, need.minutes),
            _times(self.minutes_at_worst, need.minutes_max),
        )


def _times(room: float, part: float) -> int:
    return int((room + MINUTES_TOLERANCE) // part) if part > 0 else sys.maxsize


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Capacity that comes back at a known time."""

    at: datetime
    calls: int
    minutes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The log at one moment: how much room there is, and when more comes back.

    `releases` are in time order, after the moment of `spent`. `left_for_others` is head-room, the
    reserve for calls by hand and what other campaigns are to have.
    """

    limits: Limits
    spent: Spending
    left_for_others: HeadRoom = HeadRoom()
    overrun_minutes: float = 0.0
    releases: Sequence[Release] = ()

    def room(self, now: datetime | None = None) -> Room:
        """Return what is free, at a later `now` with what will have come back until then."""
        spent = self.spent
        for release in self.releases:
            if now is None or release.at > now:
                break
            spent = spent.less(release)
        return self._room(spent)

    def next_release(self, now: datetime | None = None) -> Release | None:
        """Return what comes back first after `now`; None if nothing is known to."""
        later = (each for each in self.releases if now is None or each.at > now)
        return next(later, None)

    def next_room_at(self, need: Need, *, now: datetime) -> datetime | None:
        """Return when a call of this need first fits if calls in progress end as predicted.

        `now`, or the time of a release; None if the known ones are not enough, for instance
        while all of the room is held by calls that have not ended.
        """
        spent = Spending(
            calls=self.spent.calls,
            minutes=self.spent.minutes,
            minutes_at_worst=self.spent.minutes,
        )
        if self._room(spent).calls_of(need):
            return now
        for release in self.releases:
            spent = spent.less(release)
            if self._room(spent).calls_of(need):
                return release.at
        return None

    def room_of_nothing(self) -> Room:
        """Return how much room there is once nothing is used any more."""
        return self._room(Spending())

    def could_ever_hold(self, need: Need) -> bool:
        """Whether one call fits once nothing is used any more."""
        return self.room_of_nothing().calls_of(need) > 0

    def _room(self, spent: Spending) -> Room:
        minutes = self.limits.minutes - self.left_for_others.minutes
        most = minutes + self.overrun_minutes
        return Room(
            calls=max(self.limits.calls - self.left_for_others.calls - spent.calls, 0),
            minutes=max(minutes - spent.minutes, 0.0),
            minutes_at_worst=max(most - spent.minutes_at_worst, 0.0),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """By how much the server counted more than the ledger; negative where it counted less.

    Zero where it lies between what is settled and that with all that is reserved: nobody can
    tell how far the calls in progress are.
    """

    calls: int
    minutes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GoingOn:
    """A call that has not ended: when its use began to count, and the most minutes it may last."""

    since: datetime
    minutes_max: float

    def minutes_until(self, now: datetime) -> float:
        """Return the most minutes that it can have talked by then."""
        return max(min((now - self.since) / timedelta(minutes=1), self.minutes_max), 0.0)


def foreign_use(unplaced: Usage, beyond: Drift) -> Usage:
    """Return what others use at unknown times, once the server's figures drift from the ledger."""
    return Usage(
        calls=max(unplaced.calls + beyond.calls, 0),
        minutes=max(unplaced.minutes + beyond.minutes, 0.0),
    )


def drift(told: Usage, *, settled: Usage, reserved: Usage) -> Drift:
    """Compare the server's figures with the ledger's; `reserved` is on top of `settled`."""
    return Drift(
        calls=int(_outside(told.calls, settled.calls, settled.calls + reserved.calls)),
        minutes=_outside(told.minutes, settled.minutes, settled.minutes + reserved.minutes),
    )


def _outside(value: float, low: float, high: float) -> float:
    return value - min(max(value, low), high)


def predicted_minutes(
    talk_minutes: Sequence[float], *, configured: float, minutes_max: float, enough: int = 20
) -> float:
    """Return the minutes to reserve for one call.

    The 90th percentile (nearest rank) of the campaign's own calls once there are `enough` of
    them, the configured figure before, and never above the maximum duration.
    """
    if len(talk_minutes) < enough:
        return min(configured, minutes_max)
    ordered = sorted(talk_minutes)
    rank = -(-len(ordered) * 9 // 10)
    return min(ordered[rank - 1], minutes_max)
