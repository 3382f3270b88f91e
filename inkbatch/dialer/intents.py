"""Whom of those due to dial, and the intents to do so, written in the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

from inkbatch.dialer.shift import Shift
from inkbatch.domain.attempt import Attempt, AttemptState
from inkbatch.domain.contact import Contact, ContactState
from inkbatch.domain.eligibility import OPEN_ATTEMPT_WAIT, Dial, Hold, NumberFacts, decide
from inkbatch.domain.errors import StoreError
from inkbatch.ports import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Attempts that are reserved; `contacts` has the contact of each by its id."""

    attempts: tuple[Attempt, ...]
    contacts: dict[int, Contact]


def write_intents(
    shift: Shift,
    tx: Transaction,
    zones: Sequence[tuple[str, ...]],
    *,
    slots: int,
    minutes: float,
) -> Chosen | None:
    """Reserve up to `slots` due contacts of these zones; None where nobody of them may be called.

    Who may not be called now is moved to where it waits or ends, and is not found due again.
    """
    now = shift.clock.now()
    attempts, contacts = list[Attempt](), dict[int, Contact]()
    due = tx.due_contacts(shift.record.id, zones=zones, now=now, limit=slots)
    facts = tx.number_facts(
        [contact.number for contact in due], since=now - _longest_cap(shift), now=now
    )
    plans = tx.planned_attempts([contact.id for contact in due])
    for contact in due:
        plan = plans.get(contact.id)
        if _admit(shift, tx, contact, facts[contact.number], plan=plan, now=now):
            plan = plan or _plan(shift, contact, minutes=minutes, now=now)
            plan = replace(plan, predicted_minutes=minutes)
            reserved = _reserve(shift, tx, contact, plan, is_new=contact.id not in plans)
            if reserved is not None:
                attempts.append(reserved)
                contacts[contact.id] = contact
    return Chosen(attempts=tuple(attempts), contacts=contacts) if attempts else None


def _longest_cap(shift: Shift) -> timedelta:
    return max((cap.period for cap in shift.campaign.retry.caps), default=timedelta())


def _admit(
    shift: Shift,
    tx: Transaction,
    contact: Contact,
    facts: NumberFacts,
    *,
    plan: Attempt | None,
    now: datetime,
) -> bool:
    """Return whether to dial this contact; else move it to where it waits or ends."""
    retry = shift.campaign.retry
    decision = decide(contact, facts, window=shift.campaign.window, caps=retry.caps, now=now)
    match decision:
        case Dial():
            return True
        case Hold(until, reason):
            tx.set_contact(contact.id, ContactState.WAITING, until=until, why=reason)
        case _:
            tx.set_contact(contact.id, decision.state, until=now, why=decision.reason)
            if plan is not None:
                withdrawn = plan.withdraw(at=now, reason=decision.reason)
                tx.advance(withdrawn, from_state=AttemptState.PLANNED)
    return False


def _plan(shift: Shift, contact: Contact, *, minutes: float, now: datetime) -> Attempt:
    numbers = shift.usable_numbers
    turn = (contact.id + contact.attempts_used) % len(numbers)
    return Attempt(
        id=str(uuid4()),
        campaign_id=shift.record.id,
        contact_id=contact.id,
        number=contact.number,
        from_number=numbers[turn].number,
        ordinal=contact.attempts_used + 1,
        state=AttemptState.PLANNED,
        shift_id=shift.id,
        predicted_minutes=minutes,
        created_at=now,
    )


def _reserve(
    shift: Shift, tx: Transaction, contact: Contact, plan: Attempt, *, is_new: bool
) -> Attempt | None:
    """Write the intent: the attempt, its part of the budget, and its contact in call.

    Returns None, and lets the contact wait, where the number has an open attempt after all:
    another organisation's shift, which locks its own budget and not ours, was faster.
    """
    now = shift.clock.now()
    usable = [own.number for own in shift.usable_numbers]
    from_number = plan.from_number if plan.from_number in usable else usable[0]
    reserved = plan.reserve(at=now, shift_id=shift.id, from_number=from_number)
    try:
        is_written = _write_intent(tx, reserved, is_new=is_new)
    except StoreError:
        is_written = False
    if not is_written:
        until, why = now + OPEN_ATTEMPT_WAIT, "another attempt to this number is open"
        tx.set_contact(contact.id, ContactState.WAITING, until=until, why=why)
        return None
    minutes = reserved.predicted_minutes
    tx.reserve_budget(shift.organisation, attempt_id=reserved.id, minutes=minutes, now=now)
    tx.set_contact(contact.id, ContactState.IN_CALL, until=now, why="an attempt is open")
    return reserved


def _write_intent(tx: Transaction, reserved: Attempt, *, is_new: bool) -> bool:
    if not is_new:
        return tx.advance(reserved, from_state=AttemptState.PLANNED)
    tx.add_attempt(reserved)
    return True
