"""Who does not want to be called, by the list's own columns."""

from collections.abc import Iterable

from inkbatch.adapters.call_lists.consent import may_be_called, must_not_be_called
from inkbatch.adapters.call_lists.layout import Layout, Rejection, read_cell
from inkbatch.adapters.call_lists.row_numbers import RowNumber, number_of_row
from inkbatch.adapters.call_lists.tables import Cells

REFUSED = "the person does not want to be called: nothing to do, or correct the cell"
REFUSED_ELSEWHERE = (
    "another row with this number says that the person does not want to be called: nothing to do, "
    "or correct that row"
)


def require_consent(cells: Cells, layout: Layout) -> None:
    """Raise Rejection where a cell says no, or what is neither yes nor no."""
    consent, barred = layout.places.consent, layout.places.do_not_call
    if consent is not None and not read_cell(consent, lambda: may_be_called(cells[consent])):
        raise Rejection(REFUSED, place=consent)
    if barred is not None and read_cell(barred, lambda: must_not_be_called(cells[barred])):
        raise Rejection(REFUSED, place=barred)


def require_none_refused(found: RowNumber, refused: frozenset[str]) -> None:
    """Raise Rejection for a number of which another row says no."""
    if found.reading.number in refused:
        raise Rejection(REFUSED_ELSEWHERE, place=found.place)


def refused_numbers(
    rows: Iterable[tuple[int, Cells]], layout: Layout, *, default_region: str | None
) -> frozenset[str]:
    """Return the numbers of which some row says no: no other row of theirs may be called.

    Reads all rows, but none where the list has no such column.
    """
    if layout.places.consent is None and layout.places.do_not_call is None:
        return frozenset()
    return frozenset(
        number
        for _, cells in rows
        if (number := _refused_number(cells, layout, default_region)) is not None
    )


def _refused_number(cells: Cells, layout: Layout, default_region: str | None) -> str | None:
    try:
        require_consent(cells, layout)
    except Rejection as rejection:
        if str(rejection) != REFUSED:
            return None
        try:
            return number_of_row(cells, layout, default_region=default_region).reading.number
        except Rejection:
            return None
    return None
