"""Whom a number stands for, and what tells of them: whoever has it, as the first or a later one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select

from inkbatch.adapters.store.attempts import IS_UNFINISHED
from inkbatch.adapters.store.contact_numbers import ContactNumbers
from inkbatch.adapters.store.mentions import Mention
from inkbatch.adapters.store.number_hashes import NumberHashes
from inkbatch.adapters.store.statements import AnyRow
from inkbatch.adapters.store.tables import attempt, contact, list_row, number_of_contact
from inkbatch.domain.attempt import OPEN_STATES
from inkbatch.domain.number_hash import is_hashed


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whom a number stands for.

    `contacts` maps ids to the number by which each is known, or its hash. `numbers` are all of
    theirs, the one that was told in front. `sharers` are other contacts, with one of the rest among
    their numbers: it may be a switchboard's. Those that nobody shares are their `own`.
    """

    number: str
    contacts: Mapping[int, str]
    numbers: tuple[str, ...]
    own: tuple[str, ...]
    sharers: frozenset[int]


class Persons(NumberHashes, ContactNumbers):
    """The part of a transaction that finds all that tells of a person."""

    def _person(self, number: str) -> Person:
        has_it = select(number_of_contact.c.contact_id).where(number_of_contact.c.number == number)
        is_known_by_it = contact.c.number.in_(self._as_stored([number]))
        wanted = select(contact.c.id, contact.c.number)
        rows = self._rows(wanted.where(or_(is_known_by_it, contact.c.id.in_(has_it))))
        contacts = {row.id: row.number for row in rows}
        several = self._numbers_of([*contacts]).values()
        theirs = {*contacts.values(), *(one.number for numbers in several for one in numbers)}
        others = sorted(each for each in theirs - {number} if not is_hashed(each))
        shared = self._shared(others, contacts)
        numbers_shared = {row.number for row in shared}
        return Person(
            number=number,
            contacts=contacts,
            numbers=(number, *others),
            own=(number, *(each for each in others if each not in numbers_shared)),
            sharers=frozenset(row.id for row in shared),
        )

    def _shared(self, numbers: Sequence[str], contacts: Collection[int]) -> list[AnyRow]:
        """Return id and number of whoever else has one of the numbers."""
        of_others = [
            select(id_.label("id"), number.label("number")).where(
                number.in_(numbers), id_.not_in(contacts)
            )
            for id_, number in (
                (contact.c.id, contact.c.number),
                (number_of_contact.c.contact_id, number_of_contact.c.number),
            )
        ]
        return [row for wanted in of_others for row in self._rows(wanted)]

    def _as_stored(self, numbers: Sequence[str]) -> list[str]:
        """Return the numbers, and what stands in their places after a purge."""
        return [*numbers, *self._hashes(numbers)]

    def _is_in_call(self, person: Person) -> bool:
        """Whether a call to the number is open, or one to another number of the same person."""
        own = select(attempt.c.id).where(attempt.c.number == person.number)
        others = select(attempt.c.id).where(
            IS_UNFINISHED, attempt.c.contact_id.in_(person.contacts)
        )
        is_open = attempt.c.state.in_(sorted(OPEN_STATES))
        return any(self._row(each.where(is_open).limit(1)) is not None for each in (own, others))

    def _is_attempt(self, person: Person) -> ColumnElement[bool]:
        """Return the condition that an attempt was to the number, or to the same person."""
        to_number = attempt.c.number.in_(self._as_stored([person.number]))
        to_theirs = attempt.c.number.in_(self._as_stored(person.numbers))
        return or_(to_number, and_(to_theirs, attempt.c.contact_id.in_(person.contacts)))

    def _rows_of(self, person: Person, mention: Mention) -> list[AnyRow]:
        """Return file, row number and number of every row of a file that tells of the person."""
        wanted = (list_row.c.file_id, list_row.c.row_number, list_row.c.number)
        of_contact = list_row.c.contact_id.in_(person.contacts)
        theirs = select(*wanted).where(or_(of_contact, list_row.c.number.in_(person.own)))
        texts = (list_row.c.value, list_row.c.fields)
        others = select(*wanted, *texts).where(or_(*map(mention.may_be_in, texts)))
        told = [
            row
            for row in self._rows(others)
            if any(map(mention.is_in, (row.value, *(row.fields or {}).values())))
        ]
        return [*{row[:2]: row for row in (*told, *self._rows(theirs))}.values()]

    def _mentions(self, mention: Mention, own: Collection[int]) -> dict[int, dict[str, str]]:
        """Return the fields of other contacts that hold a number, without those cells."""
        wanted = select(contact.c.id, contact.c.fields).where(
            mention.may_be_in(contact.c.fields), contact.c.id.not_in(own)
        )
        return {
            row.id: {name: "" if mention.is_in(cell) else cell for name, cell in row.fields.items()}
            for row in self._rows(wanted)
            if any(map(mention.is_in, row.fields.values()))
        }
