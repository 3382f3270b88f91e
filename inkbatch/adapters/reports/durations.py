"""How long calls lasted, and how long it took to reach people."""

from collections.abc import Iterator

import numpy as np

from inkbatch.adapters.reports.attempt_columns import DISPOSITIONS, Attempts, People
from inkbatch.adapters.reports.figures import TalkLength, TimeToReach
from inkbatch.adapters.reports.packed import MICROSECONDS, NO_NUMBER, NO_TIME, Times
from inkbatch.domain.contact import ContactState
from inkbatch.domain.disposition import Disposition

CURVE = tuple(percent / 100 for percent in range(5, 101, 5))
"""The shares of those reached that the curve has a point for."""

TALKED = (Disposition.ANSWERED, Disposition.VOICEMAIL, Disposition.FAILED)
"""Outcomes in which somebody or something picked up; the others last no minutes."""

_NEVER = np.iinfo("int64").max
_HOUR = 3_600 * MICROSECONDS


def talk_lengths(attempts: Attempts) -> tuple[TalkLength, ...]:
    """Return the minutes of those dispositions in which a call may have been answered."""
    return tuple(_lengths(attempts))


def _lengths(attempts: Attempts) -> Iterator[TalkLength]:
    known = attempts.minutes != NO_NUMBER
    for disposition in (each for each in DISPOSITIONS if each in TALKED):
        minutes = attempts.minutes[attempts.came_to(disposition) & known]
        if len(minutes):
            yield TalkLength(
                disposition=disposition,
                attempts=len(minutes),
                mean_minutes=float(minutes.mean()),
                median_minutes=float(np.median(minutes)),
            )


def times_to_reach(made: Attempts, people: People) -> tuple[TimeToReach, ...]:
    """Return it from the enrolment and from the first attempt; nothing before anybody is reached.

    A person is reached at the last answered attempt. Who was reached by a result on an attempt
    that nobody answered has none, and is left out.
    """
    first = np.full(len(people.ids), _NEVER)
    last = np.full(len(people.ids), NO_TIME)
    dated = made.reserved_at != NO_TIME
    np.minimum.at(first, made.person[dated], made.reserved_at[dated])
    answered = made.came_to(Disposition.ANSWERED) & dated
    np.maximum.at(last, made.person[answered], made.reserved_at[answered])
    reached = people.are(ContactState.REACHED) & (last != NO_TIME)
    if not reached.any():
        return ()
    since = {"enrolled": people.enrolled_at, "first_attempt": first}
    return tuple(_time(name, last[reached] - at[reached]) for name, at in since.items())


def _time(since: str, took: Times) -> TimeToReach:
    hours = np.maximum(took, 0) / _HOUR
    median, p90 = np.quantile(hours, (0.5, 0.9)).tolist()
    return TimeToReach(
        since=since,
        people=len(hours),
        median_hours=median,
        p90_hours=p90,
        curve=tuple(np.quantile(hours, CURVE).tolist()),
    )
