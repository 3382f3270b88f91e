"""What the reader of workbooks does not tell, found in the XML of a sheet as it streams by.

The searches are plain text on purpose: they cost a tenth of a parser, and the limits of the
process stand behind them for files that are written to escape them.
"""

import re
from dataclasses import dataclass, field

from inkbatch.adapters.table_files.limits import Limits, Unreadable

_REFERENCE = re.compile(rb'\br="([A-Z]{0,3})(\d{1,9})"')
_ROW = re.compile(rb'row\s[^>]*?\br="(\d{1,9})"')
_FAR_CELL = re.compile(rb'r="([A-Z]{2,3})(\d{1,9})"')
"""Both begin with plain letters, which are searched for three times as fast."""
_NEAR_COLUMNS = 26
_HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row\b(?=[^>]*\shidden="(?:1|true)")[^>]*?\sr="(\d+)"')
_HIDDEN_COLUMN = re.compile(rb'<(?:\w+:)?col\b[^>]*\shidden="(?:1|true)"')
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*\sref="([A-Z]+\d+):([A-Z]+)(\d+)"')
_CELL = rb"<(?:\w+:)?c\b([^>]*)>"
_WITHOUT_VALUE = re.compile(
    _CELL
    + rb"<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)"
    + rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"
)
_ERROR = re.compile(
    rb'<(?:\w+:)?c\b(?=[^>]*\st="e")([^>]*)>(?:<(?:\w+:)?f\b[^>]*/>|<(?:\w+:)?f\b[^>]*>[^<]*'
    rb"</(?:\w+:)?f>)?<(?:\w+:)?v>(#[A-Z0-9/!?_]{2,20})</"
)
_IS_TEXT = re.compile(rb'\st="(?:s|str|inlineStr)"')
_ROW_ENDS = (b"</row>", b":row>")
_CARRY_BYTES_MAX = 16 * 1024 * 1024

Place = tuple[int, int]
"""Row and column, both counted from 0."""


@dataclass(slots=True, kw_only=True)
class SheetScan:
    """Takes the chunks of one sheet's XML; refuses cells that lie too far out.

    `masked_styles` are the style numbers whose format shows more than a number holds,
    `masked_text_styles` those whose format does that to a text.
    """

    limits: Limits
    masked_styles: frozenset[int] = frozenset()
    masked_text_styles: frozenset[int] = frozenset()
    rows: int = 0
    columns: int = _NEAR_COLUMNS
    hidden_rows: list[int] = field(default_factory=list)
    has_hidden_columns: bool = False
    merged: list[tuple[str, int]] = field(default_factory=list)
    without_value: set[Place] = field(default_factory=set)
    errors: dict[Place, str] = field(default_factory=dict)
    masked: dict[Place, int] = field(default_factory=dict)
    masked_texts: set[Place] = field(default_factory=set)
    _carried: bytes = b""

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes."""
        text = self._carried + chunk
        end = max(map(text.rfind, _ROW_ENDS))
        if end < 0 and len(text) < _CARRY_BYTES_MAX:
            self._carried = text
            return
        end = len(text) if end < 0 else text.index(b">", end) + 1
        self._carried = text[end:]
        self._look_at(text[:end])

    def close(self) -> None:
        """Take what was left."""
        self._look_at(self._carried)
        self._carried = b""

    def _look_at(self, text: bytes) -> None:
        self._measure(text)
        if b" hidden=" in text:
            self.hidden_rows += map(int, _HIDDEN_ROW.findall(text))
            self.has_hidden_columns |= _HIDDEN_COLUMN.search(text) is not None
        if b"mergeCell " in text:
            self.merged += [(m[0].decode(), int(m[2])) for m in _MERGED.findall(text)]
        if b"<f" in text or b":f" in text:
            self._find_formulas(text)
        if b't="e"' in text:
            self._find_errors(text)
        if self.masked_styles or self.masked_text_styles:
            self._find_masked(text)

    def _measure(self, text: bytes) -> None:
        """Look at rows, and at cells beyond column Z: what lies nearer cannot be too much."""
        far = _FAR_CELL.findall(text)
        columns = {column for column, _ in far}
        rows = {row for _, row in far}
        self.columns = max(self.columns, *(column_index(column) + 1 for column in columns), 0)
        self.rows = max(self.rows, *map(int, rows), *map(int, _ROW.findall(text)), 0)
        if self.rows * self.columns > self.limits.cells_max:
            raise Unreadable(
                f"reaches {self.rows:,} rows down and {self.columns:,} columns across, more than "
                f"{self.limits.cells_max:,} cells; delete what stands far outside the list"
            )

    def _find_formulas(self, text: bytes) -> None:
        for match in _WITHOUT_VALUE.finditer(text):
            is_empty_text = b't="str"' in match[1] and b"v>" in match[0]
            place = _place(match[1])
            if place and not is_empty_text:
                self.without_value.add(place)

    def _find_errors(self, text: bytes) -> None:
        for match in _ERROR.finditer(text):
            place = _place(match[1])
            if place:
                self.errors[place] = match[2].decode()

    def _find_masked(self, text: bytes) -> None:
        styles = b"|".join(b"%d" % style for style in self.masked_styles | self.masked_text_styles)
        pattern = re.compile(rb'<(?:\w+:)?c\b(?=[^>]*\ss="(' + styles + rb')")([^>]*)>')
        for match in pattern.finditer(text):
            place, style = _place(match[2]), int(match[1])
            is_text = _IS_TEXT.search(match[2]) is not None
            if place and is_text and style in self.masked_text_styles:
                self.masked_texts.add(place)
            if place and not is_text and style in self.masked_styles:
                self.masked[place] = style


def column_index(letters: bytes) -> int:
    """Return 0 for A, 25 for Z, 26 for AA; -1 for no letters."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _place(attributes: bytes) -> Place | None:
    match = _REFERENCE.search(attributes)
    return (int(match[2]) - 1, column_index(match[1])) if match and match[1] else None
