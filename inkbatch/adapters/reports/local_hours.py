"""From quarters of an hour in UTC to hours of the week where the contacts live."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from inkbatch.adapters.reports.counting import QUARTER_SECONDS, QuarterGroup
from inkbatch.adapters.reports.figures import Hour, TryHour
from inkbatch.domain.rate import Rate

WEEK = tuple((weekday, hour) for weekday in range(7) for hour in range(24))


def hours_of_week(
    groups: Iterable[QuarterGroup],
) -> tuple[tuple[Hour, ...], tuple[TryHour, ...], int]:
    """Return all 168 hours with their answer rates, those of each try, and the days of calling.

    Days are those where the contacts live.
    """
    rang, answered = Counter[tuple[int, int]](), Counter[tuple[int, int]]()
    try_rang, try_answered = Counter[tuple[int, int]](), Counter[tuple[int, int]]()
    days: set[date] = set()
    zones: dict[str, ZoneInfo] = {}
    for group in groups:
        first_zone = group.zones.partition("|")[0]
        zone = zones.get(first_zone) or zones.setdefault(first_zone, ZoneInfo(first_zone))
        local = datetime.fromtimestamp(group.quarter * QUARTER_SECONDS, UTC).astimezone(zone)
        cell = (local.weekday(), local.hour)
        rang[cell] += group.rang
        answered[cell] += group.answered
        try_rang[group.ordinal, local.hour] += group.rang
        try_answered[group.ordinal, local.hour] += group.answered
        days.add(local.date())
    hours = tuple(_hour(cell, rang=rang, answered=answered) for cell in WEEK)
    try_hours = tuple(
        TryHour(ordinal=key[0], hour=key[1], rate=Rate(hits=try_answered[key], cases=cases))
        for key, cases in sorted(try_rang.items())
    )
    return hours, try_hours, len(days)


def _hour(
    cell: tuple[int, int], *, rang: Counter[tuple[int, int]], answered: Counter[tuple[int, int]]
) -> Hour:
    rate = Rate(hits=answered[cell], cases=rang[cell])
    return Hour(weekday=cell[0], hour=cell[1], answer_rate=rate)
