"""How much of the rolling 24 hours was in use, at every instant of a campaign's life."""

from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Connection, or_, select

from inkbatch.adapters.reports.figures import BudgetPoint, BudgetUse
from inkbatch.adapters.reports.whole_columns import as_stored, read_frame, read_times
from inkbatch.adapters.store import tables
from inkbatch.adapters.store.sharing import MOST_CALLS, MOST_MINUTES
from inkbatch.domain.budget import DOCUMENTED_LIMITS, HeadRoom, Limits

STRETCHES = 240
"""Into how many stretches of time very many points are thinned."""

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
) -> pd.DataFrame:
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
    return read_frame(connection, query)


def _use(entries: pd.DataFrame, *, now: datetime) -> tuple[_Times, _Numbers, _Numbers]:
    """Return the instants of change with the calls and minutes in use from each on."""
    end = _microseconds(now)
    starts = _instants(entries["counts_from"], missing=end)
    calls_end = _instants(entries["calls_until"], missing=end + 1)
    minutes_end = _instants(entries["minutes_until"], missing=end + 1)
    calls = entries["calls"].to_numpy(dtype="float64")
    minutes = entries["minutes"].to_numpy(dtype="float64")
    nothing = np.zeros(len(entries))
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


def _instants(stored: "pd.Series[str]", *, missing: int) -> _Times:
    times = read_times(stored)
    instants = times.to_numpy(dtype="datetime64[us]").astype("int64")
    return np.where(times.isna().to_numpy(), missing, instants)


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
