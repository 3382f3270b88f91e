"""Rows handed from the process that parses a file to the one that reads them: plain CSV."""

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any, TextIO

from inkbatch.adapters.table_files.delimited import Cells, Survey
from inkbatch.adapters.table_files.dialects import Dialect
from inkbatch.adapters.table_files.limits import Limits, Unreadable

ENCODING = "utf-8"
_DIALECT = Dialect()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spooled:
    """What the parser found beside the rows; `first_row` is the number of the first of them."""

    headers: Cells
    first_row: int
    notes: Cells = ()

    def as_json(self) -> dict[str, Any]:
        """Return what `survey_of` takes."""
        return asdict(self)


def write_rows(rows: Sequence[Sequence[str]], *, to: TextIO, limits: Limits) -> None:
    """Write rows of one width; raises Unreadable for too many rows or too long a cell."""
    if not any(map(any, rows)):
        raise Unreadable("has column names but no rows under them")
    if len(rows) > limits.rows_max:
        raise Unreadable(f"has more than {limits.rows_max:,} rows; split it into several files")
    if max(map(len, chain.from_iterable(rows))) >= limits.cell_characters_max:
        raise Unreadable(
            f"has a cell of more than {limits.cell_characters_max:,} characters; shorten it"
        )
    csv.writer(to, lineterminator="\r\n").writerows(rows)


def survey_of(spooled: dict[str, Any]) -> Survey:
    """Return how to read the rows that `write_rows` wrote."""
    return Survey(
        encoding=ENCODING,
        dialect=_DIALECT,
        headers=tuple(spooled["headers"]),
        skip_records=0,
        first_row=spooled["first_row"],
        stripped=True,
        notes=tuple(spooled["notes"]),
    )
