"""How much of the rolling 24 hours was in use, at every instant of a campaign's life."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import Connection, or_, select

from inkbatch.adapters.reports.figures import BudgetPoint, BudgetUse
from inkbatch.adapters.reports.whole_columns import as_stored
from inkbatch.adapters.store import tables
from inkbatch.adapters.store.sharing import MOST_CALLS, MOST_MINUTES
from inkbatch.domain.budget import DOCUMENTED_LIMITS, HeadRoom, Limits

STRETCHES = 240
"""Into how many stretches of time very many points are thinned."""

ROWS = 50_000
"""Entries read at once."""

_MICROSECONDS = 1_000_000
_Numbers = NDArray[np.float64]
_Times = NDArray[np.int64]


def budget_use(
    connection: Connection,
    organisation: str,
    *,
    since: datetime | None,
    now: datetime,
    head_room: HeadRoom,
) -> BudgetUse:
    """Return the organisation's use from `since` to `now`; no points if `since` is None."""
    limits = _limits(connection, organisation)
    usable = Limits(
        calls=max(limits.calls - head_room.calls, 0),
        minutes=max(limits.minutes - head_room.minutes, 0.0),
    )
    if since is None:
        return BudgetUse(limits=limits, usable=usable, points=(), peak_calls=0, peak_minutes=0.0)
    drifts = _drifts(connection, organisation)
    at, calls, minutes = _use(_entries(connection, organisation, since=since, now=now), now=now)
    kept = at >= _microseconds(since)
    at, calls, minutes = at[kept], calls[kept], minutes[kept]
    return BudgetUse(
        limits=limits,
        usable=usable,
        points=_points(at, calls, minutes),
        peak_calls=round(calls.max(initial=0)),
        peak_minutes=float(minutes.max(initial=0)),
        drift_calls=drifts.get(MOST_CALLS, (None, None))[0],
        drift_minutes=drifts.get(MOST_MINUTES, (None, None))[1],
    )


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
) -> _Numbers:
    """Return a row each for counts_from, calls_until, minutes_until, calls and minutes."""
    entry = tables.budget_entry.c
    query = select(
        as_stored(entry.counts_from).label("counts_from"),
        as_stored(entry.calls_until).label("calls_until"),
        as_stored(entry.minutes_until).label("minutes_until"),
        entry.calls,
        entry.minutes,
    ).where(
        entry.organisation == organisation,
        entry.counts_from <= now,
        or_(
            entry.calls_until.is_(None),
            entry.minutes_until.is_(None),
            entry.calls_until > since,
            entry.minutes_until > since,
        ),
    )
    # The driver's own cursor: a million row objects take longer than all the rest.
    cursor: Any = connection.execute(query).cursor
    chunks = iter(lambda: cursor.fetchmany(ROWS), [])
    parts = [_as_numbers(list(zip(*rows, strict=True)), now=now) for rows in chunks]
    return np.concatenate([np.empty((5, 0)), *parts], axis=1)


def _as_numbers(columns: Sequence[Sequence[Any]], *, now: datetime) -> _Numbers:
    """Return the rows of one part as numbers, before the next is read: a text takes ten times more.

    Microseconds from the epoch are exact as such: they stay below 2 to the 53rd.
    """
    end = _microseconds(now)
    missing = (end, end + 1, end + 1)
    times = (_instants(texts, missing=at) for texts, at in zip(columns, missing, strict=False))
    return np.array([*times, *(np.array(each, "float64") for each in columns[3:])])


def _use(entries: _Numbers, *, now: datetime) -> tuple[_Times, _Numbers, _Numbers]:
    """Return the instants of change with the calls and minutes in use from each on."""
    end = _microseconds(now)
    starts, calls_end, minutes_end = entries[:3].astype("int64")
    calls, minutes = entries[3:]
    nothing = np.zeros(len(calls))
    at = np.concatenate([starts, calls_end, minutes_end])
    calls_change = np.concatenate([calls, -calls, nothing])
    minutes_change = np.concatenate([minutes, nothing, -minutes])
    # What is released at an instant and reserved at the same instant never counted together.
    order = np.argsort(at, kind="stable")
    at = at[order]
    is_last = np.append(at[1:] != at[:-1], [True])[: len(at)] & (at <= end)
    calls_used = np.cumsum(calls_change[order])[is_last]
    minutes_used = np.maximum(np.cumsum(minutes_change[order])[is_last], 0.0)
    return at[is_last], calls_used, minutes_used


def _instants(stored: Sequence[Any], *, missing: int) -> _Numbers:
    times = pa.array(stored)
    if pa.types.is_string(times.type):
        times = times.cast(pa.timestamp("us"))
    instants = times.cast(pa.timestamp("us")).cast(pa.int64()).fill_null(missing)
    return np.asarray(instants, dtype="float64")


def _points(at: _Times, calls: _Numbers, minutes: _Numbers) -> tuple[BudgetPoint, ...]:
    shown = _shown(at, calls, minutes)
    columns = zip(at[shown], calls[shown], minutes[shown], strict=True)
    return tuple(
        BudgetPoint(
            at=datetime.fromtimestamp(int(when) / _MICROSECONDS, UTC),
            calls=round(float(calls_used)),
            minutes=round(float(minutes_used), 6),
        )
        for when, calls_used, minutes_used in columns
    )


def _shown(at: _Times, calls: _Numbers, minutes: _Numbers) -> list[int]:
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
    return round(when.timestamp() * _MICROSECONDS)
