"""Where the marks of the live page's charts stand; the templates only draw them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from inkbatch.domain.budget import Release
from inkbatch.web import words

HOURS_BACK, HOURS_AHEAD = 12, 12
SLOT = timedelta(minutes=30)
TICK_HOURS = 6
SCALE_CALLS_MIN = 6
"""A column of one call shall not fill the chart."""

ORDER = ("answered", "voicemail", "no_answer", "rejected", "other")
"""From the axis up; whatever is none of the first four is other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a column: places and sizes in percent of the plot, from its top left."""

    kind: str
    count: int
    left: float
    width: float
    top: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A labelled time of the axis."""

    left: float
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Calls of the last hours, and when calls come free in the next; `summary` tells it in words.

    `now_left` is where the line between them stands.
    """

    dialed: tuple[Piece, ...]
    freed: tuple[Piece, ...]
    ticks: tuple[Tick, ...]
    now_left: float
    most: int
    summary: str


def timeline(
    dialed: Sequence[tuple[datetime, str]], releases: Sequence[Release], *, now: datetime
) -> Timeline:
    """Return the chart of half a day back and half a day ahead."""
    start = _slot_start(now) - timedelta(hours=HOURS_BACK)
    slots = int(timedelta(hours=HOURS_BACK + HOURS_AHEAD) / SLOT)
    by_slot = [Counter[str]() for _ in range(slots)]
    for at, came_to in dialed:
        if (slot := int((at - start) / SLOT)) in range(slots):
            by_slot[slot][came_to if came_to in ORDER else "other"] += 1
    freed = [0] * slots
    for release in releases:
        if (slot := int((release.at - start) / SLOT)) in range(slots):
            freed[slot] += release.calls
    most = max([SCALE_CALLS_MIN, *freed, *(counts.total() for counts in by_slot)])
    width = 100 / slots
    pieces = [
        piece
        for slot, counts in enumerate(by_slot)
        for piece in _column(counts, left=slot * width, width=width, most=most)
    ]
    ahead = [
        _piece("freed", count, left=slot * width, width=width, below=0, most=most)
        for slot, count in enumerate(freed)
        if count
    ]
    return Timeline(
        dialed=tuple(pieces),
        freed=tuple(ahead),
        ticks=_ticks(start),
        now_left=100 * ((now - start) / (SLOT * slots)),
        most=most,
        summary=_summary(by_slot, freed),
    )


def _column(counts: Counter[str], *, left: float, width: float, most: int) -> list[Piece]:
    pieces, below = list[Piece](), 0
    for kind in ORDER:
        if counts[kind]:
            pieces.append(
                _piece(kind, counts[kind], left=left, width=width, below=below, most=most)
            )
            below += counts[kind]
    return pieces


def _piece(kind: str, count: int, *, left: float, width: float, below: int, most: int) -> Piece:
    height = 100 * count / most
    return Piece(
        kind=kind,
        count=count,
        left=left + width * 0.12,
        width=width * 0.76,
        top=100 - 100 * below / most - height,
        height=height,
    )


def _ticks(start: datetime) -> tuple[Tick, ...]:
    hours = HOURS_BACK + HOURS_AHEAD
    return tuple(
        Tick(left=100 * hour / hours, at=start + timedelta(hours=hour))
        for hour in range(0, hours + 1, TICK_HOURS)
    )


def _slot_start(now: datetime) -> datetime:
    return now.replace(minute=now.minute // 30 * 30, second=0, microsecond=0)


def _summary(by_slot: Sequence[Counter[str]], freed: Sequence[int]) -> str:
    total = sum(counts.total() for counts in by_slot)
    answered = sum(counts["answered"] for counts in by_slot)
    return (
        f"{words.counted(total, 'call')} in the last {HOURS_BACK} hours, {answered} of them "
        f"answered. {words.counted(sum(freed), 'call')} of the budget come back in the next "
        f"{HOURS_AHEAD} hours."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """How much of one limit is used: `share` of a circle from 0 to 100."""

    label: str
    used: float
    limit: float
    share: float
    is_short: bool
    back_at: datetime | None
    back: float

    @property
    def free(self) -> float:
        """What is left now."""
        return max(self.limit - self.used, 0.0)


SHORT_SHARE = 90


def gauge(
    label: str, *, used: float, limit: float, back: Sequence[tuple[datetime, float]]
) -> Gauge:
    """Return the gauge of one limit; `back` are the amounts that come back, in order."""
    share = 100 * min(used / limit, 1) if limit else 100
    first = next(((at, amount) for at, amount in back if amount), None)
    return Gauge(
        label=label,
        used=used,
        limit=limit,
        share=ceil(share * 10) / 10,
        is_short=share >= SHORT_SHARE,
        back_at=first[0] if first else None,
        back=first[1] if first else 0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A bar of a chart, or a piece of one: `left` and `width` in percent."""

    kind: str
    count: int
    left: float
    width: float
    share: str


def bars(counts: Mapping[str, int]) -> tuple[Bar, ...]:
    """Return a bar for each count, the longest first, as wide as its share of the longest."""
    total, most = sum(counts.values()), max(counts.values(), default=0)
    return tuple(
        Bar(
            kind=kind,
            count=count,
            left=0,
            width=max(100 * count / most, 0.5),
            share=words.share(count, total),
        )
        for kind, count in sorted(counts.items(), key=lambda item: -item[1])
        if count
    )


def stacked(counts: Mapping[str, int]) -> tuple[Bar, ...]:
    """Return the pieces of one bar for all people, in the order of `words.CONTACT_STATES`."""
    total, left, pieces = sum(counts.values()), 0.0, list[Bar]()
    for state in words.CONTACT_STATES:
        count = counts.get(state, 0)
        if count:
            width = 100 * count / total
            pieces.append(
                Bar(
                    kind=str(state),
                    count=count,
                    left=left,
                    width=width,
                    share=words.share(count, total),
                )
            )
            left += width
    return tuple(pieces)
