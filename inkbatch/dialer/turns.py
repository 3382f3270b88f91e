"""Whose turn it is: groups of contacts by what a call to them is worth, each read by index.

What the order is worked out from is kept for a while: the odds for a minute, the hours of a zone
until they end. So a pass asks for no more than the groups, however many contacts wait.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from inkbatch.domain.answer_odds import AnswerOdds
from inkbatch.domain.budget import Limits
from inkbatch.domain.contact import Contact
from inkbatch.domain.turns import (
    FAIR_EVERY,
    ContactGroup,
    Order,
    Place,
    Rung,
    Urgency,
    Worth,
    by_waiting,
    is_fair,
    rungs,
    take_turns,
    urgency,
    worth,
)
from inkbatch.ports import Transaction

if TYPE_CHECKING:
    from inkbatch.dialer.shift import Shift

ODDS_KEPT = timedelta(minutes=1)
A_DAY = timedelta(hours=24)
DEADLINE_GROUPS_MAX = 200
"""So many different near deadlines, by zones and priority, are told apart; later ones wait."""


class Hours(NamedTuple):
    """The hours of some zones that are open now: their end, and the end of those after them."""

    ends_at: datetime
    next_ends_at: datetime


class Figures(NamedTuple):
    """What a call is expected to reach, and the limits that tell which unit is scarcer."""

    odds: AnswerOdds
    limits: Limits


@dataclass(slots=True)
class Turns:
    """What a shift keeps of what its order is worked out from."""

    figures: "Figures | None" = None
    read_at: datetime | None = None
    hours: dict[tuple[str, ...], Hours] = field(default_factory=dict)


def next_contacts(
    shift: "Shift",
    tx: Transaction,
    groups: Sequence[ContactGroup],
    *,
    limit: int,
    now: datetime,
) -> list[Contact]:
    """Claim the contacts of these groups, in each of which somebody is due, whose turn it is.

    Their turns are counted.
    """
    chosen, first = list[Contact](), tx.turns_taken(shift.record.id)
    for rung in due_rungs(shift, tx, groups, now=now):
        if len(chosen) >= limit:
            break
        chosen += _of_rung(shift, tx, rung, chosen=chosen, turns_before=first, limit=limit)
    claimed = tx.claim_contacts(chosen)
    tx.take_turns(shift.record.id, len(claimed))
    return claimed


def _of_rung(
    shift: "Shift",
    tx: Transaction,
    rung: Rung,
    *,
    chosen: Sequence[Contact],
    turns_before: int,
    limit: int,
) -> list[Contact]:
    """Return whose turn it is among the groups of a rung, without those `chosen` already."""
    now, before = shift.clock.now(), {contact.id for contact in chosen}

    def in_turn(groups: Sequence[Sequence[ContactGroup]]) -> list[Contact]:
        # As many as are wanted in all: of those, no more than were chosen fall out again.
        due = tx.contacts_in_turn(shift.record.id, groups, now=now, limit=limit)
        return [contact for contact in due if contact.id not in before]

    first, left = turns_before + len(chosen), limit - len(chosen)
    by_value = in_turn(rung.by_value)
    if len(rung.by_value) == 1 or not any(map(is_fair, range(first, first + left))):
        return by_value[:left]
    return take_turns(by_value, in_turn([rung.groups]), first_turn=first, limit=left)


def due_groups(
    groups: Sequence[ContactGroup], zones: Sequence[tuple[str, ...]], *, now: datetime
) -> list[ContactGroup]:
    """Return those of the groups of waiting contacts in which somebody of these zones is due."""
    among = set(zones)
    return [each for each in groups if each.zones in among and each.first_at <= now]


def due_rungs(
    shift: "Shift", tx: Transaction, groups: Sequence[ContactGroup], *, now: datetime
) -> list[Rung]:
    """Return groups in which somebody is due in the campaign's order, near deadlines apart."""
    if shift.campaign.order is Order.LIST:
        return by_waiting(groups)
    zones = {each.zones: None for each in groups}
    urgent = _near_deadlines(shift, tx, list(zones), now=now)
    return rungs([*urgent, *groups], place_of=partial(_place, shift, tx, now=now))


def _near_deadlines(
    shift: "Shift", tx: Transaction, zones: Sequence[tuple[str, ...]], *, now: datetime
) -> list[ContactGroup]:
    """Return those whose deadline comes before their window has been open once more."""
    near = {each: _near(shift, each, now=now) for each in zones}
    if not near:
        return []
    found = tx.deadline_groups(
        shift.record.id, before=max(near.values()), limit=DEADLINE_GROUPS_MAX
    )
    return [
        each
        for each in found
        if each.first_at <= now and each.expires_at and each.expires_at <= near.get(each.zones, now)
    ]


def _near(shift: "Shift", zones: tuple[str, ...], *, now: datetime) -> datetime:
    return max(now + A_DAY, _hours(shift, zones, now=now).next_ends_at)


