"""Frames as CSV and XLSX files in which no cell can become a formula.

CSV is UTF-8 with a byte order mark, since Excel takes it for its own code page otherwise, and
has Windows line ends and times as ISO 8601 in UTC. XLSX has real dates, shown as UTC, and every
text typed as text.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from inkbatch.domain.errors import UserMistake
from inkbatch.domain.phone_number import E164

FORMULA_START = re.compile("[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""OWASP, CSV Injection: a cell that begins so is taken for a formula, or lets the next be one.

The last four are the full-width forms of the first, which some programs take for them.
"""

CSV_TIMES = "%Y-%m-%dT%H:%M:%S.%fZ"
XLSX_TIMES = 'yyyy-mm-dd hh:mm:ss "UTC"'
XLSX_ROWS_MAX = 1_048_575
"""The rows of a sheet, less the header."""
XLSX_COLUMNS_MAX = 16_384
XLSX_TEXT_MAX = 32_767

Writer = Callable[[int, int, Any], int]


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame; a text that begins like a formula gets an apostrophe, E.164 does not."""
    safe = frame.assign(**{name: column.map(_inert) for name, column in _texts(frame).items()})
    safe.columns = pd.Index([_inert(name) for name in frame.columns])
    safe.to_csv(
        path, index=False, encoding="utf-8-sig", lineterminator="\r\n", date_format=CSV_TIMES
    )


def write_xlsx(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as one sheet; raises UserMistake where one sheet cannot hold it."""
    _require_room(frame)
    options = {"constant_memory": True, "default_date_format": XLSX_TIMES}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet("inkbatch")
        sheet.freeze_panes(1, 0)
        bold = book.add_format({"bold": True})
        writers = [_writer(sheet, column, place) for place, (_, column) in enumerate(frame.items())]
        for place, name in enumerate(frame.columns):
            sheet.write_string(0, place, name, bold)
        for row, values in enumerate(zip(*map(_cells, _columns(frame)), strict=True), start=1):
            for place, value in enumerate(values):
                if value is not None:
                    writers[place](row, place, value)


def _columns(frame: pd.DataFrame) -> list["pd.Series[Any]"]:
    return [column for _, column in frame.items()]


def _cells(column: "pd.Series[Any]") -> list[Any]:
    """Return plain values with None for what is missing; times are naive UTC, as XLSX has them."""
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        column = column.dt.tz_convert(None)
    plain = column.astype("object")
    return plain.where(column.notna(), None).tolist()


def _writer(sheet: Any, column: "pd.Series[Any]", place: int) -> Writer:
    writer: Writer
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        sheet.set_column(place, place, 24)
        writer = sheet.write_datetime
    elif pd.api.types.is_numeric_dtype(column.dtype):
        writer = sheet.write_number
    else:
        sheet.set_column(place, place, 18)
        writer = sheet.write_string
    return writer


def _texts(frame: pd.DataFrame) -> dict[str, "pd.Series[Any]"]:
    return {
        str(name): column.astype("object")
        for name, column in frame.items()
        if not pd.api.types.is_numeric_dtype(column.dtype)
        and not isinstance(column.dtype, pd.DatetimeTZDtype)
    }


def _inert(cell: Any) -> Any:
    is_formula = isinstance(cell, str) and FORMULA_START.match(cell) and not E164.fullmatch(cell)
    return f"'{cell}" if is_formula else cell


def _require_room(frame: pd.DataFrame) -> None:
    rows, columns = frame.shape
    if rows > XLSX_ROWS_MAX or columns > XLSX_COLUMNS_MAX:
        raise UserMistake(
            f"{rows:,} rows of {columns:,} columns do not fit: a sheet of .xlsx holds "
            f"{XLSX_ROWS_MAX:,} rows of {XLSX_COLUMNS_MAX:,} columns. Export to .csv or .parquet."
        )
    for name, column in _texts(frame).items():
        longest = column.astype("str").str.len().max()
        if longest > XLSX_TEXT_MAX:
            raise UserMistake(
                f"column {name} has a text of {longest:,.0f} characters and a cell of .xlsx holds "
                f"{XLSX_TEXT_MAX:,}. Export to .csv or .parquet."
            )
