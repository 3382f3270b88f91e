"""Forgetting what is older than it need be kept, of everybody: figures and hashes stay."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    null,
    or_,
    select,
    update,
)

from inkbatch.adapters.store.contact_numbers import is_attempt_to
from inkbatch.adapters.store.cool_downs import CoolDowns
from inkbatch.adapters.store.tables import (
    attempt,
    attempt_result,
    call_record,
    campaign,
    contact,
    cool_down,
    event_inbox,
    list_file,
    list_row,
    number_of_contact,
    suppressed_number,
)
from inkbatch.domain.attempt import UNFINISHED_STATES
from inkbatch.domain.campaign import CampaignState
from inkbatch.domain.contact import FINAL_STATES, ContactState
from inkbatch.domain.list_row import RowStatus
from inkbatch.domain.number_hash import PREFIX, hashed
from inkbatch.ports import Purge

OVER = sorted(FINAL_STATES - {ContactState.REVIEW})
"""States in which nothing more comes of a contact; in review somebody has still to decide."""

SUPPRESSED_BEFORE = "on the suppression list"

OF_CONTACT = contact.c.id == bindparam("of_contact")
FORGET_CONTACT = (
    update(contact)
    .where(OF_CONTACT)
    .values(
        number=bindparam("number_hash", type_=String),
        called_number=null(),
        fields={},
        why=case(
            (contact.c.state == ContactState.SUPPRESSED, SUPPRESSED_BEFORE), else_=contact.c.why
        ),
    )
)


IS_OWN = is_attempt_to(attempt, number=bindparam("old_number"), contact_id=bindparam("of_contact"))
OF_ATTEMPTS = select(attempt.c.id).where(IS_OWN)
FORGET_CALLS = (
    update(call_record)
    .where(call_record.c.attempt_id.in_(OF_ATTEMPTS))
    .values(remote_number=bindparam("number_hash", type_=String), client_websocket_url=null())
)
FORGET_ATTEMPTS = (
    update(attempt).where(IS_OWN).values(number=bindparam("number_hash", type_=String))
)
FORGET_NUMBERS = delete(number_of_contact).where(
    number_of_contact.c.contact_id == bindparam("of_contact")
)
FORGET_RESULTS = (
    update(attempt_result)
    .where(attempt_result.c.contact_id == bindparam("of_contact"))
    .values(fields={}, transcript=[])
)
FORGET_ROWS = (
    update(list_row)
    .where(list_row.c.contact_id == bindparam("of_contact"))
    .values(value=null(), fields=null())
)


class Purging(CoolDowns):
    """The part of a transaction that forgets what is old."""

    def purgeable(self, *, before: datetime) -> Purge:
        """Return how much there is that `purge_contacts` and `purge_the_rest` would forget."""
        contacts = _contacts_over(before).subquery()
        results = select(func.count()).where(attempt_result.c.contact_id.in_(select(contacts.c.id)))
        return Purge(
            contacts=int(self._scalar(select(func.count()).select_from(contacts))),
            results=int(self._scalar(results)),
            rows=int(self._scalar(select(func.count()).where(_rows_over(before)))),
            events=int(self._scalar(select(func.count()).where(_events_over(before)))),
            suppressions=int(self._scalar(select(func.count()).where(_suppressions_over(before)))),
        )

    def purge_contacts(self, *, before: datetime, limit: int, after: int = 0) -> list[int]:
        """Forget so many contacts at most that were over before then; returns their ids in order.

        Only those whose id is above `after`, so that a next time goes on where this one ended.
        """
        self._require_writing()
        over = _contacts_over(before).where(contact.c.id > after)
        over = over.order_by(contact.c.id).limit(limit).with_for_update(of=contact)
        found = self._rows(over)
        if not found:
            return []
        key = self._key()
        values = [
            {
                "of_contact": row.id,
                "old_number": row.number,
                "number_hash": hashed(row.number, key=key),
            }
            for row in found
        ]
        self._forget(values)
        return [row.id for row in found]

    def purge_the_rest(self, *, before: datetime) -> None:
        """Forget rows that became no contact, webhooks and entries that ended before then.

        Cool-downs that last longer hold by the hash of numbers that no contact has any more.
        """
        self._key()
        suppressed = list_row.c.status == RowStatus.SUPPRESSED
        self._change(
            update(list_row)
            .where(_rows_over(before))
            .values(
                value=null(),
                fields=null(),
                number=null(),
                reason=case((suppressed, SUPPRESSED_BEFORE), else_=list_row.c.reason),
            )
        )
        self._change(delete(event_inbox).where(_events_over(before)))
        self._change(delete(suppressed_number).where(_suppressions_over(before)))
        self._change(delete(cool_down).where(cool_down.c.until < before))
        self._hash_cool_downs()
        self._note_traces()

    def _forget(self, values: Sequence[dict[str, Any]]) -> None:
        by_contact = [{"of_contact": each["of_contact"]} for each in values]
        for statement in (FORGET_CALLS, FORGET_ATTEMPTS):
            self._change_all(statement, values)
        for statement in (FORGET_RESULTS, FORGET_ROWS):
            self._change_all(statement, by_contact)
        self._change_all(FORGET_NUMBERS, by_contact)
        for each in values:
            del each["old_number"]
        self._change_all(FORGET_CONTACT, values)
        self._note_traces()


def _contacts_over(before: datetime) -> Select[Any]:
    """Return the query for contacts with whom nothing has happened since then, or will."""
    is_done = and_(contact.c.state.in_(OVER), contact.c.waits_until < before)
    is_canceled = and_(campaign.c.state == CampaignState.CANCELED, campaign.c.changed_at < before)
    called_since = exists().where(
        is_attempt_to(attempt, number=contact.c.number, contact_id=contact.c.id),
        or_(
            attempt.c.state.in_(sorted(UNFINISHED_STATES)),
            attempt.c.reserved_at >= before,
            attempt.c.ended_at >= before,
        ),
    )
    return (
        select(contact.c.id, contact.c.number)
        .join(campaign, campaign.c.id == contact.c.campaign_id)
        .where(
            contact.c.number.not_like(f"{PREFIX}%"),
            contact.c.enrolled_at < before,
            or_(is_done, is_canceled),
            ~called_since,
        )
    )


def _rows_over(before: datetime) -> ColumnElement[bool]:
    old_files = select(list_file.c.id).where(list_file.c.enrolled_at < before)
    told = (list_row.c.value, list_row.c.number, list_row.c.fields)
    tells = or_(*(each.is_not(null()) for each in told))
    return and_(list_row.c.contact_id.is_(None), list_row.c.file_id.in_(old_files), tells)


def _events_over(before: datetime) -> ColumnElement[bool]:
    return event_inbox.c.received_at < before


def _suppressions_over(before: datetime) -> ColumnElement[bool]:
    return suppressed_number.c.expires_at < before
