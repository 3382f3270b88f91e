"""The rows of a call list: each is accounted for, with a reason when it is not called."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class RowStatus(StrEnum):
    """What became of one row of the file."""

    ACCEPTED = "accepted"
    REPAIRED = "repaired"
    DUPLICATE = "duplicate"
    SUPPRESSED = "suppressed"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row as its reader found it.

    `row_number` is the number that the person sees in a spreadsheet program, so a header makes
    the first row 2. `reason`, `column` and `value` say what was wrong with a row that is not
    accepted as it stood; `duplicate_of` is the row number of the first row with the number.
    """

    row_number: int
    status: RowStatus
    number: str | None = None
    zones: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    priority: int = 0
    not_before: datetime | None = None
    expires_at: datetime | None = None
    reason: str | None = None
    column: str | None = None
    value: str | None = None
    duplicate_of: int | None = None

    @property
    def becomes_contact(self) -> bool:
        """Whether this row stands for a person who may be called."""
        return self.status in (RowStatus.ACCEPTED, RowStatus.REPAIRED)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallList:
    """A read call list: every row of the file, in its order."""

    name: str
    sha256: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def count(self, *statuses: RowStatus) -> int:
        """Return how many rows have one of these statuses."""
        return sum(row.status in statuses for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Which columns of the file hold what; None where the file has no such column."""

    phone: str | None = None
    zone: str | None = None
    region: str | None = None
    priority: str | None = None
    not_before: str | None = None
    deadline: str | None = None
