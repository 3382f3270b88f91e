"""Find out what became of attempts whose answer was lost; never by dialing again.

A free lock is the only proof that a shift is dead. What it had reserved may have rung, so it
becomes unconfirmed and is looked up in the call list until the quiet time is over. What other
living shifts reserved, of this campaign or another, is theirs.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from inkbatch.dialer.aftermath import end_attempt
from inkbatch.dialer.call_pages import calls_back_to
from inkbatch.dialer.lookups import read_each_number
from inkbatch.dialer.review import claimed_twice, release_unfound
from inkbatch.dialer.rounds import Rounds, look_around
from inkbatch.dialer.shift import Shift
from inkbatch.domain.agent_url import attempt_id_in
from inkbatch.domain.attempt import Attempt, AttemptState, Loss, next_lookup
from inkbatch.domain.budget import BUDGET_WINDOW
from inkbatch.domain.call import Call, OwnNumber
from inkbatch.ports import ShiftRecord, Transaction
from inkbatch.ports.records import FOUND_DEAD

AT_ONCE = 500
"""So many attempts are settled in one transaction; other writers come in between."""


def recover(shift: Shift) -> tuple[int, Rounds]:
    """Take over from dead shifts of all campaigns.

    Returns how many attempts became unconfirmed, and what there is to look at after that.
    """
    rounds = look_around(shift)
    unended = {shift.id, *(other.id for other in rounds.others)}
    orphans = [attempt for attempt in rounds.reserved if attempt.shift_id not in unended]
    taken = [_take_over(shift, other) for other in rounds.others]
    by_the_dead = [lost for lost in taken if lost is not None]
    recovered = sum(by_the_dead) + _adopt(shift, orphans)
    return recovered, look_around(shift) if by_the_dead or orphans else rounds


def _adopt(shift: Shift, orphans: Sequence[Attempt]) -> int:
    """Take over what shifts left reserved that ended, or were declared dead.

    A process that was stopped may write an intent after that; whoever it was holds no lock.
    """
    if not orphans:
        return 0
    with shift.store.transaction() as tx:
        return _lose_all(tx, orphans, now=shift.clock.now())


def _take_over(shift: Shift, other: ShiftRecord) -> int | None:
    """Return how many attempts of a dead shift became unconfirmed; None where it lives."""
    # Whoever held our own lock before us is dead, as long as we hold it now.
    if other.lock_name == shift.lock_name and shift.lock.is_held():
        return _declare_dead(shift, other)
    lock = shift.store.take_lock(other.lock_name)
    if lock is None:
        return None
    try:
        return _declare_dead(shift, other)
    finally:
        lock.release()


def _declare_dead(shift: Shift, other: ShiftRecord) -> int:
    now = shift.clock.now()
    with shift.store.transaction() as tx:
        lost = _lose_all(tx, tx.attempts_of_shift(other.id, AttemptState.RESERVED), now=now)
        tx.end_shift(other.id, reason=FOUND_DEAD, now=now)
    return lost


def _lose_all(tx: Transaction, reserved: Sequence[Attempt], *, now: datetime) -> int:
    lost = [
        attempt.lose_reply(
            Loss.SHIFT_DEAD, at=now, reason="the process died before the answer was stored"
        )
        for attempt in reserved
    ]
    if not tx.advance_all(lost, from_state=AttemptState.RESERVED):
        for attempt in lost:
            tx.advance(attempt, from_state=AttemptState.RESERVED)
    return len(lost)


async def reconcile(shift: Shift, rounds: Rounds) -> int:
    """Look up the unconfirmed attempts that are due; return how many were settled."""
    now, lost = shift.clock.now(), rounds.unconfirmed
    due = [attempt for attempt in lost if attempt.look_at is None or attempt.look_at <= now]
    unlisted = [attempt for attempt in due if shift.own_number(attempt.from_number) is None]
    settled = _resolve_all(shift, unlisted, _Listed(is_whole=False))

    async def look_up(own: OwnNumber, group: Sequence[Attempt], since: datetime) -> None:
        nonlocal settled
        pages = calls_back_to(shift.telephony, own.id, since=since)
        calls = [call async for call in pages if call.direction == "outbound"]
        settled += _resolve_all(shift, group, _Listed.of(calls))

    await read_each_number(shift, due, look_up)
    return settled


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    """The calls of a number, found by the attempt they name, else by whom they are to.

    `is_whole` False says that the number's calls cannot be listed any more.
    """

    by_attempt: Mapping[str, list[Call]] = field(default_factory=dict)
    anonymous: Mapping[str, list[Call]] = field(default_factory=dict)
    is_whole: bool = True

    @classmethod
    def of(cls, calls: Sequence[Call]) -> "_Listed":
        by_attempt, anonymous = defaultdict(list), defaultdict(list)
        for call in calls:
            attempt_id = attempt_id_in(call.client_websocket_url)
            if attempt_id is not None:
                by_attempt[attempt_id].append(call)
            elif call.client_websocket_url is None:
                anonymous[call.remote_number].append(call)
        return cls(by_attempt=by_attempt, anonymous=anonymous)


def _resolve_all(shift: Shift, attempts: Sequence[Attempt], listed: _Listed) -> int:
    """Settle what can be."""
    settled, left = 0, iter(attempts)
    while some := list(islice(left, AT_ONCE)):
        with shift.store.transaction(organisation=shift.organisation) as tx:
            matches = {each.id: _matches(shift, tx, each, listed) for each in some}
            found = [(each, matches[each.id][0]) for each in some if len(matches[each.id]) == 1]
            if _bind_all(shift, tx, found):
                settled += len(found)
                some = [each for each in some if len(matches[each.id]) != 1]
            settled += sum(
                _resolve(shift, tx, each, matches[each.id], listed=listed) for each in some
            )
    return settled


def _bind_all(shift: Shift, tx: Transaction, found: Sequence[tuple[Attempt, Call]]) -> bool:
    """Bind the usual case at once: every call is one attempt's alone, and no other has it."""
    now = shift.clock.now()
    call_ids = {call.id for _, call in found}
    if len(call_ids) < len(found) or tx.known_calls(sorted(call_ids)):
        return False
    bound = [attempt.find(call, at=now, look_at=now) for attempt, call in found]
    if not tx.advance_all(bound, from_state=AttemptState.UNCONFIRMED):
        return False
    for attempt, call in found:
        tx.save_bound_call(call, attempt_id=attempt.id)
        _count(tx, attempt, now=now)
    return True


