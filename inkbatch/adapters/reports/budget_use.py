"""How much of the rolling 24 hours was in use, at every instant of a campaign's life."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, or_, select

from inkbatch.adapters.reports import packed
from inkbatch.adapters.reports.figures import BudgetPoint, BudgetUse
from inkbatch.adapters.reports.packed import NO_TIME, Real, Times, Whole
from inkbatch.adapters.reports.packed_reading import read_packed, unindexed
from inkbatch.adapters.store import tables
from inkbatch.adapters.store.sharing import MOST_CALLS, MOST_MINUTES
from inkbatch.domain.budget import DOCUMENTED_LIMITS, HeadRoom, Limits

STRETCHES = 240
"""Into how many stretches of time very many points are thinned."""


RECENT = timedelta(days=30)
"""Of so long before the end every change is kept, for whoever asks about single hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Every instant at which the use changed, and whether there was no room from it on."""

    at: Times
    full: NDArray[np.bool_]

    def is_full(self, begin: datetime, end: datetime) -> bool:
        """Return whether there was no room for a call at any time of a stretch."""
        first = int(np.searchsorted(self.at, _microseconds(begin), side="right")) - 1
        last = int(np.searchsorted(self.at, _microseconds(end), side="left"))
        return first >= 0 and bool(self.full[first:last].all())


NO_STEPS = Steps(at=np.empty(0, "int64"), full=np.empty(0, "bool"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entries:
    """The ledger's entries; an end that is missing was not settled yet."""

    counts_from: Times
    calls_until: Times
    minutes_until: Times
    calls: Whole
    minutes: Real


def budget_use(
    connection: Connection,
    *,
    organisation: str,
    since: datetime | None,
    now: datetime,
    rules: Mapping[str, Any],
) -> tuple[BudgetUse, Steps]:
    """Return the organisation's use from `since` to `now`; no points if `since` is None.

    `rules` are what a campaign's rules say of the budget. The steps are those of the last days,
    full where none of its calls had room.
    """
    head_room, a_call = HeadRoom(**rules["head_room"]), rules["predicted_minutes"]
    limits = _limits(connection, organisation)
    usable = Limits(
        calls=max(limits.calls - head_room.calls, 0),
        minutes=max(limits.minutes - head_room.minutes, 0.0),
    )
    if since is None:
        none = BudgetUse(limits=limits, usable=usable, points=(), peak_calls=0, peak_minutes=0.0)
        return none, NO_STEPS
    drifts = _drifts(connection, organisation)
    at, calls, minutes = _use(_entries(connection, organisation, since=since, now=now), now=now)
    kept = at >= _microseconds(since)
    at, calls, minutes = at[kept], calls[kept], minutes[kept]
    # With the step before them, which holds at their beginning.
    recent = slice(max(int(np.searchsorted(at, _microseconds(now - RECENT))) - 1, 0), None)
    full = (calls[recent] >= usable.calls) | (minutes[recent] + a_call > usable.minutes)
    told = BudgetUse(
        limits=limits,
        usable=usable,
        points=_points(at, calls, minutes),
        peak_calls=round(calls.max(initial=0)),
        peak_minutes=float(minutes.max(initial=0)),
        drift_calls=drifts.get(MOST_CALLS, (None, None))[0],
        drift_minutes=drifts.get(MOST_MINUTES, (None, None))[1],
    )
    return told, Steps(at=at[recent].copy(), full=full)


def _drifts(connection: Connection, organisation: str) -> dict[str, tuple[int, float]]:
    """Return the drift of each kind of snapshot."""
    told = tables.budget_snapshot.c
    query = select(told.kind, told.drift_calls, told.drift_minutes).where(
        told.organisation == organisation
    )
    return {row.kind: (row.drift_calls, row.drift_minutes) for row in connection.execute(query)}


def _limits(connection: Connection, organisation: str) -> Limits:
    told = tables.organisation.c
    query = select(told.calls_limit, told.minutes_limit).where(told.name == organisation)
    row = connection.execute(query).one_or_none()
    if row is None or row.calls_limit is None or row.minutes_limit is None:
        return DOCUMENTED_LIMITS
    return Limits(calls=row.calls_limit, minutes=row.minutes_limit)


