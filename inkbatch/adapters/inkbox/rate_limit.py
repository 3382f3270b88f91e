"""When a refused organisation may dial again, told from the headers of a 429."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache

HOLD_DEFAULT = timedelta(seconds=60)
"""How long to hold when no header can be read."""

HOLD_MIN = timedelta(seconds=1)
"""A 429 always holds a little, so that a time already past does not make us hammer."""

HOLD_MAX = timedelta(hours=48)
"""Twice the documented window; a header that says more is mistaken, and no reason to stop."""

EPOCH_FROM = 1e9
"""`X-RateLimit-Reset` above this is a time since 1970, below it a time from now."""

NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,9})?", re.ASCII)


def hold_until(headers: Mapping[str, str], *, now: datetime) -> datetime:
    """Return the later of `Retry-After` and `X-RateLimit-Reset`; never raises.

    RFC 9110 section 10.2.3 lets `Retry-After` be seconds or an HTTP date. The API page leaves
    open whether `X-RateLimit-Reset` is an epoch or a delta.
    """
    told = (_retry_after(headers.get("Retry-After"), now), _reset(headers, now))
    known = [at for at in told if at is not None]
    if not known:
        return now + HOLD_DEFAULT
    return min(max(*known, now + HOLD_MIN), now + HOLD_MAX)


@lru_cache(maxsize=16)  # every answer of one second has the same
def http_date(text: str | None) -> datetime | None:
    """Return an HTTP date as aware UTC, None where it cannot be read."""
    try:
        told = parsedate_to_datetime(text or "")
        return told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def _retry_after(text: str | None, now: datetime) -> datetime | None:
    seconds = _number(text)
    return http_date(text) if seconds is None else _later(now, seconds)


def _reset(headers: Mapping[str, str], now: datetime) -> datetime | None:
    seconds = _number(headers.get("X-RateLimit-Reset"))
    if seconds is None:
        return None
    return _later(datetime.fromtimestamp(0, UTC) if seconds > EPOCH_FROM else now, seconds)


def _later(start: datetime, seconds: float) -> datetime | None:
    try:
        return start + timedelta(seconds=seconds)
    except OverflowError:
        return None


def _number(text: str | None) -> float | None:
    # What `strip` takes for space, such as a file separator, `float` may not.
    told = "" if text is None else text.strip()
    return float(told) if NUMBER.fullmatch(told) else None
