"""How a text file divides its rows into cells: delimiter, quote and escape.

The delimiter is the one under which most rows are equally wide; a `sep=;` line says it outright.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from inkbatch.adapters.table_files.headers import header_index
from inkbatch.adapters.table_files.limits import Unreadable

_USUAL = {".csv": ",;\t|", ".tsv": "\t,;|", ".txt": "\t,;|"}
_UNUSUAL = "^~\x1f\x1e¦§:"
_GOOD_ENOUGH, _UNUSUAL_GOOD_ENOUGH = 0.4, 0.7
_GAPS_FROM = 2  # of two columns both have a name, where a delimiter is not a mere colon
_SEP_LINE = re.compile(r'\s*"?sep=(.|\\t)"?\s*', re.IGNORECASE)
_NEW_LINE = re.compile(r"\r\n|\r|\n")


class Records(Iterator[list[str]], Protocol):
    """The rows of a text, which count the lines they were read from."""

    @property
    def line_num(self) -> int:
        """The lines read so far; more than the records where one goes over several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What `csv.reader` has to be told; `skip_lines` are those of `sep=`, no rows of the table."""

    delimiter: str = ","
    quote: str = '"'
    escape: str | None = None
    strict: bool = True
    skip_lines: int = 0

    def read(self, lines: Iterable[str]) -> Records:
        """Return the records; raises csv.Error for a quote that is never closed."""
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote,
            escapechar=self.escape,
            strict=self.strict,
        )

    def as_json(self) -> dict[str, Any]:
        """Return what the constructor takes."""
        return asdict(self)


def lines_of(text: str) -> list[str]:
    """Divide at any line end, which stays; other separators of Unicode are letters of cells."""
    ends = [match.end() for match in _NEW_LINE.finditer(text)]
    starts = [0, *ends]
    return [text[a:b] for a, b in zip(starts, [*ends, len(text)], strict=True) if b > a]


def dialect_of(text: str, *, form: str, whole: bool) -> Dialect:
    """Find the dialect of a text's first lines; `whole` says that nothing comes after them."""
    lines = lines_of(text)
    if not whole and len(lines) > 1:
        lines.pop()
    told = _SEP_LINE.fullmatch(lines[0]) if lines else None
    if told:
        delimiter = "\t" if told[1] == "\\t" else told[1]
        return _with_quote(lines[1:], delimiter, whole=whole, skip_lines=1)
    scored = _scores(lines, _USUAL[form], whole=whole)
    if max(scored.values()) < _GOOD_ENOUGH:
        unusual = _scores(lines, _UNUSUAL, whole=whole)
        scored |= {one: score for one, score in unusual.items() if score > _UNUSUAL_GOOD_ENOUGH}
    best = max(scored, key=lambda delimiter: scored[delimiter])
    return _with_quote(lines, best, whole=whole, skip_lines=0)


def _scores(lines: list[str], delimiters: str, *, whole: bool) -> dict[str, float]:
    return {
        delimiter: _score(_records(lines, _with_quote(lines, delimiter, whole=whole, skip_lines=0)))
        for delimiter in delimiters
    }


def _score(records: list[list[str]]) -> float:
    """Return the share of rows that are as wide as most, higher for more columns, 0 for one."""
    rows = [record for record in records if any(map(str.strip, record))]
    widths = Counter(len(row) for row in rows if len(row) > 1)
    if not widths:
        return 0.0
    width, rows_of_it = max(widths.items(), key=lambda item: (item[1], item[0]))
    header = _header_width(rows)
    agrees = 1.0 if header == width else 0.5  # a delimiter divides the column names as well
    return agrees * rows_of_it / len(rows) * (1 - 1 / (2 * width))


def _header_width(rows: list[list[str]]) -> int:
    try:
        place = header_index(rows[:60])
    except Unreadable:
        return 0
    header = rows[place or 0]
    return len(header) if all(map(str.strip, header)) or len(header) > _GAPS_FROM else 0


def _with_quote(lines: list[str], delimiter: str, *, whole: bool, skip_lines: int) -> Dialect:
    """Return the dialect with the first quote and escape under which the lines read cleanly."""
    usual = Dialect(delimiter=delimiter, skip_lines=skip_lines)
    single = Dialect(delimiter=delimiter, quote="'", skip_lines=skip_lines)
    escaped = Dialect(delimiter=delimiter, escape="\\", skip_lines=skip_lines)
    if _quoted_cells(lines, delimiter, "'") > _quoted_cells(lines, delimiter, '"'):
        return single if _is_clean(lines, single, whole=whole) else usual
    if any('\\"' in line for line in lines) and not _is_clean(lines, usual, whole=whole):
        return escaped if _is_clean(lines, escaped, whole=whole) else usual
    return usual


def _quoted_cells(lines: list[str], delimiter: str, quote: str) -> int:
    d, q = re.escape(delimiter), re.escape(quote)
    opening = re.compile(f"(?:^|{d}){q}(?=.)")
    closing = re.compile(f"{q}(?={d}|[\r\n]*$)")
    return sum(
        min(len(opening.findall(line)), len(closing.findall(line)))
        for line in lines
        if quote in line
    )


def _is_clean(lines: list[str], dialect: Dialect, *, whole: bool) -> bool:
    try:
        for _ in dialect.read(lines):
            pass
    except csv.Error as error:
        return not whole and "unexpected end" in str(error)
    return True


def _records(lines: list[str], dialect: Dialect) -> list[list[str]]:
    records: list[list[str]] = []
    with suppress(csv.Error):  # what was read up to there tells enough
        records.extend(dialect.read(lines))
    return records
