"""Typed cells become what a person would have typed."""

import json
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

FORMULA_WITHOUT_VALUE = "#FORMULA!"
"""Stands in a cell whose formula was never worked out by the program that saved the file."""

_EXACT_BELOW = 1e15
"""Spreadsheet programs keep 15 digits; what has more was rounded, and is written to show it."""


def cell_text(value: Any) -> str:
    """Return whole numbers without point, dates without time, TRUE and FALSE, errors as shown."""
    kind = type(value)  # most cells are one of these two; a million of them are asked
    if kind is str:
        return str(value.strip())
    if kind is float:
        return float_text(value)
    return _other_text(value)


def float_text(value: float) -> str:
    """Return `4155550132` for 4155550132.0; more than 15 digits as `1.23E+15`: some are lost."""
    if value.is_integer():
        return str(int(value)) if abs(value) < _EXACT_BELOW else f"{value:.14E}"
    return repr(value) if value == value else ""  # noqa: PLR0124 (a NaN differs from itself)


def _other_text(value: Any) -> str:
    match value:
        case None | bool():
            return {None: "", True: "TRUE", False: "FALSE"}[value]
        case date() | time():
            return _moment_text(value)
        case Decimal():
            return str(int(value)) if value == value.to_integral_value() else str(value.normalize())
        case bytes():
            return value.decode("utf-8", errors="replace").strip()
        case list() | dict() | tuple():
            return json.dumps(value, default=str, ensure_ascii=False)
        case _:
            return str(value).strip()


def _moment_text(value: date | time) -> str:
    if not isinstance(value, datetime):
        return value.isoformat()
    return str(value.date()) if value.timetz() == time() else value.isoformat(" ")
