"""Each row of a table, and what became of it: nothing is skipped, nothing passes in silence."""

from collections.abc import Mapping
from typing import NamedTuple

from inkbatch.adapters.call_lists.called_rows import called_row
from inkbatch.adapters.call_lists.layout import Layout, Rejection
from inkbatch.adapters.call_lists.refusals import require_none_refused
from inkbatch.adapters.call_lists.row_numbers import RowNumber, number_of_row
from inkbatch.adapters.call_lists.tables import Cells
from inkbatch.domain.list_row import Row, RowStatus
from inkbatch.domain.suppression import on_the_list


class Understood(NamedTuple):
    """A row by itself, whatever other rows hold; `place` is that of the number to be called."""

    row: Row
    place: int | None = None

    @property
    def is_called(self) -> bool:
        """Whether nothing in the row forbids to call it."""
        return self.place is not None


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
        self.first_rows: dict[str, int] = {}
        """The number of the first row that may be called at each number, of those read so far."""

    def understand(self, row_number: int, cells: Cells) -> Understood:
        """Return a row as if it were the only one; `cells` are of the header's width, stripped."""
        fields = dict(zip(self._names, cells, strict=True))
        if self._hidden_name is not None:
            del fields[self._hidden_name]
        found: RowNumber | None = None
        try:
            found = number_of_row(cells, self._layout, default_region=self._default_region)
            row = called_row(row_number, cells, fields, found=found, layout=self._layout)
            require_none_refused(found, self._refused)
        except Rejection as rejection:
            return Understood(self._rejected(row_number, cells, fields, found, rejection))
        return Understood(row, found.place)

    def settle(self, understood: Understood, cells: Cells) -> Row:
        """Return the row, as a suppressed or a duplicate one where its number is either.

        Rows whose numbers may be the same are to be given in their order.
        """
        row, place = understood
        number = row.number
        if place is None or number is None:
            return row
        first = self.first_rows.setdefault(number, row.row_number)
        if first != row.row_number:
            status, reason = RowStatus.DUPLICATE, "an earlier row has the same number"
        elif number in self._suppressed:
            status = RowStatus.SUPPRESSED
            reason = on_the_list(self._suppressed[number])
        else:
            return row
        return row._replace(
            status=status,
            reason=reason,
            column=self._layout.labels[place],
            value=cells[place],
            duplicate_of=None if first == row.row_number else first,
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
