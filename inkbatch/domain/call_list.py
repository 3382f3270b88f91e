"""The rows of a call list: each is accounted for, with a reason when it is not called."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


class RowStatus(StrEnum):
    """What became of one row of the file."""

    ACCEPTED = "accepted"
    REPAIRED = "repaired"
    DUPLICATE = "duplicate"
    SUPPRESSED = "suppressed"
    REJECTED = "rejected"


class Row(NamedTuple):
    """One row as its reader found it; a named tuple, since a list may have a million.

    `row_number` is the number that the person sees in a spreadsheet program, so a header in the
    first row makes the next row 2. `reason`, `column` and `value` say what was wrong with a row;
    on an accepted row they are a remark. `duplicate_of` is the row number of the first row with
    the number. `fields` are the cells by which a template may be filled, and `extension` where
    the number had one. `number_type` is mobile, fixed_line, voip or another of E.164's kinds.
    """

    row_number: int
    status: RowStatus
    number: str | None = None
    zones: tuple[str, ...] = ()
    fields: Mapping[str, str] = MappingProxyType({})
    priority: int = 0
    not_before: datetime | None = None
    expires_at: datetime | None = None
    reason: str | None = None
    column: str | None = None
    value: str | None = None
    duplicate_of: int | None = None
    number_type: str | None = None

    @property
    def becomes_contact(self) -> bool:
        """Whether this row stands for a person who may be called."""
        return self.status in (RowStatus.ACCEPTED, RowStatus.REPAIRED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """What a column was taken for, and why: "by its header", "by its content: 9 of 9 cells ..."."""

    role: str
    header: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallList:
    """A read call list.

    `rows` are all rows of the file in its order, read anew each time they are iterated and never
    held in memory together. `columns` are the names by which a template may use the columns;
    `notes` are sentences about the file that a person should know.
    """

    name: str
    sha256: str
    columns: tuple[str, ...]
    rows: Iterable[Row]
    notes: tuple[str, ...] = ()
    recognised: tuple[Recognised, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Which columns of the file hold what, by their headers.

    None leaves it to the reader to recognise the column; "" says that there is none. Of several
    `phone` columns, each row is called at the first that holds a number.
    """

    phone: str | tuple[str, ...] | None = None
    zone: str | None = None
    region: str | None = None
    priority: str | None = None
    not_before: str | None = None
    deadline: str | None = None
    consent: str | None = None
    do_not_call: str | None = None
