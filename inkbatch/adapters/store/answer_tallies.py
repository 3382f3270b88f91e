"""Calls counted by try, weekday and hour of the contact, as they end."""

from dataclasses import asdict

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from inkbatch.adapters.store.statements import Statements
from inkbatch.adapters.store.tables import answer_tally as table
from inkbatch.domain.answer_odds import Cell, Tally

SUMS = ("calls", "answered", "voicemail", "minutes")
TOLD = select(*(table.c[name] for name in (*Cell._fields, *SUMS))).where(
    table.c.campaign_id == bindparam("of_campaign")
)


class AnswerTallies(Statements):
    """The part of a transaction that knows how the calls of a campaign went."""

    def answer_tallies(self, campaign_id: int) -> dict[Cell, Tally]:
        """Return what came of the campaign's calls, by try, weekday and hour."""
        rows = self._rows(TOLD, {"of_campaign": campaign_id})
        return {Cell(*row[:3]): Tally(*row[3:]) for row in rows}

    def count_call(self, campaign_id: int, cell: Cell, tally: Tally) -> None:
        """Add what came of a call to its cell."""
        values = {"campaign_id": campaign_id, **cell._asdict(), **asdict(tally)}
        self._later(ADD[self._dialect], values)


def _add(dialect: str) -> postgresql.Insert | sqlite.Insert:
    new = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table)
    more = {name: table.c[name] + new.excluded[name] for name in SUMS}
    keys = ("campaign_id", *Cell._fields)
    return new.on_conflict_do_update(index_elements=keys, set_=more)


ADD = {dialect: _add(dialect) for dialect in ("sqlite", "postgresql")}
