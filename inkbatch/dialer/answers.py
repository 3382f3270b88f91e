"""What each answer of Inkbox to a dial means, written down in the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from inkbatch.dialer.aftermath import end_attempt, withdraw_if_canceled
from inkbatch.dialer.breaker import trip_if_dials_fail
from inkbatch.dialer.logbook import note
from inkbatch.dialer.review import claimed_twice
from inkbatch.dialer.shift import Shift
from inkbatch.domain.attempt import Attempt, AttemptState, Loss
from inkbatch.domain.budget import BUDGET_WINDOW
from inkbatch.domain.call import Call
from inkbatch.domain.contact import ContactState
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.errors import (
    DialFailed,
    FromNumberRefused,
    KeyRefused,
    NotSent,
    RateLimited,
    RecipientBlocked,
    RequestRefused,
    StoreError,
    TelephonyError,
)
from inkbatch.ports import Placed, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back for one attempt: a call, an error, or (neither) a canceled wait.

    `unfit` says why no request was made at all.
    """

    attempt: Attempt
    unfit: str | None = None
    placed: Placed | None = None
    error: TelephonyError | None = None

    @property
    def word(self) -> str:
        """What a person may see of it."""
        if self.placed is not None:
            return "placed"
        return f"not dialed: {self.unfit}" if self.unfit else type(self.error).__name__

    @property
    def kind(self) -> str:
        """The same for a log: no reason, which may quote what a person wrote."""
        return "not_dialed" if self.unfit else self.word


def write_answers(shift: Shift, tx: Transaction, answers: Sequence[Answer]) -> None:
    """Move every attempt on by its answer; what was reserved and is not ours any more stays."""
    if not _accept_all(shift, tx, answers):
        for answer in answers:
            _write(shift, tx, answer)
    trip_if_dials_fail(shift, tx)


def tell(shift: Shift, answers: Sequence[Answer]) -> None:
    """Log each answer."""
    for answer in answers:
        note(shift, "call_dialed", attempt=answer.attempt.id, answer=answer.kind)


def _write(shift: Shift, tx: Transaction, answer: Answer) -> None:
    now = shift.clock.now()
    if answer.placed is not None:
        _accept(shift, tx, answer.attempt, answer.placed, now=now)
        return
    if answer.unfit is not None:
        _put_back(tx, answer.attempt, reason=answer.unfit, now=now)
        return
    reason = str(answer.error or "the wait for the answer was canceled")
    match answer.error:
        case NotSent():
            shift.trouble.unreachable(reason, now=now)
            _put_back(tx, answer.attempt, reason=reason, now=now)
        case RateLimited() as limited:
            _put_back(tx, answer.attempt, reason=reason, now=now)
            shift.acquainted.clear()  # our ledger was wrong: one call alone asks for the figures
            tx.hold(shift.organisation, until=limited.hold_until, reason=reason, now=now)
        case KeyRefused():
            shift.trouble.stop_reason = reason
            _refuse(shift, tx, answer.attempt, Disposition.REFUSED, reason=reason)
        case FromNumberRefused():
            shift.trouble.refused_numbers[answer.attempt.from_number] = reason
            _refuse(shift, tx, answer.attempt, Disposition.REFUSED, reason=reason)
        case RecipientBlocked():
            _refuse(shift, tx, answer.attempt, Disposition.BLOCKED, reason=reason)
        case RequestRefused():
            # One bad contact is no trouble; a bad URL would refuse them all, one after the other.
            shift.trouble.failed_attempts.append(answer.attempt.id)
            _refuse(shift, tx, answer.attempt, Disposition.INVALID, reason=reason)
        case DialFailed():
            _lose(shift, tx, answer.attempt, Loss.DIAL_FAILED, reason=reason)
        case _:
            _lose(shift, tx, answer.attempt, Loss.REPLY_LOST, reason=reason)


def _accept_all(shift: Shift, tx: Transaction, answers: Sequence[Answer]) -> bool:
    """Write the usual case at once: every call was placed, and every attempt is still ours."""
    now = shift.clock.now()
    placed = [(answer.attempt, answer.placed.call) for answer in answers if answer.placed]
    accepted = [_accepted(shift, attempt, call, now=now) for attempt, call in placed]
    if len(placed) < len(answers) or not tx.accept_all(accepted):
        return False
    shift.trouble.went_well()
    for attempt, call in placed:
        _bind(tx, attempt, call, now=now)
    return True


def _accepted(shift: Shift, attempt: Attempt, call: Call, *, now: datetime) -> Attempt:
    wait = shift.webhooks.poll_every(shift.timing.poll_every)
    return attempt.accept(call, at=now, look_at=now + wait)


def _bind(tx: Transaction, attempt: Attempt, call: Call, *, now: datetime) -> None:
    tx.save_bound_call(call, attempt_id=attempt.id)
    # A clock that was set back since the intent lets the call go no earlier.
    tx.settle_call(attempt.id, until=max(now, attempt.reserved_at or now) + BUDGET_WINDOW)


def _accept(
    shift: Shift, tx: Transaction, attempt: Attempt, placed: Placed, *, now: datetime
) -> None:
    accepted = _accepted(shift, attempt, placed.call, now=now)
    try:
        is_ours = tx.advance(accepted, from_state=AttemptState.RESERVED)
    except StoreError:
        claimed_twice(shift, tx, attempt, placed.call)  # so this answer cannot be believed
        return
    shift.trouble.went_well()
    if is_ours or _find(tx, attempt, placed, now=now):
        _bind(tx, attempt, placed.call, now=now)


def _find(tx: Transaction, attempt: Attempt, placed: Placed, *, now: datetime) -> bool:
    """A rescuer thought us dead: the attempt is unconfirmed, and this is what it looks for."""
    current = tx.attempt(attempt.id)
    if current is None or current.state is not AttemptState.UNCONFIRMED:
        return False
    found = current.find(placed.call, at=now, look_at=now)
    return tx.advance(found, from_state=AttemptState.UNCONFIRMED)


def _put_back(tx: Transaction, attempt: Attempt, *, reason: str, now: datetime) -> None:
    if tx.advance(attempt.not_sent(reason=reason), from_state=AttemptState.RESERVED):
        tx.release_budget(attempt.id)
        tx.set_contact(attempt.contact_id, ContactState.WAITING, until=now, why=reason)
        withdraw_if_canceled(tx, attempt, now=now)


def _refuse(
    shift: Shift, tx: Transaction, attempt: Attempt, disposition: Disposition, *, reason: str
) -> None:
    now = shift.clock.now()
    ended = attempt.refuse(disposition, at=now, reason=reason)
    end_attempt(shift, tx, ended, from_state=AttemptState.RESERVED, now=now)


def _lose(shift: Shift, tx: Transaction, attempt: Attempt, loss: Loss, *, reason: str) -> None:
    shift.trouble.failed_attempts.append(attempt.id)
    lost = attempt.lose_reply(loss, at=shift.clock.now(), reason=reason)
    tx.advance(lost, from_state=AttemptState.RESERVED)
