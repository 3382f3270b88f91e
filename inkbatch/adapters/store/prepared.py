"""Statements that are built once: compiled once, too, and run on the driver's own cursor.

SQLAlchemy keeps what it compiled as well. But to find it again, to lay out the values and to wrap
the rows takes it ten times as long as SQLite takes to answer, and the dialer asks for each call
some thirty times.
"""

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import lru_cache
from itertools import zip_longest
from typing import Any, Protocol, TypeAlias, cast

from sqlalchemy import BindParameter, ClauseElement, Dialect, Row, SelectBase
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

AnyRow: TypeAlias = Row[Any]
"""A row of any number of columns; the statements here are not typed by column."""

Values: TypeAlias = Mapping[str, Any]
Convert: TypeAlias = Callable[[Any], Any] | None
"""Makes of a value what the driver takes, or the other way round; None: it is the same."""

DIALECTS: Mapping[str, Dialect] = {
    "sqlite": sqlite.dialect(paramstyle="named"),
    "postgresql": psycopg.dialect(),  # type: ignore[no-untyped-call]  # SQLAlchemy's own
}
"""Both take values by name."""

PREPARED_MAX = 1_000
TEXTS_MAX = 1_000
"""A statement that takes lists has a text for each number of values in them."""


class Driver(Protocol):
    """A connection of `sqlite3` or of `psycopg`."""

    def cursor(self) -> DBAPICursor:
        """Return a new cursor."""
        ...


def command(driver: Driver, text: str) -> None:
    """Run what has neither values nor rows."""
    with closing(driver.cursor()) as cursor:
        cursor.execute(text)


@lru_cache(maxsize=PREPARED_MAX)
def prepared(statement: ClauseElement, dialect: str, *names: str) -> "Prepared":
    """Return a statement made ready for values of these names; once for the same object."""
    return Prepared(statement, DIALECTS[dialect], names)


class Prepared:
    """One statement in one dialect, which is given values of the same names each time."""

    def __init__(self, statement: ClauseElement, dialect: Dialect, names: Sequence[str]) -> None:
        # As if for many rows; else an INSERT asks for the key of its one.
        compiled = statement.compile(dialect=dialect, column_keys=names, for_executemany=True)
        self._compiled = cast("SQLCompiler", compiled)
        binds = {name: bind for bind, name in self._compiled.bind_names.items()}
        given = [(name, binds[name]) for name in names if name in binds]
        self._singles = [
            (name, _to_driver(bind, dialect)) for name, bind in given if not bind.expanding
        ]
        self._lists = [(name, _to_driver(bind, dialect)) for name, bind in given if bind.expanding]
        self._text = None if self._lists else self.text(())
        self._fixed = dict(self._fixed_values(binds, dialect, given=names))
        selected = statement.selected_columns if isinstance(statement, SelectBase) else ()
        self._types = [column.type for column in selected]
        self._dialect = dialect
        self._columns: _Columns | None = None

    def rows(self, driver: Driver, values: Values) -> list[AnyRow]:
        """Return all rows; each reads as one of SQLAlchemy's."""
        with closing(self._run(driver, values)) as cursor:
            return list(map(self._columns_of(cursor).row, cursor.fetchall()))

    def row(self, driver: Driver, values: Values) -> AnyRow | None:
        """Return the first row; None where there is none."""
        with closing(self._run(driver, values)) as cursor:
            found = cursor.fetchone()
            return None if found is None else self._columns_of(cursor).row(found)

    def column(self, driver: Driver, values: Values) -> list[Any]:
        """Return the first column of all rows."""
        with closing(self._run(driver, values)) as cursor:
            return self._columns_of(cursor).first_of_all(cursor.fetchall())

    def change(self, driver: Driver, values: Values) -> int:
        """Write, and return how many rows it touched."""
        with closing(self._run(driver, values)) as cursor:
            return cursor.rowcount

    def change_all(self, driver: Driver, rows: Sequence[Values]) -> int:
        """Write once for each of `rows`, by one round trip; return how many rows all touched."""
        with closing(driver.cursor()) as cursor:
            text = self._text or self._text_for(rows[0])
            cursor.executemany(text, list(map(self._parameters, rows)))
            return cursor.rowcount

    def text(self, lengths: Sequence[int]) -> str:
        """Return the statement's text for lists of these lengths."""
        lists = zip(self._lists, lengths, strict=True)
        values = {name: [None] * length for (name, _), length in lists}
        singles = dict.fromkeys(name for name, _ in self._singles)
        return self._compiled.construct_expanded_state({**singles, **values}).statement

    def _run(self, driver: Driver, values: Values) -> DBAPICursor:
        cursor = driver.cursor()
        cursor.execute(self._text or self._text_for(values), self._parameters(values))
        return cursor

    def _columns_of(self, cursor: DBAPICursor) -> "_Columns":
        if self._columns is None:
            self._columns = _Columns(self._types, self._dialect, cursor.description)
        return self._columns

    def _text_for(self, values: Values) -> str:
        return _text(self, tuple(len(values[name]) for name, _ in self._lists))

    def _parameters(self, values: Values) -> dict[str, Any]:
        parameters = self._fixed.copy()
        for name, convert in self._singles:
            value = values[name]
            parameters[name] = value if convert is None else convert(value)
        for name, convert in self._lists:
            parameters.update(_numbered(name, values[name], convert))
        return parameters

    def _fixed_values(
        self, binds: Mapping[str, BindParameter[Any]], dialect: Dialect, *, given: Sequence[str]
    ) -> Iterator[tuple[str, Any]]:
        """Yield what the statement itself says, such as the states that it looks for."""
        for name, bind in binds.items():
            convert = _to_driver(bind, dialect)
            if name in given:
                continue
            if bind.expanding:
                yield from _numbered(name, bind.value or (), convert)
            else:
                yield name, convert(bind.value) if convert else bind.value


