"""Columns as the database joins them, for `packed_reading`, and how they are taken apart.

Each column comes as one text that the database joined (`group_concat`, `string_agg`), which numpy
and Arrow take apart at once: a million Python rows would take several times as long, and a sort by
groups, which SQLite has no other way to make, longer than the whole pass. All columns of one pass
have their rows in the same order.

What stands between the values, and the words and codes, are in the statement itself: as bound
parameters SQLite would copy each of them at each row, which doubles its time.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
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
    String,
    case,
    cast,
    func,
    literal,
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
_MICROSECONDS_A_MINUTE: Final = 60 * MICROSECONDS
NO_NUMBER: Final = -1

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIME_WIDTH = len("2026-03-02 15:00:00.000000")
_NO_TIME_TEXT = "0001-01-01 00:00:00.000000"
_BETWEEN_TEXTS = "\x1f"
_OTHER = "?"
FIRST = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A column as the database joins it, and how its text is taken apart."""

    column: ColumnElement[Any]
    between: str
    unpack: Callable[[bytes], Any]


def whole(column: ColumnElement[Any]) -> Packed:
    """Whole numbers; NO_NUMBER stands for one that is missing."""
    return Packed(column=_or(column, NO_NUMBER), between=" ", unpack=_whole_numbers)


def several(first: ColumnElement[Any], **others: tuple[ColumnElement[Any], int]) -> Packed:
    """Several columns of whole numbers as one: to join a column takes longer than to reckon.

    Of the others it is said how many bits each may have, 62 together with the first; no number is
    negative or missing. They become columns by their names.
    """
    told: ColumnElement[Any] = cast(first, BigInteger)
    for column, bits in others.values():
        told = told * in_statement(1 << bits) + column
    sizes = {name: bits for name, (_, bits) in others.items()}
    return Packed(column=told, between=" ", unpack=lambda text: _taken_apart(text, sizes))


def minutes(connection: Connection, column: ColumnElement[Any]) -> Packed:
    """Minutes to the microsecond; NO_NUMBER stands for one that is missing."""
    told = microseconds(connection, column)
    if getattr(column, "nullable", True):
        told = func.coalesce(told, in_statement(NO_NUMBER))
    return Packed(column=told, between=" ", unpack=lambda text: as_minutes(_whole_numbers(text)))


def microseconds(connection: Connection, column: ColumnElement[Any]) -> ColumnElement[int]:
    """Return minutes as whole microseconds.

    SQLite takes longer to write down a real number than all the rest of an attempt.
    """
    exact: ColumnElement[Any] = column * in_statement(_MICROSECONDS_A_MINUTE)
    if connection.dialect.name == "sqlite":
        # Its cast cuts off, the other's rounds.
        exact += literal(0.5, literal_execute=True)
    return cast(exact, BigInteger)


def as_minutes(told: Whole) -> Real:
    """Return microseconds as minutes, NO_NUMBER as it is."""
    minutes_told: Real = told / _MICROSECONDS_A_MINUTE
    minutes_told[told < 0] = NO_NUMBER
    return minutes_told


def words(column: ColumnElement[Any], known: Iterable[str]) -> Packed:
    """Codes of words, of which there are at most 52; the commonest first are the quickest."""
    letters = zip(known, ascii_letters, strict=False)
    told = _case(column, letters, other=_OTHER)
    return Packed(column=told, between="", unpack=_codes)


def places(column: ColumnElement[Any], known: Iterable[str]) -> ColumnElement[int]:
    """Return the places of words from 1 on, 0 for another; the commonest first are quickest."""
    return _case(column, ((word, place) for place, word in enumerate(known, 1)), other=0)


def _case(
    column: ColumnElement[Any], told: Iterable[tuple[str, str | int]], *, other: str | int
) -> ColumnElement[Any]:
    cases = ((in_statement(str(word)), in_statement(code)) for word, code in told)
    return case(*cases, value=column, else_=in_statement(other))


def texts(column: ColumnElement[Any]) -> Packed:
    """Texts without control characters, none of them missing, as a chunked Arrow array."""
    return Packed(column=column, between=_BETWEEN_TEXTS, unpack=_split)


def times(connection: Connection, column: ColumnElement[Any]) -> Packed:
    """Times in microseconds; NO_TIME stands for one that is missing."""
    if connection.dialect.name == "sqlite":
        stored = type_coerce(column, String)
        return Packed(column=_or(stored, _NO_TIME_TEXT), between="", unpack=_instants)
    microseconds = cast(func.extract("epoch", column) * MICROSECONDS, BigInteger)
    told = func.coalesce(microseconds, NO_TIME)
    return Packed(column=told, between=" ", unpack=_whole_numbers)


def as_time(microseconds_from_epoch: int) -> datetime:
    """Return one of `Times` as an aware time."""
    return _EPOCH + timedelta(microseconds=microseconds_from_epoch)


def _or(column: ColumnElement[Any], missing: str | int) -> ColumnElement[Any]:
    """Return a column that is never missing; one that cannot be is left alone, which is quicker."""
    if not getattr(column, "nullable", True):
        return column
    return func.coalesce(column, in_statement(missing))


def in_statement(value: str | int) -> ColumnElement[Any]:
    """Return a value that is in the statement itself, unbound."""
    return literal(value, literal_execute=True)


def _whole_numbers(text: bytes) -> Whole:
    return np.fromstring(text, dtype="int64", sep=" ")


def _taken_apart(text: bytes, sizes: Mapping[str, int]) -> dict[str, Whole]:
    """Return the numbers after the first by their names, and the first as FIRST."""
    left = _whole_numbers(text)
    told: dict[str, Whole] = {}
    for name, bits in reversed(list(sizes.items())):
        most = (1 << bits) - 1
        told[name] = (left & most).astype(np.min_scalar_type(most))
        left >>= bits
    return {FIRST: left, **told}


def _codes(text: bytes) -> Codes:
    place = np.full(128, -1, "int8")
    place[[ord(letter) for letter in ascii_letters]] = range(len(ascii_letters))
    codes: Codes = place[np.frombuffer(text, "uint8")]
    return codes


def _split(text: bytes) -> pa.Array:
    """Take apart texts without a copy of any: what is between them is cut off last."""
    joined = text + _BETWEEN_TEXTS.encode() if text else b""
    ends = np.flatnonzero(np.frombuffer(joined, "uint8") == ord(_BETWEEN_TEXTS)) + 1
    starts = pa.array(np.append([0], ends).astype("int32"))
    lines = pa.StringArray.from_buffers(len(ends), starts.buffers()[1], pa.py_buffer(joined))
    return pc.utf8_slice_codeunits(lines, 0, -1)


def _instants(text: bytes) -> Times:
    """Take apart ISO texts that SQLite keeps at one width."""
    count = len(text) // _TIME_WIDTH
    ends = pa.array(np.arange(count + 1, dtype="int32") * _TIME_WIDTH)
    strings = pa.StringArray.from_buffers(count, ends.buffers()[1], pa.py_buffer(text))
    instants: Times = np.array(strings.cast(pa.timestamp("us")).cast(pa.int64()))
    instants[instants < 0] = NO_TIME
    return instants
