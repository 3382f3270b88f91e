"""What becomes of each row of a call list, given the campaign's contacts and the suppressed."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from inkbatch.domain.list_row import Row, RowStatus
from inkbatch.domain.suppression import on_the_list


class Known(NamedTuple):
    """A contact that has a number already."""

    contact_id: int
    row_number: int
    is_of_this_file: bool


def settle(
    rows: Sequence[Row],
    *,
    suppressed: Mapping[str, str],
    known: Mapping[str, Known],
    elsewhere: Mapping[str, str],
) -> list[Row]:
    """Return the rows, those changed that cannot become contacts, with the reason.

    `suppressed` maps numbers to the reason, `known` to the contact that the campaign has,
    `elsewhere` to the other campaign that has it.
    """
    first_rows: dict[str, int] = {}
    return [
        _settle_elsewhere(_settle(row, suppressed, known, first_rows), elsewhere) for row in rows
    ]


def _settle_elsewhere(row: Row, elsewhere: Mapping[str, str]) -> Row:
    campaign = elsewhere.get(row.number or "")
    if campaign is None or not row.becomes_contact:
        return row
    reason = f"campaign {campaign} has this number"
    return row._replace(status=RowStatus.DUPLICATE, reason=reason)


def _settle(
    row: Row,
    suppressed: Mapping[str, str],
    known: Mapping[str, Known],
    first_rows: dict[str, int],
) -> Row:
    number = row.number
    if not row.becomes_contact:
        return row
    if number is None:
        raise ValueError(f"row {row.row_number} is {row.status} but has no number")
    if number in suppressed:
        return row._replace(status=RowStatus.SUPPRESSED, reason=on_the_list(suppressed[number]))
    if number in known:
        contact = known[number]
        if contact.is_of_this_file:
            return _repeats(row, contact.row_number)
        reason = f"the campaign has this number from row {contact.row_number} of an earlier file"
        return row._replace(status=RowStatus.DUPLICATE, reason=reason)
    first = first_rows.setdefault(number, row.row_number)
    return row if first == row.row_number else _repeats(row, first)


def _repeats(row: Row, first: int) -> Row:
    reason = f"the same number as row {first}"
    return row._replace(status=RowStatus.DUPLICATE, reason=reason, duplicate_of=first)
