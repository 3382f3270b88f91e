"""Text files of rows, read as often as asked by what their survey found."""

from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from io import TextIOWrapper
from itertools import islice
from typing import Any, NamedTuple

from inkbatch.adapters.table_files.blocks import CHARACTERS_AT_ONCE, Columns, read_columns
from inkbatch.adapters.table_files.dialects import Dialect, Records
from inkbatch.adapters.table_files.open_file import OpenFile

Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What has to be known of a text file to read its rows.

    `skip_records` come before the first row of data, whose number in a spreadsheet program is
    `first_row`; `stripped` says that no cell has outer blanks.
    """

    encoding: str
    dialect: Dialect
    headers: Cells
    skip_records: int
    first_row: int
    stripped: bool = False
    notes: Cells = ()

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` takes."""
        return asdict(self)

    @classmethod
    def from_json(cls, known: dict[str, Any]) -> "Survey":
        """Make a survey of what another process found."""
        return cls(
            **known
            | {
                "dialect": Dialect(**known["dialect"]),
                "headers": tuple(known["headers"]),
                "notes": tuple(known["notes"]),
            }
        )


class Chunk(NamedTuple):
    """Rows that follow one another, as columns without outer blanks, all equally long."""

    first_row: int
    columns: Columns

    def rows(self) -> Iterator[tuple[int, Cells]]:
        """Yield them one by one, numbered."""
        return enumerate(zip(*self.columns, strict=True), start=self.first_row)


def read_rows(file: OpenFile, known: Survey) -> Iterator[tuple[int, Cells]]:
    """Read the rows under the header, numbered; blank rows after the last filled one are none."""
    for chunk in read_chunks(file, known):
        yield from chunk.rows()


def read_chunks(
    file: OpenFile, known: Survey, *, characters: int = CHARACTERS_AT_ONCE
) -> Iterator[Chunk]:
    """Read the same rows by the chunk, about so many characters at once."""
    width, row, blank = len(known.headers), known.first_row, 0
    with text_of(file, known.encoding) as text:
        deque(islice(records_of(text, known.dialect), known.skip_records), maxlen=0)
        for raw in read_columns(text, known.dialect, width=width, characters=characters):
            columns = raw if known.stripped else _stripped(raw)
            rows, filled = len(columns[0]), _filled_rows(columns)
            if filled:
                if blank:
                    yield Chunk(row - blank, (("",) * blank,) * width)
                yield Chunk(row, tuple(column[:filled] for column in columns))
                blank = 0
            blank += rows - filled
            row += rows
    file.require_unchanged()


def _stripped(columns: Columns) -> Columns:
    return tuple(list(map(str.strip, column)) for column in columns)


def _filled_rows(columns: Columns) -> int:
    """Return how many rows there are up to the last that has anything in it."""
    rows = range(len(columns[0]), 0, -1)
    return next((row for row in rows if any(column[row - 1] for column in columns)), 0)


def text_of(file: OpenFile, encoding: str) -> TextIOWrapper:
    """Open a file as text, without translation of line ends."""
    return TextIOWrapper(file.reader(), encoding=encoding, newline="")


def records_of(text: TextIOWrapper, dialect: Dialect) -> Records:
    """Return all records of a text just opened; raises csv.Error as `dialect.read` does."""
    return dialect.read(lines_of_records(text, dialect))


def lines_of_records(text: TextIOWrapper, dialect: Dialect) -> TextIOWrapper:
    """Pass the lines that are no records."""
    for _ in range(dialect.skip_lines):
        text.readline()
    return text
