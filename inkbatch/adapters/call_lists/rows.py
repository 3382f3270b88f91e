"""Each row of a table, and what became of it: nothing is skipped, nothing passes in silence."""

from collections.abc import Mapping

from inkbatch.adapters.call_lists.called_rows import called_row
from inkbatch.adapters.call_lists.cells import BadCell
from inkbatch.adapters.call_lists.layout import Layout, Rejection
from inkbatch.adapters.call_lists.refusals import require_none_refused
from inkbatch.adapters.call_lists.row_numbers import RowNumber, number_of_row
from inkbatch.adapters.call_lists.tables import Cells
from inkbatch.adapters.call_lists.zones import zones_of
from inkbatch.domain.list_row import Row, RowStatus


class RowReader:
    """Reads the rows of one table in their order; of one number, the first accepted row wins.

    `suppressed` maps numbers never to call to the reason; `refused` are the numbers of which some
    row of the table says so (`refusals.refused_numbers`).
    """

    def __init__(
        self,
        layout: Layout,
        *,
        default_region: str | None,
        suppressed: Mapping[str, str],
        refused: frozenset[str],
    ) -> None:
        self._layout, self._default_region = layout, default_region
        self._suppressed, self._refused = suppressed, refused
        self._names, self._hidden_name = layout.names, layout.hidden_name
        self._other_places = layout.other_places
        self._first_rows: dict[str, int] = {}

    def read(self, row_number: int, cells: Cells) -> Row:
        """Return what became of a row; `cells` are of the header's width and stripped."""
        fields = dict(zip(self._names, cells, strict=True))
        if self._hidden_name is not None:
            del fields[self._hidden_name]
        found: RowNumber | None = None
        try:
            found = number_of_row(cells, self._layout, default_region=self._default_region)
            row = self._plain(row_number, cells, fields, found)
            if row is None:
                row = called_row(row_number, cells, fields, found=found, layout=self._layout)
                require_none_refused(found, self._refused)
        except Rejection as rejection:
            return self._rejected(row_number, cells, fields, found, rejection)
        return self._unless_barred(row, cells, found)

    def _plain(
        self, row_number: int, cells: Cells, fields: dict[str, str], found: RowNumber
    ) -> Row | None:
        """Return a row as most are, where no other cell matters, as `called_row` would but sooner.

        None for every other row.
        """
        reading, _, remark = found
        if reading.repair is not None or remark is not None or reading.number in self._refused:
            return None
        for place in self._other_places:
            if cells[place]:
                return None
        try:
            zones = zones_of(reading)
        except BadCell:
            return None
        return Row(
            row_number, RowStatus.ACCEPTED, reading.number, zones, fields, number_type=reading.kind
        )

    def _rejected(
        self,
        row_number: int,
        cells: Cells,
        fields: dict[str, str],
        found: RowNumber | None,
        rejection: Rejection,
    ) -> Row:
        is_empty = not any(cells)
        return Row(
            row_number=row_number,
            status=RowStatus.REJECTED,
            number=None if found is None else found.reading.number,
            fields=fields,
            reason="the row is empty" if is_empty else str(rejection),
            column=None if is_empty else self._layout.labels[rejection.place],
            value=None if is_empty else cells[rejection.place],
        )

    def _unless_barred(self, row: Row, cells: Cells, found: RowNumber) -> Row:
        """Return the row, as a suppressed or a duplicate one where its number is either."""
        number = found.reading.number
        first = self._first_rows.setdefault(number, row.row_number)
        if first != row.row_number:
            status, reason = RowStatus.DUPLICATE, "an earlier row has the same number"
        elif number in self._suppressed:
            status = RowStatus.SUPPRESSED
            reason = f"on the suppression list: {self._suppressed[number]}"
        else:
            return row
        return row._replace(
            status=status,
            reason=reason,
            column=self._layout.labels[found.place],
            value=cells[found.place],
            duplicate_of=None if first == row.row_number else first,
        )
