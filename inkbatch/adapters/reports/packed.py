"""Columns of numbers out of the database in one pass, a million rows in about a second.

Each column comes as one text that the database joined (`group_concat`, `string_agg`), which numpy
and Arrow take apart at once: a million Python rows would take several times as long, and a sort by
groups, which SQLite has no other way to make, longer than the whole pass. All columns of one pass
have their rows in the same order.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from string import ascii_letters
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    String,
    case,
    cast,
    func,
    or_,
    type_coerce,
)

Times = NDArray[np.int64]
"""Microseconds from the epoch."""

Whole = NDArray[np.int64 | np.int32]
Real = NDArray[np.float64]
Codes = NDArray[np.int8 | np.int32]
"""Places of words among those that were told, -1 for another word or none."""

NO_TIME: Final = -(2**62)
"""Stands for a time that is missing; before all others."""

MICROSECONDS: Final = 1_000_000
NO_NUMBER: Final = -1

ROWS_AT_ONCE: Final = 50_000
"""How many rows there are as text at a time, at 30 to 150 bytes each."""

_TIME_WIDTH = len("2026-03-02 15:00:00.000000")
_NO_TIME_TEXT = "0001-01-01 00:00:00.000000"
_BETWEEN_TEXTS = "\n"
_OTHER = "?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A column as the database joins it, and how its text is taken apart."""

    column: ColumnElement[Any]
    between: str
    unpack: Callable[[str], Any]


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
    return {name: _joined([part.pop(name) for part in parts]) for name in columns}


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
    joined = (
        func.aggregate_strings(_as_text(connection, each.column), each.between)
        for each in columns.values()
    )
    found = list(connection.execute(query.add_columns(*joined)).one())
    # Each text is let go before the next is taken apart: together they are what takes memory.
    found.reverse()
    return {name: each.unpack(found.pop() or "") for name, each in columns.items()}


def _joined(parts: Sequence[Any]) -> Any:
    if isinstance(parts[0], pa.Array):
        return pa.chunked_array(parts)
    return np.concatenate(parts)


def whole(column: ColumnElement[Any]) -> Packed:
    """Whole numbers; NO_NUMBER stands for one that is missing."""
    return Packed(column=_or(column, NO_NUMBER), between=" ", unpack=_whole_numbers)


def real(column: ColumnElement[Any]) -> Packed:
    """Real numbers, to 15 digits; NO_NUMBER stands for one that is missing."""
    return Packed(column=_or(column, float(NO_NUMBER)), between=" ", unpack=_real_numbers)


def words(column: ColumnElement[Any], known: Iterable[str]) -> Packed:
    """Codes of words, of which there are at most 52."""
    letters = zip(known, ascii_letters, strict=False)
    told = case(*((column == word, letter) for word, letter in letters), else_=_OTHER)
    return Packed(column=told, between="", unpack=_codes)


def texts(column: ColumnElement[Any]) -> Packed:
    """Texts without line breaks, none of them missing, as a chunked Arrow array."""
    return Packed(column=column, between=_BETWEEN_TEXTS, unpack=_split)


def times(connection: Connection, column: ColumnElement[Any]) -> Packed:
    """Times in microseconds; NO_TIME stands for one that is missing."""
    if connection.dialect.name == "sqlite":
        stored = type_coerce(column, String)
        return Packed(column=_or(stored, _NO_TIME_TEXT), between="", unpack=_instants)
    microseconds = cast(func.extract("epoch", column) * MICROSECONDS, BigInteger)
    told = func.coalesce(microseconds, NO_TIME)
    return Packed(column=told, between=" ", unpack=_whole_numbers)


def _or(column: ColumnElement[Any], missing: str | float) -> ColumnElement[Any]:
    """Return a column that is never missing; one that cannot be is left alone, which is quicker."""
    return func.coalesce(column, missing) if getattr(column, "nullable", True) else column


def _as_text(connection: Connection, column: ColumnElement[Any]) -> ColumnElement[str]:
    """SQLite joins numbers as they are, PostgreSQL texts alone."""
    if connection.dialect.name == "sqlite":
        return type_coerce(column, String)
    return cast(column, String)


def _whole_numbers(text: str) -> Whole:
    return np.fromstring(text, dtype="int64", sep=" ")


def _real_numbers(text: str) -> Real:
    return np.fromstring(text, dtype="float64", sep=" ")


def _codes(text: str) -> Codes:
    place = np.full(128, -1, "int8")
    place[[ord(letter) for letter in ascii_letters]] = range(len(ascii_letters))
    codes: Codes = place[np.frombuffer(text.encode(), "uint8")]
    return codes


def _split(text: str) -> pa.Array:
    """Take apart lines without a copy of any: the line breaks between them are cut off last."""
    joined = f"{text}{_BETWEEN_TEXTS}".encode() if text else b""
    ends = np.flatnonzero(np.frombuffer(joined, "uint8") == ord(_BETWEEN_TEXTS)) + 1
    starts = pa.array(np.append([0], ends).astype("int32"))
    lines = pa.StringArray.from_buffers(len(ends), starts.buffers()[1], pa.py_buffer(joined))
    return pc.utf8_slice_codeunits(lines, 0, -1)


def _instants(text: str) -> Times:
    """Take apart ISO texts that SQLite keeps at one width."""
    count = len(text) // _TIME_WIDTH
    ends = pa.array(np.arange(count + 1, dtype="int32") * _TIME_WIDTH)
    joined = pa.py_buffer(text.encode())
    del text
    strings = pa.StringArray.from_buffers(count, ends.buffers()[1], joined)
    instants: Times = np.array(strings.cast(pa.timestamp("us")).cast(pa.int64()))
    instants[instants < 0] = NO_TIME
    return instants
