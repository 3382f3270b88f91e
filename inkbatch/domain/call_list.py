"""The rows of a call list, and what its columns were taken for."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from inkbatch.domain.list_row import Row
from inkbatch.domain.row_batch import RowBatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """What a column was taken for, and why: "by its header", "by its content: 9 of 9 cells ..."."""

    role: str
    header: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallList:
    """A read call list.

    `batches` hold all rows of the file in its order, read anew each time they are iterated and
    never held in memory together. `columns` are the names by which a template may use the
    columns; `notes` are sentences about the file that a person should know.
    """

    name: str
    sha256: str
    columns: tuple[str, ...]
    batches: Iterable[RowBatch]
    notes: tuple[str, ...] = ()
    recognised: tuple[Recognised, ...] = ()

    @property
    def rows(self) -> Iterator[Row]:
        """All rows one by one, read anew."""
        return chain.from_iterable(batch.rows() for batch in self.batches)


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Which columns of the file hold what, by their headers.

    None leaves it to the reader to recognise the column; "" says that there is none. Of several
    `phone` columns, each row is called at the first that holds a number.
    """

    phone: str | tuple[str, ...] | None = None
    zone: str | None = None
    region: str | None = None
    priority: str | None = None
    not_before: str | None = None
    deadline: str | None = None
    consent: str | None = None
    do_not_call: str | None = None
