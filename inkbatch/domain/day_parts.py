"""Another hour: the next try falls in another part of the day than the earlier ones."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from inkbatch.domain.calling_rules import StrictestWindow
from inkbatch.domain.calling_window import MINUTES_A_DAY, CallingWindow, Span

WAIT_MAX = timedelta(days=7)
"""A part of the day that does not open within so long is not waited for."""


class DayPart(StrEnum):
    """A part of the local day in which people are at home, at work or on their way alike."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


SPANS = {
    DayPart.MORNING: Span(0, 12 * 60),
    DayPart.AFTERNOON: Span(12 * 60, 17 * 60),
    DayPart.EVENING: Span(17 * 60, MINUTES_A_DAY),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursOfTries:
    """When a contact was tried before, for one whose next try is to fall at another hour."""

    dialed_at: tuple[datetime, ...]


def part_of_day(at: datetime, zone: str) -> DayPart:
    """Return the part of the local day in which an instant lies."""
    local = at.astimezone(ZoneInfo(zone)).time()
    return next(part for part, span in SPANS.items() if local in span)


def opens_at_another_hour(
    window: StrictestWindow, tries: HoursOfTries, *, zones: Sequence[str], now: datetime
) -> datetime | None:
    """Return the first instant, not before `now`, in a part of the day that was tried least.

    The window is open then. Parts in which it does not open within a week do not count. The
    first of several candidate zones tells the part of the day. None if it opens in none.
    """
    if not zones:
        return None
    used = Counter(part_of_day(at, zones[0]) for at in tries.dialed_at)
    for count in sorted({used[part] for part in DayPart}):
        parts = tuple(SPANS[part] for part in DayPart if used[part] == count)
        opening = _within(window, parts, zone=zones[0]).next_open(now, tuple(zones))
        if opening is not None and opening <= now + WAIT_MAX:
            return opening
    return None


def _within(window: StrictestWindow, parts: tuple[Span, ...], *, zone: str) -> StrictestWindow:
    only = CallingWindow(weekdays=(parts,) * 7, zone=zone)
    return StrictestWindow(windows=(*window.windows, only))
