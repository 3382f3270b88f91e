"""When to call back: a full time, or one as people say it, in the contact's own time zones."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)

AHEAD_MAX = timedelta(days=366)
"""Nobody asks to be called back later than that; a typing error does."""

CALL_BACK_PRIORITY = 100_000_000
"""Added to the priority of who waits for a call-back, so that it is dialed when its time comes and
not after everybody who has waited longer; far above what a call list may say."""


def call_back_time(text: str, *, zones: Sequence[str], now: datetime) -> datetime:
    """Return the instant, in UTC, that `text` means to a contact of these zones.

    A time with its offset is that instant. `17:00` is the next such time after `now`, and a time
    without offset that local time. With several candidate zones it is the latest of the instants,
    so that nobody is called early. Raises ValueError, quoting nothing, for anything else and for
    times more than a year ahead.
    """
    clock = CLOCK.fullmatch(text.strip())
    if clock:
        at = time(int(clock[1]), int(clock[2]))
        return max(_next(at, _zone(name), now=now) for name in _known(zones))
    try:
        said = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(
            "call_back_at must be a time such as 2026-11-03T17:00:00-05:00, or 17:00"
        ) from None
    if said.tzinfo is not None:
        return _bounded(said, now=now)
    return max(_bounded(said.replace(tzinfo=_zone(name)), now=now) for name in _known(zones))


def boosted(priority: int) -> int:
    """Return the priority of a contact that waits for a call-back."""
    return priority if is_boosted(priority) else priority + CALL_BACK_PRIORITY


def usual(priority: int) -> int:
    """Return the priority that the call list gave."""
    return priority - CALL_BACK_PRIORITY if is_boosted(priority) else priority


def is_boosted(priority: int) -> bool:
    """Whether a contact of this priority waits for a call-back."""
    return priority > CALL_BACK_PRIORITY // 2


def _next(at: time, zone: ZoneInfo, *, now: datetime) -> datetime:
    today = now.astimezone(zone).date()
    return next(
        instant
        for instant in (_instant(today + timedelta(days=days), at, zone) for days in range(3))
        if instant > now
    )


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)


def _bounded(said: datetime, *, now: datetime) -> datetime:
    too_late = f"call_back_at is more than {AHEAD_MAX.days} days ahead"
    if said.year > now.year + 2:  # also: what no arithmetic of dates can hold
        raise ValueError(too_late)
    at = now if said.year < now.year - 1 else max(said.astimezone(UTC), now)
    if at > now + AHEAD_MAX:
        raise ValueError(too_late)
    return at


def _known(zones: Sequence[str]) -> Sequence[str]:
    if not zones:
        raise ValueError(
            "the contact has no time zone, so call_back_at needs its offset, "
            "such as 2026-11-03T17:00:00-05:00"
        )
    return zones


def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
