"""What the first digits of a number already settle about an expression for all its digits.

The expressions of `phonenumbers` are made of digits, classes, groups, branches and counts only. As
a machine of states such an expression can tell, after some digits, whether the rest still matters.
"""

import re
from typing import NamedTuple

_TOKEN = re.compile(
    r"(?P<open>\((?:\?:)?)|(?P<close>\))|(?P<branch>\|)"
    r"|\{(?P<least>\d+)(?:,(?P<most>\d+))?\}|(?P<maybe>\?)"
    r"|(?P<any>\\d)|\[(?P<those>[\d-]+)\]|(?P<digit>\d)"
)
_ALL = "0123456789"
_BOTH = frozenset([False, True])

States = frozenset[int]


class NotUnderstood(ValueError):
    """An expression that is made of more than digits, classes, groups, branches and counts."""


class _Digits(NamedTuple):
    digits: str


class _Repeat(NamedTuple):
    branches: "Branches"
    least: int
    most: int


Branches = tuple[tuple[_Digits | _Repeat, ...], ...]


class DigitPattern:
    """An expression as a machine; the sets of states that it may be in are worked out when met.

    Raises NotUnderstood.
    """

    def __init__(self, expression: str) -> None:
        branches = _parsed(expression)
        self.width = _width(branches)
        """The most digits that match it."""
        self._edges: list[tuple[str, int]] = []
        self._jumps: list[list[int]] = []
        self._end = self._state("", -1)
        self.start = self._closed([self._add(branches, self._end)])
        self._after: dict[tuple[States, str], States] = {}
        self._outcomes: dict[tuple[States, int], frozenset[bool]] = {}

    def after(self, states: States, digit: str) -> States:
        """Return the states after one more digit; none says that no number begins so."""
        key = states, digit
        if key not in self._after:
            edges = (self._edges[state] for state in states)
            self._after[key] = self._closed([to for digits, to in edges if digit in digits])
        return self._after[key]

    def is_match(self, states: States) -> bool:
        """Tell whether the digits up to here match."""
        return self._end in states

    def is_settled(self, states: States, count: int) -> bool:
        """Tell whether `count` more digits lead to one answer, whatever they are."""
        return len(self._outcomes_of(states, count)) == 1

    def leads_to_match(self, states: States, count: int) -> bool:
        """Tell whether some `count` more digits lead to a match."""
        return True in self._outcomes_of(states, count)

    def _outcomes_of(self, states: States, count: int) -> frozenset[bool]:
        if not states or not count:
            return frozenset([self.is_match(states)])
        key = states, count
        if key not in self._outcomes:
            found: frozenset[bool] = frozenset()
            for following in {self.after(states, digit) for digit in _ALL}:
                found |= self._outcomes_of(following, count - 1)
                if found == _BOTH:
                    break
            self._outcomes[key] = found
        return self._outcomes[key]

    def _state(self, digits: str, to: int, jumps: tuple[int, ...] = ()) -> int:
        self._edges.append((digits, to))
        self._jumps.append(list(jumps))
        return len(self._edges) - 1

    def _add(self, branches: Branches, to: int) -> int:
        """Add states that lead to `to` over any branch; return the one in front of them."""
        starts = []
        for branch in branches:
            place = to
            for item in reversed(branch):
                place = self._add_item(item, place)
            starts.append(place)
        return self._state("", -1, tuple(starts))

    def _add_item(self, item: _Digits | _Repeat, to: int) -> int:
        if isinstance(item, _Digits):
            return self._state(item.digits, to)
        place = to
        for turn in range(item.most):
            once = self._add(item.branches, place)
            is_optional = turn < item.most - item.least
            place = self._state("", -1, (once, to)) if is_optional else once
        return place

    def _closed(self, states: list[int]) -> States:
        """Return these and all states that are reached from them without a digit."""
        found: set[int] = set()
        while states:
            state = states.pop()
            if state not in found:
                found.add(state)
                states += self._jumps[state]
        return frozenset(state for state in found if self._edges[state][0] or state == self._end)


def _parsed(expression: str) -> Branches:
    """Read from left to right; what is open stands on a pile."""
    pile: list[list[list[_Digits | _Repeat]]] = [[[]]]
    at = 0
    while at < len(expression):
        token = _TOKEN.match(expression, at)
        if token is None:
            raise NotUnderstood(expression)
        at = token.end()
        if token["open"]:
            pile.append([[]])
        elif token["close"]:
            inner = tuple(map(tuple, pile.pop()))
            pile[-1][-1].append(_Repeat(inner, 1, 1))
        elif token["branch"]:
            pile[-1].append([])
        elif token["least"] or token["maybe"]:
            if not pile[-1][-1]:
                raise NotUnderstood(expression)
            pile[-1][-1].append(_repeated(pile[-1][-1].pop(), token))
        else:
            pile[-1][-1].append(_Digits(_digits(token)))
    (branches,) = pile
    return tuple(map(tuple, branches))


def _repeated(item: _Digits | _Repeat, token: re.Match[str]) -> _Repeat:
    least, most = (0, 1) if token["maybe"] else (int(token["least"]), int(token["most"] or 0))
    return _Repeat(((item,),), least, max(least, most))


def _digits(token: re.Match[str]) -> str:
    if token["any"]:
        return _ALL
    if token["digit"]:
        return token["digit"]
    return "".join(digit for digit in _ALL if re.fullmatch(f"[{token['those']}]", digit))


def _width(branches: Branches) -> int:
    return max(sum(map(_width_of, branch)) for branch in branches)


def _width_of(item: _Digits | _Repeat) -> int:
    return 1 if isinstance(item, _Digits) else item.most * _width(item.branches)
