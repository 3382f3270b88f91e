"""Calls made with this database that it does not know: it was restored, or a copy of it dialed.

Such a call carries an attempt's id in its URL, and in that the mark of the database. Whoever it was
to was called, so nobody calls them again before a person has looked.
"""

from collections.abc import Iterable
from datetime import datetime

from inkbatch.dialer.shift import Shift
from inkbatch.domain.agent_url import attempt_id_in
from inkbatch.domain.attempt import AttemptState, is_of_database
from inkbatch.domain.call import Call
from inkbatch.domain.contact import ContactState
from inkbatch.ports import Transaction


def set_aside_called(shift: Shift, tx: Transaction, calls: Iterable[Call]) -> int:
    """Put those of the campaign that these calls went to into review; return how many.

    `calls` are the latest ones of a number that are bound to no attempt of this database.
    """
    moved, database_ids = 0, tx.database_ids()
    for call in calls:
        attempt_id = attempt_id_in(call.client_websocket_url)
        if attempt_id is None:
            continue
        attempt = tx.attempt(attempt_id)
        is_unknown = attempt is None and is_of_database(attempt_id, database_ids)
        if is_unknown or (attempt is not None and attempt.state is AttemptState.PLANNED):
            moved += _set_aside(shift, tx, call, attempt_id=attempt_id)
    return moved


def _set_aside(shift: Shift, tx: Transaction, call: Call, *, attempt_id: str) -> int:
    now, moved = shift.clock.now(), 0
    why = (
        f"called {call.created_at:%Y-%m-%d %H:%M} UTC (call {call.id}, attempt {attempt_id}), of "
        "which this database knows nothing: it was restored, or a copy of it dialed"
    )
    for contact in tx.contacts_of_number(call.remote_number):
        is_ours = contact.campaign_id == shift.record.id
        if is_ours and contact.state is ContactState.WAITING:
            _withdraw(tx, contact.id, why=why, now=now)
            tx.set_contact(contact.id, ContactState.REVIEW, until=now, why=why)
            moved += 1
    return moved


def _withdraw(tx: Transaction, contact_id: int, *, why: str, now: datetime) -> None:
    plan = tx.planned_attempts([contact_id]).get(contact_id)
    if plan is not None:
        tx.advance(plan.withdraw(at=now, reason=why), from_state=AttemptState.PLANNED)
