"""The cells beside the numbers, read by column: most say what an empty one says, or just a zone."""

from collections.abc import Callable, Sequence
from functools import lru_cache

from inkbatch.adapters.call_lists.cells import BadCell, read_priority
from inkbatch.adapters.call_lists.consent import may_be_called, must_not_be_called
from inkbatch.adapters.call_lists.layout import Layout
from inkbatch.adapters.call_lists.number_starts import Told
from inkbatch.adapters.call_lists.regions import region_of
from inkbatch.adapters.call_lists.zone_contradictions import disagreement
from inkbatch.adapters.call_lists.zone_names import zone_named

Cell = str


class OtherCells:
    """What the columns of one layout that are no phones say of rows whose numbers are plain."""

    def __init__(self, layout: Layout, *, region: str | None) -> None:
        places = layout.places
        says_nothing: dict[int | None, Callable[[Cell], bool]] = {
            places.region: lambda cell: region_of(cell, default=region) == region,
            places.priority: lambda cell: read_priority(cell) == 0,
            places.not_before: lambda cell: not cell,
            places.deadline: lambda cell: not cell,
            places.consent: may_be_called,
            places.do_not_call: lambda cell: not must_not_be_called(cell),
        }
        says_nothing |= {place: lambda cell: not cell for place in places.phones[1:]}
        self._zone = places.zone
        self._says_nothing = {
            place: read for place, read in says_nothing.items() if place is not None
        }

    def told(
        self, told: Sequence[Told | None], columns: Sequence[Sequence[Cell]]
    ) -> Sequence[Told | None]:
        """Return what is true of each number with the zones of its row.

        None where it was, and for a row of which these cells make anything else than a plain one.
        """
        for place, says_nothing in self._says_nothing.items():
            if any(columns[place]):
                known = {cell: _is_so(says_nothing, cell) for cell in set(columns[place])}
                rows = zip(told, columns[place], strict=True)
                told = [one if known[cell] else None for one, cell in rows]
        if self._zone is not None and any(columns[self._zone]):
            rows = zip(told, columns[self._zone], strict=True)
            told = [one and (_in_zone(one, cell) if cell else one) for one, cell in rows]
        return told


def _is_so(read: Callable[[Cell], bool], cell: Cell) -> bool:
    try:
        return read(cell)
    except BadCell:
        return False


@lru_cache(maxsize=10_000)
def _in_zone(told: Told, cell: Cell) -> Told | None:
    """Return what is true of the number in the zone that a cell names; None for any remark."""
    try:
        zones, remark = zone_named(cell, number_zones=told.zones)
    except BadCell:
        return None
    if remark or (told.is_geographic and disagreement(zones, told.zones)):
        return None
    return told._replace(zones=zones)