def _count(tx: Transaction, attempt: Attempt, *, now: datetime) -> None:
    tx.settle_call(attempt.id, until=max(now, attempt.reserved_at or now) + BUDGET_WINDOW)


def _resolve(
    shift: Shift, tx: Transaction, attempt: Attempt, matches: Sequence[Call], *, listed: _Listed
) -> int:
    now = shift.clock.now()
    if len(matches) == 1:
        return _bind(shift, tx, attempt, matches[0], now=now)
    look_at = next_lookup(attempt, quiet_time=shift.timing.quiet_time)
    if look_at is not None:
        later = attempt.look_again(at=max(look_at, now))
        tx.advance(later, from_state=AttemptState.UNCONFIRMED)
        return 0
    if matches or not listed.is_whole:
        # No proof of absence: not even after a 502 may it count as a dial that failed.
        why = "; ".join([attempt.reason or "", *_evidence(matches)]).removeprefix("; ")
        attempt = replace(attempt, loss=Loss.REPLY_LOST, reason=why)
    ended = attempt.find_nothing(at=now)
    done = end_attempt(shift, tx, ended, from_state=AttemptState.UNCONFIRMED, now=now)
    if done and not matches and listed.is_whole:
        release_unfound(shift, tx, ended, now=now)
    return int(done)


def _bind(shift: Shift, tx: Transaction, attempt: Attempt, call: Call, *, now: datetime) -> int:
    stored = tx.attempt(attempt.id)
    if stored is None or stored.state is not AttemptState.UNCONFIRMED:
        return 0  # settled meanwhile, and perhaps its person is erased: nothing is written of them
    if not tx.save_call(call, attempt_id=attempt.id):
        claimed_twice(shift, tx, attempt, call)
        return 1
    found = attempt.find(call, at=now, look_at=now)
    bound = tx.advance(found, from_state=AttemptState.UNCONFIRMED)
    if bound:
        _count(tx, attempt, now=now)
    return int(bound)


def _evidence(matches: Sequence[Call]) -> Iterator[str]:
    if not matches:
        yield "the calls of its number cannot be listed any more"
        return
    calls = ", ".join(f"{call.id} of {call.created_at:%Y-%m-%d %H:%M:%S} UTC" for call in matches)
    yield f"{len(matches)} calls could be it: {calls}"


def _matches(shift: Shift, tx: Transaction, attempt: Attempt, listed: _Listed) -> list[Call]:
    """Return the calls that can be this attempt's: by its id, else by number and time.

    Number and time serve only for calls without any URL, which is how a call looks when neither
    the campaign nor the number has one. More than one match binds nothing and goes to review.
    """
    by_id = listed.by_attempt.get(attempt.id)
    if by_id:
        return by_id
    since = (attempt.reserved_at or attempt.created_at) - shift.timing.skew_max
    unclaimed = [
        call for call in listed.anonymous.get(attempt.number, ()) if call.created_at >= since
    ]
    taken = tx.known_calls([call.id for call in unclaimed]) if unclaimed else set[str]()
    return [call for call in unclaimed if call.id not in taken]
