"""Whom of those due to dial, and the intents to do so, written in the caller's transaction."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from inkbatch.dialer.shift import Shift
from inkbatch.dialer.turns import next_contacts
from inkbatch.domain.attempt import Attempt, AttemptState, marked
from inkbatch.domain.budget import Need
from inkbatch.domain.call_back import is_boosted
from inkbatch.domain.contact import Contact, ContactState
from inkbatch.domain.day_parts import HoursOfTries
from inkbatch.domain.eligibility import (
    OPEN_ATTEMPT_WAIT,
    Decision,
    Dial,
    Hold,
    NumberFacts,
    decide,
    of_person,
)
from inkbatch.domain.errors import StoreError
from inkbatch.domain.turns import ContactGroup
from inkbatch.ports import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Attempts that are reserved; `contacts` has the contact of each by its id."""

    attempts: tuple[Attempt, ...]
    contacts: dict[int, Contact]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotNow:
    """Nobody is dialed: until when (None: until something else changes), and why.

    `for_good` says that this shift need not look again by itself.
    """

    until: datetime | None
    why: str
    for_good: bool = False


CHANGING_WAIT = timedelta(seconds=1)
"""Somebody erases, withdraws or enrolls those who are due; that takes no longer as a rule."""


def write_intents(
    shift: Shift,
    tx: Transaction,
    groups: Sequence[ContactGroup],
    *,
    slots: int,
    need: Need,
) -> Chosen | NotNow:
    """Reserve up to `slots` due contacts of these groups, or say why nobody of them is called.

    Who may not be called now is moved to where it waits or ends, and is not found due again.
    """
    now = shift.clock.now()
    intended, contacts = list[Attempt](), dict[int, Contact]()
    due = next_contacts(shift, tx, groups, limit=slots, now=now)
    if not due:
        return NotNow(until=now + CHANGING_WAIT, why="those who are due are being changed just now")
    facts = facts_of_people(tx, due, since=now - shift.campaign.look_back, now=now)
    tries = tries_at_other_hours(shift, tx, due)
    plans = _plans(tx, due, now=now)
    for contact in due:
        plan = plans.get(contact.id)
        decision = decide(
            contact,
            facts[contact.id],
            rules=shift.campaign.rules_for(contact.fields),
            expiry=shift.campaign.expiry,
            tries=tries.get(contact.id),
            attempts_max=shift.campaign.retry.attempts_max,
            now=now,
        )
        if _admit(tx, contact, decision, plan=plan, now=now):
            plan = plan or _plan(shift, contact, minutes=need.minutes, now=now)
            intended.append(_intent(shift, plan, minutes=need.minutes, now=now))
            contacts[contact.id] = contact
    reserved = _reserve(shift, tx, intended, planned_before=plans, need=need)
    if not reserved:
        return NotNow(until=now, why="those who were due had to wait or to be given up")
    return Chosen(attempts=reserved, contacts=contacts)


def _plans(tx: Transaction, due: Sequence[Contact], *, now: datetime) -> dict[int, Attempt]:
    """Return what was planned and not sent; a plan for a number not called now is taken back."""
    plans, kept = tx.planned_attempts([contact.id for contact in due]), dict[int, Attempt]()
    for contact in due:
        plan = plans.get(contact.id)
        if plan is not None and plan.number != contact.dials:
            withdrawn = plan.withdraw(at=now, reason="another number is called instead")
            tx.advance(withdrawn, from_state=AttemptState.PLANNED)
        elif plan is not None:
            kept[contact.id] = plan
    return kept


def facts_of_people(
    tx: Transaction, contacts: Sequence[Contact], *, since: datetime, now: datetime
) -> dict[int, NumberFacts]:
    """Return what is known of each contact by all of its numbers."""
    numbers = {number: None for contact in contacts for number in contact.all_numbers}
    facts = tx.number_facts(list(numbers), since=since, now=now)
    return {
        contact.id: of_person([facts[number] for number in contact.all_numbers])
        for contact in contacts
    }


def tries_at_other_hours(
    shift: Shift, tx: Transaction, due: Sequence[Contact]
) -> dict[int, HoursOfTries]:
    """Return the earlier tries of those whose next one is to fall at another hour, by contact.

    Who asked to be called back at a time is called then.
    """
    at_another_hour = shift.campaign.retry.other_hour
    tried = [each for each in due if each.attempts_used and not is_boosted(each.priority)]
    if not at_another_hour or not tried:
        return {}
    return {
        contact_id: HoursOfTries(dialed_at=tuple(each.dialed_at for each in tries))
        for contact_id, tries in tx.tries(tried).items()
        if tries and tries[-1].disposition in at_another_hour
    }


def _admit(
    tx: Transaction, contact: Contact, decision: Decision, *, plan: Attempt | None, now: datetime
) -> bool:
    """Return whether to dial this contact; else move it to where it waits or ends."""
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
        id=marked(shift.new_id(), database_id=shift.database_id),
        campaign_id=shift.record.id,
        contact_id=contact.id,
        number=contact.dials,
        from_number=numbers[turn].number,
        ordinal=contact.attempts_used + 1,
        state=AttemptState.PLANNED,
        shift_id=shift.id,
        predicted_minutes=minutes,
        created_at=now,
    )


def _intent(shift: Shift, plan: Attempt, *, minutes: float, now: datetime) -> Attempt:
    usable = [own.number for own in shift.usable_numbers]
    from_number = plan.from_number if plan.from_number in usable else usable[0]
    plan = replace(plan, predicted_minutes=minutes)
    return plan.reserve(at=now, shift_id=shift.id, from_number=from_number)


def _reserve(
    shift: Shift,
    tx: Transaction,
    intended: Sequence[Attempt],
    *,
    planned_before: Container[int],
    need: Need,
) -> tuple[Attempt, ...]:
    """Write the intents: each attempt, its part of the budget, and its contact in call.

    Returns those written. A contact waits instead where its number has an open attempt after
    all: another organisation's shift, which locks its own budget and not ours, was faster.
    """
    now = shift.clock.now()
    written = _write(tx, intended, planned_before=planned_before)
    for attempt in intended:
        if attempt.id in written:
            tx.reserve_budget(
                shift.organisation,
                attempt_id=attempt.id,
                campaign_id=attempt.campaign_id,
                need=need,
                now=now,
            )
            why = "an attempt is open"
            tx.set_contact(attempt.contact_id, ContactState.IN_CALL, until=now, why=why)
        else:
            until, why = now + OPEN_ATTEMPT_WAIT, "another attempt to this number is open"
            tx.set_contact(attempt.contact_id, ContactState.WAITING, until=until, why=why)
    return tuple(attempt for attempt in intended if attempt.id in written)


def _write(
    tx: Transaction, intended: Sequence[Attempt], *, planned_before: Container[int]
) -> set[str]:
    """Write them together if no number speaks against it, else one by one; return the ids."""
    again = [attempt for attempt in intended if attempt.contact_id in planned_before]
    new = [attempt for attempt in intended if attempt.contact_id not in planned_before]
    written = new if tx.add_attempts(new) else [each for each in new if tx.add_attempts([each])]
    return {attempt.id for attempt in (*written, *filter(partial(_reserve_again, tx), again))}


def _reserve_again(tx: Transaction, reserved: Attempt) -> bool:
    try:
        return tx.advance(reserved, from_state=AttemptState.PLANNED)
    except StoreError:
        return False
