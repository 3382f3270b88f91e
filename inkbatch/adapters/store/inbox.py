"""Webhooks as they came, and which of them a campaign has not looked into yet."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from inkbatch.adapters.store.attempts import IN_STATES, IS_UNFINISHED
from inkbatch.adapters.store.statements import TEXTS_AMONG, Statements, among, is_among
from inkbatch.adapters.store.tables import attempt
from inkbatch.adapters.store.tables import event_inbox as table
from inkbatch.domain.attempt import AttemptState
from inkbatch.domain.number_hash import is_hashed
from inkbatch.ports import CallEvent, PendingEvent

PENDING = (
    select(table.c.event_id, attempt.c.id.label("attempt_id"), attempt.c.shift_id)
    .join(attempt, attempt.c.call_id == table.c.call_id)
    .where(table.c.applied_at.is_(None), *IN_STATES)
    .order_by(table.c.received_at)
    .limit(bindparam("at_most"))
)
KEEP = {
    dialect: insert(table).on_conflict_do_nothing()
    for dialect, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}
LAST_TOLD = select(func.max(table.c.received_at)).where(table.c.call_id == bindparam("of_call"))
FORGET = delete(table).where(table.c.received_at < bindparam("before"))
LOOK_BY = (
    update(attempt)
    .where(
        IS_UNFINISHED,
        attempt.c.state == AttemptState.PLACED,
        attempt.c.campaign_id == bindparam("of_campaign"),
        attempt.c.look_at > bindparam("by_then"),
    )
    .values(look_at=bindparam("by_then"))
)
SETTLE = {
    dialect: update(table)
    .where(is_among(table.c.event_id, dialect=dialect))
    .values(applied_at=bindparam("at"))
    for dialect in TEXTS_AMONG
}
NUMBER_OF_CALL = select(attempt.c.number).where(attempt.c.call_id == bindparam("of_call"))
NOTHING = "{}"
"""What is left of an event: its id, by which it is known if it comes again."""

EVENTS_AT_ONCE = 1_000


class Inbox(Statements):
    """The part of a transaction that knows webhooks."""

    def keep_event(self, event: CallEvent) -> bool:
        """Store an event as it came; False, changing nothing, where its id is known.

        Of a call to somebody who is forgotten since, nothing is kept but that it came.
        """
        values = {
            "event_id": event.id,
            "call_id": event.call_id,
            "received_at": event.received_at,
            "body": NOTHING if self._is_forgotten(event.call_id) else event.body,
            "applied_at": None,
        }
        return self._change(KEEP[self._dialect], values) == 1

    def _is_forgotten(self, call_id: str) -> bool:
        number: str | None = self._scalar(NUMBER_OF_CALL, {"of_call": call_id})
        return number is not None and is_hashed(number)

    def pending_events(self, campaign_id: int) -> list[PendingEvent]:
        """Return the events of the campaign's placed attempts that nobody looked into yet."""
        wanted = {
            "campaign_id": campaign_id,
            "states": [AttemptState.PLACED],
            "at_most": EVENTS_AT_ONCE,
        }
        return [PendingEvent(**row._asdict()) for row in self._rows(PENDING, wanted)]

    def event_told_at(self, call_id: str) -> datetime | None:
        """Return when the last event of a call came in; None if none did."""
        told_at: datetime | None = self._scalar(LAST_TOLD, {"of_call": call_id})
        return told_at

    def settle_events(self, event_ids: Sequence[str], *, now: datetime) -> None:
        """Write down that what these events told of was looked into."""
        self._change(SETTLE[self._dialect], among(event_ids) | {"at": now})

    def look_by(self, campaign_id: int, *, at: datetime) -> None:
        """Let no placed attempt of the campaign wait longer than that for its next look."""
        self._change(LOOK_BY, {"of_campaign": campaign_id, "by_then": at})

    def forget_events(self, *, before: datetime) -> int:
        """Delete events that came in before then; returns how many."""
        return self._change(FORGET, {"before": before})
