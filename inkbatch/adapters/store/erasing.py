"""Forgetting one person: everything that tells of them is gone, and what is counted stays.

A person is whoever has the number that is told, as the first or a later one. The hash of the first
takes its place wherever rows belong together by it, so that attempts are still those of their
contact and no try is made again. The hash of every number is kept, so that none of them is dialed
and a list that has one of them once more finds it erased.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
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

from inkbatch.adapters.store.budget import Budget
from inkbatch.adapters.store.inbox import NOTHING
from inkbatch.adapters.store.mentions import Mention
from inkbatch.adapters.store.persons import Person, Persons
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
from inkbatch.domain.attempt import AttemptState
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
BAR = {
    dialect: insert(erased_number).on_conflict_do_nothing()
    for dialect, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}

WAITING = select(erased_number.c.number).where(erased_number.c.number.is_not(None))


class Erasing(Persons, Budget):
    """The part of a transaction that forgets one person."""

    def erase(self, number: str, *, now: datetime) -> Erasure:
        """Forget whoever has this number, for good; while a call to them is open, at its end.

        From now on no number of theirs is dialed, nor kept when a list has it again.
        """
        self._exclude_all_others()
        key, person = self._key(), self._person(number)
        self._bar(person, key=key, now=now)
        found = self._erasable(person)
        if self._is_in_call(person):
            return replace(found, waits_for_call=True)
        self._erase(person, found, key=key, now=now)
        return found

    def erasable(self, number: str) -> Erasure:
        """Return what `erase` would forget."""
        person = self._person(number)
        return replace(self._erasable(person), waits_for_call=self._is_in_call(person))

    def waiting_erasures(self) -> list[str]:
        """Return the numbers that are to be erased at the end of a call, and that of none now."""
        waiting = self._column(WAITING, {})
        return [each for each in waiting if not self._is_in_call(self._person(each))]

    def _exclude_all_others(self) -> None:
        """Let nobody dial or enroll meanwhile; SQLite has one writer anyway."""
        self._require_writing()
        campaigns = select(campaign.c.id, campaign.c.organisation).order_by(campaign.c.id)
        for organisation in sorted({row.organisation for row in self._rows(campaigns)}):
            self.lock_organisation(organisation)
        self._rows(campaigns.with_for_update(key_share=True))

    def _bar(self, person: Person, *, key: str, now: datetime) -> None:
        """Let no number of the person be dialed; only the one that was told may wait."""
        asked = {"number": None, "asked_at": now, "erased_at": None}
        hashes = [{"number_hash": hashed(each, key=key), **asked} for each in person.numbers]
        self._change(KEEP_HASH[self._dialect], {**hashes[0], "number": person.number})
        if others := hashes[1:]:
            self._change_all(BAR[self._dialect], others)

    def _erasable(self, person: Person) -> Erasure:
        mention = Mention(*person.own)
        attempts = self._rows(
            select(attempt.c.id, attempt.c.call_id).where(self._is_attempt(person))
        )
        of_attempts = call_record.c.attempt_id.in_([each.id for each in attempts])
        to_own = call_record.c.remote_number.in_(person.own)
        calls = self._column(select(call_record.c.id).where(or_(to_own, of_attempts)))
        bound = {each.call_id for each in attempts if each.call_id is not None}
        call_ids = tuple(sorted({*calls, *bound}))
        results = select(func.count()).where(attempt_result.c.contact_id.in_(person.contacts))
        events = select(func.count()).where(_is_event_of(mention, call_ids))
        entry = select(suppressed_number.c.number).where(
            suppressed_number.c.number.in_(person.numbers)
        )
        return Erasure(
            contacts=len(person.contacts),
            other_numbers=len(person.numbers) - 1,
            rows=len(self._rows_of(person, mention)),
            attempts=len(attempts),
            call_ids=call_ids,
            results=int(self._scalar(results)),
            events=int(self._scalar(events)),
            mentions=len(self._mentions(mention, person.contacts)),
            sharers=len(person.sharers),
            was_suppressed=self._row(entry.limit(1)) is not None,
        )

    def _erase(self, person: Person, found: Erasure, *, key: str, now: datetime) -> None:
        mention = Mention(*person.own)
        self._erase_rows(person, mention, key=key)
        for contact_id, fields in self._mentions(mention, person.contacts).items():
            cleared = update(contact).where(contact.c.id == contact_id)
            self._change(cleared.values(fields=fields))
        self._change(_clear_events(mention, found.call_ids))
        of_contacts = attempt_result.c.contact_id.in_(person.contacts)
        self._change(update(attempt_result).where(of_contacts).values(fields={}, transcript=[]))
        self._erase_calls(found.call_ids, key=key)
        self._erase_attempts(person, key=key, now=now)
        self._erase_contacts(person, key=key)
        self._erase_numbers(person, key=key, now=now)
        self._note_traces()

    def _erase_rows(self, person: Person, mention: Mention, *, key: str) -> None:
        of_theirs = Mention(*person.numbers)
        for row in self._rows_of(person, mention):
            at = and_(list_row.c.file_id == row.file_id, list_row.c.row_number == row.row_number)
            number = None if row.number is None else hashed(row.number, key=key)
            self._change(_clear_row(of_theirs, number).where(at))

    def _erase_calls(self, call_ids: Sequence[str], *, key: str) -> None:
        wanted = select(call_record.c.id, call_record.c.remote_number)
        for call in self._rows(wanted.where(call_record.c.id.in_(call_ids))):
            number_hash = hashed(call.remote_number, key=key)
            forgotten = {"remote_number": number_hash, "client_websocket_url": None}
            this = update(call_record).where(call_record.c.id == call.id)
            self._change(this.values(forgotten))

    def _erase_attempts(self, person: Person, *, key: str, now: datetime) -> None:
        """Put the hash by which its contact is known into the place of each attempt's number."""
        mention = Mention(*person.numbers)
        numbers = self._as_stored(person.numbers)
        for contact_id, known_by in person.contacts.items():
            cleared = _clear_attempts(mention, hashed(known_by, key=key), now=now)
            is_theirs = and_(attempt.c.number.in_(numbers), attempt.c.contact_id == contact_id)
            self._change(cleared.where(is_theirs))
        left = _clear_attempts(mention, hashed(person.number, key=key), now=now)
        self._change(left.where(attempt.c.number == person.number))

    def _erase_contacts(self, person: Person, *, key: str) -> None:
        of_contacts = number_of_contact.c.contact_id.in_(person.contacts)
        self._change(delete(number_of_contact).where(of_contacts))
        for contact_id, known_by in person.contacts.items():
            cleared = _clear_contact(hashed(known_by, key=key))
            self._change(cleared.where(contact.c.id == contact_id))

    def _erase_numbers(self, person: Person, *, key: str, now: datetime) -> None:
        """Let nothing but the hash keep a number from being called."""
        numbers = self._as_stored(person.numbers)
        for table in (suppressed_number, cool_down):
            self._change(delete(table).where(table.c.number.in_(numbers)))
        told, *others = [hashed(each, key=key) for each in person.numbers]
        is_told = erased_number.c.number_hash == told
        is_barred = and_(
            erased_number.c.number_hash.in_(others),
            erased_number.c.number.is_(None),
            erased_number.c.erased_at.is_(None),
        )
        done = update(erased_number).where(or_(is_told, is_barred))
        self._change(done.values(number=None, erased_at=now))


def _clear_row(mention: Mention, number_hash: str | None) -> Update:
    tells = or_(list_row.c.status == RowStatus.SUPPRESSED, mention.may_be_in(list_row.c.reason))
    return update(list_row).values(
        value=null(),
        fields=null(),
        number=number_hash,
        reason=case((tells, ERASED), else_=list_row.c.reason),
    )


def _clear_events(mention: Mention, call_ids: Collection[str]) -> Update:
    return update(event_inbox).where(_is_event_of(mention, call_ids)).values(body=NOTHING)


def _is_event_of(mention: Mention, call_ids: Collection[str]) -> ColumnElement[bool]:
    is_told = mention.is_written_in(event_inbox.c.body)
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


def _clear_contact(number_hash: str) -> Update:
    stays = contact.c.state.in_(DONE)
    return update(contact).values(
        number=number_hash,
        called_number=null(),
        fields={},
        state=case((stays, contact.c.state), else_=ContactState.SUPPRESSED.value),
        why=case((stays, contact.c.why), else_=ERASED),
    )
