"""From quarters of an hour in UTC to hours of the week where the contacts live."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from inkbatch.adapters.reports.counting import QUARTER_SECONDS, QuarterGroup
from inkbatch.adapters.reports.figures import Hour
from inkbatch.domain.rate import Rate

WEEK = tuple((weekday, hour) for weekday in range(7) for hour in range(24))


def hours_of_week(groups: Iterable[QuarterGroup]) -> tuple[tuple[Hour, ...], int]:
    """Return all 168 hours with their answer rates, and on how many local days calls were made."""
    rang: Counter[tuple[int, int]] = Counter()
    answered: Counter[tuple[int, int]] = Counter()
    days: set[date] = set()
    zones: dict[str, ZoneInfo] = {}
    for group in groups:
        first_zone = group.zones.partition("|")[0]
        zone = zones.get(first_zone) or zones.setdefault(first_zone, ZoneInfo(first_zone))
        local = datetime.fromtimestamp(group.quarter * QUARTER_SECONDS, UTC).astimezone(zone)
        cell = (local.weekday(), local.hour)
        rang[cell] += group.rang
        answered[cell] += group.answered
        days.add(local.date())
    return tuple(_hour(cell, rang=rang, answered=answered) for cell in WEEK), len(days)


def _hour(
    cell: tuple[int, int], *, rang: Counter[tuple[int, int]], answered: Counter[tuple[int, int]]
) -> Hour:
    rate = Rate(hits=answered[cell], cases=rang[cell])
    return Hour(weekday=cell[0], hour=cell[1], answer_rate=rate)
