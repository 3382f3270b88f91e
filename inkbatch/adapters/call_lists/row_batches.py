"""Rows by the batch: what most rows of a list are is read by column, all others one by one."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import compress
from typing import cast

from inkbatch.adapters.call_lists.layout import Layout
from inkbatch.adapters.call_lists.number_columns import NumberColumn, NumberColumns
from inkbatch.adapters.call_lists.number_starts import Told
from inkbatch.adapters.call_lists.rows import RowReader, Understood
from inkbatch.adapters.call_lists.tables import Cells, Chunk
from inkbatch.domain.row_batch import PlainRows, RowBatch


class BatchReader:
    """Reads the chunks of one table in their order; of each row it says what `rows` would say.

    `barred` are the numbers for which a row's own cells do not decide, such as suppressed ones.
    """

    def __init__(
        self, layout: Layout, *, rows: RowReader, numbers: NumberColumns, barred: frozenset[str]
    ) -> None:
        self._layout, self._rows, self._numbers, self._barred = layout, rows, numbers, barred
        self._fields = {
            name: place for place, name in enumerate(layout.names) if name != layout.hidden_name
        }

    def read(self, chunk: Chunk) -> RowBatch:
        """Return what became of the rows of a chunk."""
        found = self._numbers.read(chunk.columns[self._layout.places.phones[0]])
        is_plain = self._plain(found, chunk)
        others = {at: self._understood(chunk, at) for at, plain in enumerate(is_plain) if not plain}
        for at in list(self._contested(found, is_plain, others)):
            is_plain[at] = False
            others[at] = self._understood(chunk, at)
        plain = self._plain_rows(found, is_plain, chunk)
        self._rows.first_rows.update(zip(plain.numbers, plain.row_numbers, strict=True))
        return RowBatch(
            plain=plain,
            others=tuple(self._rows.settle(others[at], _cells(chunk, at)) for at in sorted(others)),
        )

    def _plain(self, found: NumberColumn, chunk: Chunk) -> list[bool]:
        """Tell which rows have a plain number, and no other cell that says anything."""
        is_plain = [number is not None for number in found.numbers]
        for place in self._layout.other_places:
            if any(chunk.columns[place]):
                cells = zip(is_plain, chunk.columns[place], strict=True)
                is_plain = [plain and not cell for plain, cell in cells]
        if not self._barred.isdisjoint(found.numbers):
            numbers = zip(is_plain, found.numbers, strict=True)
            is_plain = [plain and number not in self._barred for plain, number in numbers]
        return is_plain

    def _contested(
        self, found: NumberColumn, is_plain: Sequence[bool], others: dict[int, Understood]
    ) -> Iterator[int]:
        """Yield the plain rows whose number another row has, here or before."""
        first_rows = self._rows.first_rows
        numbers = list(compress(found.numbers, is_plain))
        numbers += [one.row.number for one in others.values() if one.is_called]
        distinct = set(numbers)
        if len(distinct) == len(numbers) and first_rows.keys().isdisjoint(distinct):
            return
        counts = Counter(numbers)
        for at, number in enumerate(found.numbers):
            if is_plain[at] and (counts[number] > 1 or number in first_rows):
                yield at

    def _plain_rows(self, found: NumberColumn, is_plain: Sequence[bool], chunk: Chunk) -> PlainRows:
        """The numbers are those of plain cells, so that none of them is None."""
        told = cast("list[Told]", list(compress(found.told, is_plain)))
        rows = range(chunk.first_row, chunk.first_row + len(is_plain))
        return PlainRows(
            row_numbers=list(compress(rows, is_plain)),
            numbers=cast("list[str]", list(compress(found.numbers, is_plain))),
            number_types=[one.kind for one in told],
            zones=[one.zones for one in told],
            fields={
                name: list(compress(chunk.columns[place], is_plain))
                for name, place in self._fields.items()
            },
        )

    def _understood(self, chunk: Chunk, at: int) -> Understood:
        return self._rows.understand(chunk.first_row + at, _cells(chunk, at))


def _cells(chunk: Chunk, at: int) -> Cells:
    return tuple(column[at] for column in chunk.columns)
