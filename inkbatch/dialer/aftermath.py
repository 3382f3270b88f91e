"""What an ended attempt means for its contact and for the budget; inside one transaction."""

from datetime import datetime

from inkbatch.dialer.results import move_contact
from inkbatch.dialer.shift import Shift
from inkbatch.domain.attempt import Attempt, AttemptState
from inkbatch.domain.budget import BUDGET_WINDOW
from inkbatch.domain.contact import Contact
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
    _cool_down(shift, tx, contact, ended)
    move_contact(
        tx,
        contact,
        ended,
        policy=shift.campaign.retry,
        attempts_used=used,
        deadline=shift.campaign.expiry.deadline(contact),
    )
    return True


def _cool_down(shift: Shift, tx: Transaction, contact: Contact, ended: Attempt) -> None:
    """Let no campaign call the number for as long as this campaign's rules say."""
    if ended.disposition is None or ended.ended_at is None:
        return
    cool_down = shift.campaign.rules_for(contact.fields).cool_down_after(ended.disposition)
    if cool_down is not None:
        until = cool_down.ends_at(ended.ended_at)
        tx.cool_down(contact.number, until=until, why=cooling(cool_down))


def _settle(tx: Transaction, ended: Attempt, *, now: datetime) -> None:
    if ended.disposition in NO_CALL_MADE:
        tx.release_budget(ended.id)
        return
    until = max(now, ended.ended_at or now) + BUDGET_WINDOW
    if ended.disposition is Disposition.UNKNOWN:
        # It may have rung: the call and its predicted minutes count as if it had.
        tx.settle_call(ended.id, until=until)
        tx.settle_minutes(ended.id, minutes=ended.predicted_minutes, until=until)
        return
    tx.settle_minutes(
        ended.id,
        minutes=ended.talk_minutes or 0.0,
        until=(ended.ended_at or now) + BUDGET_WINDOW,
    )
