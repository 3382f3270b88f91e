"""What others use of the budget: placed exactly in time, or only known from the server's sums."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update

from inkbatch.adapters.store.budget import FOREIGN, UNPLACED, Budget
from inkbatch.adapters.store.statements import AnyRow
from inkbatch.adapters.store.tables import budget_entry as table
from inkbatch.domain.budget import Usage
from inkbatch.domain.call import Call

UNPLACED_NOW = (
    select(table.c.id, table.c.calls, table.c.minutes)
    .where(
        table.c.organisation == bindparam("organisation"),
        table.c.source == UNPLACED,
        table.c.calls_until > bindparam("now"),
    )
    .order_by(table.c.counts_from.desc(), table.c.id.desc())
)
UPDATE_CALL = update(table).where(table.c.call_id == bindparam("of_call"))


class ForeignUse(Budget):
    """The part of a transaction that counts what is not ours."""

    def add_foreign_call(
        self,
        organisation: str,
        call: Call,
        *,
        minutes: float,
        calls_until: datetime,
        minutes_until: datetime,
    ) -> bool:
        """Count a call that is not ours exactly in time; False if it was counted before.

        Told again, its minutes and its end are brought up to date.
        """
        said = {"minutes": minutes, "calls_until": calls_until, "minutes_until": minutes_until}
        if self._change(UPDATE_CALL, {"of_call": call.id, **said}):
            return False
        self._change(
            insert(table).values(
                organisation=organisation,
                source=FOREIGN,
                call_id=call.id,
                calls=1,
                counts_from=call.created_at,
                **said,
            )
        )
        return True

    def set_unplaced_foreign_use(
        self, organisation: str, usage: Usage, *, until: datetime, now: datetime
    ) -> None:
        """Make what others used at unknown times add up to `usage`.

        More than before is held until `until`; less lets the newest go first.
        """
        entries = self._unplaced(organisation, now=now)
        more_calls = usage.calls - sum(entry.calls for entry in entries)
        more_minutes = usage.minutes - sum(entry.minutes for entry in entries)
        self._let_go(entries, calls=max(-more_calls, 0), minutes=max(-more_minutes, 0.0))
        if more_calls > 0 or more_minutes > 0:
            self._change(
                insert(table).values(
                    organisation=organisation,
                    source=UNPLACED,
                    calls=max(more_calls, 0),
                    minutes=max(more_minutes, 0.0),
                    counts_from=now,
                    calls_until=until,
                    minutes_until=until,
                )
            )

    def _unplaced(self, organisation: str, *, now: datetime) -> Sequence[AnyRow]:
        """Return the entries that count now, the newest first."""
        return self._rows(UNPLACED_NOW, {"organisation": organisation, "now": now})

    def _let_go(self, entries: Sequence[AnyRow], *, calls: int, minutes: float) -> None:
        for entry in entries:
            fewer = {
                "calls": entry.calls - min(entry.calls, calls),
                "minutes": entry.minutes - min(entry.minutes, minutes),
            }
            calls -= entry.calls - fewer["calls"]
            minutes -= entry.minutes - fewer["minutes"]
            this = table.c.id == entry.id
            if not any(fewer.values()):
                self._change(delete(table).where(this))
            elif fewer != {"calls": entry.calls, "minutes": entry.minutes}:
                self._change(update(table).where(this).values(fewer))
