"""A row with a number to call, and what its other cells say: zone, times, priority, consent."""

from collections.abc import Callable
from datetime import datetime

from inkbatch.adapters.call_lists.cells import (
    BadCell,
    read_deadline,
    read_not_before,
    read_priority,
)
from inkbatch.adapters.call_lists.layout import Layout, Rejection, Remark, read_cell
from inkbatch.adapters.call_lists.refusals import require_consent
from inkbatch.adapters.call_lists.row_numbers import RowNumber
from inkbatch.adapters.call_lists.tables import Cells
from inkbatch.adapters.call_lists.zone_contradictions import contradiction
from inkbatch.adapters.call_lists.zones import ZoneReading, zones_for, zones_of
from inkbatch.domain.contact import ContactNumber
from inkbatch.domain.list_row import Row, RowStatus


def called_row(
    row_number: int, cells: Cells, fields: dict[str, str], *, found: RowNumber, layout: Layout
) -> Row:
    """Return the row of a person to call; raises Rejection where another cell forbids it.

    An extension is put into `fields`.
    """
    reading, places = found.reading, layout.places
    require_consent(cells, layout)
    zones, zone_remark = _zones(cells, layout, found)
    zone = zones[0]
    if reading.extension:
        fields[layout.extension_name] = reading.extension
    numbers, left_out = _numbers(found, cells, layout, zones)
    found = found._replace(remarks=(*found.remarks, *left_out))
    reason, place = _remarks(found, cells, layout, zones, zone_remark)
    return Row(
        row_number=row_number,
        status=RowStatus.ACCEPTED if reading.repair is None else RowStatus.REPAIRED,
        number=reading.number,
        number_type=reading.kind,
        numbers=numbers,
        zones=zones,
        fields=fields,
        priority=_priority(cells, places.priority),
        not_before=_moment(cells, places.not_before, read_not_before, zone),
        expires_at=_moment(cells, places.deadline, read_deadline, zone),
        reason=reason,
        column=None if place is None else layout.labels[place],
        value=None if place is None else cells[place],
    )


def _zones(cells: Cells, layout: Layout, found: RowNumber) -> ZoneReading:
    zone = layout.places.zone
    named = "" if zone is None else cells[zone]
    try:
        return zones_for(named, found.reading)
    except BadCell as bad:
        raise Rejection(
            str(bad), place=found.place if zone is None or not named else zone
        ) from None


def _numbers(
    found: RowNumber, cells: Cells, layout: Layout, zones: tuple[str, ...]
) -> tuple[tuple[ContactNumber, ...], list[Remark]]:
    """Return all numbers of a row that has several, and what is to be said of the later ones.

    A zone that the row names is that of the person, wherever the number is from.
    """
    zone = layout.places.zone
    is_named = zone is not None and bool(cells[zone])
    numbers = [ContactNumber(number=found.reading.number, zones=zones, kind=found.reading.kind)]
    remarks = list[Remark]()
    for place, other in found.others:
        label = layout.labels[place]
        try:
            of_other = zones if is_named else zones_of(other)
        except BadCell as bad:
            remarks.append(Remark(f"{label!r} is left out: {bad}", place))
            continue
        if other.extension:
            remarks.append(Remark(f"{label!r} is left out: {EXTENSION}", place))
            continue
        numbers.append(ContactNumber(number=other.number, zones=of_other, kind=other.kind))
        if other.repair:
            remarks.append(Remark(f"{label!r}: {other.repair}", place))
    return (tuple(numbers) if len(numbers) > 1 else ()), remarks


EXTENSION = "only the number that is called first may have an extension"


def _remarks(
    found: RowNumber,
    cells: Cells,
    layout: Layout,
    zones: tuple[str, ...],
    zone_remark: str | None,
) -> tuple[str | None, int | None]:
    """Return all that is odd about a row to be called, and the place of the first cell."""
    odd: list[Remark] = []
    if found.reading.repair is not None:
        odd.append(Remark(found.reading.repair, found.place))
    odd += found.remarks
    zone = layout.places.zone
    if zone is not None and cells[zone]:
        texts = (zone_remark, contradiction(zones, found.reading))
        odd += [Remark(text, zone) for text in texts if text]
    if not odd:
        return None, None
    return "; ".join(remark.text for remark in odd), odd[0].place


def _priority(cells: Cells, place: int | None) -> int:
    if place is None or not cells[place]:
        return 0
    return read_cell(place, lambda: read_priority(cells[place]))


def _moment(
    cells: Cells, place: int | None, read: Callable[..., datetime | None], zone: str
) -> datetime | None:
    if place is None or not cells[place]:
        return None
    return read_cell(place, lambda: read(cells[place], zone=zone))
