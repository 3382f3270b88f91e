"""Many rows at once, past SQLAlchemy's statements: executemany in SQLite, COPY in PostgreSQL."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import chain, islice, repeat
from typing import Any, TypeAlias

import psycopg
from psycopg import sql
from sqlalchemy import Column, Connection, Dialect, Table

from inkbatch.adapters.store.column_types import UtcDateTime

PARAMETERS_MAX = 15_000
"""So many parameters does one statement have, where the build of SQLite takes as many.

Each run of a statement has its own cost, and a thread that wants to go on does so during one.
"""

FEW_ROWS = 100
"""So many of the rest share one statement."""

Values: TypeAlias = Mapping[str, Sequence[Any]]
"""Equally long columns by name; JSON as text, times as aware datetimes."""


def insert_columns(
    connection: Connection, table: Table, columns: Values, *, constants: Mapping[str, Any]
) -> None:
    """Insert rows given by column; `constants` are the same in all. No column default applies."""
    how_many = len(next(iter(columns.values())))
    if connection.dialect.name == "postgresql":
        everywhere = {name: [value] * how_many for name, value in constants.items()}
        _copy(connection, table, _encoded({**columns, **everywhere}, table, connection.dialect))
    elif how_many:
        encoded = _encoded(columns, table, connection.dialect)
        _executemany(connection, table, encoded, constants)


def _encoded(columns: Values, table: Table, dialect: Dialect) -> Values:
    return {
        name: list(map(_time_encoder(table.c[name], dialect), values))
        if isinstance(table.c[name].type, UtcDateTime)
        else values
        for name, values in columns.items()
    }


def _time_encoder(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any]:
    encode = column.type.dialect_impl(dialect).bind_processor(dialect)
    # The rows of one file share a handful of times, and writing one as text is slow.
    return lru_cache(encode) if encode is not None else lambda value: value


def _executemany(
    connection: Connection, table: Table, columns: Values, constants: Mapping[str, Any]
) -> None:
    rows = zip(*columns.values(), strict=True)
    how_many = len(next(iter(columns.values())))
    for at_once in (_parameters_max(connection) // len(columns), FEW_ROWS, 1):
        values = chain.from_iterable(islice(rows, how_many - how_many % at_once))
        how_many %= at_once
        parameters = list(zip(*[values] * (len(columns) * at_once), strict=True))
        if parameters:
            statement = _insert(connection.dialect, table, columns, constants, at_once=at_once)
            connection.exec_driver_sql(statement, parameters)


def _parameters_max(connection: Connection) -> int:
    driver_connection: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]  # the dialect's driver
    taken = driver_connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
    return min(taken, PARAMETERS_MAX)


def _insert(
    dialect: Dialect,
    table: Table,
    columns: Values,
    constants: Mapping[str, Any],
    *,
    at_once: int,
) -> str:
    quote = dialect.identifier_preparer.quote
    names = ", ".join(map(quote, (*columns, *constants)))
    # A constant is cheaper in the statement than as a parameter of each row.
    literals = (_literal(table.c[name], value, dialect) for name, value in constants.items())
    row = f"({', '.join((*repeat('?', len(columns)), *literals))})"
    rows = ", ".join(repeat(row, at_once))
    return f"INSERT INTO {quote(table.name)} ({names}) VALUES {rows}"  # noqa: S608 (names are our own tables', constants are quoted)


def _literal(column: Column[Any], value: Any, dialect: Dialect) -> str:
    if value is None:
        return "NULL"
    quote = column.type.dialect_impl(dialect).literal_processor(dialect)
    if quote is None:
        raise TypeError(f"column {column.name} can have no constant")
    return quote(value)


def _copy(connection: Connection, table: Table, columns: Values) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    driver_connection: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]  # the dialect's driver
    with driver_connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in zip(*columns.values(), strict=True):
            copy.write_row(row)
