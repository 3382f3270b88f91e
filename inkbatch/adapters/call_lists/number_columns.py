"""The numbers of a whole column, read together: a list has few spellings and few area codes."""

from collections.abc import Sequence
from typing import NamedTuple

from inkbatch.adapters.call_lists.number_pairs import LONG_PAIR, holds_pair
from inkbatch.adapters.call_lists.number_starts import Starts, Told
from inkbatch.adapters.call_lists.plain_numbers import digits_of

_SPACING = b" -.()"
_SHAPE = bytes.maketrans(b"123456789", b"000000000")
_SHAPES_MAX = 10_000
_MANY = 1_000


class NumberColumn(NamedTuple):
    """For each cell its number and what else is known of it.

    Where None is told, the cell is not plain, and what stands in place of its number means nothing.
    """

    numbers: Sequence[str]
    told: Sequence[Told | None]


class NumberColumns:
    """Reads the columns of one list; what was learned of spellings and starts is kept.

    Says of each cell what `read_number` and `zones_of` say, where there is no repair to tell of.
    A column of fewer than `many` cells is not worth learning from.
    """

    def __init__(self, *, region: str | None, many: int = _MANY) -> None:
        self._region, self._many = region, many
        self._starts_by_length: dict[tuple[bool, int], Starts] = {}
        self._starts_by_shape: dict[str, Starts | None] = {}

    def read(self, cells: Sequence[str]) -> NumberColumn:
        """Read cells without outer blanks."""
        cells_text = _joined(cells)
        text = cells_text.translate(None, _SPACING).decode("ascii")
        digits = text.split("\n")
        starts = self._starts(cells_text.translate(_SHAPE), cells)
        told = self._told(digits, starts)
        before = starts.only_before() if isinstance(starts, Starts) else None
        if before is not None:
            numbers = (before + text.replace("\n", "\n" + before)).split("\n")
        else:
            numbers = [
                "" if one is None else one.before + number[one.dropped :]
                for one, number in zip(told, digits, strict=True)
            ]
        return NumberColumn(numbers, told)

    def _starts(self, shapes: bytes, cells: Sequence[str]) -> "Starts | Sequence[Starts | None]":
        """Return the starts of each cell's number; those of all where all are spelled alike."""
        shape, _, _ = shapes.partition(b"\n")
        if shapes == b"\n".join([shape] * len(cells)):
            of_all = self._starts_of([shape.decode("ascii")])[0]
            if of_all is not None and not LONG_PAIR.search(shape.decode("ascii")):
                return of_all
        each = shapes.decode("ascii").split("\n")
        return self._without_pairs(self._starts_of(each), each, cells)

    def _told(
        self, digits: Sequence[str], starts: "Starts | Sequence[Starts | None]"
    ) -> Sequence[Told | None]:
        is_short = len(digits) < self._many
        if isinstance(starts, Starts):
            if is_short:
                return list(map(starts.told_of, digits))
            short = starts.short
            return [starts[one[:short]] or starts.told_of(one) for one in digits]
        if is_short:
            return [
                None if of is None else of.told_of(one)
                for of, one in zip(starts, digits, strict=True)
            ]
        return [
            None if of is None else of[one[: of.short]] or of.told_of(one)
            for of, one in zip(starts, digits, strict=True)
        ]

    def _starts_of(self, shapes: Sequence[str]) -> Sequence[Starts | None]:
        known = self._starts_by_shape
        if len(known) > _SHAPES_MAX:
            known.clear()
        known.update({one: self._starts_of_shape(one) for one in set(shapes).difference(known)})
        return list(map(known.__getitem__, shapes))

    def _without_pairs(
        self, starts: Sequence[Starts | None], shapes: Sequence[str], cells: Sequence[str]
    ) -> Sequence[Starts | None]:
        """Whether a spelling holds two numbers may depend on the digits."""
        pairs = {shape for shape in set(shapes) if LONG_PAIR.search(shape)}
        if not pairs:
            return starts
        return [
            None if shape in pairs and holds_pair(cell, self._region) else of
            for of, shape, cell in zip(starts, shapes, cells, strict=True)
        ]

    def _starts_of_shape(self, shape: str) -> Starts | None:
        """Return what is known of numbers so long; None for a spelling that is not plain.

        A shape is a cell with a zero for each digit: a spelling depends on them only for pairs.
        """
        digits = shape.removeprefix("+")
        if not digits.isdecimal():
            digits = digits_of(digits)
        if not digits:
            return None
        key = is_abroad, length = shape.startswith("+"), len(digits)
        if key not in self._starts_by_length:
            self._starts_by_length[key] = Starts(
                length + is_abroad, is_abroad=is_abroad, region=self._region
            )
        return self._starts_by_length[key]


def _joined(cells: Sequence[str]) -> bytes:
    """Return a line for each cell, an empty one for a cell that is not plain by its characters."""
    text = "\n".join(cells)
    if not text.isascii() or text.count("\n") >= max(1, len(cells)):
        text = "\n".join(cell if cell.isascii() and "\n" not in cell else "" for cell in cells)
    return text.encode("ascii")
