"""Hours in which nobody was called although people were left, and why."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, func, select

from inkbatch.adapters.reports import counting
from inkbatch.adapters.reports.attempt_columns import People, read_times_made
from inkbatch.adapters.reports.budget_use import RECENT, Steps, budget_use
from inkbatch.adapters.reports.figures import IdleReason, IdleTime
from inkbatch.adapters.reports.packed import MICROSECONDS, Times
from inkbatch.adapters.store import tables
from inkbatch.adapters.store.rules import window_from
from inkbatch.domain.calling_rules import StrictestWindow
from inkbatch.domain.campaign import CampaignState
from inkbatch.domain.contact import count_left
from inkbatch.ports import CampaignRecord
from inkbatch.ports.records import FOUND_DEAD, NOTHING_MORE

HOUR: Final = timedelta(hours=1)
_HOUR_LONG = 3_600 * MICROSECONDS

BEFORE: Final = timedelta(days=2)

ZONES_MAX: Final = 20
"""The zones of so many groups of people, the largest first, say whether anybody may be called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """How a campaign was worked on: the hours dialed in, from the epoch, and how full it was.

    `zones` are those of the largest groups of its people.
    """

    hours_dialed: frozenset[int]
    zones: tuple[tuple[str, ...], ...]
    steps: Steps
    rules: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Past:
    """What is known of the hours: those dialed in, shifts, pauses, the window, what was in use."""

    window: StrictestWindow
    zones: tuple[tuple[str, ...], ...]
    dialed: frozenset[int]
    shifts: tuple[tuple[datetime, datetime, str | None], ...]
    pauses: tuple[tuple[datetime, datetime], ...]
    steps: Steps


def hours_of(at: Times) -> frozenset[int]:
    """Return the hours, counted from the epoch, that some of the times are in."""
    return frozenset(np.unique(at // _HOUR_LONG).tolist())


def zones_of(people: People) -> tuple[tuple[str, ...], ...]:
    """Return the zones of the largest groups of people."""
    counts = np.bincount(people.zone, minlength=len(people.zones))
    largest = np.argsort(-counts, kind="stable")[:ZONES_MAX]
    return tuple(tuple(people.zones[place].split("|")) for place in largest.tolist())


def idle_time_alone(
    connection: Connection, campaign: CampaignRecord, *, now: datetime
) -> IdleTime | None:
    """Return the same as the report tells, from the latest days alone."""
    since, last_at = counting.first_and_last(connection, campaign.id)
    left = count_left(counting.contacts_by_state(connection, campaign.id, now=now))
    until = now if left else last_at
    rules = rules_of(connection, campaign.id)
    if since is None or until is None:
        return None
    # With all that may still have counted at the beginning.
    begin = max(since, until - RECENT - BEFORE)
    _, steps = budget_use(
        connection, organisation=campaign.organisation, since=begin, now=now, rules=rules["budget"]
    )
    worked = Worked(
        hours_dialed=hours_of(read_times_made(connection, campaign.id, since=begin)),
        zones=_largest_zones(connection, campaign.id),
        steps=steps,
        rules=rules,
    )
    return idle_time(connection, campaign, worked=worked, since=since, until=until)


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
        window=window_from(worked.rules),
        zones=worked.zones,
        dialed=worked.hours_dialed,
        shifts=_shifts(connection, campaign.id, until=until),
        pauses=tuple(_pauses(connection, campaign.id, until=until)),
        steps=worked.steps,
    )
    begin = max(since, until - RECENT).astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    hours = [begin + HOUR * place for place in range((until - begin) // HOUR)]
    told = Counter(_reason(past, hour) for hour in hours)
    dialed = told.pop(None, 0)
    reasons = tuple(IdleReason(reason=str(why), hours=n) for why, n in told.most_common())
    return IdleTime(since=begin, hours=len(hours), hours_dialed=dialed, reasons=reasons)


def _largest_zones(connection: Connection, campaign_id: int) -> tuple[tuple[str, ...], ...]:
    contact = tables.contact.c
    query = (
        select(contact.zones)
        .where(contact.campaign_id == campaign_id)
        .group_by(contact.zones)
        .order_by(func.count().desc())
        .limit(ZONES_MAX)
    )
    return tuple(tuple(zones.split("|")) for zones in connection.execute(query).scalars())


def rules_of(connection: Connection, campaign_id: int) -> dict[str, Any]:
    """Return the rules that a campaign was last run by."""
    query = select(tables.campaign.c.rules).where(tables.campaign.c.id == campaign_id)
    rules: dict[str, Any] = connection.execute(query).scalar_one()
    return rules


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


def _pauses(
    connection: Connection, campaign_id: int, *, until: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Yield from when to when a person, the breaker or a pilot's end kept it from dialing."""
    said = tables.campaign_state.c
    query = (
        select(said.state, said.at)
        .where(said.campaign_id == campaign_id)
        .order_by(said.at, said.id)
    )
    began: datetime | None = None
    for state, at in connection.execute(query):
        if state != CampaignState.ACTIVE:
            began = began or at
        elif began is not None:
            yield began, at
            began = None
    if began is not None:
        yield began, until


def _reason(past: _Past, hour: datetime) -> str | None:
    """Return the first reason that holds for the whole hour; None if somebody was called in it."""
    if int(hour.timestamp()) // 3_600 in past.dialed:
        return None
    if not _is_open(past, hour):
        return "window_shut"
    if past.steps.is_full(hour, hour + HOUR):
        return "budget_full"
    if any(began <= hour and ended >= hour + HOUR for began, ended in past.pauses):
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
