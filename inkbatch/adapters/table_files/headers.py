"""Which row holds the column names: the first that is as wide as the rows under it and names."""

import re
from collections.abc import Sequence

from inkbatch.adapters.table_files.limits import Unreadable

LOOKED_AT_ROWS = 60
_PREAMBLE_ROWS_MAX = 40
_WIDE_ENOUGH = 0.6
_DIGITS_OF_DATA = 7
_LETTERS_OF_DATA_MAX = 4  # as in tel:, ext and x
_DATE_OR_TIME = re.compile(
    r"\b(?:\d{4}-\d\d-\d\d|\d{1,2}([./-])\d{1,2}\1\d{4}|\d{1,2}:\d\d(?::\d\d)?)\b"
)
_PHONE_WORD = re.compile(
    r"\w*(?:phone|telefon|telefoon|teléfono|téléphone|nummer|number)\w*"
    r"|(?:tel|tél|cell|mobile?)(?:no|nr|num|s)?|mobiel|móvil|m[oó]vel|handys?|celular(?:es)?"
    r"|cellulare|gsm|portables?|komórk\w*|numer|num[eé]ro|número",
    re.IGNORECASE,
)
_OTHER_NAME = re.compile(
    r"(?:(?:first|last|full|given|family|sur|user|customer|company) ?)?name"
    r"|(?:vor|nach|familien)name|nom|prénom|nombre|apellidos?|nome|cognome|sobrenome"
    r"|(?:voor|achter)?naam|imię|nazwisko|id|e ?mail|city|town|country|state|ort|stadt|land|ville"
    r"|(?:time ?)?zone|zeitzone|customer|client|company|kunde|firma|contact|kontakt|notes?|address"
    r"|consent|opt ?in|opt ?out|dnc|do not call|unsubscribed|einwilligung|werbesperre",
    re.IGNORECASE,
)
"""What other columns than the one of the phones are often called."""
_WORD = re.compile(r"[^\W\d_]+")
_WORDS_MEET = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NAME_CHARACTERS_MAX = 40
_WORDS_MAX = 3


def header_index(rows: Sequence[Sequence[str]]) -> int | None:
    """Return the place of the header among the first rows, None where the data begin at once.

    Raises Unreadable when no row holds anything, and when data stand above the column names.
    """
    filled = [sum(map(bool, map(str.strip, row))) for row in rows]
    if not any(filled):
        raise Unreadable("is empty; it needs a row of column names and rows under it")
    begin = _first_row_of_data(rows, filled)
    names = [place for place in range(min(begin, _PREAMBLE_ROWS_MAX)) if filled[place]]
    wide = [place for place in names if filled[place] >= _wide(filled, place)]
    telling = [place for place in wide if any(map(_names_a_phone, rows[place]))]
    if telling:
        return telling[0]
    _require_no_names(rows, filled, begin=begin)
    return next(iter(wide or names[-1:]), None)


def header_notes(place: int | None, preamble: bool) -> tuple[str, ...]:  # noqa: FBT001 (a fact, no switch)
    """Say where the column names were found if not in the first row."""
    if place is None:
        return ("the file has no row of column names; its first row was read as data",)
    if not place or not preamble:
        return ()
    lines = f"rows 1 to {place} were" if place > 1 else "row 1 was"
    return (f"{lines} skipped; the column names stand in row {place + 1}",)


def _first_row_of_data(rows: Sequence[Sequence[str]], filled: Sequence[int]) -> int:
    data = (
        place
        for place, row in enumerate(rows)
        if filled[place] >= _wide(filled, place) and any(map(is_data, row))
    )
    return next(data, len(rows))


def _require_no_names(rows: Sequence[Sequence[str]], filled: Sequence[int], *, begin: int) -> None:
    """Refuse column names under a row of data: the data above them would be taken for a title.

    A remark is no such name: beside it stands no name of another column, or no data under it.
    """
    for at, row in enumerate(rows[begin + 1 :], start=begin + 1):
        if filled[at] < _wide(filled, at) or any(map(is_data, row)):
            continue
        names_another = any(_OTHER_NAME.fullmatch(" ".join(_words(cell))) for cell in row)
        if names_another and any(_is_headed(row, place) for place in _data_places(rows[at + 1 :])):
            raise Unreadable(
                f"has rows of data above its column names, which seem to be row {at + 1}; make "
                "the column names its first row"
            )


def _data_places(rows: Sequence[Sequence[str]]) -> set[int]:
    return {place for row in rows for place, cell in enumerate(row) if is_data(cell)}


def _is_headed(row: Sequence[str], place: int) -> bool:
    """Whether a cell begins with a word for phones, as `Phone number` does and `no phone` not."""
    words = _words(row[place]) if place < len(row) else []
    return bool(words) and len(words) <= _WORDS_MAX and bool(_PHONE_WORD.fullmatch(words[0]))


def _wide(filled: Sequence[int], place: int) -> float:
    under = sorted(count for count in filled[place + 1 :] if count)
    return _WIDE_ENOUGH * under[len(under) // 2] if under else 1


def is_data(cell: str) -> bool:
    """Whether a cell is a number of many digits or an address, which no column is called.

    A title may hold a date: its digits tell nothing.
    """
    digits, letters = sum(map(str.isdigit, cell)), sum(map(str.isalpha, cell))
    if digits >= _DIGITS_OF_DATA:
        undated = sum(map(str.isdigit, _DATE_OR_TIME.sub("", cell)))
        return letters <= _LETTERS_OF_DATA_MAX or undated >= _DIGITS_OF_DATA
    return "@" in cell and " " not in cell.strip()


def _names_a_phone(cell: str) -> bool:
    """Whether one of the cell's words is one for phones: Hotel is not, though it holds tel."""
    return any(map(_PHONE_WORD.fullmatch, _words(cell)))


def _words(cell: str) -> list[str]:
    """Return the words of a cell that is short enough to be a column name."""
    is_short = len(cell) <= _NAME_CHARACTERS_MAX
    return _WORD.findall(_WORDS_MEET.sub(" ", cell)) if is_short else []
