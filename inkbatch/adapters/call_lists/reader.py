"""A file of people becomes a call list; fulfils `ports.CallListReader`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from inkbatch.adapters.call_lists.column_contents import SAMPLE_ROWS
from inkbatch.adapters.call_lists.columns import field_names, label, recognise
from inkbatch.adapters.call_lists.layout import Layout
from inkbatch.adapters.call_lists.refusals import refused_numbers
from inkbatch.adapters.call_lists.rows import RowReader
from inkbatch.adapters.call_lists.tables import Cells, Table, read_table
from inkbatch.domain.call_list import CallList, Columns, Recognised
from inkbatch.domain.list_row import Row
from inkbatch.domain.row_batch import RowBatch, batches_of


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedList:
    """A file whose columns are understood; iterated, each row as it was read, anew each time."""

    path: Path
    table: Table
    layout: Layout
    recognised: tuple[Recognised, ...]
    notes: tuple[str, ...]
    default_region: str | None
    suppressed: Mapping[str, str]

    def __iter__(self) -> Iterator[Row]:
        return (row for row, _ in self.rows_with_cells())

    @property
    def batches(self) -> "Batches":
        """The rows by the batch, read anew each time they are iterated."""
        return Batches(self)

    def rows_with_cells(self) -> Iterator[tuple[Row, Cells]]:
        """Yield each row beside the cells of the file from which it was read."""
        region = self.default_region
        reader = RowReader(
            self.layout,
            default_region=region,
            suppressed=self.suppressed,
            refused=refused_numbers(self.table.rows(), self.layout, default_region=region),
        )
        for row_number, cells in self.table.rows():
            yield reader.read(row_number, cells), cells


@dataclass(frozen=True, slots=True)
class Batches:
    """The rows of an opened list by the batch; iterated, they are read anew."""

    opened: OpenedList

    def __iter__(self) -> Iterator[RowBatch]:
        return batches_of(self.opened)


def read_call_list(
    path: Path,
    *,
    columns: Columns,
    default_region: str | None,
    sheet: str | None = None,
    suppressed: Mapping[str, str] | None = None,
) -> CallList:
    """Find the columns of a file, and read every row, in its order, each time `rows` is asked for.

    A column not named in `columns` is recognised by its header or its content; named with an
    empty text, it is taken not to be there. `CallList.columns` are the names by which a template
    may use the columns (`First name` is `{contact.first_name}`): all but the phone column, or,
    where several are named, all. Blank rows after the last filled one are no rows of the list.
    `suppressed` maps numbers never to call to the reason.

    Raises CallListError when the file is no call list at all.
    """
    opened = open_call_list(
        path, columns=columns, default_region=default_region, sheet=sheet, suppressed=suppressed
    )
    return CallList(
        name=path.name,
        sha256=opened.table.sha256,
        columns=opened.layout.fields,
        batches=opened.batches,
        notes=opened.notes,
        recognised=opened.recognised,
    )


def open_call_list(
    path: Path,
    *,
    columns: Columns,
    default_region: str | None,
    sheet: str | None = None,
    suppressed: Mapping[str, str] | None = None,
) -> OpenedList:
    """Do as `read_call_list` does, but keep the table at hand."""
    table = read_table(path, sheet=sheet)
    headers = table.headers
    located = recognise(
        columns,
        headers=headers,
        file=path,
        sample=[cells for _, cells in islice(table.rows(), SAMPLE_ROWS)],
        region=default_region,
    )
    return OpenedList(
        path=path,
        table=table,
        layout=Layout(
            places=located.places,
            labels=tuple(label(headers, place) for place in range(len(headers))),
            names=field_names(headers),
        ),
        recognised=located.recognised,
        notes=(*table.notes, *located.notes),
        default_region=default_region,
        suppressed=suppressed or {},
    )
