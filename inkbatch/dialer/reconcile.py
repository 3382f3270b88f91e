"""Find out what became of attempts whose answer was lost; never by dialing again.

A free lock is the only proof that a shift is dead. What it had reserved may have rung, so it
becomes unconfirmed and is looked up in the call list until the quiet time is over.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from inkbatch.dialer.aftermath import end_attempt
from inkbatch.dialer.call_pages import calls_back_to
from inkbatch.dialer.collect import by_own_number
from inkbatch.dialer.shift import Shift, lock_name
from inkbatch.domain.agent_url import attempt_id_in
from inkbatch.domain.attempt import Attempt, AttemptState, Loss, next_lookup
from inkbatch.domain.budget import BUDGET_WINDOW
from inkbatch.domain.call import Call
from inkbatch.ports import ShiftRecord, Transaction


def recover(shift: Shift) -> int:
    """Take over from dead shifts of all campaigns; return how many attempts became unconfirmed."""
    with shift.store.reading() as tx:
        others = [other for other in tx.unended_shifts() if other.id != shift.id]
    return sum(_take_over(shift, other) for other in others) + _adopt(shift)


def _adopt(shift: Shift) -> int:
    """Take over what any earlier shift of this campaign left reserved, even one that said it ended.

    A process that was stopped may write an intent after it was declared dead. Since we hold the
    campaign's lock, nobody else alive can be about to send it.
    """
    with shift.store.reading() as tx:
        reserved = tx.open_attempts(AttemptState.RESERVED, campaign_id=shift.record.id)
    orphans = [attempt for attempt in reserved if attempt.shift_id != shift.id]
    if not orphans or not shift.lock.is_held():
        return 0
    with shift.store.transaction() as tx:
        return _lose_all(tx, orphans, now=shift.clock.now())


def _take_over(shift: Shift, other: ShiftRecord) -> int:
    # Whoever held our own lock before us is dead, since we hold it now.
    ours = other.lock_name == lock_name(shift.record.id)
    lock = None if ours else shift.store.take_lock(other.lock_name)
    if lock is None and not ours:
        return 0
    try:
        return _declare_dead(shift, other)
    finally:
        if lock is not None:
            lock.release()


def _declare_dead(shift: Shift, other: ShiftRecord) -> int:
    now = shift.clock.now()
    with shift.store.transaction() as tx:
        lost = _lose_all(tx, tx.attempts_of_shift(other.id, AttemptState.RESERVED), now=now)
        tx.end_shift(other.id, reason="found dead: its lock was free", now=now)
    return lost


def _lose_all(tx: Transaction, reserved: Sequence[Attempt], *, now: datetime) -> int:
    for attempt in reserved:
        lost = attempt.lose_reply(
            Loss.SHIFT_DEAD, at=now, reason="the process died before the answer was stored"
        )
        tx.advance(lost, from_state=AttemptState.RESERVED)
    return len(reserved)


async def reconcile(shift: Shift, campaigns: Collection[int]) -> int:
    """Look up these campaigns' unconfirmed attempts that are due; return how many were settled."""
    now = shift.clock.now()
    with shift.store.reading() as tx:
        lost = [
            attempt
            for campaign_id in campaigns
            for attempt in tx.open_attempts(AttemptState.UNCONFIRMED, campaign_id=campaign_id)
        ]
    due = [attempt for attempt in lost if attempt.look_at is None or attempt.look_at <= now]
    unlisted = [attempt for attempt in due if shift.own_number(attempt.from_number) is None]
    settled = _resolve_all(shift, unlisted, calls=None) if unlisted else 0
    for own, group, since in by_own_number(shift, due):
        pages = calls_back_to(shift.telephony, own.id, since=since)
        calls = [call async for call in pages if call.direction == "outbound"]
        shift.trouble.reachable()
        settled += _resolve_all(shift, group, calls=calls)
    return settled


def _resolve_all(shift: Shift, attempts: Sequence[Attempt], *, calls: Sequence[Call] | None) -> int:
    """Settle what can be; `calls` None says that their number's calls cannot be listed any more."""
    with shift.store.transaction(organisation=shift.organisation) as tx:
        return sum(_resolve(shift, tx, attempt, calls) for attempt in attempts)


def _resolve(shift: Shift, tx: Transaction, attempt: Attempt, calls: Sequence[Call] | None) -> int:
    now = shift.clock.now()
    matches = _matches(shift, tx, attempt, calls or ())
    if len(matches) == 1 and tx.save_call(matches[0], attempt_id=attempt.id):
        found = attempt.find(matches[0], at=now, look_at=now)
        bound = tx.advance(found, from_state=AttemptState.UNCONFIRMED)
        if bound:
            at = max(now, attempt.reserved_at or now)
            tx.settle_call(attempt.id, until=at + BUDGET_WINDOW)
        return int(bound)
    look_at = next_lookup(attempt, quiet_time=shift.timing.quiet_time)
    if look_at is not None:
        later = attempt.look_again(at=max(look_at, now))
        tx.advance(later, from_state=AttemptState.UNCONFIRMED)
        return 0
    if matches or calls is None:
        # No proof of absence: not even after a 502 may it count as a dial that failed.
        attempt = replace(attempt, loss=Loss.REPLY_LOST)
    ended = attempt.find_nothing(at=now)
    return int(end_attempt(shift, tx, ended, from_state=AttemptState.UNCONFIRMED, now=now))


def _matches(shift: Shift, tx: Transaction, attempt: Attempt, calls: Sequence[Call]) -> list[Call]:
    """Return the calls that can be this attempt's: by its id, else by number and time.

    Number and time serve only for calls without any URL, which is how a call looks when neither
    the campaign nor the number has one. More than one match binds nothing and goes to review.
    """
    by_id = [call for call in calls if attempt_id_in(call.client_websocket_url) == attempt.id]
    if by_id:
        return by_id
    since = (attempt.reserved_at or attempt.created_at) - shift.timing.skew_max
    unclaimed = [
        call
        for call in calls
        if call.remote_number == attempt.number
        and call.client_websocket_url is None
        and call.created_at >= since
    ]
    taken = tx.known_calls([call.id for call in unclaimed])
    return [call for call in unclaimed if call.id not in taken]
