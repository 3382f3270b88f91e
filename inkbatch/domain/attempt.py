"""One try to reach one contact: its states, and the only ways from one to the next.

::

    planned --reserve--> reserved --accept--> placed --hang_up--> ended
    planned --withdraw-> withdrawn
    reserved --not_sent--> planned        (certain that nothing rang; the try is not used up)
    reserved --refuse--> ended            (a definite no)
    reserved --lose_reply--> unconfirmed  (also when its shift is dead)
    unconfirmed --find--> placed
    unconfirmed --find_nothing--> ended   (as unknown, for review, or as dial_failed)
    placed --lose_sight--> ended          (never seen to end: for review)
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from inkbatch.domain.call import Call
from inkbatch.domain.disposition import Disposition, disposition_of
from inkbatch.domain.errors import InvalidTransition
from inkbatch.domain.phone_number import masked


class AttemptState(StrEnum):
    """Ours alone: neither Prefect's nor Inkbox's."""

    PLANNED = "planned"  # decided on but nothing sent; the next pass may reserve it again
    RESERVED = "reserved"  # the intent and its budget are durable; the request may be under way
    PLACED = "placed"  # Inkbox has the call and its id is known; collecting watches it
    UNCONFIRMED = "unconfirmed"  # it may have rung; reconciling looks it up in the call list
    ENDED = "ended"  # it came to a disposition; nothing changes it any more
    WITHDRAWN = "withdrawn"  # planned, then taken back; nothing was sent


class Loss(StrEnum):
    """Why it is not known whether an attempt became a call."""

    REPLY_LOST = "reply_lost"  # the request may have arrived, the answer did not
    DIAL_FAILED = "dial_failed"  # 502: most likely no call, but a record may exist
    SHIFT_DEAD = "shift_dead"  # the process died between the intent and the answer


OPEN_STATES = frozenset({AttemptState.RESERVED, AttemptState.PLACED, AttemptState.UNCONFIRMED})
"""States in which the person's phone may be ringing; at most one such attempt per number."""

LOOKED_AT_STATES = (AttemptState.UNCONFIRMED, AttemptState.PLACED)
"""States in which Inkbox is asked again and again, in the order in which it is."""

UNFINISHED_STATES = OPEN_STATES | {AttemptState.PLANNED}

TRANSITIONS: dict[tuple[AttemptState, str], AttemptState] = {
    (AttemptState.PLANNED, "reserve"): AttemptState.RESERVED,
    (AttemptState.PLANNED, "withdraw"): AttemptState.WITHDRAWN,
    (AttemptState.RESERVED, "accept"): AttemptState.PLACED,
    (AttemptState.RESERVED, "not_sent"): AttemptState.PLANNED,
    (AttemptState.RESERVED, "refuse"): AttemptState.ENDED,
    (AttemptState.RESERVED, "lose_reply"): AttemptState.UNCONFIRMED,
    (AttemptState.UNCONFIRMED, "find"): AttemptState.PLACED,
    (AttemptState.UNCONFIRMED, "find_nothing"): AttemptState.ENDED,
    (AttemptState.PLACED, "hang_up"): AttemptState.ENDED,
    (AttemptState.PLACED, "lose_sight"): AttemptState.ENDED,
}

NO_AGENT = "answered, but the agent could not be reached at its WebSocket"

LOOKUP_DELAYS = tuple(timedelta(seconds=seconds) for seconds in (2, 10, 30, 60, 300, 900))
"""When an unconfirmed attempt is looked up, counted from when it was lost."""


MARK_CHARACTERS = 8


def marked(fresh_id: str, *, database_id: str) -> str:
    """Let a new id end as the database's does, so that its copies know it again."""
    if not database_id:
        return fresh_id
    return fresh_id[:-MARK_CHARACTERS] + database_id[-MARK_CHARACTERS:]