def _place(shift: "Shift", tx: Transaction, group: ContactGroup, *, now: datetime) -> Place:
    what = urgency(group, ends_at=_ends_at(shift, group.zones, now=now), now=now)
    if what is Urgency.DEADLINE:
        return Place(what, group.expires_at, group.priority, 0.0)
    if what is Urgency.CALL_BACK:
        return Place(what, None, group.priority, 0.0)
    return Place(what, None, group.priority, _worth(shift, tx, group, now=now).value)


def _worth(shift: "Shift", tx: Transaction, group: ContactGroup, *, now: datetime) -> Worth:
    odds, limits = _figures(shift, tx, now=now)
    return worth(odds, zones=group.zones, tries_used=group.tries_used, limits=limits, now=now)


def _ends_at(shift: "Shift", zones: tuple[str, ...], *, now: datetime) -> datetime:
    """Return the end of the window that is open, or of the campaign if that comes first."""
    ends_at = _hours(shift, zones, now=now).ends_at
    end = shift.campaign.expiry.end_in(zones)
    return ends_at if end is None else min(ends_at, end)


def _hours(shift: "Shift", zones: tuple[str, ...], *, now: datetime) -> Hours:
    known = shift.turns.hours.get(zones)
    if known is None or known.ends_at <= now:
        window = shift.campaign.rules_for_everybody.window
        ends_at = window.closes_at(now, zones)
        opens_at = window.next_open(ends_at, zones)
        known = Hours(ends_at, window.closes_at(opens_at, zones) if opens_at else ends_at)
        shift.turns.hours[zones] = known
    return known


def _figures(shift: "Shift", tx: Transaction, *, now: datetime) -> Figures:
    turns = shift.turns
    is_old = turns.read_at is None or now - turns.read_at >= ODDS_KEPT
    if turns.figures is None or is_old:
        odds = AnswerOdds(
            tallies=tx.answer_tallies(shift.record.id),
            reached=shift.campaign.retry.reached,
            prior_minutes=shift.campaign.budget.predicted_minutes,
        )
        turns.figures, turns.read_at = Figures(odds, tx.limits(shift.organisation)), now
    return turns.figures


def turn_of(
    shift: "Shift",
    tx: Transaction,
    contact: Contact,
    zones: Sequence[tuple[str, ...]],
    *,
    now: datetime,
) -> str:
    """Return in a sentence what decides when a contact's turn comes, as the order stands now."""
    return "; ".join(_told(shift, tx, contact, zones, now=now))


def _told(
    shift: "Shift",
    tx: Transaction,
    contact: Contact,
    zones: Sequence[tuple[str, ...]],
    *,
    now: datetime,
) -> Iterator[str]:
    if shift.campaign.order is Order.LIST:
        yield f"priority {contact.priority}, then who has waited longest, as the list has it"
        return
    group = ContactGroup(
        zones=contact.zones,
        priority=contact.priority,
        tries_used=contact.attempts_used,
        first_at=contact.waits_until,
    )
    near = contact.expires_at is not None and contact.expires_at <= _near(
        shift, contact.zones, now=now
    )
    what = Urgency.DEADLINE if near else _place(shift, tx, group, now=now).urgency
    if what is not Urgency.USUAL:
        yield WHY_FIRST[what]
    else:
        yield f"priority {contact.priority}"
    if what in (Urgency.USUAL, Urgency.CLOSING):
        yield from _value_told(shift, tx, group, now=now)
        better = _before(shift, tx, group, zones, now=now)
        yield (
            "a call to others is worth more now" if better else "a call to nobody is worth more now"
        )
        yield f"every {FAIR_EVERY}th turn goes to who has waited longest"


def _value_told(
    shift: "Shift", tx: Transaction, group: ContactGroup, *, now: datetime
) -> Iterator[str]:
    told = _worth(shift, tx, group, now=now)
    calls = _figures(shift, tx, now=now).odds.total.calls
    unit = "a call" if told.unit == "calls" else f"{told.cost:.1f} minutes"
    yield (f"a call now reaches {told.odds:.0%} for {unit}, by {calls:,} calls of this campaign")


def _before(
    shift: "Shift",
    tx: Transaction,
    group: ContactGroup,
    zones: Sequence[tuple[str, ...]],
    *,
    now: datetime,
) -> int:
    place = _place(shift, tx, group, now=now)
    due = due_groups(tx.waiting_groups(shift.record.id), zones, now=now)
    return sum(
        other.first_comes_first == place.first_comes_first and other.value > place.value
        for rung in due_rungs(shift, tx, due, now=now)
        for other in (_place(shift, tx, each, now=now) for each in rung.groups)
    )


WHY_FIRST = {
    Urgency.CALL_BACK: "first, since it asked to be called back",
    Urgency.DEADLINE: "its deadline is near, so it goes before all who have more time",
    Urgency.CLOSING: "its calling window is about to shut, so it goes before those that stay open",
}
