"""All that a numbering plan looks at, as machines that tell what a number's start settles."""

import re
from collections.abc import Hashable, Iterable
from functools import cache
from typing import Any, NamedTuple

from phonenumbers import PhoneMetadata

from inkbatch.adapters.call_lists.digit_patterns import DigitPattern, NotUnderstood, States
from inkbatch.adapters.call_lists.number_plans import (
    KINDS_BEFORE_LINES,
    metadata_of,
    plan_of_region,
    plan_of_start,
)

_DESCRIPTIONS = (*(name for name, _ in KINDS_BEFORE_LINES), "fixed_line", "mobile", "general_desc")

_KEPT_DIGITS_MAX = 4
_NEVER = "(?!)"
Alive = tuple[tuple[DigitPattern, States], ...]


class Home(NamedTuple):
    """What is dialed in front of a number at home, and in front of one abroad."""

    national: re.Pattern[str]
    abroad: re.Pattern[str]


class Rules:
    """What a plan compares with all digits, and what with the first ones only.

    What the expressions make of a short start is kept, since longer ones go on from there.
    """

    def __init__(
        self,
        code: str,
        *,
        patterns: Iterable[DigitPattern],
        prefixes: Iterable[DigitPattern],
        home: Home | None = None,
    ) -> None:
        self.code, self._home = code, home
        self._alive = {"": tuple((one, one.start) for one in patterns)}
        self._open = {"": tuple((one, one.start) for one in prefixes)}
        self._examples: dict[Hashable, str] = {}

    def are_settled(self, start: str, *, length: int) -> bool:
        """Tell whether the plan says the same of all texts of this length that begin so."""
        return self._settled(start, length=length) is not None

    def example_at_home(self, start: str, *, length: int) -> str | None:
        """Return a number of which the library says what it says of all that begin so at home.

        None where it may not say the same of all. Without a plus it looks at all digits, at those
        behind the country code, and at either without a national prefix, which it drops twice
        behind the country code. What matches there is all that it goes by, so numbers of which the
        same matches have one example.
        """
        like = start + "0" * (length - len(start))
        if self._home is None or self._home.abroad.match(like):
            return None
        places = {0, len(self.code)} if start.startswith(self.code) else {0}
        for _ in range(2):
            prefixes = [self._home.national.match(like, place) for place in places]
            places.update(prefix.end() for prefix in prefixes if prefix)
        if max(places) >= len(start):
            return None
        outcomes = {place: self._settled(start[place:], length=length - place) for place in places}
        if None in outcomes.values():
            return None
        return self._examples.setdefault((length, frozenset(outcomes.items())), like)

    def _settled(self, start: str, *, length: int) -> frozenset[DigitPattern] | None:
        """Return what matches all texts of this length that begin so; None where they differ."""
        prefixes, patterns = self._open_after(start), self._alive_after(start)
        if any(one.width > len(start) for one, _ in prefixes):
            return None
        more = length - len(start)
        if not all(one.is_settled(states, more) for one, states in patterns):
            return None
        matching = (one for one, states in patterns if one.leads_to_match(states, more))
        return frozenset((*(one for one, _ in prefixes), *matching))

    def _alive_after(self, start: str) -> Alive:
        """Return the expressions that may still match, and how far they are."""
        known = self._alive.get(start)
        if known is None:
            known = _stepped(self._alive_after(start[:-1]), start[-1])
            if len(start) <= _KEPT_DIGITS_MAX:
                self._alive[start] = known
        return known

    def _open_after(self, start: str) -> Alive:
        """Return the prefixes that match, or may match with more digits."""
        known = self._open.get(start)
        if known is None:
            before = self._open_after(start[:-1])
            matching = tuple(one for one in before if one[0].is_match(one[1]))
            others = tuple(one for one in before if not one[0].is_match(one[1]))
            known = matching + _stepped(others, start[-1])
            if len(start) <= _KEPT_DIGITS_MAX:
                self._open[start] = known
        return known


@cache
def rules_abroad(start: str) -> Rules | None:
    """Return what is looked at behind the country code that the first three digits begin with."""
    plan = plan_of_start(start)
    return None if plan is None else _rules(plan.code)


@cache
def rules_at_home(region: str) -> Rules | None:
    """Return what is looked at in a number without plus; None where an expression is odd."""
    plans = plan_of_region(region)
    if plans is None:
        return None
    own: Any = PhoneMetadata.metadata_for_region(region)
    return _rules(plans.national.code, own, home=_home(own, plans.national.code))


def _home(own: Any, code: str) -> Home | None:
    """Return the prefixes that are dropped without more ado; None where they may be transformed."""
    expression = own.national_prefix_for_parsing
    national = re.compile(expression or _NEVER)
    is_shared = metadata_of(int(code))[0].national_prefix_for_parsing == expression
    if national.groups or not is_shared:
        return None
    return Home(national, re.compile(own.international_prefix or _NEVER))


def _rules(code: str, *own: Any, home: Home | None = None) -> Rules | None:
    shared = metadata_of(int(code))
    patterns: set[str | None] = set()
    for metadata in (*own, *shared):
        described = (getattr(metadata, name) for name in _DESCRIPTIONS)
        patterns |= {one.national_number_pattern for one in described if one is not None}
    prefixes = {metadata.leading_digits for metadata in shared}
    for metadata in (*own, shared[0]):
        prefixes |= {metadata.national_prefix_for_parsing, metadata.international_prefix}
    try:
        return Rules(code, patterns=_machines(patterns), prefixes=_machines(prefixes), home=home)
    except NotUnderstood:
        return None


def _machines(expressions: Iterable[str | None]) -> tuple[DigitPattern, ...]:
    return tuple(map(DigitPattern, sorted(filter(None, expressions))))


def _stepped(alive: Alive, digit: str) -> Alive:
    stepped = ((pattern, pattern.after(states, digit)) for pattern, states in alive)
    return tuple(one for one in stepped if one[1])
