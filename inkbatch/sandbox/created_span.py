"""The filter of call lists by `created_at`, as newer servers take it."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Annotated, NoReturn
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Depends, Query
from fastapi.exceptions import RequestValidationError

TEXT_LENGTH_MAX = 64
ONE_MOMENT = timedelta(microseconds=1)
"""Nothing lies between two moments that are so near."""
_EARLIEST, _LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

Moment = Annotated[
    str | None,
    Query(
        max_length=TEXT_LENGTH_MAX,
        description="Date, or date and time; without an offset those of tz",
        json_schema_extra={
            "anyOf": [
                {"type": "string", "format": "date"},
                {"type": "string", "format": "date-time"},
                {"type": "null"},
            ]
        },
    ),
]
ZoneName = Annotated[
    str | None,
    Query(
        max_length=TEXT_LENGTH_MAX,
        pattern=r"^[A-Za-z][A-Za-z0-9_+/-]*$",
        description="IANA time zone of times without an offset; UTC if omitted",
    ),
]


@dataclass(frozen=True, slots=True)
class CreatedSpan:
    """Calls created from a moment on and before another one; None leaves that side open."""

    since: datetime | None = None
    before: datetime | None = None

    def within(
        self, ids: Sequence[UUID], created_at: Callable[[UUID], datetime]
    ) -> tuple[int, int]:
        """Return where the span begins, and where it is over, in ids that stand in that order."""
        first = 0 if self.since is None else bisect_left(ids, self.since, key=created_at)
        after = len(ids) if self.before is None else bisect_left(ids, self.before, key=created_at)
        return first, max(after, first)


async def _asked_span(
    start_datetime: Moment = None, end_datetime: Moment = None, tz: ZoneName = None
) -> CreatedSpan:
    """Read both bounds, which are inclusive: of a bare date the whole day belongs to the span.

    Times with an offset are exact, others are of `tz`. Raises the 422.
    """
    zone = _zone(tz)
    return CreatedSpan(
        None if start_datetime is None else _first("start_datetime", start_datetime, zone),
        None if end_datetime is None else _after("end_datetime", end_datetime, zone),
    )


AskedSpan = Annotated[CreatedSpan, Depends(_asked_span)]


def _first(name: str, text: str, zone: tzinfo) -> datetime:
    day = _bare_date(text)
    return _in_utc(_read(name, text) if day is None else _midnight(day), zone)


def _after(name: str, text: str, zone: tzinfo) -> datetime:
    day = _bare_date(text)
    if day is None:
        last = _in_utc(_read(name, text), zone)
        return min(last, _LATEST - ONE_MOMENT) + ONE_MOMENT
    return _LATEST if day == date.max else _in_utc(_midnight(day + timedelta(days=1)), zone)


def _read(name: str, text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        _refuse(name, text, "Input should be an ISO 8601 date or datetime")


def _bare_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def _in_utc(moment: datetime, zone: tzinfo) -> datetime:
    """Return the moment, or the first or last there is where it lies beyond those."""
    aware = moment.replace(tzinfo=zone) if moment.tzinfo is None else moment
    try:
        return aware.astimezone(UTC)
    except OverflowError:
        return _EARLIEST if moment.year == 1 else _LATEST


def _zone(name: str | None) -> tzinfo:
    try:
        return UTC if name is None else ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        _refuse("tz", name, "Input should be the name of an IANA time zone")


def _refuse(name: str, text: str | None, why: str) -> NoReturn:
    fault = {"type": "value_error", "loc": ("query", name), "msg": why, "input": text}
    raise RequestValidationError([fault])
