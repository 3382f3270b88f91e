"""Quotes that do not stand where they should: harmless inside a cell, refused where rows melt."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator

from inkbatch.adapters.table_files.dialects import Dialect
from inkbatch.adapters.table_files.limits import Unreadable


class _Remembering:
    """Hands lines on and remembers those of the current record."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.record: list[str] = []

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self.record.append(line)
            yield line


def lenient_if_harmless(lines: Iterable[str], lenient: Dialect) -> tuple[Counter[int], str]:
    """Count records of each width where text follows a closing quote, as in `"Bob" Smith`.

    Raises Unreadable if such a record goes over several lines: two stray quotes would make one
    row of all between them.
    """
    strict = Dialect(
        delimiter=lenient.delimiter, quote=lenient.quote, escape=lenient.escape, strict=True
    )
    remembering = _Remembering(lines)
    records = lenient.read(remembering)
    widths: Counter[int] = Counter()
    odd_lines: list[int] = []
    line = lenient.skip_lines + 1
    for record in records:
        widths[len(record)] += 1
        raw = remembering.record
        if any(lenient.quote in part for part in raw):
            problem = _problem(raw, strict)
            if problem and (len(raw) > 1 or "unexpected end" in problem):
                raise _melting(line, line + len(raw) - 1, at_end="unexpected end" in problem)
            if problem:
                odd_lines.append(line)
        line += len(raw)
        raw.clear()
    return widths, (
        f"text follows a closing quote in {len(odd_lines):,} lines, the first is line "
        f"{odd_lines[0] if odd_lines else line}; check the cells there"
    )


def _problem(raw: list[str], strict: Dialect) -> str | None:
    try:
        for _ in strict.read(raw):
            pass
    except csv.Error as error:
        return str(error)
    return None


def _melting(first: int, last: int, *, at_end: bool) -> Unreadable:
    where = "is never closed" if at_end else f"closes only in line {last}, inside a cell"
    return Unreadable(
        f"cannot be read as rows: a quote opens in line {first} and {where}; put the quote right "
        "or take it out"
    )
