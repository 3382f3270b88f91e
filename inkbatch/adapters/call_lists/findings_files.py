"""The person's own file given back, each row with what became of it and why."""

import csv
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import IO

from inkbatch.adapters.call_lists.findings import Findings, FindingsSoFar
from inkbatch.adapters.call_lists.reader import OpenedList
from inkbatch.domain.errors import UserMistake
from inkbatch.domain.list_row import Row

ADDED = ("inkbatch status", "inkbatch reason")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""OWASP, CSV Injection: a cell that begins so is taken for a formula, or lets the next be one."""

XLSX_ROWS_MAX, XLSX_TEXT_MAX = 1_048_576, 32_767

WriteLine = Callable[[tuple[str, ...]], None]
CountRows = Callable[[int], None]
Lines = AbstractContextManager[WriteLine]


def write_findings(opened: OpenedList, path: Path, *, count: CountRows | None = None) -> Findings:
    """Write the list anew as .xlsx or .csv, every cell a text; return the account of its rows.

    `count` is told how many rows were written, again and again.
    Raises UserMistake for another ending, for the list itself, and for what a sheet cannot hold.
    """
    write_lines = _writer_for(path, opened.path)
    account = FindingsSoFar()
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        with unfinished.open("wb") as file, write_lines(file) as write:
            write((*opened.table.headers, *ADDED))
            for chunk, batch in opened.chunks_with_batches():
                account.add(batch)
                for row, (_, cells) in zip(batch.rows(), chunk.rows(), strict=True):
                    write((*cells, row.status.value, explanation(row)))
                if count is not None:
                    count(len(batch))
        unfinished.replace(path)
    except OSError as error:
        raise UserMistake(
            f"{path} cannot be written: {error.strerror}; choose another place"
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)
    return account.so_far()


def explanation(row: Row) -> str:
    """Return one sentence on a row: the column, what is wrong there, and what to do."""
    if row.duplicate_of is not None:
        return f"{row.column}: row {row.duplicate_of} has the same number, and is the one to call"
    if row.reason is None:
        return ""
    return f"{row.column}: {row.reason}" if row.column else row.reason


def _writer_for(path: Path, own_file: Path) -> Callable[[IO[bytes]], Lines]:
    if path.resolve() == own_file.resolve() or (path.exists() and path.samefile(own_file)):
        raise UserMistake(f"{path} is the list itself; write the findings to another file")
    try:
        return _WRITERS[path.suffix.lower()]
    except KeyError:
        raise UserMistake(
            f"findings cannot be written to {path}; end its name in {' or '.join(_WRITERS)}"
        ) from None


@contextmanager
def _csv_lines(file: IO[bytes]) -> Iterator[WriteLine]:
    """UTF-8 with a mark, as Excel wants it; what looks like a formula gets an apostrophe."""
    text = TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    yield lambda cells: writer.writerow([_inert(cell) for cell in cells])
    text.flush()
    text.detach()


@contextmanager
def _xlsx_lines(file: IO[bytes]) -> Iterator[WriteLine]:
    """One sheet, written row by row without being held in memory."""
    import xlsxwriter  # noqa: PLC0415 (only those who want a workbook wait for it)

    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("inkbatch")
        sheet.freeze_panes(1, 0)
        row_number = 0

        def write(cells: tuple[str, ...]) -> None:
            nonlocal row_number
            if row_number >= XLSX_ROWS_MAX or max(map(len, cells)) > XLSX_TEXT_MAX:
                raise UserMistake(
                    f"a sheet of .xlsx cannot hold {XLSX_ROWS_MAX:,} rows under the header or a "
                    f"text of more than {XLSX_TEXT_MAX:,} characters; write the findings as .csv"
                )
            for place, cell in enumerate(cells):
                if cell:
                    sheet.write_string(row_number, place, cell)
            row_number += 1

        yield write


def _inert(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


_WRITERS: dict[str, Callable[[IO[bytes]], Lines]] = {".xlsx": _xlsx_lines, ".csv": _csv_lines}
