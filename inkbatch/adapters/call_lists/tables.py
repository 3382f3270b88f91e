"""Files become tables of text, whatever their form: everything is text until it is understood."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from inkbatch.adapters.call_lists.delimited import read_csv, read_tsv
from inkbatch.domain.errors import CallListError

FILE_BYTES_MAX = 512 * 1024 * 1024
ROWS_MAX = 2_000_000

Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A header and the rows under it, all of the header's width and stripped of outer blanks."""

    headers: Cells
    rows: tuple[Cells, ...]
    sha256: str


def read_table(path: Path) -> Table:
    """Read a file by what its name ends with; raises CallListError, one sentence for each cause."""
    read = _reader_for(path)
    content = _content(path)
    try:
        frame = read(content)
    except Exception as error:
        # The parsers of three libraries raise whatever they like on what is not theirs.
        raise CallListError(
            f"{path} cannot be read as {_form(path)} ({_first_line(error)}); it may be damaged, "
            "protected by a password or of another form than its name says: open it and save "
            "it anew"
        ) from error
    lines = _lines(frame)
    _require_rows(path, lines)
    return Table(
        headers=lines[0], rows=tuple(lines[1:]), sha256=hashlib.sha256(content).hexdigest()
    )


def _reader_for(path: Path) -> Callable[[bytes], pd.DataFrame]:
    try:
        return _READERS[path.suffix.lower()]
    except KeyError:
        raise CallListError(
            f"{path} does not end in one of {', '.join(_READERS)}; save it as one of these"
        ) from None


def _content(path: Path) -> bytes:
    if path.is_dir():
        raise CallListError(f"{path} is a folder; give the file inside it that holds the rows")
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise CallListError(f"{path} is larger than 512 MiB; split it into several files")
        content = path.read_bytes()
    except FileNotFoundError:
        raise CallListError(f"there is no file {path}; check the path") from None
    except OSError as error:
        raise CallListError(f"{path} cannot be opened: {error.strerror}") from error
    if not content.strip():
        raise CallListError(f"{path} is empty; it needs a row of column names and rows under it")
    return content


def _require_rows(path: Path, lines: list[Cells]) -> None:
    if not lines or not any(lines[0]):
        raise CallListError(f"{path} has no column names; its first row has to hold them")
    if len(lines) == 1:
        raise CallListError(f"{path} has column names but no rows under them")
    if len(lines) > ROWS_MAX:
        raise CallListError(f"{path} has more than {ROWS_MAX:,} rows; split it into several files")


def _lines(frame: pd.DataFrame) -> list[Cells]:
    columns = [[_cell_text(value) for value in frame[name].tolist()] for name in frame.columns]
    lines = list(zip(*columns, strict=True))
    while lines and not any(lines[-1]):
        lines.pop()
    return lines


def _cell_text(value: Any) -> str:
    """Return what a person would have typed: whole numbers without point, dates without time."""
    if isinstance(value, str):
        return value.strip()
    if value is None or value is pd.NaT or value is pd.NA:
        return ""
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, datetime):
        return str(value.date()) if value.timetz() == time() else value.isoformat(" ")
    return str(value)


def _float_text(value: float) -> str:
    if value != value:  # noqa: PLR0124 (only a NaN differs from itself)
        return ""
    return str(int(value)) if value.is_integer() else repr(value)


def _read_xlsx(content: bytes) -> pd.DataFrame:
    return pd.read_excel(
        BytesIO(content), engine="calamine", header=None, dtype=object, na_filter=False
    )


def _read_parquet(content: bytes) -> pd.DataFrame:
    frame = pd.read_parquet(BytesIO(content)).astype(object)
    header = pd.DataFrame([[str(name) for name in frame.columns]], dtype=object)
    frame.columns = header.columns
    return pd.concat([header, frame], ignore_index=True)


_READERS: dict[str, Callable[[bytes], pd.DataFrame]] = {
    ".csv": read_csv,
    ".tsv": read_tsv,
    ".xlsx": _read_xlsx,
    ".parquet": _read_parquet,
}


def _form(path: Path) -> str:
    return path.suffix.lower().removeprefix(".").upper()


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].strip(" .")
