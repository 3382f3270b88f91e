"""Rows by the batch: what most rows of a list are is read by column, all others one by one."""

from collections.abc import Mapping, Sequence
from itertools import compress
from typing import cast

from inkbatch.adapters.call_lists.layout import Layout
from inkbatch.adapters.call_lists.number_columns import NumberColumn, NumberColumns
from inkbatch.adapters.call_lists.number_starts import Told
from inkbatch.adapters.call_lists.other_cells import OtherCells
from inkbatch.adapters.call_lists.rows import RowReader, Understood
from inkbatch.adapters.call_lists.tables import Cells, Chunk
from inkbatch.domain.row_batch import PlainRows, RowBatch


class BatchReader:
    """Reads the chunks of one table in their order; of each row it says what `rows` would say.

    `barred` are the numbers for which a row's own cells do not decide, such as suppressed ones.
    """

    def __init__(
        self,
        layout: Layout,
        *,
        rows: RowReader,
        numbers: NumberColumns,
        other_cells: OtherCells,
        barred: frozenset[str],
    ) -> None:
        self._layout, self._rows, self._numbers, self._barred = layout, rows, numbers, barred
        self._other_cells = other_cells
        self._fields = {
            name: place for place, name in enumerate(layout.names) if name != layout.hidden_name
        }

    def read(self, chunk: Chunk) -> RowBatch:
        """Return what became of the rows of a chunk."""
        numbers, told = self._numbers.read(chunk.columns[self._layout.places.phones[0]])
        found = NumberColumn(numbers, self._other_cells.told(told, chunk.columns))
        is_plain = self._plain(found)
        others = {at: self._understood(chunk, at) for at, plain in enumerate(is_plain) if not plain}
        for at in self._repeated(_called(found, others), first_row=chunk.first_row):
            if is_plain[at]:
                is_plain[at] = False
                others[at] = self._understood(chunk, at)
        return RowBatch(
            plain=self._plain_rows(found, is_plain, chunk),
            others=tuple(self._rows.settle(others[at], _cells(chunk, at)) for at in sorted(others)),
        )

    def _plain(self, found: NumberColumn) -> list[bool]:
        """Tell which rows have a plain number, of which nothing else is known."""
        is_plain = [told is not None for told in found.told]
        if not self._barred.isdisjoint(found.numbers):
            numbers = zip(is_plain, found.numbers, strict=True)
            is_plain = [plain and number not in self._barred for plain, number in numbers]
        return is_plain

    def _repeated(self, numbers: Sequence[str | None], *, first_row: int) -> list[int]:
        """Take note of the numbers that are called, and return where an earlier row has one."""
        known = self._rows.first_rows
        rows = range(first_row, first_row + len(numbers))
        here = {number: row for number, row in zip(numbers, rows, strict=True) if number}
        if len(here) == len(numbers) - numbers.count(None) and known.keys().isdisjoint(here):
            known.update(here)
            return []
        return [
            row - first_row
            for row, number in zip(rows, numbers, strict=True)
            if number and known.setdefault(number, row) != row
        ]

    def _plain_rows(self, found: NumberColumn, is_plain: Sequence[bool], chunk: Chunk) -> PlainRows:
        told = cast("list[Told]", list(compress(found.told, is_plain)))
        rows = range(chunk.first_row, chunk.first_row + len(is_plain))
        return PlainRows(
            row_numbers=list(compress(rows, is_plain)),
            numbers=list(compress(found.numbers, is_plain)),
            number_types=[one.kind for one in told],
            zones=[one.zones for one in told],
            fields={
                name: list(compress(chunk.columns[place], is_plain))
                for name, place in self._fields.items()
            },
        )

    def _understood(self, chunk: Chunk, at: int) -> Understood:
        return self._rows.understand(chunk.first_row + at, _cells(chunk, at))


def _called(found: NumberColumn, others: Mapping[int, Understood]) -> Sequence[str | None]:
    """Return the number at which each row is called, None where the row itself forbids it."""
    numbers: list[str | None] = list(found.numbers)
    for at, one in others.items():
        numbers[at] = one.row.number if one.is_called else None
    return numbers


def _cells(chunk: Chunk, at: int) -> Cells:
    return tuple(column[at] for column in chunk.columns)
