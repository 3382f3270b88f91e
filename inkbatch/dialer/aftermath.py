"""What an ended attempt means for its contact and for the budget; inside one transaction."""

from datetime import datetime

from inkbatch.dialer.results import move_contact
from inkbatch.dialer.shift import Shift
from inkbatch.domain.attempt import Attempt, AttemptState
from inkbatch.domain.budget import BUDGET_WINDOW
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.retry_policy import RetryPolicy, uses_up_a_try
from inkbatch.ports import Transaction

NOTHING_PLACED = frozenset(
    {
        Disposition.REFUSED,
        Disposition.BLOCKED,
        Disposition.INVALID,
        Disposition.DIAL_FAILED,
    }
)
"""Outcomes after which no call exists that the server could count."""


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
    policy = _policy(shift, tx, ended)
    move_contact(tx, contact, ended, policy=policy, attempts_used=used)
    return True


def _policy(shift: Shift, tx: Transaction, ended: Attempt) -> RetryPolicy:
    """Return the campaign's own policy, also where a shift of another one ends its attempt."""
    is_own = ended.campaign_id == shift.record.id
    return shift.campaign.retry if is_own else tx.retry_policy(ended.campaign_id)


def _settle(tx: Transaction, ended: Attempt, *, now: datetime) -> None:
    if ended.disposition in NOTHING_PLACED:
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
