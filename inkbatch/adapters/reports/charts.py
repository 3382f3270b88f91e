"""Where the marks of each chart stand; the template only draws them.

Horizontal places are percentages, so that a chart fits a phone without shrinking its letters.
Vertical places are pixels, in the budget chart percentages of its plot.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from inkbatch.adapters.reports.figures import BudgetPoint, Hour, TimeToReach, Try
from inkbatch.domain.rate import Rate

FEW_CASES = 5
"""A rate of fewer cases says nothing and is drawn grey."""

COLUMNS_MAX = 10
"""More attempts per contact than this share one column."""

TICKS_MAX = 4
HOUR_SHOWN_FROM, HOUR_SHOWN_TO = 8, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar, or one piece of a bar: `kind` chooses its colour, percentages its place."""

    kind: str
    count: int
    left: float
    width: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One standing bar."""

    label: str
    count: int
    left: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """The answer rate of one try with its 95 % interval."""

    ordinal: int
    attempts: int
    rate: Rate
    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One hour of the week; `strength` runs from 0 to 1 over the rates that are shown."""

    hour: Hour
    left: float
    width: float
    strength: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatMap:
    """The hours that were called, as seven rows of cells, and the rates its colours span."""

    rows: tuple[tuple[Cell, ...], ...]
    hours: tuple[int, ...]
    lowest: float | None
    highest: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A label of the time axis."""

    left: float
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UseChart:
    """One resource of the budget over time, as polygons in a plot of 100 by 100."""

    line: str
    area: str
    limit_top: float
    usable_top: float
    ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachCurve:
    """Who was reached within how long: a line for each start, up to the longest time."""

    lines: Mapping[str, str]
    longest_hours: float


def bars(counts: Mapping[str, int]) -> tuple[Bar, ...]:
    """Return bars side by side in the given order, as wide as their share of the largest."""
    largest, total = max(counts.values(), default=0), sum(counts.values())
    return tuple(
        Bar(kind=kind, count=count, left=0, width=100 * count / largest, share=count / total)
        for kind, count in counts.items()
        if count
    )


def stacked(counts: Mapping[str, int]) -> tuple[Bar, ...]:
    """Return the pieces of one bar that is as wide as all of them."""
    total, left, pieces = sum(counts.values()), 0.0, []
    for kind, count in counts.items():
        if count:
            width = 100 * count / total
            pieces.append(Bar(kind=kind, count=count, left=left, width=width, share=count / total))
            left += width
    return tuple(pieces)


def columns(counts: Mapping[int, int]) -> tuple[Column, ...]:
    """Return a column for each number of attempts up to the most, without gaps."""
    most = min(max(counts, default=0), COLUMNS_MAX)
    merged = {made: counts.get(made, 0) for made in range(most)}
    merged[most] = sum(count for made, count in counts.items() if made >= most)
    tallest, pitch = max(merged.values(), default=0) or 1, 100 / len(merged)
    width = min(pitch * 0.72, 12)
    return tuple(
        Column(
            label=f"{made}+" if made == COLUMNS_MAX else str(made),
            count=count,
            left=place * pitch + (pitch - width) / 2,
            width=width,
            height=count / tallest,
        )
        for place, (made, count) in enumerate(merged.items())
    )


def intervals(tries: Iterable[Try]) -> tuple[Interval, ...]:
    """Return the answer rates of those tries that rang at least once."""
    return tuple(
        Interval(
            ordinal=each.ordinal,
            attempts=each.attempts,
            rate=each.answer_rate,
            low=100 * (each.answer_rate.low or 0),
            middle=100 * (each.answer_rate.share or 0),
            high=100 * (each.answer_rate.high or 0),
        )
        for each in tries
        if each.answer_rate.cases
    )


def hour_rates(hours: Iterable[Hour]) -> tuple[tuple[str, Rate], ...]:
    """Return the answer rate of each hour of the day in which anything rang."""
    ordered = sorted(hours, key=lambda each: each.hour)
    return _together((f"{each.hour:02d}:00", each.answer_rate) for each in ordered)


def weekday_rates(hours: Iterable[Hour], names: Sequence[str]) -> tuple[tuple[str, Rate], ...]:
    """Return the answer rate of each weekday on which anything rang."""
    ordered = sorted(hours, key=lambda each: each.weekday)
    return _together((names[each.weekday], each.answer_rate) for each in ordered)


def _together(named: Iterable[tuple[str, Rate]]) -> tuple[tuple[str, Rate], ...]:
    sums: dict[str, tuple[int, int]] = {}
    for name, rate in named:
        hits, cases = sums.get(name, (0, 0))
        sums[name] = (hits + rate.hits, cases + rate.cases)
    rates = ((name, Rate(hits=hits, cases=cases)) for name, (hits, cases) in sums.items())
    return tuple((name, rate) for name, rate in rates if rate.cases)


def heat_map(hours: Sequence[Hour]) -> HeatMap:
    """Return the hours of the week from the first to the last hour in which anything rang."""
    called = [each.hour for each in hours if each.answer_rate.cases]
    first = min([*called, HOUR_SHOWN_FROM])
    shown = range(first, max([*called, HOUR_SHOWN_TO]) + 1)
    rates = [_share(each) for each in hours if each.answer_rate.cases >= FEW_CASES]
    lowest, highest = min(rates, default=None), max(rates, default=None)
    width = 100 / len(shown)
    rows = tuple(
        tuple(
            Cell(
                hour=each,
                left=(each.hour - first) * width,
                width=width,
                strength=_strength(each, lowest=lowest or 0.0, highest=highest or 0.0),
            )
            for each in hours
            if each.weekday == weekday and each.hour in shown
        )
        for weekday in range(7)
    )
    return HeatMap(rows=rows, hours=tuple(shown), lowest=lowest, highest=highest)


def reach_curve(times: Sequence[TimeToReach]) -> ReachCurve | None:
    """Return the shares reached within a time as lines in a plot of 100 by 100, on one axis."""
    longest = max((each.curve[-1] for each in times), default=0.0)
    if not longest:
        return None
    return ReachCurve(
        lines={
            each.since: " ".join(
                f"{100 * hours / longest:.2f},{100 - 100 * place / len(each.curve):.2f}"
                for place, hours in enumerate((0.0, *each.curve))
            )
            for each in times
        },
        longest_hours=longest,
    )


def use_chart(
    points: Sequence[BudgetPoint], uses: Sequence[float], *, limit: float, usable: float
) -> UseChart:
    """Return steps through `uses`, one for each of `points`, below the line of the limit."""
    top = max(limit, *uses, 1) * 1.12
    start, end = points[0].at, points[-1].at
    span = (end - start).total_seconds() or 1.0
    steps = [
        (100 * (point.at - start).total_seconds() / span, 100 - 100 * use / top)
        for point, use in zip(points, uses, strict=True)
    ]
    line = " ".join(_corners(steps))
    return UseChart(
        line=line,
        area=f"0,100 {line} 100,100",
        limit_top=100 - 100 * limit / top,
        usable_top=100 - 100 * usable / top,
        ticks=tuple(
            Tick(left=100 * place / TICKS_MAX, at=start + (end - start) * place / TICKS_MAX)
            for place in range(TICKS_MAX + 1)
        ),
    )


def _corners(steps: Sequence[tuple[float, float]]) -> Iterable[str]:
    """Use stays as it is until it changes: each step goes right first, then up or down."""
    yield f"{steps[0][0]:.2f},{steps[0][1]:.2f}"
    for (_, before), (x, y) in pairwise(steps):
        yield f"{x:.2f},{before:.2f} {x:.2f},{y:.2f}"


def _share(hour: Hour) -> float:
    return hour.answer_rate.share or 0.0


def _strength(hour: Hour, *, lowest: float, highest: float) -> float | None:
    if hour.answer_rate.cases < FEW_CASES:
        return None
    spread = highest - lowest
    return (_share(hour) - lowest) / spread if spread else 1.0
