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
_WORD = re.compile(r"[^\W\d_]+")
_WORDS_MEET = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NAME_CHARACTERS_MAX = 40


def header_index(rows: Sequence[Sequence[str]]) -> int | None:
    """Return the place of the header among the first rows, None where the data begin at once.

    Raises Unreadable when no row holds anything.
    """
    filled = [sum(map(bool, map(str.strip, row))) for row in rows]
    if not any(filled):
        raise Unreadable("is empty; it needs a row of column names and rows under it")
    begin = _first_row_of_data(rows, filled)
    names = [place for place in range(min(begin, _PREAMBLE_ROWS_MAX)) if filled[place]]
    if not names:
        return None
    wide = [place for place in names if filled[place] >= _wide(filled, place)]
    telling = (place for place in wide if any(map(_names_a_phone, rows[place])))
    return next(telling, wide[0] if wide else names[-1])


def _first_row_of_data(rows: Sequence[Sequence[str]], filled: Sequence[int]) -> int:
    data = (
        place
        for place, row in enumerate(rows)
        if filled[place] >= _wide(filled, place) and any(map(_is_data, row))
    )
    return next(data, len(rows))


def _wide(filled: Sequence[int], place: int) -> float:
    under = sorted(count for count in filled[place + 1 :] if count)
    return _WIDE_ENOUGH * under[len(under) // 2] if under else 1


def _is_data(cell: str) -> bool:
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
    if len(cell) > _NAME_CHARACTERS_MAX:
        return False
    return any(map(_PHONE_WORD.fullmatch, _WORD.findall(_WORDS_MEET.sub(" ", cell))))
