"""Text files read by blocks of lines: where nothing is quoted, a block is divided at one go."""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from io import StringIO, TextIOWrapper
from itertools import chain

from inkbatch.adapters.table_files.dialects import Dialect

CHARACTERS_AT_ONCE = 512 * 1024

Columns = tuple[Sequence[str], ...]

_BYTES = bytes(range(256))


def read_columns(
    lines: TextIOWrapper, dialect: Dialect, *, width: int, characters: int = CHARACTERS_AT_ONCE
) -> Iterator[Columns]:
    """Yield the records from here on, some at once, in `width` columns of cells as they stand.

    Short records are filled up with empty cells. `lines` is a text opened without translation of
    line ends, after the lines that are no records; a block goes on to the end of the line, or of
    the record, in which it has so many `characters`. Raises csv.Error as `dialect.read` does.
    """
    while block := _block(lines, characters):
        columns = _divided(block, dialect)
        if columns is None:
            columns = _by_column(_parsed(block, lines, dialect)[0])
        missing = ([""] * len(columns[0]) for _ in range(width - len(columns)))
        yield (*columns[:width], *missing)


def count_widths(lines: TextIOWrapper, dialect: Dialect) -> tuple[Counter[int], bool]:
    """Count the records of each width, and tell whether any goes over several lines.

    Raises csv.Error as `dialect.read` does.
    """
    widths, has_folds = Counter[int](), False
    while block := _block(lines, CHARACTERS_AT_ONCE):
        text = _plain_text(block, dialect)
        if text is None:
            records, lines_read = _parsed(block, lines, dialect)
            widths.update(map(len, records))
            has_folds = has_folds or lines_read > len(records)
        else:
            widths.update(_widths(text, dialect))
    return widths, has_folds


def _block(lines: TextIOWrapper, characters: int) -> str:
    return lines.read(characters) + lines.readline()


def _divided(block: str, dialect: Dialect) -> Columns | None:
    """Return the columns of lines that are equally wide records; None for all others."""
    text = _plain_text(block, dialect)
    if text is None:
        return None
    skeleton = _skeleton(text, dialect)
    width = skeleton.index(b"\n") + 1
    if not _is_even(skeleton, width):
        return None
    cells = text[:-1].replace("\n", dialect.delimiter).split(dialect.delimiter)
    return tuple(cells[place::width] for place in range(width))


def _widths(text: str, dialect: Dialect) -> Counter[int]:
    skeleton = _skeleton(text, dialect)
    width = skeleton.index(b"\n") + 1
    if width > 1 and _is_even(skeleton, width):
        return Counter({width: len(skeleton) // width})
    widths = Counter(len(delimiters) + 1 for delimiters in skeleton.split(b"\n")[:-1])
    widths[0] = text.split("\n")[:-1].count("")
    widths[1] -= widths[0]
    return +widths


def _skeleton(text: str, dialect: Dialect) -> bytes:
    """Return nothing but the delimiters and line ends of a text."""
    kept = dialect.delimiter.encode() + b"\n"
    return text.encode().translate(None, _BYTES.translate(None, kept))


def _is_even(skeleton: bytes, width: int) -> bool:
    return skeleton == skeleton[:width] * (len(skeleton) // width)


def _plain_text(block: str, dialect: Dialect) -> str | None:
    """Return lines that are a record each, without a quote, each ended alike; None for others."""
    if dialect.quote in block or (dialect.escape and dialect.escape in block):
        return None
    text = block.replace("\r\n", "\n") if "\r" in block else block
    if "\r" in text or not dialect.delimiter.isascii() or _may_pass_field_limit(text):
        return None
    return text if text.endswith("\n") else text + "\n"


def _may_pass_field_limit(text: str) -> bool:
    """Tell whether a cell may be longer than the parser takes: in half of that no line ends."""
    step = csv.field_size_limit() // 2
    return any(
        text.find("\n", start, start + step) < 0 for start in range(0, len(text) - step, step)
    )


def _parsed(block: str, lines: TextIOWrapper, dialect: Dialect) -> tuple[list[list[str]], int]:
    """Return the records of a block, the last one to its end, and the number of their lines."""
    records: list[list[str]] = []
    own_lines = list(StringIO(block, newline=""))
    reader = dialect.read(chain(own_lines, lines))
    for record in reader:
        records.append(record)
        if reader.line_num >= len(own_lines):
            break
    return records, reader.line_num


def _by_column(records: list[list[str]]) -> Columns:
    width = max(1, *map(len, records))
    if min(map(len, records)) < width:
        records = [record + [""] * (width - len(record)) for record in records]
    return tuple(zip(*records, strict=True))
