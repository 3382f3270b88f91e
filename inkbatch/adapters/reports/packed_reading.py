"""Columns of numbers out of the database in one pass, a million rows in half a second."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pyarrow as pa
from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    Select,
    String,
    cast,
    func,
    or_,
    type_coerce,
)

from inkbatch.adapters.reports.packed import FIRST, Packed, in_statement

ROWS_AT_ONCE: Final = 30_000
"""How many rows there are as text at a time, at 30 to 150 bytes each."""


def read_packed(
    connection: Connection,
    columns: Mapping[str, Packed],
    query: Select[Any],
    *,
    by: ColumnElement[Any],
    rows_at_once: int = ROWS_AT_ONCE,
) -> dict[str, Any]:
    """Return the columns of one pass; `query` says from where and which rows.

    They are read in parts along `by`, an indexed number or time, so that never more than about
    `rows_at_once` are there as text.
    """
    parts = [
        _part(connection, columns, part)
        for part in _parts(connection, query, by=by, rows_at_once=rows_at_once)
    ]
    # What Arrow let go stays with its pool otherwise: a fifth of the peak over a million rows.
    pa.default_memory_pool().release_unused()
    return {name: _joined([part.pop(name) for part in parts]) for name in list(parts[0])}


def unindexed(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a column that SQLite looks up by no index: parts by id then read the table in order.

    Jumping to each row of an index takes twice as long as reading all rows of the part.
    """
    return func.coalesce(column, column)


def _parts(
    connection: Connection, query: Select[Any], *, by: ColumnElement[Any], rows_at_once: int
) -> Iterator[Select[Any]]:
    # One by one, so that each of the two is a look at one end of an index.
    low, high = (
        connection.execute(query.add_columns(end(by))).scalar_one() for end in (func.min, func.max)
    )
    if low is None or low == high:
        yield query
        return
    # Ids are taken for as many rows: to count those of the campaign takes longer than it saves.
    is_id = isinstance(low, int)
    counted = query.add_columns(func.count())
    rows = high - low + 1 if is_id else connection.execute(counted).scalar_one()
    count = -(-int(rows) // rows_at_once)
    if count <= 1:
        yield query
        return
    bounds = [low + (high - low) * place / count for place in range(1, count)]
    if is_id:
        bounds = [int(bound) for bound in bounds]
    yield query.where(or_(by < bounds[0], by.is_(None)))
    for begin, end in pairwise(bounds):
        yield query.where(by >= begin, by < end)
    yield query.where(by >= bounds[-1])


def _part(
    connection: Connection, columns: Mapping[str, Packed], query: Select[Any]
) -> dict[str, Any]:
    joined_by: Any = func.aggregate_strings  # typed as if what is between could be no expression
    joined = (
        _as_bytes(
            connection,
            joined_by(_as_text(connection, each.column), in_statement(each.between)),
        )
        for each in columns.values()
    )
    found = list(connection.execute(query.add_columns(*joined)).one())
    # Each text is let go before the next is taken apart: together they are what takes memory.
    found.reverse()
    told: dict[str, Any] = {}
    for name, each in columns.items():
        column = each.unpack(found.pop() or b"")
        told |= column | {name: column.pop(FIRST)} if isinstance(column, dict) else {name: column}
    return told


def _joined(parts: Sequence[Any]) -> Any:
    if isinstance(parts[0], pa.Array):
        return pa.chunked_array(parts)
    return np.concatenate(parts)


def _as_text(connection: Connection, column: ColumnElement[Any]) -> ColumnElement[str]:
    """SQLite joins numbers as they are, PostgreSQL texts alone."""
    if connection.dialect.name == "sqlite":
        return type_coerce(column, String)
    return cast(column, String)


def _as_bytes(connection: Connection, joined: ColumnElement[str]) -> ColumnElement[Any]:
    """SQLite gives bytes as they are: a text would be decoded, and encoded again."""
    if connection.dialect.name == "sqlite":
        return cast(joined, LargeBinary)
    return func.convert_to(joined, in_statement("UTF8"))
