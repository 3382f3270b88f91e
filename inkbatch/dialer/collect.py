"""Watch the calls in progress, and write down what came of those that ended.

A call is due for a look by its time, or because a webhook told of it.
The call list is read no further back than the oldest call that is due for a look, so the number
of requests grows with the calls in flight and not with history.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from inkbatch.dialer.aftermath import end_attempt
from inkbatch.dialer.breaker import note_agent
from inkbatch.dialer.call_pages import find_calls
from inkbatch.dialer.lookups import read_each_number
from inkbatch.dialer.rounds import Rounds
from inkbatch.dialer.shift import Shift
from inkbatch.dialer.webhooks import note_flow
from inkbatch.domain.attempt import Attempt, AttemptState
from inkbatch.domain.call import Call, OwnNumber
from inkbatch.domain.campaign import BudgetRules
from inkbatch.domain.errors import CallNotFound
from inkbatch.ports import PendingEvent, Transaction

SLOW_AFTER_LOOKS = 60
"""After so many looks a call is a long one, and is looked at every five minutes."""

SLOW_POLL = timedelta(minutes=5)


BY_ID_MAX = 10
"""So many calls that webhooks told of are fetched one by one; more, by pages of the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a look at calls in progress found; nothing of it is written down yet.

    `calls` are by the id of their attempt; `due` were looked at, of all that are `placed`.
    """

    placed: tuple[Attempt, ...] = ()
    due: tuple[Attempt, ...] = ()
    calls: Mapping[str, Call] = field(default_factory=dict)
    events: tuple[PendingEvent, ...] = ()

    @property
    def told(self) -> set[str]:
        """The ids of the attempts of which a webhook told."""
        return {event.attempt_id for event in self.events}


NOTHING_SEEN = Seen()


async def look_at_calls(shift: Shift, rounds: Rounds) -> Seen:
    """Look at every placed attempt that is due."""
    now, placed, events = shift.clock.now(), rounds.placed, rounds.events
    told = {event.attempt_id for event in events}
    due = _due(placed, told=told, before=now)
    if not due:
        return Seen(placed=placed)
    if any(each.id not in told for each in due):
        soon = now + shift.webhooks.poll_every(shift.timing.poll_every)
        due = _due(placed, told=told, before=soon)
    calls, looked_at = await _calls_of(shift, due, told=told)
    return Seen(placed=placed, due=tuple(looked_at), calls=calls, events=events)


def write_seen(shift: Shift, tx: Transaction, seen: Seen) -> int:
    """Write down what was seen, in the caller's transaction; return how many attempts ended."""
    if not seen.due:
        return 0
    told, calls = seen.told, seen.calls
    polled = [call for attempt_id, call in calls.items() if attempt_id not in told]
    note_flow(shift, tx, seen.events, polled=polled, now=shift.clock.now())
    return sum(
        _write(shift, tx, attempt, calls.get(attempt.id), poll_every=_pace(shift, attempt, told))
        for attempt in seen.due
    )


def note_written(shift: Shift, seen: Seen) -> None:
    """Remember, once that is committed, which calls need not be written again."""
    for over in shift.last_told.keys() - {attempt.id for attempt in seen.placed}:
        del shift.last_told[over]
    shift.last_told.update(seen.calls)


def _due(placed: Sequence[Attempt], *, told: Container[str], before: datetime) -> list[Attempt]:
    """Return whom to look at by a time.

    Once a page is read for somebody, it is read for all who would be due within the next poll:
    from then on calls that began at different moments are looked at by one request.
    """
    return [
        each for each in placed if each.id in told or each.look_at is None or each.look_at <= before
    ]


def _pace(shift: Shift, attempt: Attempt, told: Container[str]) -> timedelta:
    """Return when to look again; soon where an event told of more than the call's record does."""
    usual = shift.timing.poll_every
    return usual if attempt.id in told else shift.webhooks.poll_every(usual)


async def _calls_of(
    shift: Shift, attempts: Sequence[Attempt], *, told: Container[str]
) -> tuple[dict[str, Call], list[Attempt]]:
    """Return the call of each attempt, by attempt id, as far as Inkbox still has it.

    And the attempts that were looked at: not those of a number whose calls cannot be read now.
    """
    calls, looked_at = dict[str, Call](), list[Attempt]()

    async def look(own: OwnNumber, group: Sequence[Attempt], since: datetime) -> None:
        attempt_ids = {attempt.call_id: attempt.id for attempt in group if attempt.call_id}
        found = dict[str, Call]()
        if len(group) > BY_ID_MAX or any(attempt.id not in told for attempt in group):
            found = await find_calls(shift.telephony, own.id, call_ids=attempt_ids, since=since)
        for call_id in attempt_ids.keys() - found.keys():
            try:
                found[call_id] = await shift.telephony.get_call(own.id, call_id)
            except CallNotFound:
                continue  # looked for again later, and reviewed when it never turns up
        calls.update({attempt_ids[call_id]: call for call_id, call in found.items()})
        looked_at.extend(group)

    await read_each_number(shift, attempts, look)
    unlisted = [each for each in attempts if shift.own_number(each.from_number) is None]
    return calls, [*looked_at, *unlisted]


def _write(
    shift: Shift, tx: Transaction, attempt: Attempt, call: Call | None, *, poll_every: timedelta
) -> int:
    now = shift.clock.now()
    if call is not None:
        if call != shift.last_told.get(attempt.id):
            tx.save_bound_call(call, attempt_id=attempt.id)
        if call.has_ended:
            ended = attempt.hang_up(call, at=now)
            note_agent(shift, tx, attempt, call)
            return int(end_attempt(shift, tx, ended, from_state=AttemptState.PLACED, now=now))
        minutes = call.minutes_until(now)
        if minutes > attempt.predicted_minutes:
            tx.grow_minutes(attempt.id, minutes=minutes)
    started = attempt.reserved_at or attempt.created_at
    if now - started > _rules(shift, tx, attempt).call_lasts_at_most:
        reason = "Inkbox never told that its call ended"
        ended = attempt.lose_sight(at=now, reason=reason)
        return int(end_attempt(shift, tx, ended, from_state=AttemptState.PLACED, now=now))
    wait = poll_every if attempt.looks < SLOW_AFTER_LOOKS else SLOW_POLL
    tx.look_again(attempt.look_again(at=now + wait))
    return 0


def _rules(shift: Shift, tx: Transaction, attempt: Attempt) -> BudgetRules:
    is_own = attempt.campaign_id == shift.record.id
    return shift.campaign.budget if is_own else tx.budget_rules(attempt.campaign_id)
