"""Cool-downs: until when a number is left in peace, whoever's campaign would call it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from inkbatch.adapters.store.statements import AnyRow, Statements, among
from inkbatch.adapters.store.tables import cool_down as table


class CoolDowns(Statements):
    """The part of a transaction that knows who is left in peace for a while."""

    def cool_down(self, number: str, *, until: datetime, why: str) -> None:
        """Let nobody call a number until then; a cool-down that lasts longer already stays."""
        new = (postgresql.insert if self._is_postgresql else sqlite.insert)(table)
        prolonged = new.on_conflict_do_update(
            index_elements=["number"],
            set_={name: new.excluded[name] for name in ("until", "why")},
            where=new.excluded.until > table.c.until,
        )
        self._change(prolonged, {"number": number, "until": until, "why": why})

    def _cooling(self, numbers: Sequence[str], *, now: datetime) -> dict[str, AnyRow]:
        """Return the cool-downs of these numbers that last, by number."""
        lasting = select(table.c.number, table.c.until, table.c.why).where(
            self._is_among(table.c.number), table.c.until > now
        )
        return {row.number: row for row in self._rows(lasting, among(numbers))}
