"""One row of a call list: it is accounted for, with a reason when it is not called."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from inkbatch.domain.contact import ContactNumber


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
    `numbers` are all numbers of a row that has several, that to be called first in front.
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
    numbers: tuple[ContactNumber, ...] = ()

    @property
    def becomes_contact(self) -> bool:
        """Whether this row stands for a person who may be called."""
        return self.status in (RowStatus.ACCEPTED, RowStatus.REPAIRED)
