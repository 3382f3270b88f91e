"""The attempts of a campaign counted: by outcome, by person, by hour where people live."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inkbatch.adapters.reports.attempt_columns import (
    DISPOSITIONS,
    STATES,
    Attempts,
    People,
    local_times,
)
from inkbatch.adapters.reports.figures import Hour, TryHour
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.rate import Rate

WEEK = tuple((weekday, hour) for weekday in range(7) for hour in range(24))
_HOURS = 24
_Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptGroup:
    """Attempts that agree in state, disposition and ordinal."""

    state: str
    disposition: str | None
    ordinal: int
    attempts: int
    minutes: float


def attempt_groups(attempts: Attempts) -> list[AttemptGroup]:
    """Return the groups of all attempts."""
    base = len(DISPOSITIONS) + 1
    keys = (attempts.ordinal * len(STATES) + attempts.state) * base + attempts.disposition + 1
    found, group = np.unique(keys, return_inverse=True)
    counts = np.bincount(group, minlength=len(found))
    minutes = np.bincount(group, np.maximum(attempts.minutes, 0.0), minlength=len(found))
    return [
        AttemptGroup(
            state=STATES[key // base % len(STATES)],
            disposition=DISPOSITIONS[key % base - 1] if key % base else None,
            ordinal=key // base // len(STATES),
            attempts=count,
            minutes=talked,
        )
        for key, count, talked in zip(
            found.tolist(), counts.tolist(), minutes.tolist(), strict=True
        )
    ]


def attempts_per_contact(made: Attempts) -> dict[int, int]:
    """Return how many contacts had 1, 2, ... attempts made."""
    counts = np.bincount(np.bincount(made.person))
    return {number: count for number, count in enumerate(counts.tolist()) if number and count}


def hours_of_week(
    made: Attempts, people: People
) -> tuple[tuple[Hour, ...], tuple[TryHour, ...], int]:
    """Return all 168 hours with their answer rates, those of each try, and the days of calling.

    Days are those where the contacts live.
    """
    shape = (int(made.ordinal.max(initial=0)) + 1, len(WEEK))
    which = (np.ones(len(made.person), "bool"), made.rang, made.came_to(Disposition.ANSWERED))
    counts = np.zeros((len(which), shape[0] * shape[1]), "int64")
    days: set[int] = set()
    zone = people.zone[made.person]
    for rows, quarter, local in local_times(made.reserved_at, zone, people.zones):
        hour = np.asarray(local.day_of_week * _HOURS + local.hour)[quarter]
        cell = made.ordinal[rows] * len(WEEK) + hour
        for place, each in enumerate(which):
            counts[place] += np.bincount(cell[each[rows]], minlength=counts.shape[1])
        there = local[np.bincount(quarter, minlength=len(local)) > 0].tz_localize(None)
        days |= set(np.unique(np.asarray(there).astype("datetime64[D]")).tolist())
    called, rang, answered = (each.reshape(shape) for each in counts)
    hours = tuple(
        Hour(weekday=weekday, hour=hour, answer_rate=Rate(hits=hits, cases=cases))
        for (weekday, hour), hits, cases in zip(
            WEEK, answered.sum(axis=0).tolist(), rang.sum(axis=0).tolist(), strict=True
        )
    )
    return hours, tuple(_try_hours(called > 0, rang=rang, answered=answered)), len(days)


def _try_hours(called: NDArray[np.bool_], *, rang: _Counts, answered: _Counts) -> Iterable[TryHour]:
    """Yield the hours of the day in which each try was made, all weekdays together."""
    by_hour = (each.reshape(len(each), 7, _HOURS).sum(axis=1) for each in (called, rang, answered))
    any_called, cases, hits = by_hour
    for ordinal, hour in np.argwhere(any_called).tolist():
        rate = Rate(hits=int(hits[ordinal, hour]), cases=int(cases[ordinal, hour]))
        yield TryHour(ordinal=ordinal, hour=hour, rate=rate)
