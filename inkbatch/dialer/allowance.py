"""How many calls of a campaign the shared budget allows now, or why none and when to look again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from inkbatch.dialer.intents import NotNow
from inkbatch.dialer.shift import Shift
from inkbatch.domain.budget import (
    BUDGET_WINDOW,
    HeadRoom,
    Ledger,
    Limits,
    Need,
    Room,
    Spending,
    Usage,
    predicted_minutes,
    total,
)
from inkbatch.domain.campaign import BudgetRules
from inkbatch.domain.sharing import (
    Claim,
    Part,
    calls_allowed,
    kept_for_others,
    leaving,
    room_below,
    scaled,
)
from inkbatch.ports import Sharer, Transaction

PREDICT_FROM = 200
"""Minutes are predicted from so many of the campaign's latest calls."""

ASK_AGAIN = timedelta(minutes=10)
"""While calls that have not ended hold the budget, nobody knows when it comes back."""

ASK_OTHERS_AGAIN = timedelta(minutes=30)
"""What is kept for another campaign is free as soon as that one has nobody left to call."""

RELEASES_NEXT = 20
"""So many are looked at first, since the very next ones are mostly enough."""

RELEASES_AHEAD = 1000
"""So many releases of budget are looked at to find when a call fits again."""

KEPT_FOR = timedelta(days=3)
"""A campaign that nobody ran for so long keeps no guarantee; it spans a weekend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where one campaign stands in the shared budget, and what the others claim of it.

    `ledger` leaves head-room and the reserve for calls by hand, but nothing for other campaigns.
    Without a ceiling of its own a campaign reaches the limits first.
    """

    ledger: Ledger
    mine: Claim
    others: tuple[Claim, ...]
    has_ceiling: bool = True

    @property
    def kept(self) -> Usage:
        """What other campaigns are to have, beyond this one's own guarantee."""
        return kept_for_others(self.mine, self.others)

    @property
    def left(self) -> Room:
        """What it may still use now beyond its guarantee, of both limits."""
        return leaving(self.ledger, self.kept).room()

    def calls_allowed(self, need: Need) -> int:
        """Return how many calls it may dial now."""
        return calls_allowed(self.mine, self.others, ledger=self.ledger, need=need)


def need_of(tx: Transaction, campaign_id: int, rules: BudgetRules) -> Need:
    """Return what one call of a campaign takes, predicted from its own calls."""
    minutes = predicted_minutes(
        tx.talk_minutes(campaign_id, limit=PREDICT_FROM),
        configured=rules.predicted_minutes,
        minutes_max=rules.minutes_max,
    )
    return Need(minutes=minutes, minutes_max=rules.minutes_max)


def calls_within_budget(
    shift: Shift, tx: Transaction, *, need: Need, now: datetime
) -> int | NotNow:
    """Return how many calls the budget allows now, at least one, or why none."""
    place = place_of(shift, tx, now=now)
    allowed = place.calls_allowed(need)
    return allowed or _not_now(shift, tx, place, need=need, now=now)


def place_of(shift: Shift, tx: Transaction, *, now: datetime) -> Position:
    """Return where the campaign of a shift stands."""
    return position(
        tx,
        shift.organisation,
        campaign_id=shift.record.id,
        priority=shift.campaign.priority,
        rules=shift.campaign.budget,
        reserve=shift.reserve,
        now=now,
    )


def position(
    tx: Transaction,
    organisation: str,
    *,
    campaign_id: int,
    priority: int,
    rules: BudgetRules,
    reserve: HeadRoom,
    now: datetime,
) -> Position:
    """Return where a campaign stands; `reserve` is what is kept for calls made by hand."""
    limits = tx.limits(organisation)
    spending = tx.spending(organisation, now=now)
    shared = Limits(
        calls=max(limits.calls - reserve.calls, 0),
        minutes=max(limits.minutes - reserve.minutes, 0.0),
    )
    sharers = {
        each.campaign_id: each for each in tx.sharers(organisation) if not _lapsed(each, now=now)
    }
    parts = {each.campaign_id: each.budget for each in sharers.values()} | {campaign_id: rules}
    claims = _claims(parts, spending, limits=shared)
    mine = replace(claims.pop(campaign_id), priority=priority)
    return Position(
        ledger=Ledger(
            limits=limits,
            spent=total(spending.values()),
            left_for_others=left_free(rules.head_room, reserve, spending.get(None, Spending())),
            overrun_minutes=rules.overrun_minutes,
        ),
        mine=mine,
        others=tuple(
            _with_people(tx, sharers[other], claim, mine=mine, now=now)
            for other, claim in claims.items()
        ),
        has_ceiling=rules.ceiling != Part(),
    )


def _lapsed(sharer: Sharer, *, now: datetime) -> bool:
    return not sharer.is_at_work and now - sharer.changed_at > KEPT_FOR


def left_free(head_room: HeadRoom, reserve: HeadRoom, by_others: Spending) -> HeadRoom:
    """Return what stays free: calls made by hand use up the reserve first."""
    return HeadRoom(
        calls=head_room.calls + max(reserve.calls - by_others.calls, 0),
        minutes=head_room.minutes + max(reserve.minutes - by_others.minutes, 0.0),
    )


def _claims(
    parts: Mapping[int, BudgetRules], spending: Mapping[int | None, Spending], *, limits: Limits
) -> dict[int, Claim]:
    guarantees = scaled(
        [rules.guarantee.as_guarantee(limits) for rules in parts.values()], limits=limits
    )
    return {
        campaign_id: Claim(
            priority=0,
            spent=spending.get(campaign_id, Spending()),
            guarantee=guarantee,
            ceiling=rules.ceiling.as_ceiling(limits),
        )
        for (campaign_id, rules), guarantee in zip(parts.items(), guarantees, strict=True)
    }


