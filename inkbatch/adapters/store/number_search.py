"""A condition that finds numbers by digits of theirs."""

from sqlalchemy import ColumnElement, or_

from inkbatch.domain.phone_number import SHOWN_DIGITS


def has_digits(number: ColumnElement[str], digits: str, *, shown_only: bool) -> ColumnElement[bool]:
    """Return whether a number of E.164 has these digits, one after another.

    With `shown_only` the last of them are looked for among those that a masked number shows, so
    that who sees no more than these finds out no other, however often they ask.
    """
    if not shown_only:
        return number.contains(digits, autoescape=True)
    part = digits[-SHOWN_DIGITS:]
    places = range(SHOWN_DIGITS - len(part) + 1)
    return or_(*(number.like(f"%{part}{'_' * behind}") for behind in places))
