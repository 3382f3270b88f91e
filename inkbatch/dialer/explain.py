"""The whole story of one contact: where it came from, every attempt, and what holds it back now."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypedDict

from inkbatch.dialer.choose import open_zones
from inkbatch.dialer.foreseen import ForeseenCalls, onlooker
from inkbatch.dialer.intents import facts_of_people, tries_at_other_hours
from inkbatch.dialer.limits import shared_limits
from inkbatch.dialer.shift import NO_RESERVE
from inkbatch.dialer.turns import turn_of
from inkbatch.domain.attempt import Attempt
from inkbatch.domain.budget import HeadRoom
from inkbatch.domain.calling_rules import CallingRules
from inkbatch.domain.campaign import Campaign
from inkbatch.domain.contact import FINAL_STATES, Contact, ContactState
from inkbatch.domain.day_parts import HoursOfTries
from inkbatch.domain.eligibility import NumberFacts, Skip
from inkbatch.domain.expiry import Expiry
from inkbatch.domain.explanation import Obstacle, next_eligible, obstacles
from inkbatch.domain.result import Result
from inkbatch.domain.suppression import Suppression, lasting
from inkbatch.ports import CampaignRecord, Clock, ContactRow, Store, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the store tells of one contact."""

    contact: Contact
    record: CampaignRecord
    rows: tuple[ContactRow, ...]
    suppression: Suppression | None
    attempts: tuple[Attempt, ...]
    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What holds a contact back now and when it may be dialed next, as things stand at `at`.

    `next_at` None with `never` set: it is not called any more, and why; without it: no known time,
    since a rule without an end holds it. `binds_last` is the rule that lets it go last.
    `turn` tells, of one whom nothing else holds back, what decides when its turn comes.
    """

    at: datetime
    obstacles: tuple[Obstacle, ...]
    next_at: datetime | None
    binds_last: str | None
    never: str | None = None
    turn: str | None = None


class Rules(TypedDict):
    """What `decide` is asked with beside the facts of the number."""

    rules: CallingRules
    expiry: Expiry
    tries: HoursOfTries | None


def told_of_number(tx: Transaction, number: str) -> list[Told]:
    """Return the story of every contact with this number, over all campaigns."""
    return [_told(tx, contact) for contact in tx.contacts_of_number(number)]


def told_of_contact(tx: Transaction, contact_id: int) -> Told:
    """Return the story of one contact; raises StoreError where there is none."""
    return _told(tx, tx.contact(contact_id))


def _told(tx: Transaction, contact: Contact) -> Told:
    held = filter(None, map(tx.suppression, contact.all_numbers))
    return Told(
        contact=contact,
        record=tx.campaign_by_id(contact.campaign_id),
        rows=tuple(tx.rows_of_contact(contact.id)),
        suppression=lasting(held, until=lambda each: each.expires_at),
        attempts=tuple(tx.attempts_of_contact(contact)),
        results=tuple(tx.results_of(contact.id)),
    )


def outlook(
    store: Store, campaign: Campaign, told: Told, *, clock: Clock, reserve: HeadRoom = NO_RESERVE
) -> Outlook:
    """Return what holds a contact back now, by the rules of its campaign as its file has them."""
    now, contact = clock.now(), told.contact
    if contact.state in FINAL_STATES:
        return Outlook(at=now, obstacles=(), next_at=None, binds_last=None, never=contact.why)
    line = ForeseenCalls(campaign=campaign, clock=clock)
    shift = onlooker(store, line, told.record, reserve=reserve)
    with store.reading() as tx:
        since = now - campaign.look_back
        facts = facts_of_people(tx, [contact], since=since, now=now)[contact.id]
        tries = tries_at_other_hours(shift, tx, [contact]).get(contact.id)
        limits = tuple(shared_limits(shift, tx))
        zones = open_zones(shift, tx.zone_queues(told.record.id), now=now)
        turn = turn_of(shift, tx, contact, zones, now=now) if contact.zones in zones else None
    rules = Rules(rules=campaign.rules_for(contact.fields), expiry=campaign.expiry, tries=tries)
    own = obstacles(contact, facts, now=now, **rules)
    shared = [
        Obstacle(rule=limit.name, until=limit.until, why=limit.why)
        for limit in limits
        if limit.binds
    ]
    ahead = _outlook(contact, facts, (*own, *shared), rules=rules, now=now)
    return ahead if own or ahead.never else replace(ahead, turn=turn)


def _outlook(
    contact: Contact,
    facts: NumberFacts,
    held: Sequence[Obstacle],
    *,
    rules: Rules,
    now: datetime,
) -> Outlook:
    after = max([now, *(each.until for each in held if each.until is not None)])
    following = next_eligible(contact, facts, after=after, **rules)
    if isinstance(following, Skip):
        return Outlook(
            at=now,
            obstacles=tuple(held),
            next_at=None,
            binds_last=None,
            never=f"{following.reason} ({following.state})",
        )
    endless = [each for each in held if each.until is None]
    last = (
        max(held, key=lambda each: each.until or datetime.max.replace(tzinfo=now.tzinfo))
        if held
        else None
    )
    if contact.state is ContactState.IN_CALL:
        return Outlook(at=now, obstacles=tuple(held), next_at=None, binds_last="open attempt")
    return Outlook(
        at=now,
        obstacles=tuple(held),
        next_at=None if endless else following,
        binds_last=_last_rule(last, following),
    )


def _last_rule(last: Obstacle | None, following: datetime) -> str | None:
    if last is None:
        return None
    if last.until is not None and following > last.until:
        return "calling window"  # it is shut again when the last of the others lets go
    return last.rule
