"""What spreadsheets and programs do to a number, undone where only one number can be meant."""

import re
import unicodedata
from typing import NamedTuple

_APOSTROPHES = "'`\N{ACUTE ACCENT}\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}"
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_MINUS = "\N{MINUS SIGN}"
_VARIATION = "\N{VARIATION SELECTOR-16}"
_LABEL = re.compile(
    r"(?:tel|phone|telephone|mobile|mob|cell|call|callto|telefon|handy)\s*[:.]+\s*", re.IGNORECASE
)
_EXTENSION = re.compile(
    r"(?P<number>.*\d.*?)[\s,;]*"
    r"(?:(?:;ext=|(?:e?xt(?:ension|n)?|int|anexo|durchwahl|dw|poste|доб)\s*[.:#]?|x|#)"
    r"[\s,-]*(?P<extension>\d{1,6})|[,;]\s*(?P<pause>\d{1,4}))#?",
    re.IGNORECASE | re.ASCII,
)
_DECIMAL = re.compile(r"(\+?\d{7,15})[.,]0{1,2}", re.ASCII)
_THOUSANDS = re.compile(r"\+?[1-9]\d{0,2}(?:,\d{3}){2,4}", re.ASCII)
_EXACT_POWER = re.compile(r"(\+?\d)[.,](\d+)[eE]\+?0*(\d{1,2})", re.ASCII)
_DIGITS_MAX = 15  # Excel keeps no more

POINT_ZERO = "a spreadsheet had made the number a decimal one; its .0 was dropped"
POWER = "a spreadsheet had written the number as a power of ten; all its digits are there"
THOUSANDS = "a spreadsheet had put commas between the thousands; they were dropped"
EXTENSION = "the extension was split off the number and kept"
LABEL = "the word before the number was dropped"
APOSTROPHE = "the apostrophe before the number was dropped"
CHARACTERS = "odd spaces or characters, which some programs put in, were replaced"


class Repaired(NamedTuple):
    """The text of one number, its extension, and a clause for each repair made."""

    text: str
    extension: str | None
    repairs: tuple[str, ...]


def repaired(text: str) -> Repaired:
    """Undo what is certain; a text that needs nothing comes back as it is."""
    repairs: list[str] = []
    plain = text.strip() if text.isascii() else "".join(map(_plain_character, text)).strip()
    if plain != text:
        repairs.append(CHARACTERS)
    if plain[:1] and plain[0] in _APOSTROPHES:
        repairs.append(APOSTROPHE)
        plain = plain.strip(_APOSTROPHES).strip()
    label = _LABEL.match(plain)
    if label:
        repairs.append(LABEL)
        plain = plain[label.end() :]
    whole = _whole_number(plain)
    if whole is not None:
        return Repaired(whole[0], None, (*repairs, whole[1]))
    split = _EXTENSION.fullmatch(plain)
    if split:
        extension = split["extension"] or split["pause"]
        return Repaired(split["number"].strip(), extension, (*repairs, EXTENSION))
    return Repaired(plain, None, tuple(repairs))


def _whole_number(text: str) -> tuple[str, str] | None:
    """Return the digits of a number that a spreadsheet treated as a quantity, and the repair."""
    decimal = _DECIMAL.fullmatch(text)
    if decimal:
        return decimal[1], POINT_ZERO
    if _THOUSANDS.fullmatch(text):
        return text.replace(",", ""), THOUSANDS
    power = _EXACT_POWER.fullmatch(text)
    # With as many decimals as the power says, no digit has been rounded away.
    if power and len(power[2]) == int(power[3]) < _DIGITS_MAX:
        return power[1] + power[2], POWER
    return None


def _plain_character(character: str) -> str:
    if character.isascii():
        return character
    character = character.translate(_FULL_WIDTH)
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Cf" or character == _VARIATION:
        return ""
    if category == "Zs":
        return " "
    return "-" if category == "Pd" or character == _MINUS else character
