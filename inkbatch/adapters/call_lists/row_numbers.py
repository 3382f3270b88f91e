"""The number at which a row is called: of several phone columns, the first that holds one."""

from typing import NamedTuple

from inkbatch.adapters.call_lists.cells import BadCell
from inkbatch.adapters.call_lists.layout import Layout, Rejection, Remark, read_cell
from inkbatch.adapters.call_lists.numbers import NumberReading, read_number
from inkbatch.adapters.call_lists.regions import region_of
from inkbatch.adapters.call_lists.tables import Cells


class RowNumber(NamedTuple):
    """The number to call, the place of its cell, and why an earlier phone column was left out."""

    reading: NumberReading
    place: int
    remark: Remark | None = None


def number_of_row(cells: Cells, layout: Layout, *, default_region: str | None) -> RowNumber:
    """Return the number to call; raises Rejection with the first filled phone cell's reason."""
    phones = layout.places.phones
    if len(phones) == 1:
        return RowNumber(_number_at(phones[0], cells, layout, default_region), phones[0])
    refused: Rejection | None = None
    for place in phones:
        if not cells[place]:
            continue
        try:
            reading = _number_at(place, cells, layout, default_region)
        except Rejection as rejection:
            refused = refused or rejection
            continue
        return RowNumber(reading, place, _passed_over(refused, place, layout))
    raise refused or Rejection("there is no phone number: fill it in", place=phones[0])


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


def _passed_over(refused: Rejection | None, place: int, layout: Layout) -> Remark | None:
    if refused is None:
        return None
    return Remark(f"{refused}; {layout.labels[place]!r} is called instead", refused.place)
