"""Which column of a file holds what: as named by the campaign, else by the usual headers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from inkbatch.domain.call_list import Columns
from inkbatch.domain.errors import CallListError

USUAL_HEADERS = {
    "phone": (
        "phone",
        "phone_number",
        "phone_no",
        "telephone",
        "telephone_number",
        "tel",
        "mobile",
        "mobile_phone",
        "mobile_number",
        "cell",
        "cell_phone",
        "cellphone",
        "number",
    ),
    "zone": ("time_zone", "timezone", "zone", "tz"),
    "region": ("country", "region"),
    "priority": ("priority",),
    "not_before": ("not_before", "call_after"),
    "deadline": ("deadline", "call_before", "not_after"),
}
"""Headers as `field_name` writes them; the first that a file has is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The position of each column in the file, counted from 0; None where there is none."""

    phone: int
    zone: int | None = None
    region: int | None = None
    priority: int | None = None
    not_before: int | None = None
    deadline: int | None = None


def locate(columns: Columns, *, headers: Sequence[str], file: Path) -> Places:
    """Find the columns; raises CallListError for one that is missing or not the only one."""
    named = {role: getattr(columns, role) for role in USUAL_HEADERS}
    found = {
        role: _recognised(role, headers) if header is None else _named(role, header, headers, file)
        for role, header in named.items()
    }
    phone = found.pop("phone")
    if columns.phone is None:
        _require_one_phone(headers, file)
    if phone is None:
        raise CallListError(
            f'{file} has no phone column; name one of {_quoted(headers)} as "phone" under [columns]'
        )
    return Places(phone=phone, **found)


def field_name(header: str) -> str:
    """Return a header as templates write it: `First name` becomes `first_name`."""
    return re.sub(r"[\W_]+", "_", header.lower()).strip("_")


def field_names(headers: Sequence[str]) -> tuple[str, ...]:
    """Return a name for each header; an empty one is `column_N`, a clash adds `_2`, `_3`."""
    taken: dict[str, None] = {}
    for position, header in enumerate(headers, start=1):
        name = unique = field_name(header) or f"column_{position}"
        ordinal = 2
        while unique in taken:
            unique = f"{name}_{ordinal}"
            ordinal += 1
        taken[unique] = None
    return tuple(taken)


def _recognised(role: str, headers: Sequence[str]) -> int | None:
    names = [field_name(header) for header in headers]
    return next((names.index(usual) for usual in USUAL_HEADERS[role] if usual in names), None)


def _named(role: str, header: str, headers: Sequence[str], file: Path) -> int | None:
    if not header:
        return None
    matches = [place for place, other in enumerate(headers) if other == header.strip()]
    if not matches:
        matches = [
            place
            for place, other in enumerate(headers)
            if field_name(other) == field_name(header) and field_name(header)
        ]
    if len(matches) == 1:
        return matches[0]
    problem = "no column" if not matches else f"{len(matches)} columns"
    raise CallListError(
        f"{file} has {problem} {header!r}, which [columns] {role} names; "
        f"its columns are {_quoted(headers)}"
    )


def _require_one_phone(headers: Sequence[str], file: Path) -> None:
    """Refuse to guess which of two phone columns to call."""
    phones = [header for header in headers if field_name(header) in USUAL_HEADERS["phone"]]
    if len(phones) > 1:
        raise CallListError(
            f"{file} has several columns that look like the phone number: {_quoted(phones)}; "
            'name the one to call as "phone" under [columns]'
        )


def _quoted(headers: Sequence[str]) -> str:
    return ", ".join(repr(header) for header in headers)
