"""The numbers of a row: of several phone columns, the first that holds one is called first."""

from typing import NamedTuple

from inkbatch.adapters.call_lists.cells import BadCell
from inkbatch.adapters.call_lists.layout import Layout, Rejection, Remark, read_cell
from inkbatch.adapters.call_lists.number_refusals import NO_NUMBER
from inkbatch.adapters.call_lists.numbers import NumberReading, read_number
from inkbatch.adapters.call_lists.regions import region_of
from inkbatch.adapters.call_lists.tables import Cells


class RowNumber(NamedTuple):
    """The number to call, the place of its cell, and what stands in later phone columns.

    `remarks` say of other phone columns why they are left out; `others` are by their place.
    """

    reading: NumberReading
    place: int
    remarks: tuple[Remark, ...] = ()
    others: tuple[tuple[int, NumberReading], ...] = ()


def number_of_row(cells: Cells, layout: Layout, *, default_region: str | None) -> RowNumber:
    """Return the number to call; raises Rejection with the first filled phone cell's reason."""
    phones = layout.places.phones
    if len(phones) == 1:
        return RowNumber(_number_at(phones[0], cells, layout, default_region), phones[0])
    readings, refused = dict[int, NumberReading](), dict[int, Rejection]()
    for place in filter(cells.__getitem__, phones):
        try:
            reading = _number_at(place, cells, layout, default_region)
        except Rejection as rejection:
            refused[place] = rejection
            continue
        if reading.number not in {each.number for each in readings.values()}:
            readings[place] = reading
    if not readings:
        raise next(iter(refused.values()), Rejection(NO_NUMBER, place=phones[0]))
    (called, first), *others = readings.items()
    remarks = tuple(
        _left_out(rejection, place, called=called, layout=layout)
        for place, rejection in refused.items()
        if str(rejection) != NO_NUMBER or phones.index(place) < phones.index(called)
    )
    return RowNumber(first, called, remarks, tuple(others))


def _number_at(
    place: int, cells: Cells, layout: Layout, default_region: str | None
) -> NumberReading:
    """The region matters, and may be wrong, only where the number has no plus."""
    text, region, country = cells[place], default_region, layout.places.region
    if country is not None and cells[country] and text and not text.startswith("+"):
        region = read_cell(country, lambda: region_of(cells[country], default=default_region))
    try:
        return read_number(text, region=region)
    except BadCell as bad:
        raise Rejection(str(bad), place=place) from None


def _left_out(refused: Rejection, place: int, *, called: int, layout: Layout) -> Remark:
    """Say why the number at `place` is left out, and what is called instead of an earlier one."""
    if layout.places.phones.index(place) < layout.places.phones.index(called):
        return Remark(f"{refused}; {layout.labels[called]!r} is called instead", refused.place)
    return Remark(f"{layout.labels[place]!r} is left out: {refused}", refused.place)
