"""SQLite without SQLAlchemy's execution, which takes nine tenths of the time of a statement.

The store's statements are compiled by SQLAlchemy as ever, each once, and are then given to the
driver as they are. Only what `inkbatch.adapters.store` asks of an engine is here; a test holds that
a seed has the same life, line by line, on SQLAlchemy's own engine.
"""

import sqlite3
from contextlib import contextmanager
from types import SimpleNamespace

from sqlalchemy.exc import DBAPIError

from tests.simulation.prepared import DIALECT, columns_of, prepared


class DirectEngine:
    """Does what an Engine does for the store, on one connection of the driver."""

    dialect = DIALECT

    def __init__(self, raw, *, begin="BEGIN"):
        self._connection = DirectConnection(raw)
        self._raw = raw
        self._begin = begin

    def execution_options(self, *, sqlite_begin):
        """Return an engine of the same connection that begins its transactions like that."""
        return DirectEngine(self._raw, begin=sqlite_begin)

    @contextmanager
    def begin(self):
        """Yield the connection in a transaction."""
        self._raw.execute(self._begin)
        try:
            yield self._connection
            self._connection.exec_driver_sql("COMMIT")
        except BaseException:
            self._raw.rollback()
            raise

    @contextmanager
    def connect(self):
        """Yield the connection, for reading."""
        yield self._connection

    def dispose(self):
        """Close it; a database in memory is gone with that."""
        self._raw.close()


class DirectConnection:
    """Does what a Connection does for the store."""

    dialect = DIALECT

    def __init__(self, raw):
        self._raw = raw
        self.connection = SimpleNamespace(driver_connection=raw)

    def execute(self, statement, values=None, *, execution_options=None):  # noqa: ARG002 (rows are counted always)
        """Run a statement, once or with each of a list of values."""
        rows = values if isinstance(values, list) else [values or {}]
        ready = prepared(statement, tuple(rows[0]), is_many=len(rows) > 1)
        sql, parameters = ready.filled(rows)
        if len(parameters) == 1:
            return _Result(self._run(self._raw.execute, sql, parameters[0]), ready.columns)
        return _Result(self._run(self._raw.executemany, sql, parameters), ready.columns)

    def scalar(self, statement):
        """Return the first column of the first row."""
        return self.execute(statement).scalar()

    def exec_driver_sql(self, sql, parameters=()):
        """Run plain SQL."""
        run = self._raw.executemany if isinstance(parameters, list) else self._raw.execute
        return _Result(self._run(run, sql, parameters), columns_of(sql))

    @contextmanager
    def begin_nested(self):
        """Open a savepoint: an error, or its `rollback`, undoes what was done since."""
        savepoint = _Savepoint(self._raw)
        try:
            yield savepoint
        except BaseException:
            savepoint.rollback()
            raise
        savepoint.release()

    def _run(self, run, sql, parameters):
        try:
            return run(sql, parameters)
        except sqlite3.Error as error:
            raise DBAPIError.instance(
                sql, None, error, sqlite3.Error, hide_parameters=True, dialect=DIALECT
            ) from error


class _Savepoint:
    def __init__(self, raw):
        self._raw = raw
        self._is_open = True
        raw.execute("SAVEPOINT nested")

    def rollback(self):
        if self._is_open:
            self._raw.execute("ROLLBACK TO nested")
            self.release()

    def release(self):
        if self._is_open:
            self._is_open = False
            self._raw.execute("RELEASE nested")


class _Result:
    def __init__(self, cursor, columns):
        self._cursor = cursor
        self._columns = columns

    @property
    def rowcount(self):
        return self._cursor.rowcount

    def all(self):
        return self._columns.rows(self._cursor, self._cursor.fetchall())

    def first(self):
        found = self._cursor.fetchmany(1)
        (row,) = self._columns.rows(self._cursor, found) or (None,)
        self._cursor.close()
        return row

    def scalar(self):
        row = self.first()
        return None if row is None else row[0]

    def scalars(self):
        return [row[0] for row in self.all()]
