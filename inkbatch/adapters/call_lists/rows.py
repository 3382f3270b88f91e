"""Each row of a table, and what became of it: accepted, repaired, duplicate or rejected."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from inkbatch.adapters.call_lists.cells import (
    BadCell,
    read_deadline,
    read_not_before,
    read_priority,
)
from inkbatch.adapters.call_lists.columns import Places
from inkbatch.adapters.call_lists.numbers import NumberReading, read_number
from inkbatch.adapters.call_lists.regions import region_of
from inkbatch.adapters.call_lists.tables import Cells
from inkbatch.adapters.call_lists.zones import zone_named, zones_of
from inkbatch.domain.call_list import Row, RowStatus

FIRST_ROW_NUMBER = 2
"""The header is row 1 in every spreadsheet program."""

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the columns are, what they are called in the file, and in templates."""

    places: Places
    headers: tuple[str, ...]
    names: tuple[str, ...]


class _Rejection(Exception):  # never leaves this module
    def __init__(self, reason: str, *, place: int) -> None:
        super().__init__(reason)
        self.place = place


def read_rows(
    table_rows: Iterable[Cells], *, layout: Layout, default_region: str | None
) -> tuple[Row, ...]:
    """Return a Row for every row, in order; of one number the first accepted row wins."""
    rows: list[Row] = []
    first_rows: dict[str, int] = {}
    for row_number, cells in enumerate(table_rows, start=FIRST_ROW_NUMBER):
        row = _read_row(row_number, cells, layout=layout, default_region=default_region)
        if row.becomes_contact and row.number is not None:
            first = first_rows.setdefault(row.number, row_number)
            if first != row_number:
                row = _duplicate(row, cells, layout=layout, first=first)
        rows.append(row)
    return tuple(rows)


def _duplicate(row: Row, cells: Cells, *, layout: Layout, first: int) -> Row:
    phone = layout.places.phone
    return replace(
        row,
        status=RowStatus.DUPLICATE,
        reason="an earlier row has the same number",
        column=layout.headers[phone],
        value=cells[phone],
        duplicate_of=first,
    )


def _read_row(row_number: int, cells: Cells, *, layout: Layout, default_region: str | None) -> Row:
    fields = dict(zip(layout.names, cells, strict=True))
    del fields[layout.names[layout.places.phone]]
    if not any(cells):
        reason = "the row is empty"
        return Row(row_number=row_number, status=RowStatus.REJECTED, reason=reason, fields=fields)
    number: str | None = None
    try:
        reading = _number(cells, layout.places, default_region)
        number = reading.number
        return _accepted(row_number, cells, layout=layout, reading=reading, fields=fields)
    except _Rejection as rejection:
        return Row(
            row_number=row_number,
            status=RowStatus.REJECTED,
            number=number,
            fields=fields,
            reason=str(rejection),
            column=layout.headers[rejection.place],
            value=cells[rejection.place],
        )


def _number(cells: Cells, places: Places, default_region: str | None) -> NumberReading:
    """The region matters, and may be wrong, only where the number has no plus."""
    text = cells[places.phone]
    region = default_region
    if places.region is not None and not text.startswith("+") and text:
        country = cells[places.region]
        region = _cell(places.region, lambda: region_of(country, default=default_region))
    return _cell(places.phone, lambda: read_number(text, region=region))


def _accepted(
    row_number: int,
    cells: Cells,
    *,
    layout: Layout,
    reading: NumberReading,
    fields: dict[str, str],
) -> Row:
    places = layout.places
    zones = _zones(cells, places, reading)
    repaired = reading.repair is not None
    return Row(
        row_number=row_number,
        status=RowStatus.REPAIRED if repaired else RowStatus.ACCEPTED,
        number=reading.number,
        zones=zones,
        fields=fields,
        priority=_optional(cells, places.priority, read_priority) or 0,
        not_before=_optional(
            cells, places.not_before, lambda text: read_not_before(text, zone=zones[0])
        ),
        expires_at=_optional(
            cells, places.deadline, lambda text: read_deadline(text, zone=zones[0])
        ),
        reason=reading.repair,
        column=layout.headers[places.phone] if repaired else None,
        value=cells[places.phone] if repaired else None,
    )


def _zones(cells: Cells, places: Places, reading: NumberReading) -> tuple[str, ...]:
    named = _optional(cells, places.zone, zone_named)
    return named or _cell(places.phone, lambda: zones_of(reading))


def _optional(cells: Cells, place: int | None, read: Callable[[str], Read]) -> Read | None:
    if place is None or not cells[place]:
        return None
    return _cell(place, lambda: read(cells[place]))


def _cell(place: int, read: Callable[[], Read]) -> Read:
    try:
        return read()
    except BadCell as bad:
        raise _Rejection(str(bad), place=place) from None
