"""The one place where what an agent says of an attempt is written down and acts.

A result mostly comes before the call is seen to have ended. It is kept then, and acts when the
attempt ends (`move_contact`); only an opt-out acts at once, in the transaction that keeps it. A
result that comes later moves the contact then and there. Both ways read all results of the contact
and ask the domain what follows, so their order with polls and webhooks makes no difference.

What is decided here, since nobody else says it:

- A result acts whatever its attempt came to, voicemail and unknown included: the agent was there.
- A campaign that is paused or canceled takes results as ever; a call-back is then not dialed.
- A result for an attempt that is not the contact's latest can end the contact (success, opt-out);
  a call-back that it asks for was settled by the later attempt.
- Of a contact that was erased or purged the word alone is kept, and nothing follows from it.
- A contact that a person has taken out (withdrawn) stays so; an opt-out is noted all the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from inkbatch.domain.attempt import Attempt, AttemptState
from inkbatch.domain.call_back import boosted, call_back_time, usual
from inkbatch.domain.contact import FINAL_STATES, Contact, ContactState
from inkbatch.domain.errors import UnknownAttempt
from inkbatch.domain.expiry import Deadline, in_time
from inkbatch.domain.number_hash import is_hashed
from inkbatch.domain.result import (
    Effect,
    Result,
    Spoken,
    deciding,
    opt_out,
    require_room,
    standing,
    what_follows,
)
from inkbatch.domain.retry_policy import Following, RetryPolicy
from inkbatch.ports import CampaignRecord, Store, Transaction

NOTHING_SENT = frozenset({AttemptState.PLANNED, AttemptState.WITHDRAWN})
"""Attempts for which no call was made, so that nobody can tell anything of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A result as the agent posts it; `call_back_at` is as `call_back_time` reads it."""

    id: str
    word: str
    effect: Effect
    call_back_at: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    transcript: tuple[Spoken, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A result as it is kept; `effective` says that its effect is what counts, `why` how so."""

    result: Result
    effective: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptCard:
    """Whom an attempt is to, for the agent that talks to them."""

    attempt: Attempt
    campaign: CampaignRecord
    contact: Contact


def attempt_card(store: Store, attempt_id: str) -> AttemptCard:
    """Return whom an attempt is to; raises UnknownAttempt where there is none."""
    with store.reading() as tx:
        attempt = tx.attempt(attempt_id)
        if attempt is None:
            raise UnknownAttempt("there is no attempt of this id in the database")
        return AttemptCard(
            attempt=attempt,
            campaign=tx.campaign_by_id(attempt.campaign_id),
            contact=tx.contact(attempt.contact_id),
        )


def record_result(store: Store, attempt_id: str, posted: Posted, *, now: datetime) -> Recorded:
    """Keep a result and let it act; one whose id its attempt has already changes nothing.

    Raises UnknownAttempt where there is no such attempt or nothing was sent for it, and
    ValueError, with a sentence, for what the domain does not take.
    """
    card = attempt_card(store, attempt_id)
    # The budget's lock: an attempt that ends meanwhile would not see the result, nor we its end.
    with store.transaction(organisation=card.campaign.organisation) as tx:
        attempt = tx.attempt(attempt_id)
        if attempt is None or attempt.state in NOTHING_SENT:
            raise UnknownAttempt("no call was made for this attempt, so nothing came of it")
        contact = tx.contact(attempt.contact_id)
        is_forgotten = is_hashed(contact.number)
        if is_forgotten:
            posted = replace(posted, fields={}, transcript=())
        before = tx.results_of(contact.id)
        result = _known(before, attempt, posted)
        if result is None:
            require_room(before, attempt_id=attempt.id, effect=posted.effect)
            result = _result(attempt, contact, posted, now=now)
        if tx.add_result(result, attempt=attempt) and not is_forgotten:
            _act(tx, result, contact, before=before, campaign=card.campaign.name, now=now)
        return _recorded(tx, result, contact)