def is_of_database(attempt_id: str, database_ids: Iterable[str]) -> bool:
    """Whether an attempt was made with one of these databases."""
    return attempt_id.endswith(tuple(each[-MARK_CHARACTERS:] for each in database_ids))


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A frozen value; each event returns the attempt that follows, or raises InvalidTransition.

    `id` is the correlation key that rides in `client_websocket_url`. `ordinal` counts the
    contact's tries from 1. `look_at` is when collecting or reconciling next looks at it.
    """

    id: str
    campaign_id: int
    contact_id: int
    number: str
    from_number: str
    ordinal: int
    state: AttemptState
    shift_id: str
    predicted_minutes: float
    created_at: datetime
    reserved_at: datetime | None = None
    placed_at: datetime | None = None
    lost_at: datetime | None = None
    ended_at: datetime | None = None
    look_at: datetime | None = None
    looks: int = 0
    loss: Loss | None = None
    call_id: str | None = None
    disposition: Disposition | None = None
    reason: str | None = None
    talk_minutes: float | None = None

    @property
    def label(self) -> str:
        """What a person may see of it in logs and in Prefect's page."""
        return f"attempt {self.ordinal} to {masked(self.number)}"

    def reserve(self, *, at: datetime, shift_id: str, from_number: str) -> "Attempt":
        """Write down the intent to dial now."""
        return self._after(
            "reserve", reserved_at=at, shift_id=shift_id, from_number=from_number, reason=None
        )

    def withdraw(self, *, at: datetime, reason: str) -> "Attempt":
        """Take back a plan for which nothing was sent."""
        return self._after("withdraw", ended_at=at, reason=reason)

    def accept(self, call: Call, *, at: datetime, look_at: datetime) -> "Attempt":
        """Inkbox answered 200 with this call."""
        return self._after("accept", placed_at=at, call_id=call.id, look_at=look_at, looks=0)

    def not_sent(self, *, reason: str) -> "Attempt":
        """Nothing rang, for certain; the same try may be made again."""
        return self._after("not_sent", reserved_at=None, reason=reason)

    def refuse(self, disposition: Disposition, *, at: datetime, reason: str) -> "Attempt":
        """Inkbox gave a definite no."""
        return self._after(
            "refuse", ended_at=at, disposition=disposition, reason=reason, talk_minutes=0.0
        )

    def lose_reply(self, loss: Loss, *, at: datetime, reason: str) -> "Attempt":
        """It may have rung; the call list has to tell."""
        return self._after(
            "lose_reply",
            loss=loss,
            lost_at=at,
            look_at=at + LOOKUP_DELAYS[0],
            looks=0,
            reason=reason,
        )

    def find(self, call: Call, *, at: datetime, look_at: datetime) -> "Attempt":
        """The call list has exactly one call for this attempt."""
        return self._after("find", placed_at=at, call_id=call.id, look_at=look_at, looks=0)

    def find_nothing(self, *, at: datetime) -> "Attempt":
        """The quiet time is over and the call list has no call for this attempt.

        After the documented 502 this means that the dial failed. Otherwise nobody can tell, and
        a person reviews it: inkbatch never redials on absence.
        """
        dial_failed = self.loss is Loss.DIAL_FAILED
        disposition = Disposition.DIAL_FAILED if dial_failed else Disposition.UNKNOWN
        return self._after("find_nothing", ended_at=at, disposition=disposition, talk_minutes=0.0)

    def hang_up(self, call: Call, *, at: datetime) -> "Attempt":
        """The call ended; `call` must have ended too.

        A call that does not tell when it ended counts as talked until it was seen to have ended.
        """
        disposition = disposition_of(call)
        if disposition is None:
            raise InvalidTransition(f"{self.label}: its call {call.id} has not ended")
        ended = replace(call, ended_at=call.ended_at or at)
        return self._after(
            "hang_up",
            ended_at=ended.ended_at,
            disposition=disposition,
            talk_minutes=ended.talk_minutes,
            reason=NO_AGENT if call.lacked_agent else call.hangup_reason,
        )

    def lose_sight(self, *, at: datetime, reason: str) -> "Attempt":
        """The call was never seen to end; its predicted minutes stay counted."""
        return self._after(
            "lose_sight", ended_at=at, disposition=Disposition.UNKNOWN, reason=reason
        )

    def look_again(self, *, at: datetime) -> "Attempt":
        """Return it with the next look set; the state stays."""
        return replace(self, look_at=at, looks=self.looks + 1)

    def _after(self, event: str, **changes: object) -> "Attempt":
        following = TRANSITIONS.get((self.state, event))
        if following is None:
            raise InvalidTransition(f"{self.label} is {self.state}: {event} is not possible")
        return replace(self, state=following, **changes)  # type: ignore[arg-type]  # typed above


def next_lookup(attempt: Attempt, *, quiet_time: timedelta) -> datetime | None:
    """Return when to look an unconfirmed attempt up again; None once the quiet time is over."""
    if attempt.lost_at is None:
        raise InvalidTransition(f"{attempt.label} was never lost")
    done = attempt.looks + 1
    delays = [*(delay for delay in LOOKUP_DELAYS if delay < quiet_time), quiet_time]
    return attempt.lost_at + delays[done] if done < len(delays) else None
