"""What others use of the organisation's budget, from the call list and the server's figures."""

from datetime import timedelta

from inkbatch.dialer.call_pages import calls_back_to
from inkbatch.dialer.shift import Shift
from inkbatch.domain.agent_url import attempt_id_in
from inkbatch.domain.budget import BUDGET_WINDOW, Limits, Usage
from inkbatch.domain.call import Call, RateLimit
from inkbatch.ports import Transaction

STILL_TALKING = timedelta(hours=1)
"""How much longer a foreign call without an end may go on, for when its minutes come back."""


async def place_foreign_use(shift: Shift) -> int:
    """Count, exactly in time, the last 24 hours' calls of all numbers that are not ours.

    Returns how many were new. Run at the start of a shift; it also finds what a restored or
    copied database no longer knows of.
    """
    now = shift.clock.now()
    since = now - BUDGET_WINDOW
    added = 0
    for own in shift.own_numbers:
        pages = calls_back_to(shift.telephony, own.id, since=since)
        calls = [call async for call in pages if call.direction == "outbound"]
        with shift.store.transaction(organisation=shift.organisation) as tx:
            ours = tx.known_calls([call.id for call in calls])
            foreign = [call for call in calls if call.id not in ours and not _is_ours(tx, call)]
            added += sum(_count(shift, tx, call) for call in foreign)
    return added


def _is_ours(tx: Transaction, call: Call) -> bool:
    attempt_id = attempt_id_in(call.client_websocket_url)
    return attempt_id is not None and tx.attempt(attempt_id) is not None


def _count(shift: Shift, tx: Transaction, call: Call) -> bool:
    ends_at = call.ended_at or shift.clock.now() + STILL_TALKING
    return tx.add_foreign_call(shift.organisation, call, until=ends_at + BUDGET_WINDOW)


def note_rate_limit(shift: Shift, tx: Transaction, told: RateLimit) -> None:
    """Believe the server's limits, and hold for 24 hours what it counts beyond our ledger.

    Call it only while this shift has no request under way, else its own calls look foreign.
    """
    now = shift.clock.now()
    limits = Limits(calls=told.calls_limit, minutes=told.minutes_limit)
    if limits != tx.limits(shift.organisation):
        tx.set_limits(shift.organisation, limits, now=now)
    known = tx.confirmed_usage(shift.organisation, now=now)
    beyond = Usage(
        calls=max(told.calls_used - known.calls, 0),
        minutes=max(told.minutes_used - known.minutes, 0.0),
    )
    tx.set_unplaced_foreign_use(shift.organisation, beyond, until=now + BUDGET_WINDOW, now=now)