@lru_cache(maxsize=TEXTS_MAX)
def _text(statement: Prepared, lengths: tuple[int, ...]) -> str:
    return statement.text(lengths)


def _numbered(name: str, values: Sequence[Any], convert: Convert) -> Iterator[tuple[str, Any]]:
    """Yield the values of a list by the names that SQLAlchemy gives them in a text."""
    for number, value in enumerate(values, start=1):
        yield f"{name}_{number}", value if convert is None else convert(value)


def _to_driver(bind: BindParameter[Any], dialect: Dialect) -> Convert:
    return bind.type.dialect_impl(dialect).bind_processor(dialect)


class _Columns:
    """What the rows of a statement consist of, as the driver tells once it has run."""

    def __init__(
        self, types: Sequence[TypeEngine[Any]], dialect: Dialect, description: Sequence[Any]
    ) -> None:
        names, kinds = [column[0] for column in description], [each[1] for each in description]
        told = zip_longest(types, kinds)  # a statement given as text tells no types
        self._converts = [_from_driver(type_, dialect, kind) for type_, kind in told]
        self._places = [(place, each) for place, each in enumerate(self._converts) if each]
        self._row: Any = namedtuple("row", names, rename=True)  # type: ignore[misc]  # noqa: PYI024 (known only now)

    def row(self, found: Sequence[Any]) -> AnyRow:
        """Return what the driver found as a row that has its columns by name too."""
        values = list(found)
        for place, convert in self._places:
            values[place] = convert(values[place])
        return cast("AnyRow", self._row._make(values))

    def first_of_all(self, found: Sequence[Sequence[Any]]) -> list[Any]:
        """Return the first column alone."""
        convert = self._converts[0]
        return [row[0] if convert is None else convert(row[0]) for row in found]


def _from_driver(type_: TypeEngine[Any] | None, dialect: Dialect, kind: Any) -> Convert:
    return None if type_ is None else type_.dialect_impl(dialect).result_processor(dialect, kind)
