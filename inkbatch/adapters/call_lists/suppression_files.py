"""Files of numbers never to call, in any form that a call list may have."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from inkbatch.adapters.call_lists.cells import BadCell, read_deadline
from inkbatch.adapters.call_lists.numbers import read_number
from inkbatch.adapters.call_lists.regions import region_of
from inkbatch.adapters.call_lists.suppression_columns import SuppressionColumns, located
from inkbatch.adapters.call_lists.tables import read_table
from inkbatch.domain.errors import CallListError
from inkbatch.domain.suppression import Suppression

ROWS_NAMED_MAX = 5

LAST_PLACE_ON_EARTH = "Etc/GMT+12"
"""A day is over everywhere when it is over here."""

Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionFile:
    """What a file of numbers never to call holds.

    `suppressions` has an entry for each number of each row, so a number may be there twice;
    `expired` counts numbers whose time is over and which are in none. `unread` has a sentence for
    each number that could not be read, such as `row 5: the number is too short`, in `rows_unread`
    rows.
    """

    suppressions: tuple[Suppression, ...]
    unread: tuple[str, ...]
    rows_unread: int
    expired: int
    notes: tuple[str, ...]

    @property
    def some_unread(self) -> str:
        """The first of the sentences in `unread`, and how many more there are."""
        more = len(self.unread) - ROWS_NAMED_MAX
        shown = "; ".join(self.unread[:ROWS_NAMED_MAX])
        return f"{shown}; and {more} more" if more > 0 else shown


def read_suppression_file(
    path: Path, *, default_region: str | None, now: datetime
) -> SuppressionFile:
    """Read a file whole, as a campaign's suppression files are; rows see `read_suppressions`.

    Raises CallListError for a number that cannot be read: leaving it out would call somebody who
    asked not to be called.
    """
    read = read_suppressions(path, default_region=default_region, now=now)
    if read.unread:
        raise CallListError(
            f"{path} has numbers that cannot be read; {read.some_unread}. Correct or delete them: "
            "as long as one cannot be read, nobody of the campaign is called"
        )
    return read


def read_suppressions(
    path: Path,
    *,
    default_region: str | None,
    now: datetime,
    reason: str = "",
    expires_at: datetime | None = None,
    sheet: str | None = None,
) -> SuppressionFile:
    """Read the numbers of every phone column, each with its row's reason and end.

    `reason` and `expires_at` are for rows that have none of their own; without any reason it is
    `listed in FILE`. A column with the country says how a number without plus is meant, else
    `default_region`. Raises CallListError for what is no list of numbers at all.
    """
    table = read_table(path, sheet=sheet)
    columns = located(table, file=path, region=default_region)
    plain = Suppression(
        number="",
        reason=reason or f"listed in {path.name}",
        source=path.name,
        added_at=now,
        expires_at=expires_at,
    )
    found, unread, rows_unread = list[Suppression](), list[str](), set[int]()
    for row_number, cells in table.rows():
        for text in _numbers(cells, columns, default_region=default_region):
            try:
                region = _region(text, cells, columns, default_region=default_region)
                number = read_number(text, region=region).number
                found.append(_suppression(number, cells, columns, plain=plain))
            except BadCell as bad:
                unread.append(f"row {row_number}: {bad}")
                rows_unread.add(row_number)
    holding = tuple(entry for entry in found if entry.holds_at(now))
    return SuppressionFile(
        suppressions=holding,
        unread=tuple(unread),
        rows_unread=len(rows_unread),
        expired=len(found) - len(holding),
        notes=(*table.notes, *columns.notes),
    )


def read_until(text: str) -> datetime | None:
    """Read when a suppression ends, None for an empty text; raises BadCell.

    A date includes that whole day, wherever on earth the person is.
    """
    return read_deadline(text, zone=LAST_PLACE_ON_EARTH)


def _numbers(cells: Cells, columns: SuppressionColumns, *, default_region: str | None) -> list[str]:
    """Return the cells of a row that have to be numbers: one at least, if only an empty one."""
    filled = [cells[place] for place in columns.phones if cells[place]]
    unnamed = [cells[place] for place in columns.unnamed if cells[place]]
    stray = [text for text in unnamed if _is_number(text, region=default_region)]
    return filled + stray or ([""] if any(cells) else [])


def _is_number(text: str, *, region: str | None) -> bool:
    try:
        read_number(text, region=region)
    except BadCell:
        return False
    return True


def _region(
    text: str, cells: Cells, columns: SuppressionColumns, *, default_region: str | None
) -> str | None:
    """The country matters, and may be wrong, only where the number has no plus."""
    if columns.region is None or text.startswith("+"):
        return default_region
    return region_of(cells[columns.region], default=default_region)


def _suppression(
    number: str, cells: Cells, columns: SuppressionColumns, *, plain: Suppression
) -> Suppression:
    reason = "" if columns.reason is None else cells[columns.reason]
    until = "" if columns.until is None else cells[columns.until]
    return Suppression(
        number=number,
        reason=reason or plain.reason,
        source=plain.source,
        added_at=plain.added_at,
        expires_at=read_until(until) or plain.expires_at,
    )
