"""Where a number is mentioned in texts, in whatever writing."""

from collections.abc import Iterable

import phonenumbers
from sqlalchemy import ColumnElement, String, cast

DIGITS_MIN = 6
"""Fewer digits than that are no number of anybody's: an order or a house has the same."""


class Mention:
    """Finds a number in text: its national digits in a row, with anything but digits between.

    `+1 415 555-0132`, `(415) 555.0132` and `4155550132` are the same number; so is `020 7946 0123`.
    """

    def __init__(self, number: str) -> None:
        self.digits = str(phonenumbers.parse(number).national_number)
        between = "%".join(self.digits)
        self._pattern = f"%{between}%"

    def may_be_in(self, column: ColumnElement[str]) -> ColumnElement[bool]:
        """Return a condition that holds wherever the number is, and at times elsewhere."""
        return cast(column, String).like(self._pattern)

    def is_in(self, text: str | None) -> bool:
        """Return whether the number is in a text."""
        if text is None or len(self.digits) < DIGITS_MIN:
            return False
        return self.digits in "".join(_ungrouped(text))


def _ungrouped(text: str) -> Iterable[str]:
    """Yield the digits of a text, and something between two that words keep apart."""
    for character in text:
        if character.isdecimal():
            yield str(int(character))
        elif character.isalpha() or character in ":;|":
            yield " "
