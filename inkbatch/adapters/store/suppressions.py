"""The suppression list: one entry for each number, the longest lasting that was ever given.

A number that was erased is on it for good without an entry: its hash is.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from inkbatch.adapters.store.number_hashes import NumberHashes
from inkbatch.adapters.store.number_search import has_digits
from inkbatch.adapters.store.statements import TEXTS_AMONG, AnyRow, among, is_among
from inkbatch.adapters.store.tables import contact, erased_number, number_of_contact
from inkbatch.adapters.store.tables import suppressed_number as table
from inkbatch.domain.contact import ContactState
from inkbatch.domain.errors import StoreError
from inkbatch.domain.suppression import Suppression, on_the_list

ENTRY = select(table.c.number, table.c.reason, table.c.source, table.c.added_at, table.c.expires_at)
HOLDING = {
    dialect: ENTRY.where(
        is_among(table.c.number, dialect=dialect),
        or_(table.c.expires_at.is_(None), table.c.expires_at > bindparam("now")),
    )
    for dialect in TEXTS_AMONG
}
ENDS = {
    dialect: select(table.c.number, table.c.expires_at).where(
        is_among(table.c.number, dialect=dialect)
    )
    for dialect in TEXTS_AMONG
}
FORGIVE = {
    dialect: delete(erased_number).where(
        is_among(erased_number.c.number_hash, dialect=dialect),
        erased_number.c.erased_at.is_not(None),
    )
    for dialect in TEXTS_AMONG
}
OF_NUMBER = table.c.number == bindparam("of_number")
WAKE = (
    update(contact)
    .where(
        or_(
            contact.c.number == bindparam("of_number"),
            contact.c.id.in_(
                select(number_of_contact.c.contact_id).where(
                    number_of_contact.c.number == bindparam("of_number")
                )
            ),
        ),
        contact.c.state == ContactState.WAITING,
        contact.c.why == bindparam("because"),
    )
    .values(waits_until=bindparam("then"), why="taken off the suppression list")
)


class Suppressions(NumberHashes):
    """The part of a transaction that knows who is never to be called."""

    def suppress(self, suppressions: Sequence[Suppression]) -> int:
        """Add numbers to the suppression list; returns how many were not held by it before.

        A number on the list already keeps the entry that lasts longer, with its own reason,
        source and time. One that was erased gets none, since its hash holds for good.
        """
        if not suppressions:
            return 0
        wanted: dict[str, Suppression] = {}
        erased = self._erased([each.number for each in suppressions])
        for each in suppressions:
            if each.number in erased:
                continue
            if each.number not in wanted or each.outlasts(wanted[each.number].expires_at):
                wanted[each.number] = each
        ends = self._ends(list(wanted))
        changes = [
            each
            for each in wanted.values()
            if each.number not in ends or each.outlasts(ends[each.number])
        ]
        if changes:
            self._change_all(PROLONG[self._dialect], [_values(each) for each in changes])
        return sum(
            each.number not in ends or _is_over(ends[each.number], now=each.added_at)
            for each in changes
        )

    def suppressed(self, numbers: Sequence[str], *, now: datetime) -> dict[str, str]:
        """Return the reason for each of these numbers that may not be called now."""
        return {entry.number: entry.reason for entry in self._holding(numbers, now=now)}

    def unsuppress(self, number: str) -> Suppression | None:
        """Take a number off the suppression list; returns its entry, None if it had none.

        Contacts that wait for the entry's end are due at once. A number that was erased may be
        called again, too; raises StoreError while its erasure waits for the end of a call.
        """
        entry = self._row(ENTRY.where(OF_NUMBER), {"of_number": number})
        if entry is None:
            return self._forgive(number)
        self._change(delete(table).where(OF_NUMBER), {"of_number": number})
        because = on_the_list(entry.reason)
        self._change(WAKE, {"of_number": number, "because": because, "then": entry.added_at})
        return _entry(entry)

    def suppression(self, number: str) -> Suppression | None:
        """Return a number's entry, also one that has expired; None if it has none."""
        entry = self._row(ENTRY.where(OF_NUMBER), {"of_number": number})
        return self._erased([number]).get(number) if entry is None else _entry(entry)

    def suppressions(
        self, *, matching: str = "", shown_digits_only: bool = False, limit: int | None = None
    ) -> list[Suppression]:
        """Return entries by number, those that have expired too.

        `matching` is a part of the number, written in any way, or of the reason or the source;
        with `shown_digits_only` of a number it is looked for among those that its mask shows.
        """
        wanted = ENTRY.order_by(table.c.number).limit(limit)
        if matching.strip():
            wanted = wanted.where(_matches(matching.strip(), shown_only=shown_digits_only))
        return [_entry(row) for row in self._rows(wanted)]

    def _holding(self, numbers: Sequence[str], *, now: datetime) -> list[Suppression]:
        """Return the entries of these numbers that forbid to call them now."""
        wanted = among(numbers) | {"now": now}
        listed = [_entry(row) for row in self._rows(HOLDING[self._dialect], wanted)]
        return [*listed, *self._erased(numbers).values()]

    def _forgive(self, number: str) -> Suppression | None:
        """Forget that a number was erased, so that it may be called."""
        entry = self._erased([number]).get(number)
        if entry is None:
            return None
        if not self._change(FORGIVE[self._dialect], among(self._hashes([number]))):
            raise StoreError("A call to this number is in progress; it is erased when that ends.")
        return entry

    def _ends(self, numbers: Sequence[str]) -> dict[str, datetime | None]:
        """Return when the entry of each of these numbers ends that has one."""
        return {row[0]: row[1] for row in self._rows(ENDS[self._dialect], among(numbers))}


def _prolong(new: sqlite.Insert | postgresql.Insert) -> sqlite.Insert | postgresql.Insert:
    old, given = table.c.expires_at, new.excluded.expires_at
    lasts_longer = and_(old.is_not(None), or_(given.is_(None), given > old))
    replaced = ("reason", "source", "added_at", "expires_at")
    return new.on_conflict_do_update(
        index_elements=["number"],
        set_={name: new.excluded[name] for name in replaced},
        where=lasts_longer,
    )


PROLONG = {
    "sqlite": _prolong(sqlite.insert(table)),
    "postgresql": _prolong(postgresql.insert(table)),
}


def _matches(text: str, *, shown_only: bool) -> ColumnElement[bool]:
    lower = text.lower()
    told = [
        found
        for column in (table.c.reason, table.c.source)
        # SQLite's lower() knows ASCII alone; what a person typed exactly is found all the same.
        for found in (
            column.contains(text, autoescape=True),
            func.lower(column).contains(lower, autoescape=True),
        )
    ]
    digits = _digits_of_a_number(text)
    # A number of E.164 begins with no zero; the digits at its end, which are shown, may.
    digits = digits if shown_only else digits.lstrip("0")
    if digits:
        told.append(has_digits(table.c.number, digits, shown_only=shown_only))
    return or_(*told)


def _digits_of_a_number(text: str) -> str:
    """Return the digits; none if a word is meant."""
    is_number = all(character in "0123456789+-./() " for character in text)
    return "".join(filter(str.isdigit, text)) if is_number else ""


def _is_over(end: datetime | None, *, now: datetime) -> bool:
    return end is not None and end <= now


def _entry(row: AnyRow) -> Suppression:
    return Suppression(**row._asdict())


def _values(suppression: Suppression) -> dict[str, object]:
    return {
        "number": suppression.number,
        "reason": suppression.reason,
        "source": suppression.source,
        "added_at": suppression.added_at,
        "expires_at": suppression.expires_at,
    }
