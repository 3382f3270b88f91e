"""The rows of a campaign's list that become contacts, read once while nothing of it changes."""

from functools import lru_cache
from itertools import islice
from pathlib import Path

from inkbatch.adapters.call_lists.reader import open_call_list
from inkbatch.domain.call_list import Columns
from inkbatch.domain.campaign import Campaign
from inkbatch.domain.errors import CallListError
from inkbatch.domain.list_row import Row

LISTS_KEPT, ROWS_MAX = 2, 20_000


def first_rows(campaign: Campaign, *, limit: int = ROWS_MAX) -> tuple[Row, ...]:
    """Return the rows; raises CallListError where it cannot be read, or has more than `limit`."""
    file = Path(campaign.call_list)
    try:
        state = file.stat()
    except OSError:
        raise CallListError(f"its list {file.name} is not there") from None
    rows = _read(
        file,
        (state.st_mtime_ns, state.st_size),
        columns=campaign.columns,
        region=campaign.default_region,
        sheet=campaign.sheet,
        limit=limit,
    )
    if len(rows) > limit:
        raise CallListError(
            f"its list has more than {limit:,} people; review it, which takes it in, and this is "
            "told for longer lists too"
        )
    return rows


@lru_cache(maxsize=LISTS_KEPT)
def _read(
    file: Path,
    _state: tuple[int, int],
    *,
    columns: Columns,
    region: str | None,
    sheet: str | None,
    limit: int,
) -> tuple[Row, ...]:
    opened = open_call_list(file, columns=columns, default_region=region, sheet=sheet)
    return tuple(islice((row for row in opened if row.becomes_contact), limit + 1))
