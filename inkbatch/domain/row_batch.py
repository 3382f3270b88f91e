"""Rows by the batch: nearly all rows of a list are alike, and by column they cost a tenth."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import merge

from inkbatch.domain.list_row import Row, RowStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainRows:
    """Accepted rows about which there is nothing more to say, by column, in the file's order.

    All columns are equally long. `zones` are the candidate zones of each row; `fields` are the
    columns of cells, by the names that templates use. Such a row has no remark, no priority, no
    not-before and no deadline, and no other row before it in the file has its number.
    """

    row_numbers: Sequence[int] = ()
    numbers: Sequence[str] = ()
    number_types: Sequence[str] = ()
    zones: Sequence[tuple[str, ...]] = ()
    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return how many rows these are."""
        return len(self.row_numbers)

    def rows(self) -> Iterator[Row]:
        """Yield them one by one."""
        names = tuple(self.fields)
        cells = zip(*self.fields.values(), strict=True) if names else ((),) * len(self)
        by_row = zip(
            self.row_numbers, self.numbers, self.number_types, self.zones, cells, strict=True
        )
        for row_number, number, kind, zones, row_cells in by_row:
            yield Row(
                row_number,
                RowStatus.ACCEPTED,
                number,
                zones,
                dict(zip(names, row_cells, strict=True)),
                number_type=kind,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class RowBatch:
    """Rows that follow one another in a file: plain ones by column, all others one by one."""

    plain: PlainRows = field(default_factory=PlainRows)
    others: Sequence[Row] = ()

    def __len__(self) -> int:
        """Return how many rows these are."""
        return len(self.plain) + len(self.others)

    def rows(self) -> Iterator[Row]:
        """Yield all of them in the file's order."""
        return merge(self.plain.rows(), self.others, key=lambda row: row.row_number)
