"""The scarce budget: calls and minutes in a rolling window, counted exactly.

An exact sliding log, since token buckets, GCRA and fixed windows all let 199 calls into some
24 hours of a limit of 100. An entry counts from the moment of its reservation; its call stays
counted until a window after the request was answered, its minutes until a window after the
call ended. Both are at least as long as any way in which the server could count.
"""

from collections.abc import Sequence
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What may still be used now; never negative."""

    calls: int
    minutes: float

    def fits(self, *, minutes: float) -> bool:
        """Whether one more call of these predicted minutes fits."""
        return self.calls >= 1 and self.minutes >= minutes - MINUTES_TOLERANCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Capacity that comes back at a known time."""

    at: datetime
    calls: int
    minutes: float


def room(limits: Limits, head_room: HeadRoom, usage: Usage) -> Room:
    """Return what is left of the limits less the head-room."""
    return Room(
        calls=max(limits.calls - head_room.calls - usage.calls, 0),
        minutes=max(limits.minutes - head_room.minutes - usage.minutes, 0.0),
    )


def next_room_at(
    limits: Limits,
    head_room: HeadRoom,
    usage: Usage,
    *,
    releases: Sequence[Release],
    minutes: float,
) -> datetime | None:
    """Return when one call of these predicted minutes first fits, given releases in time order.

    None when the known releases are not enough, for instance while all of it is held by calls
    that have not ended.
    """
    calls_used, minutes_used = usage.calls, usage.minutes
    for release in releases:
        calls_used -= release.calls
        minutes_used -= release.minutes
        freed = room(limits, head_room, Usage(calls=calls_used, minutes=minutes_used))
        if freed.fits(minutes=minutes):
            return release.at
    return None


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
