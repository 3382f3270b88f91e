"""Take from the store what a forecast is made from; nothing changes."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from inkbatch.dialer.allowance import RELEASES_AHEAD, Position, need_of, position
from inkbatch.domain.attempt import OPEN_STATES
from inkbatch.domain.budget import DOCUMENTED_LIMITS, HeadRoom, Limits, Need, Spending, Usage
from inkbatch.domain.campaign import Campaign, CampaignState
from inkbatch.domain.campaign_ahead import BudgetAhead, CampaignAhead, Cohort
from inkbatch.domain.contact import Contact
from inkbatch.domain.list_row import Row
from inkbatch.ports import CampaignRecord, Transaction

TRIES_READ = 2_000
"""Odds and minutes are learned from so many of the campaign's latest tries."""


def campaign_ahead(
    tx: Transaction,
    campaign: Campaign,
    record: CampaignRecord,
    *,
    reserve: HeadRoom,
    poll_every: timedelta,
    now: datetime,
) -> CampaignAhead:
    """Return where a campaign stands that is enrolled; a paused one as if it were resumed now."""
    place = position(
        tx,
        record.organisation,
        campaign_id=record.id,
        priority=campaign.priority,
        rules=campaign.budget,
        reserve=reserve,
        now=now,
    )
    hold = tx.current_hold(record.organisation, now=now)
    is_over = record.state is CampaignState.CANCELED
    cohorts = [] if is_over else tx.cohorts(record.id, state_column=campaign.state_column)
    return CampaignAhead(
        campaign=campaign,
        at=now,
        starts_at=now if hold is None else hold.until,
        cohorts=tuple(with_deadline(campaign, each) for each in cohorts),
        tries=tuple(tx.ended_tries(record.id, limit=TRIES_READ)),
        need=need_of(tx, record.id, campaign.budget),
        budget=_budget(tx, record, place, now=now),
        poll_every=poll_every,
        assumes=tuple(_assumes(tx, record, place, now=now)),
    )


def list_ahead(
    campaign: Campaign, rows: Iterable[Row], *, reserve: HeadRoom, now: datetime
) -> CampaignAhead:
    """Return where a campaign would stand if its call list were imported now, nothing used yet."""
    column, counts = campaign.state_column, Counter[Cohort]()
    for row in rows:
        if row.becomes_contact:
            counts[_of_row(row, place=row.fields.get(column, "") if column else "", now=now)] += 1
    rules, limits = campaign.budget, DOCUMENTED_LIMITS
    ceiling = rules.ceiling.as_ceiling(limits)
    calls = limits.calls - reserve.calls - rules.head_room.calls
    minutes = limits.minutes - reserve.minutes - rules.head_room.minutes
    most = rules.minutes_max
    return CampaignAhead(
        campaign=campaign,
        at=now,
        starts_at=now,
        cohorts=tuple(
            with_deadline(campaign, replace(cohort, contacts=count))
            for cohort, count in counts.items()
        ),
        tries=(),
        need=Need(minutes=min(rules.predicted_minutes, most), minutes_max=most),
        budget=BudgetAhead(
            usable=Limits(
                calls=max(min(calls, ceiling.calls), 0),
                minutes=max(min(minutes, ceiling.minutes), 0.0),
            ),
            overrun_minutes=rules.overrun_minutes,
        ),
        assumes=(_as_documented(limits),),
    )


def _as_documented(limits: Limits) -> str:
    return (
        f"the limits are {limits.calls} calls and {limits.minutes:g} minutes in 24 hours, as "
        "documented, and nothing of them is used"
    )


def _of_row(row: Row, *, place: str, now: datetime) -> Cohort:
    return Cohort(
        zones=row.zones,
        contacts=1,
        due_at=max(row.not_before or now, now),
        priority=row.priority,
        deadline=row.expires_at,
        enrolled_at=now,
        place=place,
    )


def with_deadline(campaign: Campaign, cohort: Cohort) -> Cohort:
    """Return a cohort with the earliest of its people's own deadline and the campaign's."""
    example = Contact(
        id=0,
        campaign_id=0,
        number="",
        zones=cohort.zones,
        row_number=0,
        waits_until=cohort.due_at,
        why="",
        expires_at=cohort.deadline,
        enrolled_at=cohort.enrolled_at,
    )
    deadline = campaign.expiry.deadline(example)
    return replace(cohort, deadline=None if deadline is None else deadline.at)


def _budget(
    tx: Transaction, record: CampaignRecord, place: Position, *, now: datetime
) -> BudgetAhead:
    """Return what is left for the campaign, others' use going on as it was in the last 24 hours.

    Attempts in progress are replayed as if they began now, so they use nothing yet.
    """
    left, kept = place.ledger.left_for_others, place.kept
    spending = tx.spending(record.organisation, now=now)
    mine = spending.get(record.id, Spending())
    others = [each for owner, each in spending.items() if owner != record.id]
    in_progress = tx.open_attempts(*OPEN_STATES, campaign_id=record.id)
    ceiling, limits = place.mine.ceiling, place.ledger.limits
    calls = limits.calls - left.calls - kept.calls - sum(each.calls for each in others)
    minutes = limits.minutes - left.minutes - kept.minutes - sum(each.minutes for each in others)
    return BudgetAhead(
        usable=Limits(
            calls=max(min(calls, ceiling.calls), 0),
            minutes=max(min(minutes, ceiling.minutes), 0.0),
        ),
        overrun_minutes=place.ledger.overrun_minutes,
        used=Usage(
            calls=max(mine.calls - len(in_progress), 0),
            minutes=max(mine.minutes - sum(each.predicted_minutes for each in in_progress), 0.0),
        ),
        releases=tuple(
            tx.releases(record.organisation, now=now, limit=RELEASES_AHEAD, campaign_id=record.id)
        ),
    )


def _assumes(
    tx: Transaction, record: CampaignRecord, place: Position, *, now: datetime
) -> list[str]:
    assumes = list[str]()
    if record.state is CampaignState.PAUSED:
        assumes.append(f"the campaign is resumed now; it is paused: {record.state_reason}")
    spending = tx.spending(record.organisation, now=now)
    others = sum(each.calls for owner, each in spending.items() if owner != record.id)
    if others:
        assumes.append(f"others go on using {others} calls in 24 hours")
    if place.kept.calls or place.kept.minutes:
        assumes.append(f"{place.kept.calls} calls stay kept for other campaigns")
    return assumes
