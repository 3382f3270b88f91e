"""Number formats that show digits or a plus which the number itself does not hold."""

import re

_TOKEN = re.compile(r'"([^"]*)"|\\(.)|([0#?])|([-+ ()/])')
"""Quoted text, an escaped letter, a place for a digit, and signs that need no quotes."""

_PIECE = re.compile(
    r'"([^"]*)"?|\\(.)|\*(.)|\[\$([^\]-]*)[^\]]*\]|(\[[<>=][^\]]*\])|(;)'
    r"|\[[^\]]*\]|_.|[Ee][-+]|0|(.)",
    re.DOTALL,
)
"""Texts that are shown (quoted, escaped, filling, currency), a condition, the end of a section,
what shows no text (colours, gaps, powers, a place for a digit), and any other letter."""

DigitMask = tuple[tuple[bool, str], ...]
"""The parts of a format: whether it is a place for a digit, and its text."""

FORMAT_NOT_SHOWN = "#FORMAT!"
"""Stands in a cell whose format shows digits or a plus in a way that is not understood."""

_NOT_UNDERSTOOD: DigitMask = ()


def digit_mask(code: str) -> DigitMask | None:
    """Return the format's parts if it pads with zeros or adds digits or a plus, as `"+"0` does.

    Where it adds some in a way that cannot be followed, the mask makes `shown` say so.
    """
    texts, section = _texts_shown(code)
    adds = _adds(texts)
    mask = _parts(section)
    places = [text for is_place, text in mask or () if is_place]
    if mask and places and (adds or places.count("0") > 1):
        return mask
    return _NOT_UNDERSTOOD if adds else None


def adds_to_texts(code: str) -> bool:
    """Whether a cell of text, not of a number, shows digits or a plus that it does not hold."""
    begin = max((match.end() for match in _PIECE.finditer(code) if match[0] == ";"), default=0)
    texts, _ = _texts_shown(code[begin:])
    return "@" in texts and _adds(texts)


def _adds(texts: str) -> bool:
    return any(letter == "+" or letter.isdigit() for letter in texts)


def _texts_shown(code: str) -> tuple[str, str]:
    """Return the texts that a positive number may be shown with, and its section of the format."""
    sections, begin = [""], [0]
    conditions = False
    for match in _PIECE.finditer(code):
        quoted, escaped, filling, currency, condition, end, other = match.groups()
        if end:
            sections.append("")
            begin.append(match.end())
        conditions = conditions or condition is not None
        sections[-1] += quoted or escaped or filling or currency or other or ""
    first = code[: begin[1] - 1] if len(begin) > 1 else code
    return "".join(sections) if conditions else sections[0], first


def _parts(section: str) -> DigitMask | None:
    mask: list[tuple[bool, str]] = []
    at = 0
    while at < len(section):
        match = _TOKEN.match(section, at)
        if match is None:  # a decimal point, a percent sign, a date, a colour, a condition
            return None
        quoted, escaped, place, sign = match.groups()
        mask.append((place is not None, place or quoted or escaped or sign or ""))
        at = match.end()
    return tuple(mask)


def shown(number: int, mask: DigitMask) -> str:
    """Return a number that is not negative as a spreadsheet program shows it, or `#FORMAT!`."""
    if mask == _NOT_UNDERSTOOD:
        return FORMAT_NOT_SHOWN
    digits = list(str(number)) if number else []
    places = sum(is_place for is_place, _ in mask)
    text: list[str] = []
    for is_place, part in reversed(mask):
        if not is_place:
            text.append(part)
            continue
        places -= 1
        if digits:
            text.append(digits.pop())
        elif part == "0":
            text.append("0")
        if not places:
            text.extend(reversed(digits))
            digits.clear()
    return "".join(reversed(text)).strip()
