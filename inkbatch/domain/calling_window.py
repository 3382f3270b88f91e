"""The hours, in the contact's own time zone, when calls may be placed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MINUTES_A_DAY = 24 * 60
LOOK_AHEAD_DAYS = 400
"""How far the next opening is looked for; a window shut for longer counts as shut for good."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Hours of one local day, from `start_minute` up to but without `end_minute`."""

    start_minute: int
    end_minute: int

    def __post_init__(self) -> None:
        if not 0 <= self.start_minute < self.end_minute <= MINUTES_A_DAY:
            raise ValueError("a span starts before it ends, both within one day")

    def __contains__(self, local: time) -> bool:
        minute = local.hour * 60 + local.minute
        return self.start_minute <= minute < self.end_minute

    def __str__(self) -> str:
        return f"{_clock_text(self.start_minute)}-{_clock_text(self.end_minute)}"


WHOLE_DAY = Span(start_minute=0, end_minute=MINUTES_A_DAY)


class Holidays(Protocol):
    """Which dates are public holidays, for contacts of some candidate zones."""

    def is_holiday(self, day: date, zones: tuple[str, ...]) -> bool:
        """Return whether it is one in any place where the contact may live."""
        ...

    def why_unknown(self, day: date, zones: tuple[str, ...]) -> str | None:
        """Return in a sentence why nobody can tell for that day; None where it is known."""
        ...


