"""Files of numbers never to call."""

from datetime import datetime
from pathlib import Path

from inkbatch.adapters.call_lists.cells import BadCell
from inkbatch.adapters.call_lists.columns import field_name, locate
from inkbatch.adapters.call_lists.numbers import read_number
from inkbatch.adapters.call_lists.tables import read_table
from inkbatch.domain.call_list import Columns
from inkbatch.domain.errors import CallListError
from inkbatch.domain.suppression import Suppression

ROWS_NAMED_MAX = 5


def read_suppression_file(
    path: Path, *, default_region: str | None, now: datetime
) -> tuple[Suppression, ...]:
    """Read a file with a phone column and perhaps a `reason` column, of any call list's form.

    Raises CallListError for a number that cannot be read: leaving it out would call somebody who
    asked not to be called.
    """
    table = read_table(path)
    phone = locate(Columns(zone="", region=""), headers=table.headers, file=path).phone
    names = [field_name(header) for header in table.headers]
    reason = names.index("reason") if "reason" in names else None
    suppressions: list[Suppression] = []
    unread: list[str] = []
    for row_number, cells in enumerate(table.rows, start=2):
        if not any(cells):
            continue
        try:
            number = read_number(cells[phone], region=default_region).number
        except BadCell as bad:
            unread.append(f"row {row_number}: {bad}")
            continue
        why = cells[reason] if reason is not None else ""
        suppressions.append(
            Suppression(
                number=number,
                reason=why or f"listed in {path.name}",
                source=path.name,
                added_at=now,
            )
        )
    if unread:
        raise CallListError(f"{path} has numbers that cannot be read; {_some(unread)}")
    return tuple(suppressions)


def _some(problems: list[str]) -> str:
    more = len(problems) - ROWS_NAMED_MAX
    shown = "; ".join(problems[:ROWS_NAMED_MAX])
    return f"{shown}; and {more} more" if more > 0 else shown
