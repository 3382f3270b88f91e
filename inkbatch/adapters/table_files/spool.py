"""Rows handed from the process that parses a file to the one that reads them: a text, as CSV is.

A delimiter that no cell has leaves most lists without a quote, and so they are read twice as fast.
"""

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any, TextIO

from inkbatch.adapters.table_files.delimited import Cells, Survey
from inkbatch.adapters.table_files.dialects import Dialect
from inkbatch.adapters.table_files.limits import Limits, Unreadable

ENCODING = "utf-8"
DELIMITER = "\x1f"
_ROWS_AT_ONCE = 20_000


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
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        _write_some(rows[start : start + _ROWS_AT_ONCE], to=to, limits=limits)


def _write_some(rows: Sequence[Sequence[str]], *, to: TextIO, limits: Limits) -> None:
    lines = list(map(DELIMITER.join, rows))
    if max(map(len, lines)) >= limits.cell_characters_max:
        _require_short(rows, limits)
    text = "\n".join(lines) + "\n"
    delimiters, ends = (len(rows[0]) - 1) * len(rows), len(rows)
    needs_quotes = '"' in text or "\r" in text or text.count("\n") > ends
    if needs_quotes or text.count(DELIMITER) > delimiters:
        csv.writer(to, delimiter=DELIMITER, lineterminator="\r\n").writerows(rows)
    else:
        to.write(text)


def _require_short(rows: Sequence[Sequence[str]], limits: Limits) -> None:
    if max(map(len, chain.from_iterable(rows))) >= limits.cell_characters_max:
        raise Unreadable(
            f"has a cell of more than {limits.cell_characters_max:,} characters; shorten it"
        )


def survey_of(spooled: dict[str, Any]) -> Survey:
    """Return how to read the rows that `write_rows` wrote."""
    return Survey(
        encoding=ENCODING,
        dialect=Dialect(delimiter=DELIMITER),
        headers=tuple(spooled["headers"]),
        skip_records=0,
        first_row=spooled["first_row"],
        stripped=True,
        notes=tuple(spooled["notes"]),
    )
