"""Decide whom to dial now and write the intents down, in one transaction.

The answer is either attempts that are reserved, durable and may be sent at once, or a reason why
nobody is dialed now and when to look again.
"""

from collections.abc import Sequence
from datetime import datetime

from inkbatch.dialer.allowance import calls_within_budget, need_of
from inkbatch.dialer.intents import Chosen, NotNow, write_intents
from inkbatch.dialer.shift import Shift
from inkbatch.domain.attempt import AttemptState
from inkbatch.domain.budget import Need
from inkbatch.domain.campaign import CampaignState
from inkbatch.domain.pacing import PACING_PERIOD
from inkbatch.ports import Transaction, ZoneQueue

WAITING_COUNTED = 10_000
"""So many waiting contacts are told by number; more are only told to be more."""


def choose(shift: Shift, tx: Transaction) -> Chosen | NotNow:
    """Reserve as many attempts as hold, budget, pacing and windows allow, or say why none."""
    now = shift.clock.now()
    refusal = _campaign_says_no(shift, tx, now=now)
    if refusal is not None:
        return refusal
    queues = tx.zone_queues(shift.record.id)
    waiting = _nobody_is_due(shift, tx, queues, now=now)
    if waiting is not None:
        return waiting
    need = need_of(tx, shift.record.id, shift.campaign.budget)
    slots = _slots(shift, tx, need=need, now=now)
    if isinstance(slots, NotNow):
        return slots
    zones = _open_zones(shift, queues, now=now)
    chosen = write_intents(shift, tx, zones, slots=slots, need=need)
    return chosen or NotNow(until=now, why="those who were due had to wait or to be given up")


def _campaign_says_no(shift: Shift, tx: Transaction, *, now: datetime) -> NotNow | None:
    for_good = _said_by_a_person(shift, tx) or _trouble(shift)
    if for_good is not None:
        return NotNow(until=None, why=for_good, for_good=True)
    unreachable = shift.trouble.unreachable_now(now)
    if unreachable is not None:
        return NotNow(until=shift.trouble.retry_at, why=unreachable)
    hold = tx.current_hold(shift.organisation, now=now)
    return None if hold is None else NotNow(until=hold.until, why=hold.reason)


def _said_by_a_person(shift: Shift, tx: Transaction) -> str | None:
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
        trouble.stop_reason = "the connection that held the dialing lock was lost"
    if trouble.stop_reason is None and skew is not None and abs(skew) > shift.timing.skew_max:
        trouble.stop_reason = (
            f"this machine's clock and the server's are {abs(skew).total_seconds():.0f} s apart. "
            "Nothing more is dialed: set this machine's clock right"
        )
    return trouble.stop_reason


def _nobody_is_due(
    shift: Shift, tx: Transaction, queues: Sequence[ZoneQueue], *, now: datetime
) -> NotNow | None:
    if not queues:
        return NotNow(until=None, why="everyone is reached or given up with a reason")
    if _open_zones(shift, queues, now=now):
        return None
    window = shift.campaign.window
    # A queue whose window never opens is looked at when its time comes, to be given up.
    until = min(
        window.next_open(max(queue.first_at, now), queue.zones) or queue.first_at
        for queue in queues
    )
    counted = tx.count_waiting(shift.record.id, limit=WAITING_COUNTED + 1)
    contacts = counted if counted <= WAITING_COUNTED else f"more than {WAITING_COUNTED:,}"
    return NotNow(until=until, why=f"{contacts} contacts wait for their calling window or retry")


def _open_zones(
    shift: Shift, queues: Sequence[ZoneQueue], *, now: datetime
) -> list[tuple[str, ...]]:
    window = shift.campaign.window
    return [
        queue.zones
        for queue in queues
        if queue.first_at <= now
        and (window.is_open(now, queue.zones) or window.next_open(now, queue.zones) is None)
    ]


def _slots(shift: Shift, tx: Transaction, *, need: Need, now: datetime) -> int | NotNow:
    """Return how many calls pacing and budget allow now, at least one, or why none."""
    pacing = shift.campaign.pacing
    dialed = _dialed_last_minute(shift, tx, now=now)
    in_call = tx.count_attempts(*CALLING, campaign_id=shift.record.id)
    paced = pacing.slots(in_call=in_call, dialed_last_minute=len(dialed))
    if paced == 0:
        until = pacing.next_slot_at(dialed)
        return NotNow(until=until, why=f"pacing: {in_call} calls in progress")
    left = calls_within_budget(shift, tx, need=need, now=now)
    batch_max = shift.timing.batch_max if shift.acquainted.is_set() else 1
    return left if isinstance(left, NotNow) else min(paced, left, batch_max)


CALLING = (AttemptState.RESERVED, AttemptState.PLACED)


def _dialed_last_minute(shift: Shift, tx: Transaction, *, now: datetime) -> list[datetime]:
    """Return the times of as many dials as the pacing counts; none where it counts none."""
    counted = shift.campaign.pacing.calls_per_minute
    if counted is None:
        return []
    return tx.dialed_since(shift.record.id, since=now - PACING_PERIOD, limit=counted)
