"""Text files of rows: surveyed once, then read row by row as often as asked."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from io import TextIOWrapper
from itertools import islice
from typing import Any

from inkbatch.adapters.table_files.dialects import Dialect, dialect_of
from inkbatch.adapters.table_files.encodings import EIGHT_BIT_NAMES, encoding_of
from inkbatch.adapters.table_files.headers import LOOKED_AT_ROWS, header_index
from inkbatch.adapters.table_files.limits import Limits, Unreadable
from inkbatch.adapters.table_files.open_file import OpenFile
from inkbatch.adapters.table_files.quotes import lenient_if_harmless

SAMPLE_CHARACTERS = 64 * 1024

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


def survey(file: OpenFile, *, form: str, limits: Limits) -> Survey:
    """Read the whole file once; raises Unreadable, so that reading it again cannot fail."""
    encoding = encoding_of(file, limits)
    with _text(file, encoding) as text:
        sample = text.read(SAMPLE_CHARACTERS)
        whole = not text.read(1)
    dialect = dialect_of(sample, form=form, whole=whole)
    dialect, widths, lenient_note = _widths(file, encoding, dialect, limits)
    with _text(file, encoding) as text:
        first = list(islice(_records(text, dialect), LOOKED_AT_ROWS))
    place = header_index(first)
    header = tuple(cell.strip() for cell in first[place]) if place is not None else ()
    skip = 0 if place is None else place + 1
    found = Survey(
        encoding=encoding,
        dialect=dialect,
        headers=header,
        skip_records=skip,
        first_row=skip + 1,
        notes=(*_encoding_notes(encoding), *_header_notes(place, first), *lenient_note),
    )
    _require_cells(widths, header, limits)
    found = _widened(file, found, widest=max(widths, default=0))
    _require_cells(widths, found.headers, limits)
    return found


def read_rows(file: OpenFile, known: Survey) -> Iterator[tuple[int, Cells]]:
    """Read the rows under the header, numbered; blank rows after the last filled one are none."""
    strip, width = str.strip, len(known.headers)
    padding = ("",) * width
    blank: list[int] = []
    with _text(file, known.encoding) as text:
        records = islice(_records(text, known.dialect), known.skip_records, None)
        for number, record in enumerate(records, start=known.first_row):
            cells = tuple(record) if known.stripped else tuple(map(strip, record))
            if len(cells) != width:
                cells = (cells + padding)[:width]
            if not any(cells):
                blank.append(number)
                continue
            if blank:
                yield from ((empty, padding) for empty in blank)
                blank.clear()
            yield number, cells
    file.require_unchanged()


def _text(file: OpenFile, encoding: str) -> TextIOWrapper:
    return TextIOWrapper(file.reader(), encoding=encoding, newline="")


def _records(text: TextIOWrapper, dialect: Dialect) -> Iterator[list[str]]:
    for _ in range(dialect.skip_lines):
        text.readline()
    return dialect.read(text)


def _widths(
    file: OpenFile, encoding: str, dialect: Dialect, limits: Limits
) -> tuple[Dialect, Counter[int], Cells]:
    """Count the records of each width; a loop without Python code in it."""
    notes: Cells = ()
    try:
        with _text(file, encoding) as text:
            widths = Counter(map(len, _records(text, dialect)))
    except csv.Error as error:
        if "field limit" in str(error):
            raise Unreadable(
                f"has a cell of more than {limits.cell_characters_max:,} characters; a quote may "
                "be missing at its end"
            ) from None
        with _text(file, encoding) as text:
            for _ in range(dialect.skip_lines):
                text.readline()
            widths, note = lenient_if_harmless(text, replace(dialect, strict=False))
        dialect, notes = replace(dialect, strict=False), (note,)
    _require_bounds(widths, limits)
    return dialect, widths, notes


def _require_bounds(widths: Counter[int], limits: Limits) -> None:
    if widths.total() > limits.rows_max:
        raise Unreadable(f"has more than {limits.rows_max:,} rows; split it into several files")
    if max(widths, default=0) > limits.columns_max:
        raise Unreadable(f"has a row of more than {limits.columns_max:,} cells; it is no list")


def _require_cells(widths: Counter[int], header: Cells, limits: Limits) -> None:
    """Each row is filled up to the width of the header, however short it is in the file."""
    if widths.total() * len(header) > limits.cells_max:
        raise Unreadable(
            f"has more than {limits.cells_max:,} cells; leave out columns that no call needs"
        )


def _widened(file: OpenFile, found: Survey, *, widest: int) -> Survey:
    """Give columns beyond the header an empty name where any row has something in them."""
    header = found.headers
    while header and not header[-1]:
        header = header[:-1]
    wide = replace(found, headers=("",) * widest)
    width, rows_of_data = len(header), 0
    if widest > width:
        surplus: list[int] = []
        for number, cells in read_rows(file, wide):
            rows_of_data += 1
            if any(cells[width:]):
                surplus.append(number)
                header += ("",) * (_filled_width(cells) - len(header))
        notes = _surplus_notes(surplus) if found.headers else ()
        found = replace(found, notes=(*found.notes, *notes))
    else:
        rows_of_data = sum(1 for _ in islice(read_rows(file, replace(found, headers=header)), 1))
    if not rows_of_data:
        raise Unreadable("has column names but no rows under them")
    return replace(found, headers=header)


def _filled_width(cells: Cells) -> int:
    return max(place for place, cell in enumerate(cells, start=1) if cell)


def _surplus_notes(rows: list[int]) -> Cells:
    if not rows:
        return ()
    many = f"{len(rows):,} rows have" if len(rows) > 1 else "one row has"
    return (
        (
            f"{many} more cells than there are column names, the first is row {rows[0]}: an "
            "unquoted delimiter may stand in a cell; the surplus cells were kept in columns "
            "without a name"
        ),
    )


def _encoding_notes(encoding: str) -> Cells:
    if encoding not in EIGHT_BIT_NAMES:
        return ()
    return (
        (
            f"the file does not say how its letters are coded; it was read as "
            f"{EIGHT_BIT_NAMES[encoding]}: check the names, or save it as UTF-8"
        ),
    )


def _header_notes(place: int | None, first: list[list[str]]) -> Cells:
    return header_notes(place, any(any(map(str.strip, row)) for row in first[: place or 0]))


def header_notes(place: int | None, preamble: bool) -> Cells:  # noqa: FBT001 (a fact, no switch)
    """Say where the column names were found if not in the first row."""
    if place is None:
        return ("the file has no row of column names; its first row was read as data",)
    if not place or not preamble:
        return ()
    lines = f"rows 1 to {place} were" if place > 1 else "row 1 was"
    return (f"{lines} skipped; the column names stand in row {place + 1}",)
