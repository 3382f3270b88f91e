"""What could have been used at most, and what was, from the sandbox's ledger alone.

Nothing here is taken from the code that is judged. The upper bound: the time in which calls may be
placed is covered by slices of 24 hours, and a slice holds no more than a limit less what others
used in it. Whatever a dialer knows of the future, it cannot pass that.
"""

import random
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate, pairwise
from math import exp
from statistics import mean
from zoneinfo import ZoneInfo

DAY = timedelta(hours=24)
MINUTE = timedelta(minutes=1)
OFFSETS = 96
DRAWN_DAYS = 2_000


@dataclass(frozen=True, kw_only=True)
class Hours:
    """When calls may be placed: the same spans every day, in the zone of whoever is called."""

    spans: tuple[str, ...]
    zones: tuple[str, ...]

    def is_open(self, now, zone):
        """Tell whether somebody of a zone may be called now."""
        local = now.astimezone(ZoneInfo(zone))
        return any(first <= f"{local:%H:%M}" < last for first, last in self._spans())

    def open_time(self, start, end):
        """Return the union of all zones' hours from `start` to `end`, in order."""
        edges = []
        for zone in self.zones:
            day = start.astimezone(ZoneInfo(zone)) - DAY
            for later in range((end - start).days + 3):
                date = (day + later * DAY).date()
                for first, last in self._spans():
                    opens, shuts = (
                        datetime.fromisoformat(f"{date} {clock}").replace(tzinfo=ZoneInfo(zone))
                        for clock in (first, last)
                    )
                    edges.append((max(opens.astimezone(start.tzinfo), start), shuts))
        return merged((opens, min(shuts.astimezone(start.tzinfo), end)) for opens, shuts in edges)

    def _spans(self):
        return (span.split("-") for span in self.spans)


def merged(spans):
    """Join spans that touch; drop those that are empty."""
    joined = []
    for opens, shuts in sorted(span for span in spans if span[0] < span[1]):
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(shuts, joined[-1][1]))
        else:
            joined.append((opens, shuts))
    return joined


@dataclass(frozen=True, kw_only=True)
class Bound:
    """The most calls and minutes that could have been used, and the days they are counted by."""

    calls: int
    minutes: float
    slices: int


def upper_bound(open_time, foreign, *, calls_limit, minutes_limit):
    """Return the smallest bound over many ways to cut the week into slices of 24 hours."""
    cuts = [_slices(open_time, after=place * DAY / OFFSETS) for place in range(OFFSETS)]
    return Bound(
        calls=min(sum(_calls_left(each, foreign, calls_limit) for each in cut) for cut in cuts),
        minutes=min(
            sum(_minutes_left(each, foreign, minutes_limit) for each in cut) for cut in cuts
        ),
        slices=min(map(len, cuts)),
    )


def _slices(open_time, *, after):
    """Cover the open time by slices: each begins where something is open, the first by `after`."""
    covered_until = open_time[0][0] + after if after else None
    slices = [] if covered_until is None else [(covered_until - DAY, covered_until)]
    for opens, shuts in open_time:
        start = opens if covered_until is None else max(opens, covered_until)
        while start < shuts:
            slices.append((start, start + DAY))
            start = covered_until = start + DAY
    return slices


def _calls_left(span, foreign, limit):
    return max(limit - sum(span[0] <= call.created_at < span[1] for call in foreign), 0)


def _minutes_left(span, foreign, limit):
    used = sum((_talk(call, *span) for call in foreign), timedelta())
    return max(limit - used / MINUTE, 0.0)


def without_foresight(*, limit, longest, median, sigma, seed=1):
    """Return the minutes that a day holds on average for whoever cannot foresee a call's length.

    Who never passes the limit dials only while `longest` is left, so a day is over with the first
    call that ends above the limit less `longest`. Lengths are drawn here; being independent of
    one another, no choice of whom to call makes the last one longer on average. It holds where a
    day's hours and a call together are shorter than 24 hours, and calls of others there are none.
    """
    chance = random.Random(seed)
    days = []
    for _ in range(DRAWN_DAYS):
        used = 0.0
        while used <= limit - longest:
            used += min(median * exp(chance.gauss(0, sigma)), longest)
        days.append(used)
    return mean(days)


def talked(calls):
    """Return the minutes of these calls."""
    return sum((call.ended_at - call.started_at for call in calls if call.started_at), DAY * 0) / (
        MINUTE
    )


def most_calls(ledger):
    """Return the most calls placed in any rolling 24 hours, the edge exactly as the server's."""
    placed = sorted(call.created_at for call in ledger)
    return max(n + 1 - bisect_right(placed, at - DAY) for n, at in enumerate(placed))


def most_minutes(ledger):
    """Return the most minutes talked in any rolling 24 hours: a sum of straight lines."""
    talks = [(call.started_at, call.ended_at) for call in ledger if call.started_at]
    turns = sorted([*((at, 1) for at, _ in talks), *((at, -1) for _, at in talks)])
    at = [turn for turn, _ in turns]
    talking = list(accumulate(change for _, change in turns))
    until = [DAY * 0]
    for place, (earlier, later) in enumerate(pairwise(at)):
        until.append(until[-1] + talking[place] * (later - earlier))

    def before(moment):
        place = bisect_left(at, moment) - 1
        return until[place] + talking[place] * (moment - at[place]) if place >= 0 else DAY * 0

    edges = [turn + later for turn in at for later in (DAY * 0, DAY)]
    return max((before(edge) - before(edge - DAY) for edge in edges), default=DAY * 0) / MINUTE


def _talk(call, start, end):
    if call.started_at is None:
        return timedelta()
    return max(min(call.ended_at, end) - max(call.started_at, start), timedelta())