def move_contact(
    tx: Transaction,
    contact: Contact,
    ended: Attempt,
    *,
    policy: RetryPolicy,
    attempts_used: int,
    deadline: Deadline | None = None,
) -> Following:
    """Move a contact whose latest attempt has ended to where that and all results lead.

    It is expired where it would wait up to the deadline or past it.
    """
    following = what_follows(
        policy,
        ended,
        contact=contact,
        attempts_used=attempts_used,
        results=tx.results_of(contact.id),
    )
    following = in_time(following, deadline)
    turn = boosted if following.comes_first else usual
    tx.set_contact(
        contact.id,
        following.state,
        until=following.until,
        why=following.why,
        attempts_used=attempts_used,
        priority=turn(contact.priority),
    )
    # By the number that was called: what follows may be worked out again, when a result comes late.
    which = contact.number_after if following.at_other_number else contact.number_of
    called_next = which(ended.number)
    if called_next is not None and called_next.number != contact.dials:
        tx.turn_to(contact.id, called_next)
    return following


def _known(results: list[Result], attempt: Attempt, posted: Posted) -> Result | None:
    same = (each for each in results if each.attempt_id == attempt.id and each.id == posted.id)
    return next(same, None)


def _result(attempt: Attempt, contact: Contact, posted: Posted, *, now: datetime) -> Result:
    at = None
    if posted.call_back_at is not None:
        called = contact.number_of(attempt.number)
        zones = contact.zones if called is None else called.zones
        at = call_back_time(posted.call_back_at, zones=zones, now=now)
    return Result(
        id=posted.id,
        attempt_id=attempt.id,
        word=posted.word,
        effect=posted.effect,
        posted_at=now,
        call_back_at=at,
        fields=posted.fields,
        transcript=posted.transcript,
    )


def _act(
    tx: Transaction,
    result: Result,
    contact: Contact,
    *,
    before: list[Result],
    campaign: str,
    now: datetime,
) -> None:
    if result.effect is Effect.DO_NOT_CALL:
        tx.suppress(
            [opt_out(result, number=each, campaign=campaign) for each in contact.all_numbers]
        )
    latest = tx.latest_attempt(contact)
    if latest is None or latest.state is not AttemptState.ENDED:
        return  # what follows is worked out when it ends
    if contact.state is ContactState.WITHDRAWN:
        return
    if deciding([*before, result], latest=latest) == deciding(before, latest=latest):
        return
    following = move_contact(
        tx,
        contact,
        latest,
        policy=tx.retry_policy(contact.campaign_id),
        attempts_used=contact.attempts_used,
    )
    if following.state in FINAL_STATES:
        _withdraw_plan(tx, contact, why=following.why, now=now)


def _withdraw_plan(tx: Transaction, contact: Contact, *, why: str, now: datetime) -> None:
    plan = tx.planned_attempts([contact.id]).get(contact.id)
    if plan is not None:
        tx.advance(plan.withdraw(at=now, reason=why), from_state=AttemptState.PLANNED)


def _recorded(tx: Transaction, result: Result, contact: Contact) -> Recorded:
    contact, latest = tx.contact(contact.id), tx.latest_attempt(contact)
    results = tx.results_of(contact.id)
    stands = standing(each for each in results if each.attempt_id == result.attempt_id)
    decides = latest is not None and deciding(results, latest=latest) == result
    if result.effect is Effect.DO_NOT_CALL:
        return Recorded(result=result, effective=True, why="the number is on the suppression list")
    if stands != result:
        why = "another result of this attempt counts: the last one, but an opt-out for good"
        return Recorded(result=result, effective=False, why=why)
    if result.effect is Effect.NONE:
        why = "kept for the report; the campaign's rules say what follows"
        return Recorded(result=result, effective=False, why=why)
    if not decides:
        why = "the contact was called again since, or asked for something else"
        return Recorded(result=result, effective=False, why=why)
    if latest is not None and latest.state is not AttemptState.ENDED:
        return Recorded(result=result, effective=True, why="it acts when the call is over")
    return Recorded(result=result, effective=_has_acted(result, contact), why=contact.why)


def _has_acted(result: Result, contact: Contact) -> bool:
    """Whether the contact is where the result wanted it, and not kept away by another rule."""
    if result.effect is Effect.SUCCESS:
        return contact.state is ContactState.REACHED
    return contact.state is ContactState.WAITING
