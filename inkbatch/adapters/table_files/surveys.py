"""A text file looked through once, so that reading its rows cannot fail any more."""

import csv
from collections import Counter
from dataclasses import replace
from itertools import islice

from inkbatch.adapters.table_files.blocks import count_widths
from inkbatch.adapters.table_files.delimited import (
    Cells,
    Survey,
    lines_of_records,
    read_rows,
    records_of,
    text_of,
)
from inkbatch.adapters.table_files.dialects import Dialect, dialect_of
from inkbatch.adapters.table_files.encodings import EIGHT_BIT_NAMES, encoding_of
from inkbatch.adapters.table_files.headers import LOOKED_AT_ROWS, header_index, header_notes
from inkbatch.adapters.table_files.limits import Limits, Unreadable
from inkbatch.adapters.table_files.open_file import OpenFile
from inkbatch.adapters.table_files.quotes import lenient_if_harmless, require_no_rows_within

SAMPLE_CHARACTERS = 64 * 1024


def survey(file: OpenFile, *, form: str, limits: Limits) -> Survey:
    """Read the whole file once; raises Unreadable, so that reading it again cannot fail."""
    encoding = encoding_of(file, limits)
    with text_of(file, encoding) as text:
        sample = text.read(SAMPLE_CHARACTERS)
        whole = not text.read(1)
    dialect = dialect_of(sample, form=form, whole=whole)
    dialect, widths, has_folds, lenient_note = _widths(file, encoding, dialect, limits)
    with text_of(file, encoding) as text:
        first = list(islice(records_of(text, dialect), LOOKED_AT_ROWS))
    place = header_index(first)
    header = tuple(cell.strip() for cell in first[place]) if place is not None else ()
    if has_folds:
        usual = {width for width, rows in widths.items() if rows == max(widths.values())}
        with text_of(file, encoding) as text:
            lines = lines_of_records(text, dialect)
            require_no_rows_within(lines, dialect, widths={len(header), *usual})
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


def _widths(
    file: OpenFile, encoding: str, dialect: Dialect, limits: Limits
) -> tuple[Dialect, Counter[int], bool, Cells]:
    """Count the records of each width, and tell whether any goes over several lines."""
    notes: Cells = ()
    try:
        with text_of(file, encoding) as text:
            widths, has_folds = count_widths(lines_of_records(text, dialect), dialect)
    except csv.Error as error:
        if "field limit" in str(error):
            raise Unreadable(
                f"has a cell of more than {limits.cell_characters_max:,} characters; a quote may "
                "be missing at its end"
            ) from None
        with text_of(file, encoding) as text:
            lenient = replace(dialect, strict=False)
            widths, note = lenient_if_harmless(lines_of_records(text, dialect), lenient)
        dialect, has_folds, notes = lenient, True, (note,)
    _require_bounds(widths, limits)
    return dialect, widths, has_folds, notes


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
