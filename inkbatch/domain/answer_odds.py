"""How likely a call is to reach somebody, learned from the campaign's own calls.

Calls are counted by the try they were, the weekday and the hour on the contact's own clock. A cell
with few calls is pulled to what its hour, weekday and try say of the whole campaign, and these to
the campaign's own rate, so that one lucky call decides nothing:

    rate of the campaign   (reached + 3) / (calls + 10)
    rate of a margin       (reached + 20 x expected) / (calls + 20)
    odds of a cell         (reached + 20 x expected) / (calls + 20)

A margin (an hour, a weekday, a try) expects the campaign's rate; a cell expects that rate times
how much better or worse each of its margins is. This is the posterior mean of a beta prior worth
so many calls. Before any call, hours and weekdays are alike, and each further try reaches 0.9
times as many as the one before: who did not answer before is somewhat harder to reach.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from inkbatch.domain.disposition import Disposition
from inkbatch.domain.forecast import PRIOR_ATTEMPTS, PRIOR_REACHED

PRIOR_CALLS = 20.0
"""What a margin or a cell is expected to do counts as much as so many calls of its own."""

FURTHER_TRY = 0.9
"""Of what a try reaches, the next one is expected to reach so much."""

ODDS_LEAST, ODDS_MOST = 0.001, 0.999
MINUTES_LEAST = 0.05
"""A call is never expected to cost less; what is divided by it stays finite."""

TRIES_TOLD_APART = 10
"""The tenth try and all after it are one."""

COUNTED = frozenset(
    {
        Disposition.ANSWERED,
        Disposition.VOICEMAIL,
        Disposition.REJECTED,
        Disposition.NO_ANSWER,
        Disposition.FAILED,
    }
)
"""Outcomes of calls that used the budget; only these say how good an hour is."""


class Cell(NamedTuple):
    """Calls alike: the try (from 1), the weekday (0 is Monday) and the hour where it rang."""

    ordinal: int
    weekday: int
    hour: int


@dataclass(frozen=True, slots=True)
class Tally:
    """So many calls, how many came to answered and to voicemail, and their minutes together."""

    calls: int = 0
    answered: int = 0
    voicemail: int = 0
    minutes: float = 0.0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.calls + other.calls,
            self.answered + other.answered,
            self.voicemail + other.voicemail,
            self.minutes + other.minutes,
        )


def cell_of(ordinal: int, *, at: datetime, zones: tuple[str, ...]) -> Cell:
    """Return the cell of a try at a moment; the first of the candidate zones tells the hour."""
    local = at.astimezone(_zone(zones[0] if zones else "UTC"))
    return Cell(min(ordinal, TRIES_TOLD_APART), local.weekday(), local.hour)


def tally_of(disposition: Disposition, minutes: float) -> Tally:
    """Return what one ended call adds to its cell; nothing where no call used the budget."""
    if disposition not in COUNTED:
        return Tally()
    return Tally(
        calls=1,
        answered=int(disposition is Disposition.ANSWERED),
        voicemail=int(disposition is Disposition.VOICEMAIL),
        minutes=minutes,
    )


@dataclass(frozen=True, kw_only=True)  # no slots: sums are kept
class AnswerOdds:
    """What a campaign's calls so far say of the next ones.

    `reached` are the dispositions that the campaign wants; `prior_minutes` is what a call is
    expected to last before there are any.
    """

    tallies: Mapping[Cell, Tally]
    reached: frozenset[Disposition] = frozenset({Disposition.ANSWERED})
    prior_minutes: float = 1.0

    def odds(self, cell: Cell) -> float:
        """Return the share of calls in this cell that are expected to reach somebody."""
        overall = self._rate
        expected = overall
        for margin in self._margins_of(cell):
            expected *= self._margin(*margin) / overall
        return self._pulled(self.tallies.get(cell, Tally()), _bounded(expected))

    def minutes(self, cell: Cell) -> float:
        """Return how many minutes a call in this cell is expected to cost."""
        of_hour = _mean(self._by_hour.get(cell.hour, Tally()), self.minutes_a_call)
        return max(_mean(self.tallies.get(cell, Tally()), of_hour), MINUTES_LEAST)

    @cached_property
    def minutes_a_call(self) -> float:
        """Minutes of all calls so far, those that nobody answered included, by call."""
        told = self.total
        minutes = told.minutes + PRIOR_ATTEMPTS * self.prior_minutes
        return minutes / (told.calls + PRIOR_ATTEMPTS)

    @cached_property
    def total(self) -> Tally:
        """All calls together."""
        return sum(self.tallies.values(), Tally())

    @cached_property
    def _rate(self) -> float:
        told = self.total
        rate = (self._reached(told) + PRIOR_REACHED) / (told.calls + PRIOR_ATTEMPTS)
        return _bounded(rate)

    def _margins_of(self, cell: Cell) -> tuple[tuple[Tally, float], ...]:
        further = FURTHER_TRY ** (cell.ordinal - 1)
        return (
            (self._by_hour.get(cell.hour, Tally()), 1.0),
            (self._by_weekday.get(cell.weekday, Tally()), 1.0),
            (self._by_ordinal.get(cell.ordinal, Tally()), further),
        )

    def _margin(self, told: Tally, share: float) -> float:
        return self._pulled(told, self._rate * share)

    def _pulled(self, told: Tally, expected: float) -> float:
        odds = (self._reached(told) + PRIOR_CALLS * expected) / (told.calls + PRIOR_CALLS)
        return _bounded(odds)

    def _reached(self, told: Tally) -> int:
        answered = told.answered if Disposition.ANSWERED in self.reached else 0
        return answered + (told.voicemail if Disposition.VOICEMAIL in self.reached else 0)

    @cached_property
    def _by_hour(self) -> dict[int, Tally]:
        return _summed((cell.hour, told) for cell, told in self.tallies.items())

    @cached_property
    def _by_weekday(self) -> dict[int, Tally]:
        return _summed((cell.weekday, told) for cell, told in self.tallies.items())

    @cached_property
    def _by_ordinal(self) -> dict[int, Tally]:
        return _summed((cell.ordinal, told) for cell, told in self.tallies.items())


def _summed(told: Iterable[tuple[int, Tally]]) -> dict[int, Tally]:
    sums = dict[int, Tally]()
    for margin, tally in told:
        sums[margin] = sums.get(margin, Tally()) + tally
    return sums


def _mean(told: Tally, expected: float) -> float:
    return (told.minutes + PRIOR_CALLS * expected) / (told.calls + PRIOR_CALLS)


def _bounded(odds: float) -> float:
    return min(max(odds, ODDS_LEAST), ODDS_MOST)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("Etc/UTC")  # nobody is called there, for its window is never open