def _entries(
    connection: Connection, organisation: str, *, since: datetime, now: datetime
) -> "_Entries":
    """Return what counted at any time from `since` to `now`."""
    entry = tables.budget_entry.c
    query = select().where(
        unindexed(entry.organisation) == organisation,
        entry.counts_from <= now,
        # That of nearly all of them first.
        or_(
            entry.calls_until > since,
            entry.minutes_until > since,
            entry.calls_until.is_(None),
            entry.minutes_until.is_(None),
        ),
    )
    columns = {
        "counts_from": packed.times(connection, entry.counts_from),
        "calls_until": packed.times(connection, entry.calls_until),
        "minutes_until": packed.times(connection, entry.minutes_until),
        "minutes": packed.several(
            packed.microseconds(connection, entry.minutes), calls=(entry.calls, 20)
        ),
    }
    found = read_packed(connection, columns, query, by=entry.id)
    return _Entries(**found | {"minutes": packed.as_minutes(found["minutes"])})


def _use(entries: "_Entries", *, now: datetime) -> tuple[Times, Whole, Real]:
    """Return the instants of change with the calls and minutes in use from each on."""
    end = _microseconds(now)
    calls_end = np.where(entries.calls_until == NO_TIME, end + 1, entries.calls_until)
    minutes_end = np.where(entries.minutes_until == NO_TIME, end + 1, entries.minutes_until)
    at = _instants(entries.counts_from, calls_end, minutes_end)
    known = int(np.searchsorted(at, end, side="right"))
    begins = np.searchsorted(at, entries.counts_from)
    # One after the other, since each takes much memory.
    calls = _used(known, (begins, entries.calls), (np.searchsorted(at, calls_end), entries.calls))
    ends = np.searchsorted(at, minutes_end)
    minutes = _used(known, (begins, entries.minutes), (ends, entries.minutes))
    return at[:known], calls.round().astype("int64"), np.maximum(minutes, 0.0, out=minutes)


def _instants(*columns: Times) -> Times:
    """Return all instants in order.

    What is released at an instant and reserved at the same instant never counts together.
    """
    at = np.concatenate(columns)
    at.sort()
    # Not numpy's unique, which makes a hash table and takes ten times as long.
    instants: Times = at[np.append(at[1:] != at[:-1], [True])[: len(at)]]
    return instants


def _used(
    known: int, taken: tuple[Whole, NDArray[Any]], released: tuple[Whole, NDArray[Any]]
) -> Real:
    """Return what is in use from each of the first so many instants on."""
    change = np.bincount(*taken, minlength=known)[:known].astype("float64")
    change -= np.bincount(*released, minlength=known)[:known]
    return np.cumsum(change, out=change)


def _points(at: Times, calls: Whole, minutes: Real) -> tuple[BudgetPoint, ...]:
    shown = _shown(at, calls, minutes)
    columns = zip(at[shown], calls[shown], minutes[shown], strict=True)
    return tuple(
        BudgetPoint(
            at=packed.as_time(int(when)),
            calls=round(float(calls_used)),
            minutes=round(float(minutes_used), 6),
        )
        for when, calls_used, minutes_used in columns
    )


def _shown(at: Times, calls: Whole, minutes: Real) -> list[int]:
    """Return all points, or of very many the peaks and the last of each stretch of time."""
    if len(at) <= 3 * STRETCHES:
        return list(range(len(at)))
    stretch = (at - at[0]) * STRETCHES // (at[-1] - at[0] + 1)
    bounds = [*np.flatnonzero(np.diff(stretch, prepend=-1)), len(at)]
    shown: set[int] = set()
    for start, end in pairwise(bounds):
        peaks = (start + int(use[start:end].argmax()) for use in (calls, minutes))
        shown |= {*peaks, int(end) - 1}
    return sorted(int(index) for index in shown)


def _microseconds(when: datetime) -> int:
    return round(when.timestamp() * packed.MICROSECONDS)
