"""What becomes of each row of a call list, given the campaign's contacts and the suppressed."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from inkbatch.domain.call_list import Row, RowStatus


def settle(
    rows: Iterable[Row], *, suppressed: Mapping[str, str], earlier: Mapping[str, int]
) -> list[Row]:
    """Return the rows, those changed that cannot become contacts, with the reason.

    `suppressed` maps numbers to the reason; `earlier` maps the numbers of contacts that the
    campaign has to the row numbers they came from.
    """
    first_rows: dict[str, int] = {}
    return [_settle(row, suppressed, earlier, first_rows) for row in rows]


def _settle(
    row: Row, suppressed: Mapping[str, str], earlier: Mapping[str, int], first_rows: dict[str, int]
) -> Row:
    if not row.becomes_contact:
        return row
    if row.number is None:
        raise ValueError(f"row {row.row_number} is {row.status} but has no number")
    if row.number in suppressed:
        reason = f"on the suppression list: {suppressed[row.number]}"
        return replace(row, status=RowStatus.SUPPRESSED, reason=reason)
    if row.number in earlier:
        reason = f"the campaign has this number from row {earlier[row.number]} of an earlier file"
        return replace(row, status=RowStatus.DUPLICATE, reason=reason)
    first = first_rows.setdefault(row.number, row.row_number)
    if first != row.row_number:
        reason = f"the same number as row {first}"
        return replace(row, status=RowStatus.DUPLICATE, reason=reason, duplicate_of=first)
    return row
