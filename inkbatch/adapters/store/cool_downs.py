"""Cool-downs: until when a number is left in peace, whoever's campaign would call it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, exists, select
from sqlalchemy.dialects import postgresql, sqlite

from inkbatch.adapters.store.number_hashes import NumberHashes
from inkbatch.adapters.store.statements import TEXTS_AMONG, AnyRow, among, is_among
from inkbatch.adapters.store.tables import contact, number_of_contact
from inkbatch.adapters.store.tables import cool_down as table
from inkbatch.domain.number_hash import PREFIX, hashed

LASTING = {
    dialect: select(table.c.number, table.c.until, table.c.why).where(
        is_among(table.c.number, dialect=dialect), table.c.until > bindparam("now")
    )
    for dialect in TEXTS_AMONG
}


NOBODYS = select(table.c.number, table.c.until, table.c.why).where(
    table.c.number.not_like(f"{PREFIX}%"),
    ~exists().where(contact.c.number == table.c.number),
    ~exists().where(number_of_contact.c.number == table.c.number),
)
"""Those of numbers that no contact has any more."""

END = delete(table).where(table.c.number == bindparam("of_number"))


class CoolDowns(NumberHashes):
    """The part of a transaction that knows who is left in peace for a while."""

    def cool_down(self, number: str, *, until: datetime, why: str) -> None:
        """Let nobody call a number until then; a cool-down that lasts longer already stays."""
        self._change(PROLONG[self._dialect], {"number": number, "until": until, "why": why})

    def _cooling(self, numbers: Sequence[str], *, now: datetime) -> dict[str, AnyRow]:
        """Return the cool-downs of these numbers that last, by number, also of before a purge."""
        hashes = self._hashes(numbers)
        wanted = among([*numbers, *hashes]) | {"now": now}
        found = sorted(self._rows(LASTING[self._dialect], wanted), key=lambda row: row.until)
        return {hashes.get(row.number, row.number): row for row in found}

    def _hash_cool_downs(self) -> None:
        """Put the hash in the place of every number that no contact has any more."""
        key = self._key()
        nobodys = self._rows(NOBODYS, {})
        if not nobodys:
            return
        kept = [{**row._asdict(), "number": hashed(row.number, key=key)} for row in nobodys]
        self._change_all(PROLONG[self._dialect], kept)
        self._change_all(END, [{"of_number": row.number} for row in nobodys])


def _prolong(new: sqlite.Insert | postgresql.Insert) -> postgresql.Insert | sqlite.Insert:
    return new.on_conflict_do_update(
        index_elements=["number"],
        set_={name: new.excluded[name] for name in ("until", "why")},
        where=new.excluded.until > table.c.until,
    )


PROLONG = {
    "sqlite": _prolong(sqlite.insert(table)),
    "postgresql": _prolong(postgresql.insert(table)),
}
