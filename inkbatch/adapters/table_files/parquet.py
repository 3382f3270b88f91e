"""Parquet files become rows of text; runs in the confined process only."""

from collections.abc import Iterable
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from inkbatch.adapters.table_files.cell_texts import cell_text
from inkbatch.adapters.table_files.forms import unreadable_as
from inkbatch.adapters.table_files.limits import Limits, Unreadable, mebibytes
from inkbatch.adapters.table_files.read_ahead import read_ahead
from inkbatch.adapters.table_files.spool import DELIMITER, Spooled

_BATCH_ROWS = 20_000
_NARROW_EXACT_BELOW = 2**24
"""From here on, a column of 32-bit decimals rounds whole numbers."""


def read_parquet(stream: BinaryIO, *, to: BinaryIO, limits: Limits) -> Spooled:
    """Write all rows; the first is row 2, under the column names. Raises Unreadable."""
    try:
        file = pq.ParquetFile(stream, memory_map=False)
        headers = tuple(str(name).strip() for name in file.schema_arrow.names)
        _require_bounds(file.metadata, limits)
        if not headers:
            raise Unreadable("has no columns")
        _write(file, to=to, limits=limits)
    except (pa.ArrowException, OSError, ValueError):
        raise unreadable_as(".parquet", "its data are damaged") from None
    return Spooled(headers=headers, first_row=2)


def _require_bounds(metadata: Any, limits: Limits) -> None:
    if metadata.num_rows > limits.rows_max:
        raise Unreadable(f"has more than {limits.rows_max:,} rows; split it into several files")
    if metadata.num_columns > limits.columns_max:
        raise Unreadable(
            f"has more than {limits.columns_max:,} columns; leave out those that no call needs"
        )
    if metadata.num_rows * metadata.num_columns > limits.cells_max:
        raise Unreadable(
            f"has more than {limits.cells_max:,} cells; leave out columns that no call needs"
        )
    groups = range(metadata.num_row_groups)
    inflated = sum(metadata.row_group(group).total_byte_size for group in groups)
    if inflated > limits.inflated_bytes_max:
        raise Unreadable(
            f"grows beyond {mebibytes(limits.inflated_bytes_max)} when unpacked; leave out "
            "columns that no call needs"
        )


def _write(file: Any, *, to: BinaryIO, limits: Limits) -> None:
    """Write batch by batch, in columns: a Python object per cell would cost four times as much."""
    names = [str(place) for place in range(len(file.schema_arrow.names))]
    filled = False
    for batch in read_ahead(file.iter_batches(batch_size=_BATCH_ROWS)):
        texts = [_texts(column) for column in batch.columns]
        longest = max(_longest(pc.binary_length, column) for column in texts)  # never too low
        if longest >= limits.cell_characters_max:
            _require_short(texts, limits)
        filled = filled or longest > 0
        _write_batch(pa.record_batch(texts, names=names), to=to)
    if not filled:
        raise Unreadable("has column names but no rows under them")
    to.flush()


def _longest(length: Any, texts: Any) -> int:
    return pc.max(length(texts)).as_py() or 0


def _require_short(columns: Iterable[Any], limits: Limits) -> None:
    if max(_longest(pc.utf8_length, column) for column in columns) >= limits.cell_characters_max:
        raise Unreadable(
            f"has a cell of more than {limits.cell_characters_max:,} characters; shorten it"
        )


def _write_batch(texts: Any, *, to: BinaryIO) -> None:
    """Write without quotes where no cell needs them; that is told with a part written already."""
    try:
        written = _as_csv(texts, quoting="none")
    except pa.ArrowInvalid:
        written = _as_csv(texts, quoting="needed")
    to.write(written)


def _as_csv(texts: Any, *, quoting: str) -> Any:
    buffer = pa.BufferOutputStream()
    pa_csv.write_csv(texts, buffer, _options(quoting))
    return buffer.getvalue()


def _options(quoting: str) -> Any:
    return pa_csv.WriteOptions(include_header=False, delimiter=DELIMITER, quoting_style=quoting)


def _texts(column: Any) -> Any:
    """Return a column of texts without outer blanks; nulls stay, and are written as nothing."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
        kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pc.utf8_trim_whitespace(column).cast(pa.string())
    if pa.types.is_integer(kind):
        return column.cast(pa.string())
    if pa.types.is_float16(kind) or pa.types.is_float32(kind):
        return pa.array(map(_narrow_text, column.to_pylist()), pa.string())
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        column = column.cast(pa.timestamp("us", tz=kind.tz), safe=False)
    return pa.array(map(cell_text, column.to_pylist()), pa.string())


def _narrow_text(value: Any) -> str:
    """Write a number whose last digits such a column loses as `4.155550E+09`, to show the loss."""
    if value is None:
        return ""
    number = float(value)
    return f"{number:.6E}" if abs(number) >= _NARROW_EXACT_BELOW else cell_text(number)
