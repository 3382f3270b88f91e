"""What a shift finds to look at, while other shifts live and look at their own.

Whoever found a free lock has written down that its shift ended, so a shift that never ended lives
as far as anybody knows. What none of those dialed is everybody's: each write asks whether the
attempt still stands where it stood, so that two who look at once do no harm.
"""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from inkbatch.dialer.locks import other_shifts
from inkbatch.dialer.shift import Shift
from inkbatch.dialer.webhooks import pending_events
from inkbatch.domain.attempt import LOOKED_AT_STATES, OPEN_STATES, Attempt, AttemptState
from inkbatch.ports import PendingEvent, ShiftRecord, Transaction

OVERDUE = timedelta(minutes=1)
"""So long after its time a look that a living shift owes is anybody's: its process may stand still.

What it reserved stays its own, since it may be about to send it.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """What the store says at one moment: who never ended, and what there is to look at.

    `others` are the shifts of all campaigns, but this one, that never said that they ended.
    `reserved` is all that the shift's campaign has reserved, whoever did it: an intent is younger
    than its shift. What is `unconfirmed` is reconciled before what is `placed` is collected; both
    are of the campaigns with something due, but for what the others look at themselves.
    """

    others: tuple[ShiftRecord, ...] = ()
    reserved: tuple[Attempt, ...] = ()
    unconfirmed: tuple[Attempt, ...] = ()
    placed: tuple[Attempt, ...] = ()
    events: tuple[PendingEvent, ...] = ()

    @classmethod
    def of(cls, shift: Shift, tx: Transaction) -> "Rounds":
        """Read of the shift's campaign, and those of its organisation at which no shift works."""
        now, own = shift.clock.now(), {shift.record.id}
        others = other_shifts(shift, tx)
        taken = {other.campaign_id for other in others} - own
        due = tx.campaigns_to_look_at(shift.organisation, now=now)
        lost, placed = set(due[AttemptState.UNCONFIRMED]), set(due[AttemptState.PLACED])
        told = own if shift.campaign.webhook_url else set[int]()  # events come before it is due
        theirs = {other.id for other in others}

        def ours(state: AttemptState, campaigns: set[int]) -> Iterator[Attempt]:
            for campaign_id in sorted(campaigns):
                for attempt in tx.open_attempts(state, campaign_id=campaign_id):
                    if _is_ours(attempt, theirs, now=now):
                        yield attempt

        return cls(
            others=tuple(others),
            reserved=tuple(tx.open_attempts(AttemptState.RESERVED, campaign_id=shift.record.id)),
            unconfirmed=tuple(ours(AttemptState.UNCONFIRMED, lost - taken)),
            placed=tuple(ours(AttemptState.PLACED, (placed - taken) | told)),
            events=tuple(pending_events(shift, tx, others=theirs)),
        )


def look_around(shift: Shift) -> Rounds:
    """Read what there is to look at now."""
    with shift.store.reading() as tx:
        return Rounds.of(shift, tx)


def _is_ours(attempt: Attempt, others: Container[str], *, now: datetime) -> bool:
    if attempt.shift_id not in others:
        return True
    return attempt.look_at is not None and attempt.look_at <= now - OVERDUE


def next_look(
    shift: Shift, tx: Transaction, *, others: Sequence[ShiftRecord], dials_on: bool
) -> datetime | None:
    """Return when there are calls of the campaign to look at, or of `others` that may become ours.

    A shift that `dials_on` stays as long as another one has calls in progress: that one may die,
    and what its calls take of the pacing comes free. Else it waits for its own alone.
    """
    campaign_id = shift.record.id
    if all(other.campaign_id != campaign_id for other in others):
        return tx.next_look(campaign_id)
    if dials_on:
        in_progress = tx.count_attempts(*OPEN_STATES, campaign_id=campaign_id)
        return shift.clock.now() + shift.timing.poll_every if in_progress else None
    own = [each for state in LOOKED_AT_STATES for each in tx.attempts_of_shift(shift.id, state)]
    return min((each.look_at for each in own if each.look_at), default=None)