def _with_people(
    tx: Transaction, sharer: Sharer, claim: Claim, *, mine: Claim, now: datetime
) -> Claim:
    """Count the people of another campaign, as far as they make a difference."""
    claim = replace(claim, priority=sharer.priority)
    has_guarantee = claim.guarantee.calls > 0 or claim.guarantee.minutes > 0
    goes_first = sharer.is_at_work and sharer.priority > mine.priority
    if not (has_guarantee or goes_first):
        return claim
    return replace(
        claim,
        people_soon=_people(tx, sharer, claim.guarantee.calls, since=now, until=now + BUDGET_WINDOW)
        if has_guarantee
        else 0,
        people_now=_people(tx, sharer, claim.ceiling.calls, since=now, until=now + INSTANT)
        if goes_first
        else 0,
        minutes_a_call=need_of(tx, sharer.campaign_id, sharer.budget).minutes,
    )


INSTANT = timedelta(microseconds=1)


def _people(
    tx: Transaction, sharer: Sharer, enough: int, *, since: datetime, until: datetime
) -> int:
    """Count waiting people whose time comes and whose window opens before `until`."""
    zones = [
        queue.zones
        for queue in tx.zone_queues(sharer.campaign_id)
        if queue.first_at < until
        and (opening := sharer.window.next_open(max(queue.first_at, since), queue.zones))
        and opening < until
    ]
    return tx.count_due(sharer.campaign_id, zones=zones, before=until, limit=enough)


def _not_now(
    shift: Shift, tx: Transaction, place: Position, *, need: Need, now: datetime
) -> NotNow:
    never = why_never(place, need)
    if never is not None:
        return NotNow(until=None, why=never, for_good=True)
    at, why = next_fit(shift, tx, place, need=need, now=now)
    return NotNow(until=_look_again(shift, place, at, now=now), why=why)


def next_fit(
    shift: Shift, tx: Transaction, place: Position, *, need: Need, now: datetime
) -> tuple[datetime | None, str]:
    """Return when a call fits if those in progress end as predicted, and what is used now.

    `now` where all that is missing is what calls in progress may last beyond that; None where no
    known release is enough.
    """
    times = [_room_at(shift, tx, leaving(place.ledger, place.kept), need=need, now=now)]
    why = _used(place, need)
    mine = place.mine
    below_ceiling = room_below(mine.ceiling, mine.spent, ledger=place.ledger)
    if place.has_ceiling and not below_ceiling.calls_of(need):
        limits = Limits(calls=mine.ceiling.calls, minutes=mine.ceiling.minutes)
        own, campaign_id = Ledger(limits=limits, spent=mine.spent), shift.record.id
        times.append(_room_at(shift, tx, own, need=need, now=now, campaign_id=campaign_id))
        why = f"budget: {_of(mine.spent.usage, limits)} of this campaign's ceiling {IN_USE}"
    known = [at for at in times if at is not None]
    return (max(known) if len(known) == len(times) else None), why


def _room_at(
    shift: Shift,
    tx: Transaction,
    ledger: Ledger,
    *,
    need: Need,
    now: datetime,
    campaign_id: int | None = None,
) -> datetime | None:
    """Return when a call fits into a ledger, of all campaigns or of one."""
    for limit in (RELEASES_NEXT, RELEASES_AHEAD):
        releases = tx.releases(shift.organisation, now=now, limit=limit, campaign_id=campaign_id)
        at = replace(ledger, releases=tuple(releases)).next_room_at(need, now=now)
        if at is not None or len(releases) < limit:
            return at
    return None


def why_never(place: Position, need: Need) -> str | None:
    """Return why no call of the campaign can ever fit; None if one can."""
    ceiling = place.mine.ceiling
    below = replace(
        place.ledger,
        limits=Limits(calls=ceiling.calls, minutes=ceiling.minutes),
        left_for_others=HeadRoom(),
    )
    if place.ledger.could_ever_hold(need) and below.could_ever_hold(need):
        return None
    left = place.ledger.room_of_nothing()
    return (
        f"budget: a call may last {need.minutes_max:g} minutes, and this campaign may use at most "
        f"{min(left.calls, ceiling.calls)} calls and {min(left.minutes, ceiling.minutes):g} "
        "minutes in 24 hours. In [budget], lower minutes_max, head_room or the ceiling's bound, "
        "or say by overrun_minutes how far the minutes may pass the limit"
    )


IN_USE = "used or reserved in the last 24 hours"


def _used(place: Position, need: Need) -> str:
    usage, kept = place.ledger.spent.usage, place.kept
    why = f"budget: {_of(usage, place.ledger.limits)} {IN_USE}"
    if kept.calls or kept.minutes:
        why += f"; {kept.calls} calls and {kept.minutes:.1f} minutes kept for other campaigns"
    elif place.ledger.room().calls and place.ledger.room().minutes >= need.minutes:
        why += f"; a call may last {need.minutes_max:g} minutes"
    return why


def _of(usage: Usage, limits: Limits) -> str:
    return (
        f"{usage.calls} of {limits.calls} calls and {usage.minutes:.1f} of "
        f"{limits.minutes:g} minutes"
    )


def _look_again(
    shift: Shift, place: Position, at: datetime | None, *, now: datetime
) -> datetime | None:
    """Return when to look again, given when it fits if calls in progress end as predicted."""
    spent, again = place.ledger.spent, list[datetime]()
    if at is not None and at > now:
        again.append(at)
    if at == now:
        again.append(now + shift.timing.poll_every)
    elif spent.may_grow or (at is None and spent.calls > 0):
        again.append(now + ASK_AGAIN)
    if place.kept.calls or place.kept.minutes:
        again.append(now + ASK_OTHERS_AGAIN)
    return min(again, default=None)
