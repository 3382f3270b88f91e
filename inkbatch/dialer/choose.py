"""Decide whom to dial now and write the intents down, in one transaction.

The answer is either attempts that are reserved, durable and may be sent at once, or a reason why
nobody is dialed now and when to look again.
"""

from collections.abc import Sequence
from datetime import datetime

from inkbatch.dialer.allowance import calls_within_budget, need_of
from inkbatch.dialer.intents import Chosen, NotNow, write_intents
from inkbatch.dialer.pilot import pause_after_pilot, pilot_now
from inkbatch.dialer.shift import Shift
from inkbatch.dialer.turns import due_groups
from inkbatch.domain.attempt import AttemptState
from inkbatch.domain.budget import Need
from inkbatch.domain.campaign import CampaignState
from inkbatch.domain.pacing import PACING_PERIOD
from inkbatch.domain.pilot import PilotLeft, PilotWaits
from inkbatch.ports import Transaction, ZoneQueue

WAITING_COUNTED = 10_000
"""So many waiting contacts are told by number; more are only told to be more."""


def choose(shift: Shift, tx: Transaction) -> Chosen | NotNow:
    """Reserve as many attempts as hold, budget, pacing and windows allow, or say why none."""
    now = shift.clock.now()
    refusal = _campaign_says_no(shift, tx, now=now)
    if refusal is not None:
        return refusal
    groups = tx.waiting_groups(shift.record.id)
    queues = ZoneQueue.of_groups(groups)
    piloted = _pilot_calls(shift, tx, now=now) if queues else None
    if isinstance(piloted, NotNow):
        return piloted
    waiting = nobody_is_due(shift, tx, queues, now=now)
    if waiting is not None:
        return waiting
    paced = paced_calls(shift, tx, now=now)
    if isinstance(paced, NotNow):
        return paced
    need = need_of(tx, shift.record.id, shift.campaign.budget)
    slots = _slots(shift, tx, paced, need=need, now=now)
    if isinstance(slots, NotNow):
        return slots
    slots = min(slots, piloted or slots)
    due = due_groups(groups, open_zones(shift, queues, now=now), now=now)
    return write_intents(shift, tx, due, slots=slots, need=need)


def _campaign_says_no(shift: Shift, tx: Transaction, *, now: datetime) -> NotNow | None:
    for_good = said_by_a_person(shift, tx) or _trouble(shift)
    if for_good is not None:
        return NotNow(until=None, why=for_good, for_good=True)
    unreachable = shift.trouble.unreachable_now(now)
    if unreachable is not None:
        return NotNow(until=shift.trouble.retry_at, why=unreachable)
    hold = tx.current_hold(shift.organisation, now=now)
    return None if hold is None else NotNow(until=hold.until, why=hold.reason)


def said_by_a_person(shift: Shift, tx: Transaction) -> str | None:
    """Return that the campaign is paused or canceled, and why; None while it is active."""
    record = tx.campaign_by_id(shift.record.id)
    if record.state is CampaignState.ACTIVE:
        return None
    return f"the campaign is {record.state}: {record.state_reason or 'no reason given'}"


def _trouble(shift: Shift) -> str | None:
    """Return what ends this shift with a problem, and remember it."""
    trouble, skew = shift.trouble, shift.telephony.skew
    if trouble.stop_reason is None and not shift.usable_numbers:
        trouble.stop_reason = "; ".join(trouble.refused_numbers.values())
    if trouble.stop_reason is None and not shift.lock.is_held():
        trouble.stop_reason = (
            "the connection to the database that held the dialing lock was lost, so nobody more is "
            "dialed. Start the campaign again: calls that are open are looked up first"
        )
        trouble.may_pass = True
    if trouble.stop_reason is None and skew is not None and abs(skew) > shift.timing.skew_max:
        trouble.stop_reason = (
            f"this machine's clock and the server's are {abs(skew).total_seconds():.0f} s apart. "
            "Nothing more is dialed: set this machine's clock right"
        )
    return trouble.stop_reason


