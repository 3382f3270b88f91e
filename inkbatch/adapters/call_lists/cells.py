"""Cells other than the number: priority and the times that bound a contact."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PRIORITY_MAX = 1_000_000


class BadCell(ValueError):
    """A cell that rejects its row; the message is the row's reason and never holds the value."""


def read_priority(text: str) -> int:
    """Read a whole number; an empty cell is 0, the usual priority."""
    if not text:
        return 0
    if not re.fullmatch(r"[+-]?\d{1,7}(\.0+)?", text, re.ASCII):
        raise BadCell("the priority is no whole number: write one such as 10, or leave it empty")
    priority = int(text.partition(".")[0])
    if abs(priority) > PRIORITY_MAX:
        raise BadCell(f"the priority is beyond {PRIORITY_MAX:,}: write a smaller number")
    return priority


def read_not_before(text: str, *, zone: str) -> datetime | None:
    """Read the first moment of calling; a date alone means the start of that day."""
    return _moment(text, zone=zone, days_after_date=0) if text else None


def read_deadline(text: str, *, zone: str) -> datetime | None:
    """Read the moment after which calling is pointless; a date alone includes that whole day."""
    return _moment(text, zone=zone, days_after_date=1) if text else None


def _moment(text: str, *, zone: str, days_after_date: int) -> datetime:
    """Return the UTC instant; a time without offset is the contact's own clock."""
    try:
        local = _midnight(text, days_after_date) or datetime.fromisoformat(text)
        aware = local if local.tzinfo else local.replace(tzinfo=ZoneInfo(zone))
        return aware.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadCell(
            "this is no ISO date or time: write one such as 2026-11-30 or 2026-11-30 17:00"
        ) from None


def _midnight(text: str, days_after_date: int) -> datetime | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime.combine(day + timedelta(days=days_after_date), time())
