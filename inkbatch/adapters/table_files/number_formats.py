"""Number formats that show digits or a plus which the number itself does not hold."""

import re

_TOKEN = re.compile(r'"([^"]*)"|\\(.)|([0#?])|([-+ ()/])')
"""Quoted text, an escaped letter, a place for a digit, and signs that need no quotes."""

DigitMask = tuple[str, ...]


def digit_mask(code: str) -> DigitMask | None:
    """Return the format's places if it pads with zeros or adds signs, as `00000` and `"+"0` do."""
    section = code.split(";", maxsplit=1)[0]
    mask: list[str] = []
    at = 0
    while at < len(section):
        match = _TOKEN.match(section, at)
        if match is None:  # a decimal point, a percent sign, a date, a colour, a condition
            return None
        quoted, escaped, place, sign = match.groups()
        mask.append(place or quoted or escaped or sign or "")
        at = match.end()
    places = [part for part in mask if part in ("0", "#", "?")]
    adds_plus = any("+" in part for part in mask)
    return tuple(mask) if places and (places.count("0") > 1 or adds_plus) else None


def shown(number: int, mask: DigitMask) -> str:
    """Return a number that is not negative as a spreadsheet program shows it."""
    digits = list(str(number)) if number else []
    places = sum(part in ("0", "#", "?") for part in mask)
    text: list[str] = []
    for part in reversed(mask):
        if part not in ("0", "#", "?"):
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
