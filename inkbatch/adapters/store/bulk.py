"""Many rows at once, past SQLAlchemy's statements: executemany in SQLite, COPY in PostgreSQL."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, TypeAlias

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.types import TypeEngine

from inkbatch.adapters.store.models import UtcDateTime

ROWS_AT_ONCE = 20_000

Encoder: TypeAlias = Callable[[Any], Any] | None


def insert_rows(
    connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert rows given as values of `columns`, in this order; no column default applies."""
    write = _copy if connection.dialect.name == "postgresql" else _executemany
    encoders = [_encoder(table.c[name].type, connection.dialect) for name in columns]
    remaining = iter(rows)
    while chunk := list(islice(remaining, ROWS_AT_ONCE)):
        write(connection, table, columns, _encoded(chunk, encoders))


def _encoded(rows: list[Sequence[Any]], encoders: Sequence[Encoder]) -> Iterator[tuple[Any, ...]]:
    """Return the rows as the driver takes them; by column, which is faster than by value."""
    by_column = zip(*rows, strict=True)
    encoded = (
        values if encode is None else [None if value is None else encode(value) for value in values]
        for values, encode in zip(by_column, encoders, strict=True)
    )
    return zip(*encoded, strict=True)


def _encoder(column_type: TypeEngine[Any], dialect: Dialect) -> Encoder:
    encode = column_type.dialect_impl(dialect).bind_processor(dialect)
    # The rows of one file share a handful of times, and writing one as text is slow.
    return lru_cache(encode) if encode and isinstance(column_type, UtcDateTime) else encode


def _executemany(
    connection: Connection, table: Table, columns: Sequence[str], rows: Iterator[tuple[Any, ...]]
) -> None:
    quote = connection.dialect.identifier_preparer.quote
    names = ", ".join(map(quote, columns))
    marks = ", ".join("?" * len(columns))
    statement = f"INSERT INTO {quote(table.name)} ({names}) VALUES ({marks})"  # noqa: S608 (names are our own tables')
    connection.exec_driver_sql(statement, list(rows))


def _copy(
    connection: Connection, table: Table, columns: Sequence[str], rows: Iterator[tuple[Any, ...]]
) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    driver_connection: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]  # the dialect's driver
    with driver_connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
