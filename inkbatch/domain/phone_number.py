"""Phone numbers as E.164 text, and how they may be shown."""

import re

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
E164_CHARACTERS_MIN = 8
MASK = "•" * 7
SHOWN_DIGITS = 4
"""So many digits at the end of a number its mask leaves."""


def require_e164(text: str) -> str:
    """Return `text` if it has the form of ITU-T E.164, else raise ValueError."""
    if not E164.fullmatch(text):
        raise ValueError(f"{text!r} is not a phone number in E.164 form, such as +14155550132")
    return text


def masked(number: str) -> str:
    """Return the number as it may stand in logs and names: `+1•••••••0132`.

    Only the first two characters and the last four digits are kept, and nothing of a text too
    short for E.164; the mask does not tell how long the number is.
    """
    if len(number) < E164_CHARACTERS_MIN:
        return MASK
    return number[:2] + MASK + number[-SHOWN_DIGITS:]
