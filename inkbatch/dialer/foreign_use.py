"""What others use of the organisation's budget, from the call list and the server's figures."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from inkbatch.dialer.call_pages import calls_back_to
from inkbatch.dialer.shift import Shift
from inkbatch.dialer.unknown_calls import set_aside_called
from inkbatch.domain.agent_url import attempt_id_in
from inkbatch.domain.budget import BUDGET_WINDOW, Limits, Usage, drift, foreign_use
from inkbatch.domain.call import Call, OwnNumber, RateLimit
from inkbatch.domain.errors import FromNumberRefused, RequestRefused
from inkbatch.ports import Snapshot, Transaction

STILL_TALKING = timedelta(hours=1)
"""How much longer a foreign call without an end may go on, for when its minutes come back."""


LOOK_BACK = 2 * BUDGET_WINDOW
"""A database that was restored is seldom older than that; it is longer than any call counts."""


async def place_foreign_use(shift: Shift) -> int:
    """Count, exactly in time, the last 24 hours' calls of all numbers that are not ours.

    Returns how many were new. Run at the start of a shift; it also finds whom a restored or
    copied database no longer knows to have called, in the last 48 hours. A call that began before
    and talked on within the 24 hours counts with its minutes.
    """
    now = shift.clock.now()
    added = 0
    for own in await _all_numbers(shift):
        pages = calls_back_to(shift.telephony, own.id, since=now - LOOK_BACK)
        calls = [call async for call in pages if call.direction == "outbound"]
        with shift.store.transaction(organisation=shift.organisation) as tx:
            ours = tx.known_calls([call.id for call in calls])
            unknown = [call for call in calls if call.id not in ours]
            set_aside_called(shift, tx, unknown)
            foreign = [c for c in unknown if _counts(c, now=now) and not _is_ours(tx, c)]
            added += sum(_count(shift, tx, call) for call in foreign)
    return added


async def _all_numbers(shift: Shift) -> Sequence[OwnNumber]:
    """Return every number of the organisation, also those that no campaign here calls from.

    A campaign that gives the ids of its numbers knows no others; where the key may not list them
    either, what they do is known from the server's figures alone.
    """
    if not all(number.id for number in shift.campaign.from_numbers):
        return shift.own_numbers
    try:
        return await shift.telephony.own_numbers()
    except (RequestRefused, FromNumberRefused):
        return shift.own_numbers


def _counts(call: Call, *, now: datetime) -> bool:
    last = call.ended_at or (call.created_at if call.has_ended else now)
    return max(last, call.created_at) > now - BUDGET_WINDOW


def _is_ours(tx: Transaction, call: Call) -> bool:
    attempt_id = attempt_id_in(call.client_websocket_url)
    return attempt_id is not None and tx.attempt(attempt_id) is not None


def _count(shift: Shift, tx: Transaction, call: Call) -> bool:
    """Count a call until a window after it was made, its minutes until one after its end."""
    now = shift.clock.now()
    talks = call.started_at is not None and not call.has_ended
    minutes = call.minutes_until(now) if talks else call.talk_minutes
    ends_at = call.ended_at or (call.created_at if call.has_ended else now + STILL_TALKING)
    return tx.add_foreign_call(
        shift.organisation,
        call,
        minutes=minutes,
        calls_until=call.created_at + BUDGET_WINDOW,
        minutes_until=ends_at + BUDGET_WINDOW,
    )


def note_rate_limit(shift: Shift, tx: Transaction, told: RateLimit, *, asked_at: datetime) -> None:
    """Believe the server's limits, and hold for 24 hours what it counts beyond our ledger.

    Call it only while this shift has no request under way, else its own calls look foreign.
    `asked_at` is before the request was sent: what counted then and no longer does is not
    foreign. Of calls that go on the server may count all that they talked, or nothing: what
    others were known to use is forgotten only where it cannot be even if that is nothing.
    """
    now = shift.clock.now()
    limits = Limits(calls=told.calls_limit, minutes=told.minutes_limit)
    if limits != tx.limits(shift.organisation):
        tx.set_limits(shift.organisation, limits, now=now)
    used = tx.kinds_of_usage(shift.organisation, now=asked_at)
    server = Usage(calls=told.calls_used, minutes=told.minutes_used)
    talked = sum(call.minutes_until(now) for call in tx.going_on(shift.organisation))
    begun = Usage(calls=used.reserved.calls, minutes=talked)
    beyond = drift(server, settled=used.settled + used.unplaced, reserved=begun)
    tx.keep_snapshot(shift.organisation, Snapshot(at=now, told=server, drift=beyond))
    foreign = foreign_use(used.unplaced, beyond)
    tx.set_unplaced_foreign_use(shift.organisation, foreign, until=now + BUDGET_WINDOW, now=now)
