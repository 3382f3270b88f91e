"""Statements of SQLAlchemy as text for SQLite's driver, each compiled once."""

import sqlite3
from collections import namedtuple
from functools import cache
from weakref import WeakKeyDictionary

from sqlalchemy.dialects.sqlite import pysqlite

DIALECT = pysqlite.dialect()
DIALECT.dbapi = sqlite3


def prepared(statement, names, *, is_many):
    """Return a statement ready for values of these names.

    One that comes a second time is a constant of the store, whose own values never change; all
    others are built for one use, and share the text of those that are built alike.
    """
    known = _constants.get(statement)
    ready = None if known is None else known.get((names, is_many))
    if ready is None:
        ready = Prepared(*_compiled(statement, names, is_many=is_many), names)
    if known is None:
        _constants[statement] = {}
    else:
        known[names, is_many] = ready
    return ready


_constants = WeakKeyDictionary()
_by_shape = {}


def _compiled(statement, names, *, is_many):
    """Return the statement compiled, or one that was built alike, and the values that are in it."""
    compiled, values, _ = statement._compile_w_cache(  # noqa: SLF001 (what Connection.execute does)
        DIALECT, compiled_cache=_by_shape, column_keys=list(names), for_executemany=is_many
    )
    return compiled, values


class Prepared:
    """A compiled statement with the values that are in it, and what reads its rows.

    One that takes lists, such as a condition that a column is one of several texts, has another
    text for each length of them.
    """

    def __init__(self, compiled, extracted, names):
        self._compiled = compiled
        self._extracted = extracted
        self._late = compiled.post_compile_params | compiled.literal_execute_params
        self._takes_lists = any(bind.key in names for bind in self._late)
        self._ready = None if self._takes_lists else self._text_and_slots(dict.fromkeys(names))
        self.columns = _columns(compiled)

    def filled(self, rows):
        """Return the text and the parameters for each of the values."""
        sql, slots = self._text_and_slots(rows[0]) if self._takes_lists else self._ready
        return sql, [
            [
                fixed if name is None else row[name] if encode is None else encode(row[name])
                for name, encode, fixed in slots
            ]
            for row in rows
        ]

    def _text_and_slots(self, row):
        """Return the text, and for each place in it the name of its value or the value itself."""
        compiled, sql = self._compiled, self._compiled.string
        values = compiled.construct_params(row, extracted_parameters=self._extracted)
        values |= _defaults(compiled)
        places, encoders = compiled.positiontup, compiled._bind_processors  # noqa: SLF001 (there is no other way to them)
        if self._late:
            state = compiled._process_parameters_for_postcompile(values)  # noqa: SLF001 (which execution calls)
            sql, places, encoders = state.statement, state.positiontup, encoders | state.processors
        slots = []
        for place in places:
            bind, encode = compiled.binds.get(place), encoders.get(place)
            if bind is not None and bind.key in row:
                slots.append((bind.key, encode, None))
            else:
                slots.append((None, None, encode(values[place]) if encode else values[place]))
        return sql, slots


def _defaults(compiled):
    """Return the values of columns that an INSERT does not name."""
    return {column.key: column.default.arg for column in compiled.insert_prefetch}


class Columns:
    """Makes the driver's rows into SQLAlchemy's: named, each value decoded by its type."""

    def __init__(self, types=()):
        self._decoders = [
            (place, decode)
            for place, kind in enumerate(types)
            if (decode := kind.dialect_impl(DIALECT).result_processor(DIALECT, None))
        ]
        self._make = None

    def rows(self, cursor, found):
        """Return the rows."""
        if self._make is None:
            names = [each[0] for each in cursor.description]
            self._make = namedtuple("Row", names, rename=True)._make  # noqa: PYI024 (its names are known only now)
        decoded = map(self._decoded, found) if self._decoders else found
        return list(map(self._make, decoded))

    def _decoded(self, row):
        row = list(row)
        for place, decode in self._decoders:
            row[place] = decode(row[place])
        return row


def _columns(compiled):
    known = _columns_of.get(compiled)
    if known is None:
        types = [column.type for column in compiled._result_columns]  # noqa: SLF001 (there is no other way to them)
        known = _columns_of[compiled] = Columns(types)
    return known


_columns_of = WeakKeyDictionary()


@cache
def columns_of(sql):  # noqa: ARG001 (each text has columns of its own)
    """Return what reads the rows of plain SQL."""
    return Columns()
