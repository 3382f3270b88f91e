"""Quotes that do not stand where they should: harmless inside a cell, refused where rows melt."""

import csv
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from inkbatch.adapters.table_files.dialects import Dialect
from inkbatch.adapters.table_files.headers import is_data
from inkbatch.adapters.table_files.limits import Unreadable

_NEW_LINE = re.compile(r"\r\n|\r|\n")
_MAY_BE_DATA = re.compile(r"(?:\d[^\d\r\n]*){7}|@")
_ROWS_MAX = 1000  # tell in which columns the numbers are
_NUMBERS_SHARE_MIN = 1 / 3  # of the rows, in a column where a number makes a line look like a row


class _Remembering:
    """Hands lines on and remembers those of the current record."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.record: list[str] = []

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self.record.append(line)
            yield line


def lenient_if_harmless(lines: Iterable[str], lenient: Dialect) -> tuple[Counter[int], str]:
    """Count records of each width where text follows a closing quote, as in `"Bob" Smith`.

    Raises Unreadable if such a record goes over several lines: two stray quotes would make one
    row of all between them.
    """
    strict = Dialect(
        delimiter=lenient.delimiter, quote=lenient.quote, escape=lenient.escape, strict=True
    )
    remembering = _Remembering(lines)
    records = lenient.read(remembering)
    widths: Counter[int] = Counter()
    odd_lines: list[int] = []
    line = lenient.skip_lines + 1
    for record in records:
        widths[len(record)] += 1
        raw = remembering.record
        if any(lenient.quote in part for part in raw):
            problem = _problem(raw, strict)
            if problem and (len(raw) > 1 or "unexpected end" in problem):
                raise _melting(line, line + len(raw) - 1, at_end="unexpected end" in problem)
            if problem:
                odd_lines.append(line)
        line += len(raw)
        raw.clear()
    return widths, (
        f"text follows a closing quote in {len(odd_lines):,} lines, the first is line "
        f"{odd_lines[0] if odd_lines else line}; check the cells there"
    )


def require_no_rows_within(
    lines: Iterable[str], dialect: Dialect, *, widths: Collection[int]
) -> None:
    """Refuse a file where a cell of several lines holds rows: two stray quotes melt all between.

    Such a line is as wide as rows are, and has a number in a column of numbers; an address or a
    note has none. Raises Unreadable.
    """
    remembering = _Remembering(lines)
    rows, numbers = 0, Counter[int]()
    suspects: list[tuple[int, int, set[int]]] = []
    line = dialect.skip_lines + 1
    for record in dialect.read(remembering):
        count = len(remembering.record)
        remembering.record.clear()
        if count > 1:
            if within := _within(record, dialect, widths):
                suspects.append((line, line + count - 1, within))
        elif rows < _ROWS_MAX and len(record) in widths:
            rows += 1
            numbers.update(_places_of_numbers(record))
        line += count
    usual = {place for place, found in numbers.items() if found >= _NUMBERS_SHARE_MIN * rows}
    for first, last, within in suspects:
        if within & (usual or within):
            raise _melted(first, last)


def _within(record: list[str], dialect: Dialect, widths: Collection[int]) -> set[int]:
    """Return where numbers stand in those lines of a record's cells that are as wide as rows."""
    found: set[int] = set()
    for cells, before, after in _lines_of_cells(record, dialect, is_usual=len(record) in widths):
        is_cell_of_record = len(cells) == 1 and before + 1 + after == len(record)
        if before + len(cells) + after in widths and not is_cell_of_record:
            found |= {before + at for at in _places_of_numbers(cells)}
    return found


def _lines_of_cells(
    record: list[str], dialect: Dialect, *, is_usual: bool
) -> Iterator[tuple[list[str], int, int]]:
    """Yield the lines of cells with several, each divided, with how many cells stand around it.

    The first line goes on from the cells before it, the last one goes on with those after it: if
    the record is not as wide as usual, these may be of its row as well.
    """
    for place, cell in enumerate(record):
        if is_usual and not _MAY_BE_DATA.search(cell):
            continue
        lines = _NEW_LINE.split(cell)
        if len(lines) == 1:
            continue
        rest = record[place + 1 :]
        for first, *inner, last in _divided(lines, dialect):
            yield first, place, 0
            yield from ((cells, 0, 0) for cells in inner)
            yield (last, 0, len(rest)) if is_usual else (last + rest, 0, 0)


def _divided(lines: list[str], dialect: Dialect) -> Iterator[list[list[str]]]:
    """Divide each line alone, both with and without regard to the quotes in it."""
    lenient = Dialect(delimiter=dialect.delimiter, quote=dialect.quote, strict=False)
    yield [next(lenient.read([line]), []) or [""] for line in lines]
    if any(dialect.quote in line for line in lines):
        yield [line.split(dialect.delimiter) for line in lines]


def _places_of_numbers(cells: list[str]) -> list[int]:
    return [place for place, cell in enumerate(cells) if is_data(cell)]


def _problem(raw: list[str], strict: Dialect) -> str | None:
    try:
        for _ in strict.read(raw):
            pass
    except csv.Error as error:
        return str(error)
    return None


def _melting(first: int, last: int, *, at_end: bool) -> Unreadable:
    where = "is never closed" if at_end else f"closes only in line {last}, inside a cell"
    return Unreadable(
        f"cannot be read as rows: a quote opens in line {first} and {where}; put the quote right "
        "or take it out"
    )


def _melted(first: int, last: int) -> Unreadable:
    return Unreadable(
        f"cannot be read as rows for sure: a quote opens in line {first} and closes in "
        f"line {last}, and between them stand lines like rows of their own; take the quotes out, "
        "or the line ends if all is one cell"
    )
