"""Calls as Inkbox last told them; what is told late never undoes what is known."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, not_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from inkbatch.adapters.store.statements import TEXTS_AMONG, Statements, among, is_among
from inkbatch.adapters.store.tables import attempt
from inkbatch.adapters.store.tables import call_record as table
from inkbatch.domain.call import ENDED_STATUSES, Call
from inkbatch.domain.number_hash import PREFIX

TOLD = tuple(each.name for each in fields(Call))
TOLD_ANEW = (
    "status",
    "hangup_reason",
    "client_websocket_url",
    "started_at",
    "ended_at",
    "agent_reached",
)
"""What may differ when Inkbox tells of the same call again."""

CLAIMS = select(table.c.id, table.c.attempt_id).where(
    or_(table.c.id == bindparam("call_id"), table.c.attempt_id == bindparam("attempt_id"))
)
BIND = (
    update(table)
    .where(table.c.id == bindparam("call_id"))
    .values(attempt_id=bindparam("attempt_id"))
)

BOUND = {
    dialect: select(attempt.c.call_id)
    .where(is_among(attempt.c.call_id, dialect=dialect))
    .union(
        select(table.c.id).where(
            is_among(table.c.id, dialect=dialect), table.c.attempt_id.is_not(None)
        )
    )
    for dialect in TEXTS_AMONG
}


class Calls(Statements):
    """The part of a transaction that knows calls."""

    def save_call(self, call: Call, *, attempt_id: str | None) -> bool:
        """Insert or update what Inkbox told; never from ended back to not ended.

        A call to somebody who is forgotten since stays as it is. Returns False, changing nothing,
        when the call is bound to another attempt or the attempt to another call.
        """
        if attempt_id is None:
            self._write_call(call, attempt_id=None)
            return True
        claims = self._rows(CLAIMS, {"call_id": call.id, "attempt_id": attempt_id})
        if any(row.id != call.id or row.attempt_id not in (None, attempt_id) for row in claims):
            return False
        self._write_call(call, attempt_id=attempt_id)
        if any(row.attempt_id is None for row in claims):
            self._change(BIND, {"call_id": call.id, "attempt_id": attempt_id})
        return True

    def save_bound_call(self, call: Call, *, attempt_id: str) -> None:
        """Insert or update the call of an attempt whose `call_id` it is already.

        One to somebody who is forgotten since stays as it is.
        """
        self._later(WRITE[self._dialect], _told(call, attempt_id=attempt_id))

    def known_calls(self, call_ids: Sequence[str]) -> set[str]:
        """Return those of these call ids that are bound to an attempt."""
        return set(self._column(BOUND[self._dialect], among(call_ids)))

    def _write_call(self, call: Call, *, attempt_id: str | None) -> None:
        self._change(WRITE[self._dialect], _told(call, attempt_id=attempt_id))


def _told(call: Call, *, attempt_id: str | None) -> dict[str, Any]:
    return {**{name: getattr(call, name) for name in TOLD}, "attempt_id": attempt_id}


def _write(new: sqlite.Insert | postgresql.Insert) -> postgresql.Insert | sqlite.Insert:
    return new.on_conflict_do_update(
        index_elements=["id"],
        set_={name: new.excluded[name] for name in TOLD_ANEW},
        where=and_(not_(_is_forgotten(table.c.remote_number)), _is_no_step_back(new)),
    )


def _is_no_step_back(new: sqlite.Insert | postgresql.Insert) -> ColumnElement[bool]:
    return or_(not_(_is_ended(table.c.status)), _is_ended(new.excluded.status))


def _is_forgotten(number: ColumnElement[str]) -> ColumnElement[bool]:
    return number.startswith(PREFIX, autoescape=True)


def _is_ended(status: ColumnElement[str]) -> ColumnElement[bool]:
    return or_(*(status == ended for ended in sorted(ENDED_STATUSES)))


WRITE = {"sqlite": _write(sqlite.insert(table)), "postgresql": _write(postgresql.insert(table))}
