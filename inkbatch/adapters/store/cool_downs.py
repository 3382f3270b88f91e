"""Cool-downs: until when a number is left in peace, whoever's campaign would call it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from inkbatch.adapters.store.statements import (
    TEXTS_AMONG,
    AnyRow,
    Statements,
    among,
    is_among,
)
from inkbatch.adapters.store.tables import cool_down as table

LASTING = {
    dialect: select(table.c.number, table.c.until, table.c.why).where(
        is_among(table.c.number, dialect=dialect), table.c.until > bindparam("now")
    )
    for dialect in TEXTS_AMONG
}


class CoolDowns(Statements):
    """The part of a transaction that knows who is left in peace for a while."""

    def cool_down(self, number: str, *, until: datetime, why: str) -> None:
        """Let nobody call a number until then; a cool-down that lasts longer already stays."""
        self._change(PROLONG[self._dialect], {"number": number, "until": until, "why": why})

    def _cooling(self, numbers: Sequence[str], *, now: datetime) -> dict[str, AnyRow]:
        """Return the cool-downs of these numbers that last, by number."""
        wanted = among(numbers) | {"now": now}
        return {row.number: row for row in self._rows(LASTING[self._dialect], wanted)}


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
