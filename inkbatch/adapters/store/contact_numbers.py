"""The numbers of contacts that have several, and which of them is called next."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import (
    ColumnElement,
    FromClause,
    and_,
    bindparam,
    insert,
    or_,
    select,
    text,
    update,
)

from inkbatch.adapters.store.statements import Statements
from inkbatch.adapters.store.tables import contact
from inkbatch.adapters.store.tables import number_of_contact as table
from inkbatch.adapters.store.zone_texts import zones_as_text, zones_from_text
from inkbatch.domain.contact import Contact, ContactNumber

IDS_AMONG = {
    "sqlite": text("SELECT value FROM json_each(:ids)"),
    "postgresql": text(
        "SELECT CAST(value AS integer) FROM json_array_elements_text(CAST(:ids AS json))"
    ),
}
OF_CONTACTS = {
    dialect: select(table)
    .where(table.c.contact_id.in_(ids.columns(value=table.c.contact_id.type)))
    .order_by(table.c.contact_id, table.c.place)
    for dialect, ids in IDS_AMONG.items()
}
ADD = insert(table)
TURN_TO = (
    update(contact)
    .where(contact.c.id == bindparam("of_id"))
    .values(called_number=bindparam("next_number"), zones=bindparam("next_zones"))
)


def is_attempt_to(
    attempts: FromClause, *, number: ColumnElement[str], contact_id: ColumnElement[int]
) -> ColumnElement[bool]:
    """Return the condition that an attempt was to a contact, at whichever of its numbers.

    The index is by number. `number` is the one by which the contact is known.
    """
    others = select(table.c.number).where(table.c.contact_id == contact_id)
    is_number = or_(attempts.c.number == number, attempts.c.number.in_(others))
    return and_(is_number, attempts.c.contact_id == contact_id)


class ContactNumbers(Statements):
    """The part of a transaction that knows of contacts with several numbers."""

    def turn_to(self, contact_id: int, number: ContactNumber) -> None:
        """Let the contact be called at this one of its numbers next."""
        self._later(
            TURN_TO,
            {
                "of_id": contact_id,
                "next_number": number.number,
                "next_zones": zones_as_text(number.zones),
            },
        )

    def _with_numbers(self, contacts: Sequence[Contact]) -> list[Contact]:
        """Return the contacts, each that has several numbers with all of them."""
        if not contacts:
            return []
        known = self._numbers_of([each.id for each in contacts])
        if not known:
            return list(contacts)
        return [replace(each, numbers=known.get(each.id, ())) for each in contacts]

    def _numbers_of(self, contact_ids: Sequence[int]) -> dict[int, tuple[ContactNumber, ...]]:
        rows = self._rows(OF_CONTACTS[self._dialect], {"ids": json.dumps(list(contact_ids))})
        numbers = defaultdict[int, list[ContactNumber]](list)
        for row in rows:
            zones = zones_from_text(row.zones)
            one = ContactNumber(number=row.number, zones=zones, kind=row.number_type)
            numbers[row.contact_id].append(one)
        return {contact_id: tuple(known) for contact_id, known in numbers.items()}

    def _add_numbers(self, several: Mapping[int, Sequence[ContactNumber]]) -> None:
        """Store the numbers of contacts, by contact and in their order."""
        values = [
            {
                "contact_id": contact_id,
                "place": place,
                "number": one.number,
                "number_type": one.kind,
                "zones": zones_as_text(one.zones),
            }
            for contact_id, numbers in several.items()
            for place, one in enumerate(numbers)
        ]
        if values:
            self._change_all(ADD, values)
