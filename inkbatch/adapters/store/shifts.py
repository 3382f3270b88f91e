"""Shifts: who dialed which campaign, and which of them never said that they ended."""

from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from inkbatch.adapters.store.statements import Statements
from inkbatch.adapters.store.tables import installation
from inkbatch.adapters.store.tables import shift as table
from inkbatch.ports import ShiftRecord

UNENDED = (
    select(table.c.id, table.c.campaign_id, table.c.lock_name, table.c.started_at)
    .where(table.c.ended_at.is_(None))
    .order_by(table.c.started_at, table.c.id)
)
START = insert(table)
END = (
    update(table)
    .where(table.c.id == bindparam("of_id"), table.c.ended_at.is_(None))
    .values(ended_at=bindparam("at"), end_reason=bindparam("reason"))
)
DATABASE_IDS = select(installation.c.id)


class Shifts(Statements):
    """The part of a transaction that knows shifts."""

    def start_shift(self, shift: ShiftRecord, *, host: str, pid: int) -> None:
        """Insert a shift that has just taken its lock."""
        begun = {
            "id": shift.id,
            "campaign_id": shift.campaign_id,
            "lock_name": shift.lock_name,
            "started_at": shift.started_at,
        }
        self._change(START, {**begun, "host": host, "pid": pid})

    def end_shift(self, shift_id: str, *, reason: str, now: datetime) -> None:
        """Write down that it ended; what was written first stays."""
        self._change(END, {"of_id": shift_id, "at": now, "reason": reason})

    def database_ids(self) -> list[str]:
        """Return the ids that this database has and had before it was adopted as a copy."""
        return self._column(DATABASE_IDS, {})

    def last_shift_at(self, campaign_id: int) -> datetime | None:
        """Return when the latest shift of a campaign began; None where none ever did."""
        mine = table.c.campaign_id == campaign_id
        latest = select(table.c.started_at).where(mine).order_by(table.c.started_at.desc())
        began: datetime | None = self._scalar(latest.limit(1))
        return began

    def unended_shifts(self) -> list[ShiftRecord]:
        """Return shifts, of all campaigns, that never said they ended, oldest first."""
        return [ShiftRecord(**row._asdict()) for row in self._rows(UNENDED, {})]
