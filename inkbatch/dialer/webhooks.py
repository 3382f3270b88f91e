"""What webhooks change for a shift: calls are looked at as soon as an event tells of them.

The receiver stores each event; nothing of it is believed but which call to fetch. A shift that has
calls in progress looks into its own store once a second for events of its campaign, fetches those
calls by id and collects them. Where no shift lives, the next one does it in its first pass.

While webhooks flow, polling is six times slower; it is never off. They flow from the first event
on until polling finds a call that had ended some seconds before and no event told of it; then all
calls in progress are polled at the ordinary pace again.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from inkbatch.dialer.locks import other_shifts
from inkbatch.domain.attempt import AttemptState
from inkbatch.domain.call import Call
from inkbatch.ports import PendingEvent, Transaction

if TYPE_CHECKING:
    from inkbatch.dialer.shift import Shift

LOOK_EVERY = timedelta(seconds=1)
"""So soon after it was stored an event is noticed."""

SLOWER = 6
SLOWEST = timedelta(minutes=5)

TOLD_WITHIN = timedelta(seconds=5)
"""So much later than the end of its call an event may come, while webhooks are said to flow."""

EVENTS_KEPT = timedelta(days=7)
"""Events are forgotten after that; a week is enough to find out what happened."""


@dataclass(slots=True)
class Webhooks:
    """What a shift knows of its webhooks: whether they come in, as far as it has seen."""

    flow: bool = False

    def poll_every(self, usual: timedelta) -> timedelta:
        """Return how often calls in progress are polled now."""
        return max(usual, min(SLOWER * usual, SLOWEST)) if self.flow else usual


def pending_events(
    shift: "Shift", tx: Transaction, *, others: Container[str]
) -> list[PendingEvent]:
    """Return the events to look into; none where the campaign asks for no webhooks.

    What other living shifts dialed, `others` by id, is left to them.
    """
    if not shift.campaign.webhook_url:
        return []
    events = tx.pending_events(shift.record.id)
    return [event for event in events if event.shift_id not in others]


def note_flow(
    shift: "Shift",
    tx: Transaction,
    events: Iterable[PendingEvent],
    *,
    polled: Iterable[Call],
    now: datetime,
) -> None:
    """Settle the events that were looked into, and judge whether webhooks flow.

    `polled` are calls that were fetched without an event.
    """
    event_ids = [event.event_id for event in events]
    if event_ids:
        tx.settle_events(event_ids, now=now)
        shift.webhooks.flow = True
    if shift.webhooks.flow and any(_is_untold(shift, tx, call, now=now) for call in polled):
        shift.webhooks.flow = False
        tx.look_by(shift.record.id, at=now + shift.timing.poll_every)


def _is_untold(shift: "Shift", tx: Transaction, call: Call, *, now: datetime) -> bool:
    """Whether no event told of the call's end although there was time for one.

    The end is told by the server's clock; events have the time of ours.
    """
    if not call.has_ended or call.ended_at is None:
        return False
    ended_at = call.ended_at - (shift.telephony.skew or timedelta())
    if now - ended_at <= TOLD_WITHIN:
        return False
    told_at = tx.event_told_at(call.id)
    return told_at is None or told_at < ended_at - TOLD_WITHIN


async def sleep_until_due(shift: "Shift", until: datetime) -> None:
    """Wait for `until`, or for an event of a call in progress if one comes before."""
    if not _listens(shift):
        await shift.clock.sleep_until(until)
        return
    await shift.clock.watch_until(until, happened=partial(_has_events, shift), every=LOOK_EVERY)


def _listens(shift: "Shift") -> bool:
    """Whether an event could be of use; no call begins while a shift waits."""
    if shift.campaign.webhook_url is None or shift.trouble.unreachable_now(shift.clock.now()):
        return False
    with shift.store.reading() as tx:
        return tx.count_attempts(AttemptState.PLACED, campaign_id=shift.record.id) > 0


def _has_events(shift: "Shift") -> bool:
    with shift.store.reading() as tx:
        if not tx.pending_events(shift.record.id):  # asked each second, mostly in vain
            return False
        others = {other.id for other in other_shifts(shift, tx)}
        return bool(pending_events(shift, tx, others=others))
