"""Passes, one after the other, for as long as there is work soon.

Nothing here sleeps for hours unless its caller asks for that: a pass says when to look again.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from inkbatch.dialer.collect import NOTHING_SEEN, Seen, look_at_calls, write_seen
from inkbatch.dialer.dispatch import dispatch
from inkbatch.dialer.erasures import erase_all, finish_erasures, scrub
from inkbatch.dialer.foreign_use import place_foreign_use
from inkbatch.dialer.intents import NotNow
from inkbatch.dialer.logbook import note
from inkbatch.dialer.reconcile import reconcile, recover
from inkbatch.dialer.rounds import Rounds, look_around
from inkbatch.dialer.shift import Shift
from inkbatch.dialer.webhooks import sleep_until_due
from inkbatch.domain.errors import RateLimited, TelephonyError, TelephonyUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class PassResult:
    """What one pass did. `wake_at` None: nothing will be due by itself, `why` says why."""

    at: datetime
    recovered: int
    reconciled: int
    collected: int
    placed: int
    wake_at: datetime | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftResult:
    """What a whole shift did; `wake_at` is when the next one should start, None if never.

    `lock_name` tells it from others of its campaign that ended at the same time. A `problem` that
    `may_pass` is nothing that a person must mend: another shift may go on in some minutes.
    """

    passes: int
    placed: int
    collected: int
    wake_at: datetime | None
    why: str
    problem: str | None
    may_pass: bool = False
    lock_name: str = ""


OnPass = Callable[[PassResult], None]


async def run_shift(
    shift: Shift, *, linger: timedelta | None, on_pass: OnPass | None = None
) -> ShiftResult:
    """Run passes until nothing is due within `linger` (None: until nothing is due at all).

    Calls in progress are due to be looked at, so a `linger` above `poll_every` waits for them.
    """
    passes, placed, collected = 0, 0, 0
    scrub(shift)
    await place_foreign_use(shift)
    while True:
        result = await pass_once(shift)
        _log(shift, result)
        passes, placed = passes + 1, placed + result.placed
        collected += result.collected + result.reconciled
        if on_pass is not None:
            on_pass(result)
        if _is_over(shift, result, linger=linger):
            return ShiftResult(
                passes=passes,
                placed=placed,
                collected=collected,
                wake_at=result.wake_at,
                why=result.why,
                problem=shift.trouble.stop_reason,
                may_pass=shift.trouble.may_pass,
                lock_name=shift.lock_name,
            )
        await _sleep(shift, result.wake_at)


async def pass_once(shift: Shift) -> PassResult:
    """Recover, reconcile, collect, decide, reserve, place, record; and say when to look again."""
    recovered, rounds = recover(shift)
    reconciled, seen = await _look(shift, rounds)
    dispatched = await dispatch(shift, seen, others=rounds.others)
    erase_all(shift, dispatched.erasures)
    at, why = _wake(shift, dispatched.then, looks_at=dispatched.looks_at)
    return PassResult(
        at=shift.clock.now(),
        recovered=recovered,
        reconciled=reconciled,
        collected=dispatched.ended,
        placed=dispatched.placed,
        wake_at=at,
        why=why,
    )


def _log(shift: Shift, result: PassResult) -> None:
    note(
        shift,
        "pass_done",
        placed=result.placed,
        collected=result.collected + result.reconciled,
        recovered=result.recovered,
        wake_at=result.wake_at and result.wake_at.isoformat(),
    )


WATCHING = "calls are in progress"


async def look_only(shift: Shift) -> int:
    """Recover, reconcile and collect once, and dial nobody; return how many attempts ended."""
    _, rounds = recover(shift)
    reconciled, seen = await _look(shift, rounds)
    with shift.store.transaction(organisation=shift.organisation) as tx:
        collected = write_seen(shift, tx, seen)
    finish_erasures(shift)
    return reconciled + collected


async def _look(shift: Shift, rounds: Rounds) -> tuple[int, Seen]:
    """Return how many lost attempts were settled, and what is to be written of calls."""
    settled, seen, errors = 0, NOTHING_SEEN, list[TelephonyError]()
    if shift.trouble.unreachable_now(shift.clock.now()):
        return settled, seen
    with _kept(errors):
        settled = await reconcile(shift, rounds)
    if rounds.unconfirmed:
        rounds = look_around(shift)  # some may be placed now
    with _kept(errors):  # neither waits for the other
        seen = await look_at_calls(shift, rounds)
    with _kept(errors):
        await _compare_clocks(shift)
    for trouble in errors:
        if isinstance(trouble, (TelephonyUnavailable, RateLimited)):
            shift.trouble.unreachable(str(trouble), now=shift.clock.now())
        else:  # the key or a number is refused, which no waiting mends
            shift.trouble.stop_reason = shift.trouble.unreadable = str(trouble)
    return settled, seen


@contextmanager
def _kept(errors: list[TelephonyError]) -> Iterator[None]:
    try:
        yield
    except TelephonyError as error:
        errors.append(error)


async def _compare_clocks(shift: Shift) -> None:
    """Ask for an answer, whatever it is, where this machine's time was set since the last pass."""
    set_by = shift.clock_watch.set_by(shift.clock)
    if abs(set_by) > shift.timing.skew_max:
        note(shift, "clock_was_set", seconds=round(set_by.total_seconds()))
        await shift.telephony.own_numbers()
    shift.clock_watch.trust(shift.clock)


def _wake(shift: Shift, then: NotNow, *, looks_at: datetime | None) -> tuple[datetime | None, str]:
    """Return the earliest reason to look again; while Inkbox is left alone there is none."""
    if shift.trouble.unreadable is not None:
        return None, shift.trouble.unreadable
    unreachable = shift.trouble.unreachable_now(shift.clock.now())
    if unreachable is not None and (looks_at is not None or not then.for_good):
        return shift.trouble.retry_at, unreachable
    wakes = [(then.until, then.why), (looks_at, WATCHING)]
    known = [(at, why) for at, why in wakes if at is not None]
    return min(known, default=(None, then.why))


def _is_over(shift: Shift, result: PassResult, *, linger: timedelta | None) -> bool:
    if result.wake_at is None or shift.stopping.is_set():
        return True
    if result.why == WATCHING and shift.webhooks.flow:
        return False  # polled rarely, since webhooks tell; it is not long until the calls end
    return linger is not None and result.wake_at - result.at > linger


async def _sleep(shift: Shift, until: datetime | None) -> None:
    if until is None:
        return
    sleeping = asyncio.ensure_future(sleep_until_due(shift, until))
    stopping = asyncio.ensure_future(shift.stopping.wait())
    done, _ = await asyncio.wait({sleeping, stopping}, return_when=asyncio.FIRST_COMPLETED)
    for task in (sleeping, stopping):
        task.cancel()
    if sleeping in done:
        sleeping.result()  # raises what went wrong in it
