"""Forgetting one person: everything that tells of a number is gone, and what is counted stays.

The hash of the number takes its place wherever rows belong together by it, so that attempts are
still those of their contact, no try is made again, and a list that has the number once more finds
it erased.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Table,
    Update,
    and_,
    case,
    delete,
    func,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from inkbatch.adapters.store.attempts import IS_UNFINISHED
from inkbatch.adapters.store.budget import Budget
from inkbatch.adapters.store.contact_numbers import ContactNumbers
from inkbatch.adapters.store.inbox import NOTHING
from inkbatch.adapters.store.mentions import Mention
from inkbatch.adapters.store.number_hashes import NumberHashes
from inkbatch.adapters.store.tables import (
    attempt,
    attempt_result,
    call_record,
    campaign,
    contact,
    cool_down,
    erased_number,
    event_inbox,
    list_row,
    number_of_contact,
    suppressed_number,
)
from inkbatch.domain.attempt import OPEN_STATES, AttemptState
from inkbatch.domain.contact import ContactState
from inkbatch.domain.list_row import RowStatus
from inkbatch.domain.number_hash import ERASED, hashed
from inkbatch.ports import Erasure

DONE = (
    ContactState.REACHED,
    ContactState.EXHAUSTED,
    ContactState.WITHDRAWN,
    ContactState.EXPIRED,
)
"""States that stay, with their reason, when the person is forgotten: they are figures."""

KEEP_HASH = {
    dialect: (new := insert(erased_number)).on_conflict_do_update(
        index_elements=["number_hash"], set_={"number": new.excluded.number}
    )
    for dialect, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}

WAITING = select(erased_number.c.number).where(erased_number.c.number.is_not(None))


class Erasing(NumberHashes, Budget, ContactNumbers):
    """The part of a transaction that forgets one person."""

    def erase(self, number: str, *, now: datetime) -> Erasure:
        """Forget whoever has this number, for good; while a call to it is open, at its end.

        From now on it is never dialed, nor kept when a list has it again.
        """
        self._exclude_all_others()
        number_hash = hashed(number, key=self._key())
        asked = {"number_hash": number_hash, "number": number, "asked_at": now}
        self._change(KEEP_HASH[self._dialect], {**asked, "erased_at": None})
        if self._is_in_call(number):
            return replace(self._erasable(number), waits_for_call=True)
        found = self._erasable(number)
        self._erase(number, number_hash, found, now=now)
        return found

    def erasable(self, number: str) -> Erasure:
        """Return what `erase` would forget."""
        return replace(self._erasable(number), waits_for_call=self._is_in_call(number))

    def waiting_erasures(self) -> list[str]:
        """Return the numbers that are to be erased at the end of a call, and that of none now."""
        return [each for each in self._column(WAITING, {}) if not self._is_in_call(each)]

    def _exclude_all_others(self) -> None:
        """Let nobody dial or enroll meanwhile; SQLite has one writer anyway."""
        self._require_writing()
        campaigns = select(campaign.c.id, campaign.c.organisation).order_by(campaign.c.id)
        for organisation in sorted({row.organisation for row in self._rows(campaigns)}):
            self.lock_organisation(organisation)
        self._rows(campaigns.with_for_update(key_share=True))

    def _is_in_call(self, number: str) -> bool:
        """Whether a call to it is open, or one to another number of the same person."""
        own = select(attempt.c.id).where(attempt.c.number == number)
        others = select(attempt.c.id).where(
            IS_UNFINISHED, attempt.c.contact_id.in_(self._contacts(number))
        )
        is_open = attempt.c.state.in_(sorted(OPEN_STATES))
        return any(self._row(each.where(is_open).limit(1)) is not None for each in (own, others))

    def _erasable(self, number: str) -> Erasure:
        mention = Mention(number)
        contacts = self._contacts(number)
        attempts = self._rows(
            select(attempt.c.id, attempt.c.call_id).where(self._is_attempt(number, contacts))
        )
        calls = self._column(
            select(call_record.c.id).where(
                or_(
                    call_record.c.remote_number == number,
                    call_record.c.attempt_id.in_([each.id for each in attempts]),
                )
            )
        )
        of_attempts = {each.call_id for each in attempts if each.call_id is not None}
        call_ids = tuple(sorted({*calls, *of_attempts}))
        results = select(func.count()).where(attempt_result.c.contact_id.in_(contacts))
        events = select(func.count()).where(_is_event_of(mention, call_ids))
        entry = select(suppressed_number.c.number).where(suppressed_number.c.number == number)
        rows = self._rows_of(number, contacts, mention)
        return Erasure(
            contacts=len(contacts),
            rows=len(rows),
            attempts=len(attempts),
            call_ids=call_ids,
            results=int(self._scalar(results)),
            events=int(self._scalar(events)),
            mentions=len(self._mentions(mention, contacts)),
            was_suppressed=self._row(entry) is not None,
        )

    def _erase(self, number: str, number_hash: str, found: Erasure, *, now: datetime) -> None:
        mention = Mention(number)
        contacts = self._contacts(number)
        for file_id, row_number in self._rows_of(number, contacts, mention):
            at = and_(list_row.c.file_id == file_id, list_row.c.row_number == row_number)
            self._change(_clear_row(mention, number_hash).where(at))
        for contact_id, fields in self._mentions(mention, contacts).items():
            cleared = update(contact).where(contact.c.id == contact_id)
            self._change(cleared.values(fields=fields))
        of_attempts = select(attempt.c.id).where(self._is_attempt(number, contacts))
        of_calls = or_(
            call_record.c.remote_number == number, call_record.c.attempt_id.in_(of_attempts)
        )
        forgotten = {"remote_number": number_hash, "client_websocket_url": null()}
        self._change(update(call_record).where(of_calls).values(forgotten))
        self._change(_clear_events(mention, found.call_ids))
        of_contacts = attempt_result.c.contact_id.in_(contacts)
        self._change(update(attempt_result).where(of_contacts).values(fields={}, transcript=[]))
        self._change(
            _clear_attempts(mention, number_hash, now=now).where(self._is_number(attempt, number))
        )
        self._erase_other_numbers(number, number_hash, contacts, now=now)
        self._change(_clear_contacts(number_hash).where(contact.c.id.in_(contacts)))
        for table in (suppressed_number, cool_down):
            self._change(delete(table).where(table.c.number == number))
        this = erased_number.c.number_hash == number_hash
        self._change(update(erased_number).where(this).values(number=null(), erased_at=now))
        self._note_traces()

    def _erase_other_numbers(
        self, number: str, number_hash: str, contacts: Collection[int], *, now: datetime
    ) -> None:
        """Forget all numbers of these contacts, and this one among those of anybody else.

        The others are not known again: nobody asked for them, and they may be shared.
        """
        for other in self._other_numbers(number, contacts):
            cleared = _clear_attempts(Mention(other), number_hash, now=now)
            self._change(
                cleared.where(attempt.c.number == other, attempt.c.contact_id.in_(contacts))
            )
        of_contacts = number_of_contact.c.contact_id.in_(contacts)
        self._change(delete(number_of_contact).where(of_contacts))
        called = select(contact.c.id).where(contact.c.called_number == number)
        of_others = select(number_of_contact.c.contact_id).where(
            number_of_contact.c.number == number
        )
        for contact_id in self._column(called.where(contact.c.id.in_(of_others))):
            numbers = self._numbers_of([contact_id])[contact_id]
            self.turn_to(contact_id, next(one for one in numbers if one.number != number))
        self._change(delete(number_of_contact).where(number_of_contact.c.number == number))

    def _other_numbers(self, number: str, contacts: Collection[int]) -> list[str]:
        known = self._numbers_of(list(contacts))
        numbers = {one.number for several in known.values() for one in several}
        return sorted(numbers - {number})

    def _is_attempt(self, number: str, contacts: Collection[int]) -> ColumnElement[bool]:
        """Return the condition that an attempt was to the number, or to the same person."""
        others = self._other_numbers(number, contacts)
        to_others = and_(attempt.c.number.in_(others), attempt.c.contact_id.in_(contacts))
        return or_(self._is_number(attempt, number), to_others)

    def _is_number(self, table: Table, number: str) -> ColumnElement[bool]:
        """Return the condition that a row is of the number, or was before a purge."""
        return table.c.number.in_([number, *self._hashes([number])])

    def _contacts(self, number: str) -> list[int]:
        return self._column(select(contact.c.id).where(self._is_number(contact, number)))

    def _rows_of(
        self, number: str, contacts: Collection[int], mention: Mention
    ) -> list[tuple[int, int]]:
        """Return the file and row number of every row of a file that tells of the number."""
        at = (list_row.c.file_id, list_row.c.row_number)
        of_contact = list_row.c.contact_id.in_(contacts)
        own = select(*at).where(or_(of_contact, list_row.c.number == number))
        texts = (list_row.c.value, list_row.c.fields)
        others = select(*at, *texts).where(or_(*map(mention.may_be_in, texts)))
        told = {(row.file_id, row.row_number) for row in self._rows(own)}
        told |= {
            (row.file_id, row.row_number)
            for row in self._rows(others)
            if any(map(mention.is_in, (row.value, *(row.fields or {}).values())))
        }
        return sorted(told)

    def _mentions(self, mention: Mention, own: Collection[int]) -> dict[int, dict[str, str]]:
        """Return the fields of other contacts that hold the number, without those cells."""
        wanted = select(contact.c.id, contact.c.fields).where(
            mention.may_be_in(contact.c.fields), contact.c.id.not_in(own)
        )
        return {
            row.id: {name: "" if mention.is_in(cell) else cell for name, cell in row.fields.items()}
            for row in self._rows(wanted)
            if any(map(mention.is_in, row.fields.values()))
        }


def _clear_row(mention: Mention, number_hash: str) -> Update:
    tells = or_(list_row.c.status == RowStatus.SUPPRESSED, mention.may_be_in(list_row.c.reason))
    has_number = list_row.c.number.is_not(None)
    return update(list_row).values(
        value=null(),
        fields=null(),
        number=case((has_number, number_hash), else_=null()),
        reason=case((tells, ERASED), else_=list_row.c.reason),
    )


def _clear_events(mention: Mention, call_ids: Collection[str]) -> Update:
    return update(event_inbox).where(_is_event_of(mention, call_ids)).values(body=NOTHING)


def _is_event_of(mention: Mention, call_ids: Collection[str]) -> ColumnElement[bool]:
    is_told = event_inbox.c.body.contains(mention.digits)
    is_of_call = or_(event_inbox.c.call_id.in_(call_ids), is_told)
    return and_(is_of_call, event_inbox.c.body != NOTHING)


def _clear_attempts(mention: Mention, number_hash: str, *, now: datetime) -> Update:
    is_planned = attempt.c.state == AttemptState.PLANNED
    changes: dict[str, Any] = {
        "number": number_hash,
        "state": case((is_planned, AttemptState.WITHDRAWN.value), else_=attempt.c.state),
        "ended_at": case(
            (is_planned, literal(now, attempt.c.ended_at.type)), else_=attempt.c.ended_at
        ),
        "reason": case(
            (is_planned, ERASED),
            (mention.may_be_in(attempt.c.reason), null()),
            else_=attempt.c.reason,
        ),
    }
    return update(attempt).values(changes)


def _clear_contacts(number_hash: str) -> Update:
    stays = contact.c.state.in_(DONE)
    return update(contact).values(
        number=number_hash,
        called_number=null(),
        fields={},
        state=case((stays, contact.c.state), else_=ContactState.SUPPRESSED.value),
        why=case((stays, contact.c.why), else_=ERASED),
    )
