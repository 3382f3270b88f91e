"""Cells that hold no number to call, each with the reason and what to do."""

import re
from datetime import date

from inkbatch.adapters.call_lists.cells import BadCell
from inkbatch.adapters.call_lists.number_pairs import holds_pair
from inkbatch.adapters.table_files.number_formats import FORMAT_NOT_SHOWN

_POWER = re.compile(r"[+-]?\d+([.,]\d+)?[eE][+-]?\d+", re.ASCII)
_FRACTION = re.compile(r"\+?\d{7,}[.,]\d{1,2}", re.ASCII)
_NEGATIVE = re.compile(r"-\d+([.,]\d+)?", re.ASCII)
_ERROR = re.compile(r"#+|#[A-Z][A-Z0-9/_]*[!?]?|Err:\d+", re.IGNORECASE)
_BOOLEANS = {"true", "false", "wahr", "falsch", "vrai", "faux", "verdadero", "falso"}
_DATE = re.compile(
    r"(?:(?P<y>\d{4})([./-])(?P<m>\d{1,2})\2(?P<d>\d{1,2})"
    r"|(?P<a>\d{1,2})([./-])(?P<b>\d{1,2})\6(?P<year>\d{4}))(?:[ T]\d{1,2}:\d\d.*)?",
    re.ASCII,
)
_NOTHING = {"", "-", "--", "n/a", "na", "nan", "none", "null", "nil", "unknown", "?", "."}
_DIVIDER = re.compile(r"[^\d().-]+")
# «030 1234567/68» stands for two numbers; read as one, it may be a third one's.
_ENDING = re.compile(r".*(?:\d[ ().-]*){6}(?:/\s*\d{1,2}|\(\s*\d+\s*\))", re.ASCII)
_ANEW = re.compile(r"\d{5}\D+(?=0)|(?=\+)", re.ASCII)
_SPELLING = re.compile(r"\(?\+?[\d\s()\[\]./-]*", re.ASCII)
_DIGITS_OF_A_NUMBER = 7
_LENGTH_MAX = 100
NO_NUMBER = "there is no phone number: fill it in"
_SEVERAL = "the cell holds more than one number: keep the one to call"


def refuse_long(text: str) -> None:
    """Raise BadCell for a text that no number fills, before slow expressions look at it."""
    if len(text) > _LENGTH_MAX:
        several = _holds_several(text)
        raise BadCell(_SEVERAL if several else "this is no phone number: write its digits only")


def refuse_ruined(text: str) -> None:
    """Raise BadCell for what a spreadsheet has lost, or what was never a number."""
    if text.lower() in _NOTHING:
        raise BadCell(NO_NUMBER)
    if _POWER.fullmatch(text):
        raise BadCell(
            "a spreadsheet shortened the number and its digits are lost: format the column as "
            "text and enter the number again"
        )
    if text == FORMAT_NOT_SHOWN:
        raise BadCell(
            "the cell's number format shows digits or a plus that the cell does not hold: format "
            "it as text and write the number in full"
        )
    if _ERROR.fullmatch(text):
        raise BadCell(
            "the cell holds an error or an uncalculated formula of the spreadsheet, and no "
            "number: enter the number itself"
        )
    if text.lower() in _BOOLEANS:
        raise BadCell("the cell holds yes or no, and no number: enter the number")
    if _is_date(text):
        raise BadCell("the cell holds a date, and no number: enter the number, formatted as text")
    if _FRACTION.fullmatch(text):
        raise BadCell("the number has decimals: enter it again, formatted as text")
    if _NEGATIVE.fullmatch(text):
        raise BadCell("the number is negative, as a calculated one may be: enter it as text")


def refuse_spelling(text: str, region: str | None) -> None:
    """Raise BadCell for several numbers in one cell, for letters, and for odd characters."""
    if (
        _holds_several(text)
        or _ENDING.fullmatch(text)
        or _begins_anew(text)
        or holds_pair(text, region)
    ):
        raise BadCell(_SEVERAL)
    if any(map(str.isalpha, text)):
        raise BadCell("the number holds letters: write it in digits")
    if not _SPELLING.fullmatch(text):
        raise BadCell("the number holds characters that no number has: write it in digits")


def _holds_several(text: str) -> bool:
    parts = map(_count, _DIVIDER.split(text))
    return sum(digits >= _DIGITS_OF_A_NUMBER for digits in parts) > 1


def _begins_anew(text: str) -> bool:
    """Tell whether, after the digits of a number, a plus or a zero begins another one."""
    return any(
        _count(text[: found.end()]) >= _DIGITS_OF_A_NUMBER
        and _count(text[found.end() :]) >= _DIGITS_OF_A_NUMBER
        for found in _ANEW.finditer(text)
    )


def _count(text: str) -> int:
    return sum(map(str.isdigit, text))


def _is_date(text: str) -> bool:
    found = _DATE.fullmatch(text)
    if not found:
        return False
    year = int(found["y"] or found["year"])
    first, second = int(found["m"] or found["a"]), int(found["d"] or found["b"])
    return _exists(year, first, second) or _exists(year, second, first)


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return 1900 <= year < 2100  # noqa: PLR2004 (the years that lists of people hold)
