"""A file of people becomes a call list; fulfils `ports.CallListReader`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from inkbatch.adapters.call_lists.column_contents import SAMPLE_ROWS
from inkbatch.adapters.call_lists.columns import field_names, label, recognise
from inkbatch.adapters.call_lists.layout import Layout
from inkbatch.adapters.call_lists.number_columns import NumberColumns
from inkbatch.adapters.call_lists.other_cells import OtherCells
from inkbatch.adapters.call_lists.refusals import refused_numbers
from inkbatch.adapters.call_lists.row_batches import BatchReader
from inkbatch.adapters.call_lists.rows import RowReader
from inkbatch.adapters.call_lists.tables import CHARACTERS_AT_ONCE, Chunk, Table, read_table
from inkbatch.adapters.table_files.read_ahead import read_ahead
from inkbatch.domain.call_list import CallList, Columns, Recognised
from inkbatch.domain.list_row import Row
from inkbatch.domain.row_batch import RowBatch


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
        return chain.from_iterable(batch.rows() for batch in self.batches)

    @property
    def batches(self) -> "Batches":
        """The rows by the batch, read anew each time they are iterated."""
        return Batches(self)

    def as_call_list(self) -> CallList:
        """Return what the rest of the program needs to know of it."""
        return CallList(
            name=self.path.name,
            sha256=self.table.sha256,
            columns=self.layout.fields,
            batches=self.batches,
            notes=self.notes,
            recognised=self.recognised,
        )

    def chunks_with_batches(
        self, *, characters: int = CHARACTERS_AT_ONCE
    ) -> Iterator[tuple[Chunk, RowBatch]]:
        """Yield about so many characters of the file at once, and what became of their rows."""
        region = self.default_region
        refused = refused_numbers(self.table.rows(), self.layout, default_region=region)
        rows = RowReader(
            self.layout, default_region=region, suppressed=self.suppressed, refused=refused
        )
        reader = BatchReader(
            self.layout,
            rows=rows,
            numbers=NumberColumns(region=region),
            other_cells=OtherCells(self.layout, region=region),
            barred=refused.union(self.suppressed),
        )
        for chunk in self.table.chunks(characters=characters):
            yield chunk, reader.read(chunk)


@dataclass(frozen=True, slots=True)
class Batches:
    """The rows of an opened list by the batch; iterated, they are read anew.

    While one batch is stored the next one is read: a database that inserts needs no Python.
    """

    opened: OpenedList

    def __iter__(self) -> Iterator[RowBatch]:
        return read_ahead(batch for _, batch in self.opened.chunks_with_batches())


def read_call_list(
    path: Path, *, columns: Columns, default_region: str | None, sheet: str | None = None
) -> CallList:
    """Find the columns of a file, and read every row, in its order, each time `rows` is asked for.

    A column not named in `columns` is recognised by its header or its content; named with an
    empty text, it is taken not to be there. `CallList.columns` are the names by which a template
    may use the columns (`First name` is `{contact.first_name}`): all but the phone column, or,
    where several are named, all. Blank rows after the last filled one are no rows of the list.
    `sheet` names the sheet of a workbook; without it the first visible one that has rows is read.

    Raises CallListError when the file is no call list at all.
    """
    opened = open_call_list(path, columns=columns, default_region=default_region, sheet=sheet)
    return opened.as_call_list()


def open_call_list(
    path: Path,
    *,
    columns: Columns,
    default_region: str | None,
    sheet: str | None = None,
    suppressed: Mapping[str, str] | None = None,
) -> OpenedList:
    """Do as `read_call_list` does, but keep the table at hand.

    `suppressed` maps numbers never to call to the reason.
    """
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
