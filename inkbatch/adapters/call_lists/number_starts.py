"""How the first digits of a number are read, where whatever follows them changes nothing.

`read_plain` is asked of one number that begins so; its answer holds for all where every
expression that it looks at is settled by these digits and the length.
"""

from collections import Counter
from typing import NamedTuple

from inkbatch.adapters.call_lists.cells import BadCell
from inkbatch.adapters.call_lists.number_plans import plan_of_region
from inkbatch.adapters.call_lists.number_reading import NumberReading
from inkbatch.adapters.call_lists.number_rules import rules_abroad, rules_at_home
from inkbatch.adapters.call_lists.plain_numbers import read_plain
from inkbatch.adapters.call_lists.zones import digits_that_tell, zones_of

_SHORT, _LONG = 4, 7  # digits of a start that settle most numbers, and nearly all
_CODE = 2  # as many digits more, a plus among them, where the country code stands in front
_ASKED_MAX, _ZONED_MAX = 10_000, 100_000
_OFTEN = 10  # to work out a start takes as long as to read so many numbers


class Told(NamedTuple):
    """What is true of all plain numbers of one length with one start.

    In E.164 they are `before` and all their digits but the first `dropped`.
    """

    before: str
    dropped: int
    kind: str
    zones: tuple[str, ...]
    is_geographic: bool


class Starts(dict[str, Told | None]):
    """What is told of the digits of numbers of one length by their start, worked out when asked.

    A plus counts as a digit. None says that the numbers differ, or cannot be called as they are.
    """

    def __init__(self, length: int, *, is_abroad: bool, region: str | None) -> None:
        super().__init__()
        self._length, self._region = length, region
        self.short = _SHORT + _CODE * is_abroad
        """So many digits of a start settle most numbers."""
        self._long = _LONG + _CODE * is_abroad
        self._changes = set[tuple[str, int]]()
        self._asked = Counter[str]()
        self._alike_but_zones: dict[str, tuple[Told, int]] = {}
        self._with_zones: dict[str, Told | None] = {}

    def only_before(self) -> str | None:
        """Return what stands before all digits of each number told so far; None if they differ."""
        befores = {None if dropped else before for before, dropped in self._changes}
        return befores.pop() if len(befores) == 1 else None

    def __missing__(self, start: str) -> Told | None:
        told = self[start] = self._told(start)
        return told

    def told_of(self, number: str) -> Told | None:
        """Return what is true of one number; a start that comes often is worked out."""
        start = number[: self._long]
        known = self._alike_but_zones
        alike = known.get(number[: self.short]) or known.get(start)
        if alike is not None:
            return self._zoned(*alike, number)
        if len(self._asked) > _ASKED_MAX:
            self._asked.clear()
        self._asked[start] += 1
        often = self[start] if self._asked[start] > _OFTEN else None
        return often or self._told(number)

    def _told(self, start: str) -> Told | None:
        like = start + "0" * (self._length - len(start))
        reading = read_plain(like, self._region)
        if reading is None or reading.repair is not None:
            return None
        before, dropped = self._difference(like, reading)
        self._changes.add((before, dropped))
        told = _with_own_zones(Told(before, dropped, reading.kind, (), reading.is_geographic), like)
        if told is None or len(start) == self._length:
            return told
        if not self._is_settled(start, dropped=dropped):
            return None
        known = len(start.removeprefix("+")) + len(before.removeprefix("+")) - dropped
        if known >= digits_that_tell(reading):
            return told
        more = digits_that_tell(reading) - known
        self._alike_but_zones[start] = told, len(start) + more
        return None

    def _zoned(self, told: Told, tells: int, number: str) -> Told | None:
        """Return what is told of a number whose first `tells` digits tell its zones."""
        start = number[:tells]
        if start not in self._with_zones:
            if len(self._with_zones) > _ZONED_MAX:
                self._with_zones.clear()
            self._with_zones[start] = _with_own_zones(told, number)
        return self._with_zones[start]

    def _difference(self, text: str, reading: NumberReading) -> tuple[str, int]:
        plans = plan_of_region(self._region)
        if text.startswith("+") or plans is None:
            return "", 0
        before = "+" + plans.national.code
        return before, len(before) + len(text) - len(reading.number)

    def _is_settled(self, start: str, *, dropped: int) -> bool:
        """A plan looks at all digits, at those behind the national prefix, and behind the code."""
        is_abroad = start.startswith("+")
        digits, length = start.removeprefix("+"), self._length - is_abroad
        rules = rules_abroad(digits[:3]) if is_abroad else rules_at_home(self._region)
        if rules is None or (is_abroad and len(digits) <= len(rules.code)):
            return False
        offsets = {0, dropped, len(rules.code) if digits.startswith(rules.code) else 0}
        return all(rules.are_settled(digits[offset:], length=length - offset) for offset in offsets)


def _with_own_zones(told: Told, number: str) -> Told | None:
    before, dropped, kind, _, is_geographic = told
    try:
        zones = zones_of(NumberReading(before + number[dropped:], is_geographic, kind))
    except BadCell:
        return None
    return Told(before, dropped, kind, zones, is_geographic)
