"""Indexes made anew once a long list is stored: sorted at one go they take half the time."""

from sqlalchemy import Connection, Index, Table

from inkbatch.adapters.store.engine import CACHE_KIB

SORT_KIB = 2_048
"""SQLite sorts runs as long as its cache; those that the processor's cache holds are quicker."""

SORT_THREADS = 2
"""So many threads sort runs while the table is still read."""


def drop_indexes(connection: Connection, table: Table) -> None:
    """Drop the indexes of whole columns, not the primary key; undone with the transaction."""
    for index in _of_all_rows(table):
        index.drop(connection)


def make_indexes(connection: Connection, table: Table) -> None:
    """Make them anew in SQLite, in the same transaction."""
    connection.exec_driver_sql(f"PRAGMA cache_size = -{SORT_KIB}")
    connection.exec_driver_sql(f"PRAGMA threads = {SORT_THREADS}")
    try:
        for index in _of_all_rows(table):
            index.create(connection)
    finally:
        connection.exec_driver_sql("PRAGMA threads = 0")
        connection.exec_driver_sql(f"PRAGMA cache_size = -{CACHE_KIB}")


def _of_all_rows(table: Table) -> list[Index]:
    """Those of few rows are left: to find the few in the whole table takes longer than to keep."""
    return [index for index in table.indexes if index.dialect_options["sqlite"]["where"] is None]
