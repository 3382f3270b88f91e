"""Numbers that were forgotten are known again by the keyed hash that stands in their place.

The key lies in the database itself and is made when the first number is forgotten. In a file
beside it, a backup that is restored or a second machine without that file would dial everybody who
was erased, without a word; so hash and key come and go together. Until then nothing is hashed and
nothing looked up.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from inkbatch.adapters.store.statements import TEXTS_AMONG, Statements, among, is_among
from inkbatch.adapters.store.tables import erased_number, number_key
from inkbatch.domain.number_hash import ERASED, ERASED_BY, hashed, is_hashed, new_key
from inkbatch.domain.suppression import Suppression

ONE_KEY = 1
KEY = select(number_key.c.key).where(number_key.c.id == ONE_KEY)
HAS_TRACES = select(number_key.c.has_traces)

MAKE_KEY = {
    dialect: insert(number_key).on_conflict_do_nothing()
    for dialect, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}
ERASURES = {
    dialect: select(erased_number.c.number_hash, erased_number.c.asked_at).where(
        is_among(erased_number.c.number_hash, dialect=dialect)
    )
    for dialect in TEXTS_AMONG
}


class NumberHashes(Statements):
    """The part of a transaction that knows forgotten numbers again."""

    def _hashes(self, numbers: Sequence[str]) -> dict[str, str]:
        """Return each number by its hash; nothing where no number was ever forgotten."""
        key = self._known_key if numbers else None
        if key is None:
            return {}
        return {hashed(each, key=key): each for each in numbers if not is_hashed(each)}

    @cached_property
    def _known_key(self) -> str | None:
        """The key; None where no number was ever forgotten. Read once in a transaction."""
        key: str | None = self._scalar(KEY, {})
        return key

    def _key(self) -> str:
        """Return the key, which is made now if there is none."""
        new = {"id": ONE_KEY, "key": new_key(), "has_traces": False}
        self._change(MAKE_KEY[self._dialect], new)
        self._known_key = str(self._scalar(KEY, {}))
        return self._known_key

    def has_traces(self) -> bool:
        """Return whether the file may hold what was forgotten, so that it is to be scrubbed."""
        return bool(self._scalar(HAS_TRACES, {}))

    def note_scrubbed(self) -> None:
        """Write down that the file holds nothing of what was forgotten."""
        self._change(update(number_key).values(has_traces=False))

    def _note_traces(self) -> None:
        """Write down that the file may hold what this transaction forgets, until it is scrubbed."""
        self._change(update(number_key).values(has_traces=True))

    def _erased(self, numbers: Sequence[str]) -> dict[str, Suppression]:
        """Return an entry, as of the suppression list, for each of these that was erased.

        A hash in place of a number is nothing that could be dialed, so it is one of them.
        """
        if not numbers or self._known_key is None:
            return {}
        hashes = self._hashes(numbers)
        told = self._rows(ERASURES[self._dialect], among(hashes))
        asked_at = {hashes[row[0]]: row[1] for row in told}
        entries = {number: _entry(number, at) for number, at in asked_at.items()}
        return entries | {each: _entry(each, LONG_AGO) for each in numbers if is_hashed(each)}


LONG_AGO = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
"""Since when a number that is only a hash may not be dialed: nobody asks for it."""


def _entry(number: str, asked_at: datetime) -> Suppression:
    return Suppression(number=number, reason=ERASED, source=ERASED_BY, added_at=asked_at)
