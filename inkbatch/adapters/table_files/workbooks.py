"""Workbooks (.xlsx, .xls, .ods) become rows of text; runs in the confined process only."""

from collections.abc import Mapping
from typing import BinaryIO

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from inkbatch.adapters.table_files.archives import Archive, look_through
from inkbatch.adapters.table_files.cell_texts import FORMULA_WITHOUT_VALUE, cell_text
from inkbatch.adapters.table_files.forms import unreadable_as
from inkbatch.adapters.table_files.headers import LOOKED_AT_ROWS, header_index, header_notes
from inkbatch.adapters.table_files.limits import Limits, Unreadable
from inkbatch.adapters.table_files.number_formats import FORMAT_NOT_SHOWN, DigitMask, shown
from inkbatch.adapters.table_files.sheet_notes import hidden_notes, other_sheets_note, scan_notes
from inkbatch.adapters.table_files.sheet_scan import SheetScan
from inkbatch.adapters.table_files.spool import Spooled

Texts = list[str]

_DIGITS_MIN = 5  # no phone number has fewer


def read_workbook(
    stream: BinaryIO, *, form: str, sheet: str | None, limits: Limits
) -> tuple[Spooled, list[Texts]]:
    """Return the chosen sheet's rows, else those of the first visible sheet that has any.

    Raises Unreadable.
    """
    archive = Archive() if form == ".xls" else look_through(stream, form=form, limits=limits)
    stream.seek(0)
    try:
        book = CalamineWorkbook.from_filelike(stream)
        return _read(book, sheet=sheet, archive=archive, limits=limits)
    except PasswordError:
        raise Unreadable(
            "is protected by a password; open it, take the password off and save it anew"
        ) from None
    except CalamineError:
        raise unreadable_as(form, "its parts do not fit together") from None


def _read(
    book: CalamineWorkbook, *, sheet: str | None, archive: Archive, limits: Limits
) -> tuple[Spooled, list[Texts]]:
    kinds = {meta.name: meta for meta in book.sheets_metadata}
    tables = [name for name, meta in kinds.items() if meta.typ is SheetTypeEnum.WorkSheet]
    hidden = {name for name in tables if kinds[name].visible is not SheetVisibleEnum.Visible}
    chosen = _chosen(book, sheet, tables=tables, hidden=hidden)
    name = chosen.name
    scan = archive.scans.get(name, SheetScan(limits=limits))
    rows = _rows(chosen, scan, archive.masks, limits)
    if len(tables) > 1 and not any(map(any, rows)):
        raise Unreadable(f'has nothing on its sheet "{name}"; name another sheet')
    place = header_index(rows[:LOOKED_AT_ROWS])
    skip = 0 if place is None else place + 1
    header = rows[place] if place is not None else []
    notes = (
        *other_sheets_note([other for other in tables if other != name], hidden, read=name),
        *hidden_notes(name, is_hidden=name in hidden),
        *header_notes(place, any(map(any, rows[: place or 0]))),
        *scan_notes(scan, merged=scan.merged or _merged_ranges(chosen), first_row=skip + 1),
    )
    del rows[:skip]
    width = max(_filled_width([header]), _filled_width(rows))
    if width > limits.columns_max:
        raise Unreadable(
            f"has more than {limits.columns_max:,} columns; delete those that no call needs"
        )
    spooled = Spooled(headers=tuple(_fitted(header, width)), first_row=skip + 1, notes=notes)
    return spooled, [row if len(row) == width else _fitted(row, width) for row in rows]


def _chosen(
    book: CalamineWorkbook, sheet: str | None, *, tables: list[str], hidden: set[str]
) -> CalamineSheet:
    if sheet is not None and sheet not in tables:
        named = ", ".join(f'"{name}"' for name in tables[:20])
        raise Unreadable(f'has no sheet "{sheet}"; its sheets are {named}')
    candidates = [sheet] if sheet is not None else [name for name in tables if name not in hidden]
    first: CalamineSheet | None = None
    for name in candidates:
        opened = book.get_sheet_by_name(name)  # costs most of the time, so each is opened once
        if opened.start is not None and opened.height > 1:
            return opened
        first = first or opened
    if first is None:
        raise Unreadable("has no visible sheet; name the one to read")
    return first


def _rows(
    sheet: CalamineSheet, scan: SheetScan, masks: Mapping[int, DigitMask], limits: Limits
) -> list[Texts]:
    """Return all rows from the first of the sheet on, each from its first column on."""
    if sheet.total_height * sheet.total_width > limits.cells_max:
        raise Unreadable(
            f"reaches {sheet.total_height:,} rows down and {sheet.total_width:,} columns across, "
            f"more than {limits.cells_max:,} cells; delete what stands far outside the list"
        )
    rows = [
        [value.strip() if type(value) is str else cell_text(value) for value in row]
        for row in sheet.iter_rows()
    ]
    before = sheet.start[1] if sheet.start else 0
    if before:
        rows = [[""] * before + row for row in rows]
    _put_in(rows, scan, masks)
    return rows


def _put_in(rows: list[Texts], scan: SheetScan, masks: Mapping[int, DigitMask]) -> None:
    """Put in what the parser leaves out: digits of the format, errors, values not worked out."""
    for (row, column), style in scan.masked.items():
        if row < len(rows) and column < len(rows[row]) and rows[row][column].isdecimal():
            rows[row][column] = shown(int(rows[row][column]), masks[style])
    for row, column in scan.masked_texts:
        if row < len(rows) and column < len(rows[row]) and _is_number(rows[row][column]):
            rows[row][column] = FORMAT_NOT_SHOWN
    texts = dict.fromkeys(scan.without_value, FORMULA_WITHOUT_VALUE) | scan.errors
    for (row, column), text in texts.items():
        rows += ([] for _ in range(row + 1 - len(rows)))  # only such cells stand so far down
        rows[row] += [""] * (column + 1 - len(rows[row]))
        rows[row][column] = text


def _is_number(text: str) -> bool:
    """Whether a text may be a phone number, be it with an extension, and no column name."""
    digits = sum(map(str.isdigit, text))
    return digits >= _DIGITS_MIN and digits > sum(map(str.isalpha, text))


def _fitted(row: Texts, width: int) -> Texts:
    return row[:width] + [""] * (width - len(row))


def _merged_ranges(sheet: CalamineSheet) -> list[tuple[str, int]]:
    return [(f"row {start[0] + 1}", end[0] + 1) for start, end in sheet.merged_cell_ranges or ()]


def _filled_width(rows: list[Texts]) -> int:
    widest = 0
    for row in rows:
        if len(row) > widest and any(row[widest:]):
            widest = max(place for place, cell in enumerate(row, start=1) if cell)
    return widest
