"""Hours in which nobody was called although people were left, and why."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, select

from inkbatch.adapters.reports.attempt_columns import Attempts, People
from inkbatch.adapters.reports.budget_use import RECENT, Steps
from inkbatch.adapters.reports.figures import IdleReason, IdleTime
from inkbatch.adapters.reports.packed import MICROSECONDS
from inkbatch.adapters.store import tables
from inkbatch.adapters.store.rules import window_from
from inkbatch.domain.calling_rules import StrictestWindow
from inkbatch.domain.campaign import CampaignState
from inkbatch.ports import CampaignRecord
from inkbatch.ports.records import FOUND_DEAD, NOTHING_MORE

HOUR: Final = timedelta(hours=1)
_HOUR_LONG = 3_600 * MICROSECONDS

ZONES_MAX: Final = 20
"""The zones of so many groups of people, the largest first, say whether anybody may be called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """What the report has read already of how a campaign was worked on."""

    made: Attempts
    people: People
    steps: Steps
    rules: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Past:
    """What is known of the hours: those dialed in, shifts, the window, what was in use."""

    campaign: CampaignRecord
    window: StrictestWindow
    zones: tuple[tuple[str, ...], ...]
    dialed: frozenset[int]
    shifts: tuple[tuple[datetime, datetime, str | None], ...]
    steps: Steps


def idle_time(
    connection: Connection,
    campaign: CampaignRecord,
    *,
    worked: Worked,
    since: datetime | None,
    until: datetime | None,
) -> IdleTime | None:
    """Return it over the whole hours of the campaign's latest days, `budget_use.RECENT` at most.

    `until` is when it was looked at, or the last attempt where nobody was left then. None where
    it did not dial yet, or its rules do not tell when anybody may be called.
    """
    if since is None or until is None or "window" not in worked.rules:
        return None
    past = _Past(
        campaign=campaign,
        window=window_from(worked.rules),
        zones=_zones(worked.people),
        dialed=frozenset(np.unique(worked.made.reserved_at // _HOUR_LONG).tolist()),
        shifts=_shifts(connection, campaign.id, until=until),
        steps=worked.steps,
    )
    begin = max(since, until - RECENT).astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    hours = [begin + HOUR * place for place in range((until - begin) // HOUR)]
    told = Counter(_reason(past, hour) for hour in hours)
    dialed = told.pop(None, 0)
    reasons = tuple(IdleReason(reason=str(why), hours=n) for why, n in told.most_common())
    return IdleTime(since=begin, hours=len(hours), hours_dialed=dialed, reasons=reasons)


def _zones(people: People) -> tuple[tuple[str, ...], ...]:
    counts = np.bincount(people.zone, minlength=len(people.zones))
    largest = np.argsort(-counts, kind="stable")[:ZONES_MAX]
    return tuple(tuple(people.zones[place].split("|")) for place in largest.tolist())


def _shifts(
    connection: Connection, campaign_id: int, *, until: datetime
) -> tuple[tuple[datetime, datetime, str | None], ...]:
    shift = tables.shift.c
    query = (
        select(shift.started_at, shift.ended_at, shift.end_reason)
        .where(shift.campaign_id == campaign_id)
        .order_by(shift.started_at)
    )
    return tuple(
        (began, began if why == FOUND_DEAD else ended or until, why)
        for began, ended, why in connection.execute(query)
    )


def _reason(past: _Past, hour: datetime) -> str | None:
    """Return the first reason that holds for the whole hour; None if somebody was called in it."""
    if int(hour.timestamp()) // 3_600 in past.dialed:
        return None
    if not _is_open(past, hour):
        return "window_shut"
    if past.steps.is_full(hour, hour + HOUR):
        return "budget_full"
    record = past.campaign
    if record.state != CampaignState.ACTIVE and record.changed_at <= hour:
        return "paused"
    if any(began < hour + HOUR and ended > hour for began, ended, _ in past.shifts):
        return "nobody_due"
    return "stopped" if _was_stopped(past.shifts, hour) else "no_run"


def _is_open(past: _Past, hour: datetime) -> bool:
    opens = (past.window.next_open(hour, zones) for zones in past.zones)
    return any(at is not None and at < hour + HOUR for at in opens)


def _was_stopped(shifts: Iterable[tuple[datetime, datetime, Any]], hour: datetime) -> bool:
    """Return whether the run before the hour ended for a trouble: a breaker, a refused number."""
    before = [why for _, ended, why in shifts if ended <= hour]
    return bool(before) and before[-1] not in (NOTHING_MORE, FOUND_DEAD, None)
