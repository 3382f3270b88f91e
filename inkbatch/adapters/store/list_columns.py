"""The rows of a call list as columns of the tables `contact` and `list_row`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import compress, repeat
from json.encoder import encode_basestring_ascii
from operator import not_
from typing import Any

from inkbatch.adapters.store.bulk import Values
from inkbatch.adapters.store.zone_texts import zones_as_text
from inkbatch.domain.list_row import Row, RowStatus
from inkbatch.domain.row_batch import PlainRows, RowBatch

HAS_CONTACT = (RowStatus.ACCEPTED, RowStatus.REPAIRED, RowStatus.DUPLICATE)

quoted: Callable[[str], str] = encode_basestring_ascii


def is_plain(row: Row) -> bool:
    """Whether the contact of this row tells all of it, so that `list_row` need not."""
    return row.status is RowStatus.ACCEPTED and row.reason is row.column is row.value is None


def only(plain: PlainRows, chosen: Sequence[bool]) -> PlainRows:
    """Return the chosen rows of these."""
    return PlainRows(
        row_numbers=tuple(compress(plain.row_numbers, chosen)),
        numbers=tuple(compress(plain.numbers, chosen)),
        number_types=tuple(compress(plain.number_types, chosen)),
        zones=tuple(compress(plain.zones, chosen)),
        fields={name: tuple(compress(cells, chosen)) for name, cells in plain.fields.items()},
    )


def set_apart(batch: RowBatch, known: set[str]) -> tuple[PlainRows, list[Row]]:
    """Return plain rows that are settled already, and all others in the file's order.

    Those are others of whose number anything is known or that another kind of row has, too.
    """
    plain, others = batch.plain, batch.others
    in_question = {*known, *(row.number for row in others if row.becomes_contact)}
    if in_question.isdisjoint(plain.numbers):
        return plain, list(others)
    is_settled = [number not in in_question for number in plain.numbers]
    odd = RowBatch(plain=only(plain, list(map(not_, is_settled))), others=others)
    return only(plain, is_settled), list(odd.rows())


def columns_of_plain(plain: PlainRows) -> tuple[Values, dict[str, Any]]:
    """Return what differs between the contacts of plain rows, and what is the same in all."""
    columns = {
        "number": plain.numbers,
        "zones": _zones_as_texts(plain.zones),
        "fields": json_objects(plain.fields, how_many=len(plain)),
        "row_number": plain.row_numbers,
    }
    types = set(plain.number_types)
    if len(types) == 1:
        return columns, {"number_type": types.pop()}
    return {**columns, "number_type": plain.number_types}, {}


def columns_of_contacts(rows: Sequence[Row], *, file_id: int, now: datetime) -> Values:
    """Return what differs between the contacts of other rows."""
    return {
        "number": [row.number for row in rows],
        "number_type": [row.number_type for row in rows],
        "zones": _zones_as_texts(row.zones for row in rows),
        "fields": [_json_object(row.fields) for row in rows],
        "row_number": [row.row_number for row in rows],
        "file_id": [file_id if is_plain(row) else None for row in rows],
        "priority": [row.priority for row in rows],
        "waits_until": [row.not_before or now for row in rows],
        "expires_at": [row.expires_at for row in rows],
    }


def columns_of_rows(rows: Sequence[Row], contact_ids: Mapping[str, int]) -> Values:
    """Return what `list_row` tells of rows, given the contacts that have their numbers."""
    ids = [contact_ids.get(row.number or "") if row.status in HAS_CONTACT else None for row in rows]
    return {
        "row_number": [row.row_number for row in rows],
        "status": [row.status.value for row in rows],
        "reason": [row.reason for row in rows],
        "column": [row.column for row in rows],
        "value": [row.value for row in rows],
        "fields": [None if row.becomes_contact else _json_object(row.fields) for row in rows],
        "contact_id": ids,
        "number": [
            row.number if contact_id is None else None
            for row, contact_id in zip(rows, ids, strict=True)
        ],
        "duplicate_of": [row.duplicate_of for row in rows],
    }


def json_objects(columns: Mapping[str, Sequence[str]], *, how_many: int) -> Sequence[str]:
    """Return a JSON object for each row of columns, just as `json.dumps` writes it."""
    if not columns:
        return ["{}"] * how_many
    parts = list[Iterable[str]]()
    for name, cells in columns.items():
        parts += (repeat(f"{', ' if parts else '{'}{quoted(name)}: "), map(quoted, cells))
    return list(map("".join, zip(*parts, repeat("}", how_many), strict=False)))


def _zones_as_texts(zones: Iterable[tuple[str, ...]]) -> Sequence[str]:
    return list(map(cache(zones_as_text), zones))


def _json_object(fields: Mapping[str, str]) -> str:
    members = [f"{quoted(name)}: {quoted(cell)}" for name, cell in fields.items()]
    return f"{{{', '.join(members)}}}"
