"""Lengths of time as people say them."""

from datetime import timedelta

UNITS = (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1)))


def period_text(period: timedelta) -> str:
    """Return `7 days`, `24 hours` or `90 seconds`: in the largest unit that makes two or more."""
    for name, unit in UNITS:
        count, rest = divmod(period, unit)
        if not rest and count > 1:
            return f"{count} {name}s"
    return f"{period.total_seconds():g} seconds"
