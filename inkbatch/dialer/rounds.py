"""Which open attempts a shift looks at, while other shifts live and look at their own.

Whoever found a free lock has written down that its shift ended, so a shift that never ended lives
as far as anybody knows. What none of those dialed is everybody's: each write asks whether the
attempt still stands where it stood, so that two who look at once do no harm.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from inkbatch.domain.attempt import LOOKED_AT_STATES, OPEN_STATES, Attempt, AttemptState
from inkbatch.ports import ShiftRecord, Transaction

if TYPE_CHECKING:
    from inkbatch.dialer.shift import Shift

OVERDUE = timedelta(minutes=1)
"""So long after its time a look that a living shift owes is anybody's: its process may stand still.

What it reserved stays its own, since it may be about to send it.
"""


def other_shifts(shift: "Shift", tx: Transaction) -> list[ShiftRecord]:
    """Return the shifts of all campaigns, but this one, that never ended."""
    return [other for other in tx.unended_shifts() if other.id != shift.id]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """What one pass looks at, but for what `others` look at themselves.

    These are the campaigns with something due: what is `unconfirmed` is reconciled before what is
    `placed` is collected.
    """

    unconfirmed: tuple[int, ...]
    placed: tuple[int, ...]
    others: frozenset[str]

    @classmethod
    def of(cls, shift: "Shift", tx: Transaction) -> "Rounds":
        """Return the shift's campaign, and those of its organisation at which no shift works."""
        others, own = other_shifts(shift, tx), {shift.record.id}
        taken = {other.campaign_id for other in others} - own
        due = tx.campaigns_to_look_at(shift.organisation, now=shift.clock.now())
        lost = set(due[AttemptState.UNCONFIRMED])
        either = lost.union(due[AttemptState.PLACED])  # a lost one that is found is placed
        told = own if shift.campaign.webhook_url else set[int]()  # events come before it is due
        return cls(
            unconfirmed=tuple(sorted(lost - taken)),
            placed=tuple(sorted((either - taken) | told)),
            others=frozenset(other.id for other in others),
        )

    def attempts(self, tx: Transaction, state: AttemptState, *, now: datetime) -> list[Attempt]:
        """Return the attempts in this state that are ours to look at, due or not."""
        campaigns = self.placed if state is AttemptState.PLACED else self.unconfirmed
        return [
            attempt
            for campaign_id in campaigns
            for attempt in tx.open_attempts(state, campaign_id=campaign_id)
            if attempt.shift_id not in self.others or _is_overdue(attempt, now=now)
        ]


def _is_overdue(attempt: Attempt, *, now: datetime) -> bool:
    return attempt.look_at is not None and attempt.look_at <= now - OVERDUE


def next_look(shift: "Shift", tx: Transaction, *, dials_on: bool) -> datetime | None:
    """Return when there are calls of the campaign to look at, or of others that may become ours.

    A shift that `dials_on` stays as long as another one has calls in progress: that one may die,
    and what its calls take of the pacing comes free. Else it waits for its own alone.
    """
    campaign_id = shift.record.id
    if all(other.campaign_id != campaign_id for other in other_shifts(shift, tx)):
        return tx.next_look(campaign_id)
    if dials_on:
        in_progress = tx.count_attempts(*OPEN_STATES, campaign_id=campaign_id)
        return shift.clock.now() + shift.timing.poll_every if in_progress else None
    own = [each for state in LOOKED_AT_STATES for each in tx.attempts_of_shift(shift.id, state)]
    return min((each.look_at for each in own if each.look_at), default=None)