def _pilot_calls(shift: Shift, tx: Transaction, *, now: datetime) -> int | NotNow | None:
    """Return how many calls the pilot leaves, None where it has no say; pause when it is over."""
    match pilot_now(shift, tx):
        case None:
            return None
        case PilotLeft(calls):
            return calls
        case PilotWaits(in_progress):
            return NotNow(until=None, why=f"pilot: {in_progress} of its calls have not ended")
        case _:
            reason = pause_after_pilot(shift, tx, now=now)
            return NotNow(until=None, why=f"the campaign is paused: {reason}", for_good=True)


def nobody_is_due(
    shift: Shift, tx: Transaction, queues: Sequence[ZoneQueue], *, now: datetime
) -> NotNow | None:
    """Return why nobody waits whose time and calling window are now; None where somebody does."""
    if not queues:
        return NotNow(until=None, why="everyone is reached or given up with a reason")
    if open_zones(shift, queues, now=now):
        return None
    until = min(_next_look(shift, queue, now=now) for queue in queues)
    counted = tx.count_waiting(shift.record.id, limit=WAITING_COUNTED + 1)
    contacts = counted if counted <= WAITING_COUNTED else f"more than {WAITING_COUNTED:,}"
    return NotNow(until=until, why=f"{contacts} contacts wait for their calling window or retry")


def _next_look(shift: Shift, queue: ZoneQueue, *, now: datetime) -> datetime:
    """Return when somebody of the queue may be called, or is to be given up.

    That is when its time comes, where its window never opens or the campaign ends sooner.
    """
    opens_at = (
        shift.openings.window.next_open(queue.first_at, queue.zones)
        if queue.first_at > now
        else shift.openings.next_open(now, queue.zones)
    ) or queue.first_at
    end = shift.campaign.expiry.end_in(queue.zones)
    return opens_at if end is None else min(opens_at, max(end, queue.first_at))


def open_zones(
    shift: Shift, queues: Sequence[ZoneQueue], *, now: datetime
) -> list[tuple[str, ...]]:
    """Return the zones of those who may be called now, or are to be given up."""
    return [
        queue.zones
        for queue in queues
        if queue.first_at <= now
        and (
            shift.openings.next_open(now, queue.zones) in (now, None)
            or _is_over(shift, queue, now=now)
        )
    ]


def _is_over(shift: Shift, queue: ZoneQueue, *, now: datetime) -> bool:
    end = shift.campaign.expiry.end_in(queue.zones)
    return end is not None and now >= end


def _slots(shift: Shift, tx: Transaction, paced: int, *, need: Need, now: datetime) -> int | NotNow:
    """Return how many of the calls that the pacing allows the budget does too, or why none."""
    left = calls_within_budget(shift, tx, need=need, now=now)
    batch_max = shift.timing.batch_max if shift.acquainted.is_set() else 1
    return left if isinstance(left, NotNow) else min(paced, left, batch_max)


CALLING = (AttemptState.RESERVED, AttemptState.PLACED)


def paced_calls(shift: Shift, tx: Transaction, *, now: datetime) -> int | NotNow:
    """Return how many calls the pacing allows now, at least one, or why none."""
    pacing = shift.campaign.pacing
    dialed = _dialed_last_minute(shift, tx, now=now)
    in_call = tx.count_attempts(*CALLING, campaign_id=shift.record.id)
    paced = pacing.slots(in_call=in_call, dialed_last_minute=len(dialed))
    if paced == 0:
        until = pacing.next_slot_at(dialed)
        return NotNow(until=until, why=f"pacing: {in_call} calls in progress")
    return paced


def _dialed_last_minute(shift: Shift, tx: Transaction, *, now: datetime) -> list[datetime]:
    """Return the times of as many dials as the pacing counts; none where it counts none."""
    counted = shift.campaign.pacing.calls_per_minute
    if counted is None:
        return []
    return tx.dialed_since(shift.record.id, since=now - PACING_PERIOD, limit=counted)
