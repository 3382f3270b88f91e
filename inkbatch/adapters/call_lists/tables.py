"""Files become tables of text, whatever their form: everything is text until it is understood."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from inkbatch.adapters.table_files.blocks import CHARACTERS_AT_ONCE
from inkbatch.adapters.table_files.confined import parse_confined
from inkbatch.adapters.table_files.delimited import Cells, Chunk, Survey, read_chunks
from inkbatch.adapters.table_files.forms import TEXTS, WORKBOOKS, form_of, require_form
from inkbatch.adapters.table_files.limits import MIB, Limits, Unreadable
from inkbatch.adapters.table_files.open_file import OpenFile, open_regular
from inkbatch.adapters.table_files.spool import survey_of
from inkbatch.adapters.table_files.surveys import survey
from inkbatch.domain.errors import CallListError

_SMALL_TEXT_BYTES = 4 * MIB
"""Up to this size a text file is surveyed here: a process takes longer to start than that."""

__all__ = ["CHARACTERS_AT_ONCE", "Cells", "Chunk", "Limits", "Table", "read_table"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A header and the rows under it, all of the header's width and stripped of outer blanks.

    A column beyond the file's own header has the header `""`. `sha256` is that of the file, and of
    the sheet's name where one was asked for. `notes` are sentences about the file that a person
    should know. The rows stay in the file, or in a temporary one that vanishes with the table.
    """

    path: Path
    headers: Cells
    sha256: str
    notes: tuple[str, ...]
    _file: OpenFile = field(repr=False)
    _survey: Survey = field(repr=False)

    def rows(self) -> Iterator[tuple[int, Cells]]:
        """Read the rows anew, each with its number as a spreadsheet program shows it.

        Blank rows after the last filled one are no rows. Raises CallListError if somebody writes
        to the file meanwhile.
        """
        for chunk in self.chunks():
            yield from chunk.rows()

    def chunks(self, *, characters: int = CHARACTERS_AT_ONCE) -> Iterator[Chunk]:
        """Read the same rows by column, about so many characters of the file at once."""
        try:
            yield from read_chunks(self._file, self._survey, characters=characters)
        except Unreadable as refusal:
            raise CallListError(f"{self.path} {refusal}") from None


def read_table(path: Path, *, sheet: str | None = None, limits: Limits | None = None) -> Table:
    """Read a file by what its name ends with; raises CallListError, one sentence for each cause.

    `sheet` names the sheet of a workbook; without it the first visible one that has rows is read.
    """
    try:
        return _read_table(path, sheet=sheet, limits=limits or Limits())
    except FileNotFoundError:
        raise CallListError(f"there is no file {path}; check the path") from None
    except Unreadable as refusal:
        raise CallListError(f"{path} {refusal}") from None


def _read_table(path: Path, *, sheet: str | None, limits: Limits) -> Table:
    source = open_regular(path)
    form = form_of(path)
    require_form(source, form, limits)
    if sheet is not None and form not in WORKBOOKS:
        raise Unreadable("is no workbook and has no sheets; leave the sheet's name out")
    sha256 = source.sha256()
    if form in TEXTS:
        rows = source
        known = _surveyed(source, form, limits)
    else:
        found, rows = parse_confined(source, form=form, sheet=sheet, limits=limits)
        known = survey_of(found)
    source.require_unchanged()
    return Table(
        path=path,
        headers=known.headers,
        sha256=sha256 if sheet is None else _sha256_of_sheet(sha256, sheet),
        notes=known.notes,
        _file=rows,
        _survey=known,
    )


def _sha256_of_sheet(sha256: str, sheet: str) -> str:
    """Tell the sheets of one workbook apart: each is a list of its own."""
    return hashlib.sha256(f"{sha256} {sheet}".encode()).hexdigest()


def _surveyed(file: OpenFile, form: str, limits: Limits) -> Survey:
    if file.size_bytes <= _SMALL_TEXT_BYTES:
        return survey(file, form=form, limits=limits)
    found, _ = parse_confined(file, form=form, sheet=None, limits=limits)
    return Survey.from_json(found)
