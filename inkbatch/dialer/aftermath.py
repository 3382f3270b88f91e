"""What an ended attempt means for its contact and for the budget; inside one transaction."""

from datetime import datetime

from inkbatch.dialer.logbook import note
from inkbatch.dialer.results import move_contact
from inkbatch.dialer.shift import Shift
from inkbatch.domain.answer_odds import cell_of, tally_of
from inkbatch.domain.attempt import Attempt, AttemptState
from inkbatch.domain.budget import BUDGET_WINDOW
from inkbatch.domain.campaign import WITHDRAWN, AfterACall, CampaignState
from inkbatch.domain.contact import Contact, ContactState
from inkbatch.domain.disposition import NO_CALL_MADE, Disposition
from inkbatch.domain.eligibility import cooling
from inkbatch.domain.retry_policy import uses_up_a_try
from inkbatch.ports import Transaction


def end_attempt(
    shift: Shift, tx: Transaction, ended: Attempt, *, from_state: AttemptState, now: datetime
) -> bool:
    """Write the end of an attempt, settle its budget and move its contact on.

    Returns False, changing nothing, when another process was faster.
    """
    if not tx.advance(ended, from_state=from_state):
        return False
    _settle(tx, ended, now=now)
    contact = tx.contact(ended.contact_id)
    disposition = ended.disposition or Disposition.UNKNOWN
    used = contact.attempts_used + int(uses_up_a_try(disposition))
    rules = _rules(shift, tx, ended)
    _learn(tx, contact, ended)
    _cool_down(tx, contact, ended, rules=rules)
    move_contact(
        tx,
        contact,
        ended,
        policy=rules.retry,
        attempts_used=used,
        deadline=rules.expiry.deadline(contact),
    )
    withdraw_if_canceled(tx, ended, now=now)
    note(shift, "attempt_ended", attempt=ended.id, disposition=str(disposition))
    return True


def withdraw_if_canceled(tx: Transaction, attempt: Attempt, *, now: datetime) -> None:
    """Let nobody wait for another try of a campaign that was canceled while they were called."""
    if tx.campaign_by_id(attempt.campaign_id).state is not CampaignState.CANCELED:
        return
    contact = tx.contact(attempt.contact_id)
    if contact.state is not ContactState.WAITING:
        return
    tx.set_contact(contact.id, ContactState.WITHDRAWN, until=now, why=WITHDRAWN)
    plan = tx.planned_attempts([contact.id]).get(contact.id)
    if plan is not None:
        tx.advance(plan.withdraw(at=now, reason=WITHDRAWN), from_state=AttemptState.PLANNED)


def _rules(shift: Shift, tx: Transaction, ended: Attempt) -> AfterACall:
    """Return the campaign's own rules, also where a shift of another one ends its attempt."""
    is_own = ended.campaign_id == shift.record.id
    return shift.campaign.after_a_call if is_own else tx.after_a_call(ended.campaign_id)


def _cool_down(tx: Transaction, contact: Contact, ended: Attempt, *, rules: AfterACall) -> None:
    """Let no campaign call the number for as long as the rules of its campaign say."""
    if ended.disposition is None or ended.ended_at is None:
        return
    cool_down = rules.cool_down(ended.disposition, contact.fields)
    if cool_down is not None:
        until = cool_down.ends_at(ended.ended_at)
        tx.cool_down(ended.number, until=until, why=cooling(cool_down))


def _learn(tx: Transaction, contact: Contact, ended: Attempt) -> None:
    """Count what the call came to at its hour; who is next is decided by such figures."""
    told = tally_of(ended.disposition or Disposition.UNKNOWN, ended.talk_minutes or 0.0)
    if told.calls and ended.reserved_at is not None:
        cell = cell_of(ended.ordinal, at=ended.reserved_at, zones=contact.zones)
        tx.count_call(ended.campaign_id, cell, told)


def _settle(tx: Transaction, ended: Attempt, *, now: datetime) -> None:
    if ended.disposition in NO_CALL_MADE:
        tx.release_budget(ended.id)
        return
    # A clock that was set back in the meantime lets nothing go earlier.
    known = (now, ended.reserved_at or now, ended.placed_at or now, ended.ended_at or now)
    if ended.disposition is Disposition.UNKNOWN:
        # It may have rung: the call and what is reserved for it count as if it had.
        tx.settle_call(ended.id, until=max(known) + BUDGET_WINDOW)
        tx.keep_minutes(ended.id, until=max(known) + BUDGET_WINDOW)
        return
    ended_at = max(ended.ended_at or now, ended.reserved_at or now)
    tx.settle_minutes(ended.id, minutes=ended.talk_minutes or 0.0, until=ended_at + BUDGET_WINDOW)
