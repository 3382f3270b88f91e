"""How every part of a transaction runs its statements, and what an error does to the whole."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any, ParamSpec, TypeAlias, TypeVar, cast

from sqlalchemy import Column, ColumnElement, Connection, Executable, Insert, Update, text

from inkbatch.adapters.store.prepared import AnyRow, Driver, Prepared, command, prepared
from inkbatch.adapters.store.translation import (
    FAILURES,
    RefusedByConstraint,
    raise_translated,
    translated,
)
from inkbatch.domain.errors import StoreError

__all__ = ["AnyRow", "Statements", "among", "existing", "is_among"]

TEXTS_AMONG = {
    "sqlite": text("SELECT value FROM json_each(:among)"),
    "postgresql": text("SELECT value FROM json_array_elements_text(CAST(:among AS json))"),
}
"""Any number of texts as one JSON parameter: one text for all, each looked up by index."""

Value = TypeVar("Value")
Given = ParamSpec("Given")
Values: TypeAlias = Mapping[str, Any]
Written: TypeAlias = Insert | Update
"""What `_later` takes."""


class Statements:
    """One connection inside one transaction; what goes wrong leaves as StoreError.

    A statement that is given values, be it `{}`, is built once, at the top of a module, and
    `prepared`.
    After an error nothing of the transaction is kept, on either backend, even if somebody catches
    the error inside; only a `_try_change` that is refused leaves the transaction as it was.
    """

    def __init__(self, connection: Connection, *, writes: bool) -> None:
        self._connection = connection
        self._writes = writes
        self._broken = False
        self._dialect = connection.dialect.name
        self._driver = cast("Driver", connection.connection.driver_connection)
        self._pending: list[tuple[Written, list[Values]]] = []

    def finish(self) -> None:
        """Write what is pending.

        Raises StoreError where that fails, or where an error was caught inside and the commit
        would be half.
        """
        self._write_pending()
        if self._broken:
            raise StoreError("A step of this transaction failed before, so nothing of it is kept.")

    def _rows(self, statement: Executable, values: Values | None = None) -> Sequence[AnyRow]:
        self._write_pending()
        if values is None:
            return self._run(lambda: self._connection.execute(statement).all())
        ready = self._ready(statement, values)
        return self._run(ready.rows, self._driver, values)

    def _row(self, statement: Executable, values: Values | None = None) -> AnyRow | None:
        self._write_pending()
        if values is None:
            return self._run(lambda: self._connection.execute(statement).first())
        ready = self._ready(statement, values)
        return self._run(ready.row, self._driver, values)

    def _scalar(self, statement: Executable, values: Values | None = None) -> Any:
        row = self._row(statement, values)
        return None if row is None else row[0]

    def _column(self, statement: Executable, values: Values | None = None) -> list[Any]:
        self._write_pending()
        if values is None:
            return self._run(lambda: list(self._connection.execute(statement).scalars()))
        ready = self._ready(statement, values)
        return self._run(ready.column, self._driver, values)

    def _change(self, statement: Executable, values: Values | None = None) -> int:
        """Write, and return how many rows it touched."""
        self._require_writing()
        self._write_pending()
        if values is None:
            return self._run(lambda: self._connection.execute(statement).rowcount)
        ready = self._ready(statement, values)
        return self._run(ready.change, self._driver, values)

    def _change_all(self, statement: Executable, rows: Sequence[Values]) -> int:
        """Write once for each of `rows`, and return how many rows all touched."""
        self._require_writing()
        self._write_pending()
        ready = self._ready(statement, rows[0])
        return self._run(ready.change_all, self._driver, rows)

    def _later(self, statement: Written, values: Values) -> None:
        """Write before the next read, change or commit, together with others of its kind.

        For writes whose count of rows nobody asks for; many of them are one round trip. Writes to
        one table keep their order.
        """
        self._require_writing()
        for pending, rows in reversed(self._pending):
            if pending is statement:
                rows.append(values)
                return
            if pending.table is statement.table:
                break
        self._pending.append((statement, [values]))

    def _write_pending(self) -> None:
        if not self._pending:
            return
        pending, self._pending = self._pending, []
        for statement, rows in pending:
            ready = self._ready(statement, rows[0])
            self._run(ready.change_all, self._driver, rows)

    def _try_change(self, statement: Executable, values: Values) -> int:
        """Write like `_change`; a StoreError undoes this one statement and nothing else."""
        self._require_writing()
        savepoint = self._savepoint if self._is_postgresql else nullcontext
        try:
            with translated(), savepoint():
                return self._ready(statement, values).change(self._driver, values)
        except RefusedByConstraint:
            raise
        except StoreError:
            self._broken = True  # a full disk undoes more than this one statement
            raise

    def _try_all(self, statement: Executable, rows: Sequence[Values]) -> bool:
        """Write all rows by one round trip, each touching one row of the table, or none of them.

        Returns False, with nothing written, where a row touched nothing or broke a constraint.
        """
        self._require_writing()
        self._write_pending()
        if not rows:
            return True
        try:
            with translated(), self._savepoint():
                ready = self._ready(statement, rows[0])
                _require_all(rows, touched=ready.change_all(self._driver, rows))
        except RefusedByConstraint:
            return False
        except StoreError:
            self._broken = True
            raise
        return True

    @contextmanager
    def _savepoint(self) -> Iterator[None]:
        """Undo what the block wrote, and no more, where it raises."""
        command(self._driver, "SAVEPOINT step")
        try:
            yield
        except BaseException:
            command(self._driver, "ROLLBACK TO SAVEPOINT step")
            raise
        finally:
            command(self._driver, "RELEASE SAVEPOINT step")

    def _require_writing(self) -> None:
        if not self._writes:
            raise StoreError("This transaction only reads.")

    @property
    def _is_postgresql(self) -> bool:
        return self._dialect == "postgresql"

    def _ready(self, statement: Executable, values: Values) -> Prepared:
        return prepared(statement, self._dialect, *values)

    def _run(
        self, work: Callable[Given, Value], *given: Given.args, **named: Given.kwargs
    ) -> Value:
        try:
            return work(*given, **named)
        except FAILURES as error:
            self._broken = True
            raise_translated(error)
        except StoreError:
            self._broken = True
            raise


def _require_all(rows: Sequence[Values], *, touched: int) -> None:
    if touched != len(rows):
        raise RefusedByConstraint("A row that was to be changed is not as it was.")


def is_among(column: Column[Any], *, dialect: str) -> ColumnElement[bool]:
    """Return the condition that a column is one of the texts given by `among`."""
    return column.in_(TEXTS_AMONG[dialect].columns(value=column.type))


def among(values: Iterable[str]) -> dict[str, str]:
    """Return the parameter that `is_among` asks for."""
    return {"among": json.dumps(list(values))}


def existing(row: AnyRow | None, what: str) -> AnyRow:
    """Return the row; raises StoreError where it was thought to exist and does not."""
    if row is None:
        raise StoreError(f"The database has no {what}.")
    return row
