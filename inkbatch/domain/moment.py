"""Times as sentences tell them: on the clock, and how far away."""

from datetime import datetime, timedelta


def at_and_in(at: datetime, *, now: datetime) -> str:
    """Return such as `14:03 UTC in 12 min`, with the day where it is not today (UTC)."""
    return f"{on_the_clock(at, now=now)} {how_far(at - now)}"


def on_the_clock(at: datetime, *, now: datetime) -> str:
    """Return a time in UTC, with the day where it is not today and the year where it is far."""
    if at.date() == now.date():
        return f"{at:%H:%M} UTC"
    near = abs(at - now) < timedelta(days=6)
    return f"{at:%a %H:%M} UTC" if near else f"{at:%Y-%m-%d %H:%M} UTC"


def how_far(away: timedelta) -> str:
    """Return such as `in 12 min`, `in 3 h 5 min`, `in 4 days` or `2 min ago`; now is `now`."""
    words = length(abs(away))
    if away > timedelta():
        return f"in {words}"
    return f"{words} ago" if away else "now"


def length(time: timedelta) -> str:
    """Return a length of time in its one or two greatest units."""
    seconds = round(time.total_seconds())
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if minutes < 1:
        return f"{seconds} s"
    if hours < 1:
        return f"{minutes} min"
    if days < 2:  # noqa: PLR2004 (a day and a half is told in hours)
        rest = minutes % 60
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{days} days"