class Hours(Protocol):
    """When calls may be placed: a single window, or several that must all be open."""

    def is_open(self, at: datetime, zones: tuple[str, ...]) -> bool:
        """Return whether a call may be placed at this instant to a contact of these zones."""
        ...

    def next_open(self, after: datetime, zones: tuple[str, ...]) -> datetime | None:
        """Return the first instant, not before `after`, at which it is open; None if never."""
        ...

    def why_never(self, after: datetime, zones: tuple[str, ...]) -> str:
        """Return, where `next_open` is None, why."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CallingWindow:
    """Spans a weekday (0 is Monday), with dated exceptions that replace the whole day.

    `zone` None means the contact's own zones. A contact with several candidate zones may be
    called only when the window is open in each of them; one with none may not be called.
    On public holidays it is shut, and on days of which nobody knows whether they are some; an
    exception for the date outranks that.
    """

    weekdays: tuple[tuple[Span, ...], ...]
    zone: str | None = None
    exceptions: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)
    holidays: Holidays | None = None

    def __post_init__(self) -> None:
        if len(self.weekdays) != 7:  # noqa: PLR2004 (the days of a week)
            raise ValueError("a calling window has seven weekdays")

    def is_open(self, at: datetime, zones: tuple[str, ...]) -> bool:
        """Return whether a call may be placed at this instant to a contact of these zones."""
        effective = self._effective(zones)
        return bool(effective) and all(self._is_open_in(at, zone, zones) for zone in effective)

    def next_open(self, after: datetime, zones: tuple[str, ...]) -> datetime | None:
        """Return the first instant, not before `after`, at which it is open; None if never."""
        effective = self._effective(zones)
        candidate: datetime | None = after.astimezone(UTC)
        horizon = after + timedelta(days=LOOK_AHEAD_DAYS)
        while effective and candidate is not None and candidate <= horizon:
            latest: datetime | None = candidate
            for zone in effective:
                opening = self._next_open_in(candidate, zone, zones)
                latest = None if opening is None or latest is None else max(latest, opening)
            if latest == candidate:
                return candidate
            candidate = latest
        return None

    def closes_at(self, at: datetime, zones: tuple[str, ...]) -> datetime:
        """Return when the window that is open at `at` shuts in the first of the zones.

        `at` itself when it is not open then.
        """
        if not self.is_open(at, zones):
            return at
        return min(
            self._closes_in(at.astimezone(UTC), zone, zones) for zone in self._effective(zones)
        )

    def why_never(self, after: datetime, zones: tuple[str, ...]) -> str:
        """Return, where `next_open` is None, why: unknown holidays, or simply no hours."""
        if self.holidays is not None:
            for ahead in (0, LOOK_AHEAD_DAYS):
                day = (after + timedelta(days=ahead)).date()
                unknown = self.holidays.why_unknown(day, zones)
                if unknown is not None:
                    return unknown
        return "its calling window never opens"

    def spans_on(self, day: date, zones: tuple[str, ...] = ()) -> tuple[Span, ...]:
        """Return the spans of one local day, in order, for a contact of these zones."""
        if day not in self.exceptions and self._is_shut_by_holidays(day, zones):
            return ()
        return self.exceptions.get(day, self.weekdays[day.weekday()])

    def _is_shut_by_holidays(self, day: date, zones: tuple[str, ...]) -> bool:
        known = self.holidays
        if known is None or not self.weekdays[day.weekday()]:
            return False
        return known.why_unknown(day, zones) is not None or known.is_holiday(day, zones)

    def _effective(self, zones: tuple[str, ...]) -> tuple[ZoneInfo, ...]:
        """Return the zones that count; none at all where one is unknown, so that it stays shut."""
        known = [_zone(name) for name in (zones if self.zone is None else (self.zone,))]
        return tuple(zone for zone in known if zone is not None) if all(known) else ()

    def _is_open_in(self, at: datetime, zone: ZoneInfo, zones: tuple[str, ...]) -> bool:
        local = at.astimezone(zone)
        return any(local.time() in span for span in self.spans_on(local.date(), zones))

    @property
    def _is_always_open(self) -> bool:
        """Whether no day shuts it: a year would be looked through otherwise."""
        return (
            self.holidays is None
            and not self.exceptions
            and all(spans == (WHOLE_DAY,) for spans in self.weekdays)
        )

    def _next_open_in(
        self, after: datetime, zone: ZoneInfo, zones: tuple[str, ...]
    ) -> datetime | None:
        if self._is_open_in(after, zone, zones):
            return after
        changes = self._changes_after(after, zone, zones)
        return next((change for change in changes if self._is_open_in(change, zone, zones)), None)

    def _closes_in(self, at: datetime, zone: ZoneInfo, zones: tuple[str, ...]) -> datetime:
        if self._is_always_open:
            return at + timedelta(days=LOOK_AHEAD_DAYS)
        changes = self._changes_after(at, zone, zones)
        shut = (change for change in changes if not self._is_open_in(change, zone, zones))
        return next(shut, at + timedelta(days=LOOK_AHEAD_DAYS))

    def _changes_after(
        self, after: datetime, zone: ZoneInfo, zones: tuple[str, ...]
    ) -> Iterator[datetime]:
        """Yield, in order, every instant at which it may open or shut, and some at which not."""
        today = after.astimezone(zone).date()
        for offset in range(LOOK_AHEAD_DAYS + 1):
            day = today + timedelta(days=offset)
            spans = self.spans_on(day, zones)
            if spans:
                edges = {edge for span in spans for edge in (span.start_minute, span.end_minute)}
                changes = {at for edge in edges for at in _instants(day, edge, zone)}
                changes.update(_clock_change(day, zone))
                yield from sorted(change for change in changes if change > after)


def _instants(day: date, minute: int, zone: ZoneInfo) -> tuple[datetime, ...]:
    """Return the UTC instants of a local clock time: two on the night the clock goes back."""
    local = datetime.combine(day, time(), zone) + timedelta(minutes=minute)
    first = local.replace(fold=0).astimezone(UTC)
    second = local.replace(fold=1).astimezone(UTC)
    return (first,) if first >= second else (first, second)


def _clock_change(day: date, zone: ZoneInfo) -> tuple[datetime, ...]:
    """Return the UTC instant at which the day's clock goes forward or back, if it does.

    There the local time jumps into or out of a span without passing its start or end.
    """
    before, after = _instants(day, 0, zone)[0], _instants(day, MINUTES_A_DAY, zone)[-1]
    if _offset(before, zone) == _offset(after, zone):
        return ()
    while after - before > timedelta(minutes=1):
        middle = before + (after - before) // timedelta(minutes=2) * timedelta(minutes=1)
        if _offset(middle, zone) == _offset(before, zone):
            before = middle
        else:
            after = middle
    return (after,)


def _offset(at: datetime, zone: ZoneInfo) -> timedelta | None:
    return at.astimezone(zone).utcoffset()


def _clock_text(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo | None:
    """Return the zone, None for a name that the time zone database does not have."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
