"""Who is next: contacts that wait alike form groups, and the groups take turns.

In the order `value`, first are call-backs, whose time somebody asked for. Then deadlines: contacts
whose own deadline comes before their window has been open once more, the earliest first; then those
whose calling window, or whose campaign, ends within half an hour. Then priority. Then what a call
is expected to reach for what it costs: the odds of an answer at this hour of that weekday for that
try, divided by the unit of the budget that is scarcer, a call or its minutes. So a fresh contact
goes before a retry where it is worth more, and only there. Equals: who has waited longest.

Nobody starves: of the contacts that only the last rule tells apart, every fifth turn goes to the
one that has waited longest. Whoever has k of these before it in that order has its turn after at
most 5 (k + 1) of their turns, however bad its odds are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from itertools import groupby
from typing import NamedTuple, TypeVar

from inkbatch.domain.answer_odds import AnswerOdds, cell_of
from inkbatch.domain.budget import Limits
from inkbatch.domain.call_back import is_boosted

LAST_CALL = timedelta(minutes=30)
"""A calling window that shuts within so long is about to."""

FAIR_EVERY = 5
"""Every so many turns the longest wait decides, and not the value."""


class Order(StrEnum):
    """What decides among those who may be called now."""

    VALUE = "value"  # deadlines, priority, then the most people reached for the budget
    LIST = "list"  # priority, then who has waited longest, then the file's order


class Urgency(IntEnum):
    """What goes before priority; the least first."""

    CALL_BACK = 0  # somebody asked to be called at this time
    DEADLINE = 1  # its own deadline comes before its window has been open once more
    CLOSING = 2  # its calling window or its campaign ends within half an hour
    USUAL = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactGroup:
    """Waiting contacts of one campaign that share zones, priority and the tries they used.

    With `expires_at` they are those of this very deadline instead, whatever tries they used.
    `first_at` is the earliest `waits_until` among them.
    """

    zones: tuple[str, ...]
    priority: int
    tries_used: int = 0
    first_at: datetime
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What one more call to a contact of a group is expected to bring, for what it costs.

    `cost` is in the unit of the budget that is scarcer: `calls` or `minutes`.
    """

    odds: float
    cost: float
    unit: str

    @property
    def value(self) -> float:
        """People reached by unit of the budget."""
        return self.odds / self.cost


class Place(NamedTuple):
    """Where a group stands; groups of the same place take turns by the longest wait."""

    urgency: Urgency
    expires_at: datetime | None
    priority: int
    value: float

    @property
    def first_comes_first(self) -> tuple[int, float, int]:
        """What no wait ever outweighs."""
        deadline = self.expires_at.timestamp() if self.expires_at else 0.0
        return self.urgency, deadline, -self.priority


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """Groups that only their value tells apart; `by_value` puts equals of them together."""

    by_value: tuple[tuple[ContactGroup, ...], ...]

    @property
    def groups(self) -> tuple[ContactGroup, ...]:
        """All of them."""
        return tuple(group for equals in self.by_value for group in equals)


def worth(
    odds: AnswerOdds, *, zones: tuple[str, ...], tries_used: int, limits: Limits, now: datetime
) -> Worth:
    """Return what a call now to somebody of these zones and tries is expected to bring."""
    cell = cell_of(tries_used + 1, at=now, zones=zones)
    is_minutes = are_minutes_scarcer(odds.minutes_a_call, limits)
    cost = odds.minutes(cell) if is_minutes else 1.0
    return Worth(odds=odds.odds(cell), cost=cost, unit="minutes" if is_minutes else "calls")


def are_minutes_scarcer(minutes_a_call: float, limits: Limits) -> bool:
    """Tell whether the minutes would be used up before the calls are, at what a call costs."""
    return minutes_a_call * limits.calls > limits.minutes


def urgency(group: ContactGroup, *, ends_at: datetime | None, now: datetime) -> Urgency:
    """Return what puts a group before others; `ends_at` is the end of its hours of today, if any.

    A group with `expires_at` is one whose deadline is near.
    """
    if is_boosted(group.priority):
        return Urgency.CALL_BACK
    if group.expires_at is not None:
        return Urgency.DEADLINE
    is_closing = ends_at is not None and now < ends_at <= now + LAST_CALL
    return Urgency.CLOSING if is_closing else Urgency.USUAL


def rungs(
    groups: Sequence[ContactGroup], *, place_of: Callable[[ContactGroup], Place]
) -> list[Rung]:
    """Return the groups in their order; within a rung value decides, and sometimes the wait."""
    places = sorted(((place_of(group), group) for group in groups), key=lambda both: _key(both[0]))
    return [
        Rung(
            by_value=tuple(
                tuple(group for _, group in equals)
                for _, equals in groupby(list(rung), key=lambda both: both[0].value)
            )
        )
        for _, rung in groupby(places, key=lambda both: both[0].first_comes_first)
    ]


def _key(place: Place) -> tuple[int, float, int, float]:
    return *place.first_comes_first, -place.value


def by_waiting(groups: Sequence[ContactGroup]) -> list[Rung]:
    """Return the groups of the order `list`: by priority alone, call-backs first by theirs."""
    ranked = sorted(groups, key=lambda group: -group.priority)
    return [
        Rung(by_value=(tuple(equals),))
        for _, equals in groupby(ranked, key=lambda group: group.priority)
    ]


Waiting = TypeVar("Waiting")


def is_fair(turn: int) -> bool:
    """Return whether the longest wait decides this turn; turns are counted from 0."""
    return turn % FAIR_EVERY == FAIR_EVERY - 1


def take_turns(
    by_value: Sequence[Waiting], by_wait: Sequence[Waiting], *, first_turn: int, limit: int
) -> list[Waiting]:
    """Return whose turn it is, at most `limit` of them, nobody twice.

    Both are the same people in two orders, or the first `limit` of them in each.
    """
    chosen = list[Waiting]()
    queues = [iter(by_value), iter(by_wait)]
    while len(chosen) < limit:
        queue = queues[is_fair(first_turn + len(chosen))]
        following = next((each for each in queue if each not in chosen), None)
        if following is None:
            break
        chosen.append(following)
    return chosen
