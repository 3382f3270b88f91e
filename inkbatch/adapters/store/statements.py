"""How every part of a transaction runs its statements, and what an error does to the whole."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any, Self, TypeAlias, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    CursorResult,
    Executable,
    FromClause,
    Insert,
    Row,
    TextClause,
    Update,
    bindparam,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite

from inkbatch.adapters.store.translation import RefusedByConstraint, translated
from inkbatch.domain.errors import StoreError

TEXTS_AMONG = {
    "sqlite": text("SELECT value FROM json_each(:among)"),
    "postgresql": text("SELECT value FROM json_array_elements_text(CAST(:among AS json))"),
}
"""Any number of texts as one JSON parameter: one cached statement, each looked up by index."""

COUNTED = {"preserve_rowcount": True}
"""SQLAlchemy forgets otherwise how many rows an INSERT wrote."""

AnyRow: TypeAlias = Row[Any]
"""A row of any number of columns; the statements here are not typed by column."""

Value = TypeVar("Value")
Values = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Upsert:
    """An `INSERT ... ON CONFLICT` compiled once: SQLAlchemy would do that at each execution.

    It keeps the compiled form of everything else, but of no insert of a dialect's own.
    """

    table: FromClause
    text: TextClause

    @classmethod
    def of(cls, statement: sqlite.Insert | postgresql.Insert, *, columns: Sequence[str]) -> Self:
        """Compile a statement that is given values of these columns."""
        dialect = sqlite if isinstance(statement, sqlite.Insert) else postgresql
        named = dialect.dialect(paramstyle="named")
        compiled = statement.compile(dialect=named, column_keys=list(columns))
        values = [
            bindparam(name, type_=each.type)
            if each.required
            else bindparam(name, each.value, type_=each.type)
            for each, name in compiled.bind_names.items()
        ]
        return cls(table=statement.table, text=text(compiled.string).bindparams(*values))


Written: TypeAlias = Insert | Update | Upsert
"""What `_later` takes."""


class Statements:
    """One connection inside one transaction; what goes wrong leaves as StoreError.

    After an error nothing of the transaction is kept, on either backend, even if somebody catches
    the error inside; only a `_try_change` that is refused leaves the transaction as it was.
    """

    def __init__(self, connection: Connection, *, writes: bool) -> None:
        self._connection = connection
        self._writes = writes
        self._broken = False
        self._pending: list[tuple[Written, list[Mapping[str, Any]]]] = []

    def finish(self) -> None:
        """Write what is pending.

        Raises StoreError where that fails, or where an error was caught inside and the commit
        would be half.
        """
        self._write_pending()
        if self._broken:
            raise StoreError("A step of this transaction failed before, so nothing of it is kept.")

    def _rows(self, statement: Executable, values: Values = None) -> Sequence[AnyRow]:
        self._write_pending()
        return self._run(lambda: self._connection.execute(statement, values).all())

    def _row(self, statement: Executable, values: Values = None) -> AnyRow | None:
        self._write_pending()
        return self._run(lambda: self._connection.execute(statement, values).first())

    def _scalar(self, statement: Executable, values: Values = None) -> Any:
        self._write_pending()
        return self._run(lambda: self._connection.execute(statement, values).scalar())

    def _column(self, statement: Executable, values: Values = None) -> list[Any]:
        return [row[0] for row in self._rows(statement, values)]

    def _change(self, statement: Executable | Upsert, values: Values = None) -> int:
        """Write, and return how many rows it touched."""
        self._require_writing()
        self._write_pending()
        return self._run(lambda: self._executed(statement, values).rowcount)

    def _later(self, statement: Written, values: Mapping[str, Any]) -> None:
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
        pending, self._pending = self._pending, []
        for statement, rows in pending:
            self._run(partial(self._executed, statement, rows))

    def _try_change(self, statement: Executable, values: Values = None) -> int:
        """Write like `_change`; a StoreError undoes this one statement and nothing else."""
        self._require_writing()
        savepoint = self._connection.begin_nested if self._is_postgresql else nullcontext
        try:
            with translated(), savepoint():
                return self._executed(statement, values).rowcount
        except RefusedByConstraint:
            raise
        except StoreError:
            self._broken = True  # a full disk undoes more than this one statement
            raise

    def _try_all(self, statement: Executable, rows: Sequence[Mapping[str, Any]]) -> bool:
        """Write all rows by one round trip, each touching one row of the table, or none of them.

        Returns False, with nothing written, where a row touched nothing or broke a constraint.
        """
        self._require_writing()
        self._write_pending()
        if not rows:
            return True
        try:
            with translated(), self._connection.begin_nested() as savepoint:
                touched = self._connection.execute(statement, rows, execution_options=COUNTED)
                is_whole = touched.rowcount == len(rows)
                if not is_whole:
                    savepoint.rollback()
                return is_whole
        except RefusedByConstraint:
            return False
        except StoreError:
            self._broken = True
            raise

    def _is_among(self, column: Column[Any]) -> ColumnElement[bool]:
        """Return the condition that a column is one of the texts given by `among`."""
        return is_among(column, dialect=self._dialect)

    def _require_writing(self) -> None:
        if not self._writes:
            raise StoreError("This transaction only reads.")

    @property
    def _dialect(self) -> str:
        return self._connection.dialect.name

    @property
    def _is_postgresql(self) -> bool:
        return self._dialect == "postgresql"

    def _executed(self, statement: Executable | Upsert, values: Values) -> CursorResult[Any]:
        ready = statement.text if isinstance(statement, Upsert) else statement
        return self._connection.execute(ready, values)

    def _run(self, work: Callable[[], Value]) -> Value:
        try:
            with translated():
                return work()
        except StoreError:
            self._broken = True
            raise


def is_among(column: Column[Any], *, dialect: str) -> ColumnElement[bool]:
    """Return the same for a dialect, for a statement that is built once."""
    return column.in_(TEXTS_AMONG[dialect].columns(value=column.type))


def among(values: Iterable[str]) -> dict[str, str]:
    """Return the parameter that `_is_among` asks for."""
    return {"among": json.dumps(list(values))}


def existing(row: AnyRow | None, what: str) -> AnyRow:
    """Return the row; raises StoreError where it was thought to exist and does not."""
    if row is None:
        raise StoreError(f"The database has no {what}.")
    return row
