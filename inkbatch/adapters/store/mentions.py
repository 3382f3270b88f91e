"""Where numbers are mentioned in texts, in whatever writing."""

from collections.abc import Iterable

import phonenumbers
from sqlalchemy import ColumnElement, String, cast, or_

DIGITS_MIN = 6
"""Fewer digits than that are no number of anybody's: an order or a house has the same."""


class Mention:
    """Finds any of some numbers in text: its national digits in a row, with no others between.

    `+1 415 555-0132`, `(415) 555.0132` and `4155550132` are the same number; so is `020 7946 0123`.
    """

    def __init__(self, *numbers: str) -> None:
        self._digits = [str(phonenumbers.parse(each).national_number) for each in numbers]

    def may_be_in(self, column: ColumnElement[str]) -> ColumnElement[bool]:
        """Return a condition that holds wherever a number is, and at times elsewhere."""
        between = map("%".join, self._digits)
        return or_(*(cast(column, String).like(f"%{pattern}%") for pattern in between))

    def is_written_in(self, column: ColumnElement[str]) -> ColumnElement[bool]:
        """Return a condition that holds where a number's digits are, with nothing in between."""
        return or_(*(column.contains(digits) for digits in self._digits))

    def is_in(self, text: str | None) -> bool:
        """Return whether a number is in a text."""
        if text is None:
            return False
        told = "".join(_ungrouped(text))
        return any(digits in told for digits in self._digits if len(digits) >= DIGITS_MIN)


def _ungrouped(text: str) -> Iterable[str]:
    """Yield the digits of a text, and something between two that words keep apart."""
    for character in text:
        if character.isdecimal():
            yield str(int(character))
        elif character.isalpha() or character in ":;|":
            yield " "
