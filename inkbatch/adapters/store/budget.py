"""The budget ledger: what counts now, when it comes back, and holds of the whole organisation."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from inkbatch.adapters.store.statements import Statements, existing
from inkbatch.adapters.store.tables import budget_entry as table
from inkbatch.adapters.store.tables import budget_hold, campaign
from inkbatch.adapters.store.tables import organisation as organisations
from inkbatch.domain.budget import (
    DOCUMENTED_LIMITS,
    GoingOn,
    KindsOfUsage,
    Limits,
    Need,
    Release,
    Spending,
    Usage,
    total,
)
from inkbatch.domain.campaign import CampaignState
from inkbatch.ports import HoldRecord, Standing

OWN, FOREIGN, UNPLACED = "attempt", "foreign", "unplaced"
"""The sources of entries; see `BudgetEntryRow`."""

RESERVED, SETTLED = "reserved", "settled"

LOCK = (
    select(organisations.c.name)
    .where(organisations.c.name == bindparam("organisation"))
    .with_for_update()
)
OF_ATTEMPT = update(table).where(table.c.attempt_id == bindparam("of_attempt"))
SETTLE_CALL = OF_ATTEMPT.values(calls_until=bindparam("calls_until"))
SETTLE_MINUTES = OF_ATTEMPT.values(
    minutes=bindparam("minutes"), minutes_until=bindparam("minutes_until")
)
GROW = OF_ATTEMPT.where(
    table.c.minutes_until.is_(None), table.c.minutes < bindparam("minutes")
).values(minutes=bindparam("minutes"))
KEEP_MINUTES = OF_ATTEMPT.values(minutes_until=bindparam("minutes_until"))
RESERVE = insert(table)
LIMITS = select(organisations.c.calls_limit, organisations.c.minutes_limit).where(
    organisations.c.name == bindparam("organisation"), organisations.c.told_at.is_not(None)
)
LASTING_HOLD = (
    select(budget_hold.c.until, budget_hold.c.reason)
    .where(
        budget_hold.c.organisation == bindparam("organisation"),
        budget_hold.c.until > bindparam("now"),
    )
    .order_by(budget_hold.c.until.desc(), budget_hold.c.id.desc())
    .limit(1)
)
STANDING = select(
    campaign.c.state,
    LASTING_HOLD.with_only_columns(budget_hold.c.reason).scalar_subquery().label("hold_reason"),
).where(campaign.c.id == bindparam("campaign_id"))


AT_WORST = case((table.c.minutes_max > table.c.minutes, table.c.minutes_max), else_=table.c.minutes)


def _counting(*, reserved_by: ColumnElement[Any], settled_by: ColumnElement[Any]) -> Select[Any]:
    """Sum what counts at `now`: four branches and no OR, each one range of an index.

    A row for each value of what it is summed by; calls, minutes and minutes at worst.
    """
    now = bindparam("now", type_=table.c.calls_until.type)
    ours = table.c.organisation == bindparam("organisation")
    calls = (
        table.c.calls.label("calls"),
        literal(0.0).label("minutes"),
        literal(0.0).label("worst"),
    )
    minutes = (literal(0), table.c.minutes)
    by = reserved_by.label("by")
    each = union_all(
        select(by, *calls).where(ours, table.c.calls_until.is_(None)),
        select(settled_by, *calls).where(ours, table.c.calls_until > now),
        select(by, *minutes, AT_WORST).where(ours, table.c.minutes_until.is_(None)),
        select(settled_by, *minutes, table.c.minutes).where(ours, table.c.minutes_until > now),
    ).subquery()
    sums = (func.sum(each.c.calls), func.sum(each.c.minutes), func.sum(each.c.worst))
    return select(each.c.by, *sums).group_by(each.c.by)


def _unless_unplaced(kind: str) -> ColumnElement[str]:
    return case((table.c.source == UNPLACED, literal(UNPLACED)), else_=literal(kind))


SPENDING = _counting(reserved_by=table.c.campaign_id, settled_by=table.c.campaign_id)
KINDS_OF_USAGE = _counting(
    reserved_by=_unless_unplaced(RESERVED), settled_by=_unless_unplaced(SETTLED)
)


NOT_ENDED = select(table.c.counts_from, AT_WORST).where(
    table.c.organisation == bindparam("organisation"), table.c.minutes_until.is_(None)
)


def _releases(*conditions: ColumnElement[bool]) -> Select[Any]:
    """Return the query for what comes back after `now`, summed by the time at which it does."""
    now = bindparam("now", type_=table.c.calls_until.type)
    ours = (table.c.organisation == bindparam("organisation"), *conditions)
    calls = select(
        table.c.calls_until.label("at"),
        table.c.calls.label("calls"),
        literal(0.0).label("minutes"),
    ).where(*ours, table.c.calls_until > now, table.c.calls > 0)
    minutes = select(table.c.minutes_until, literal(0), table.c.minutes).where(
        *ours, table.c.minutes_until > now, table.c.minutes > 0
    )
    each = union_all(calls, minutes).subquery()
    return (
        select(each.c.at, func.sum(each.c.calls), func.sum(each.c.minutes))
        .group_by(each.c.at)
        .order_by(each.c.at)
        .limit(bindparam("at_most"))
    )


RELEASES = _releases()
RELEASES_OF_ONE = _releases(table.c.campaign_id == bindparam("campaign_id"))


class Budget(Statements):
    """The part of a transaction that knows the budget of organisations."""

    def lock_organisation(self, organisation: str) -> None:
        """Let no other writer touch this organisation's budget; SQLite has one writer anyway."""
        if not self._is_postgresql:
            return
        wanted = {"organisation": organisation}
        if self._row(LOCK, wanted) is None:
            new = postgresql.insert(organisations).values(name=organisation)
            self._change(new.on_conflict_do_nothing())
            self._row(LOCK, wanted)

    def limits(self, organisation: str) -> Limits:
        """Return the limits as the server last told them, else the documented ones."""
        row = self._row(LIMITS, {"organisation": organisation})
        if row is None:
            return DOCUMENTED_LIMITS
        return Limits(calls=row.calls_limit, minutes=row.minutes_limit)

    def set_limits(self, organisation: str, limits: Limits, *, now: datetime) -> None:
        """Remember what the server told."""
        upsert = postgresql.insert if self._is_postgresql else sqlite.insert
        said = {"calls_limit": limits.calls, "minutes_limit": limits.minutes, "told_at": now}
        new = upsert(organisations).values(name=organisation, **said)
        self._change(new.on_conflict_do_update(index_elements=["name"], set_=said))

    def usage(self, organisation: str, *, now: datetime) -> Usage:
        """Return what counts now: own use, reservations, and foreign use."""
        return total(self.spending(organisation, now=now).values()).usage

    def spending(self, organisation: str, *, now: datetime) -> dict[int | None, Spending]:
        """Return the same by campaign id; None stands for use that is no campaign's."""
        return self._counted(SPENDING, organisation, now=now)

    def kinds_of_usage(self, organisation: str, *, now: datetime) -> KindsOfUsage:
        """Return what counts now by how it is known."""
        kinds = self._counted(KINDS_OF_USAGE, organisation, now=now)
        settled, reserved, unplaced = (
            kinds.get(kind, Spending()).usage for kind in (SETTLED, RESERVED, UNPLACED)
        )
        return KindsOfUsage(settled=settled, reserved=reserved, unplaced=unplaced)

    def going_on(self, organisation: str) -> list[GoingOn]:
        """Return the calls that have not ended, as far as the ledger knows."""
        rows = self._rows(NOT_ENDED, {"organisation": organisation})
        return [GoingOn(since=since, minutes_max=at_worst) for since, at_worst in rows]

    def releases(
        self, organisation: str, *, now: datetime, limit: int, campaign_id: int | None = None
    ) -> list[Release]:
        """Return the next times at which calls or minutes come back, in order.

        With `campaign_id` those of one campaign alone.
        """
        wanted = {"organisation": organisation, "now": now, "at_most": limit}
        rows = (
            self._rows(RELEASES, wanted)
            if campaign_id is None
            else self._rows(RELEASES_OF_ONE, {**wanted, "campaign_id": campaign_id})
        )
        return [
            Release(at=at, calls=int(calls), minutes=float(minutes)) for at, calls, minutes in rows
        ]

    def reserve_budget(
        self,
        organisation: str,
        *,
        attempt_id: str,
        campaign_id: int,
        need: Need,
        now: datetime,
    ) -> None:
        """Count one call and its minutes from now on, with no end until settled."""
        self._later(
            RESERVE,
            {
                "organisation": organisation,
                "source": OWN,
                "attempt_id": attempt_id,
                "campaign_id": campaign_id,
                "calls": 1,
                "minutes": need.minutes,
                "minutes_max": need.minutes_max,
                "counts_from": now,
            },
        )

    def settle_call(self, attempt_id: str, *, until: datetime) -> None:
        """Let the call count until then; its minutes go on counting."""
        self._later(SETTLE_CALL, {"of_attempt": attempt_id, "calls_until": until})

    def settle_minutes(self, attempt_id: str, *, minutes: float, until: datetime) -> None:
        """Replace predicted by real minutes, counting until then."""
        self._later(
            SETTLE_MINUTES,
            {"of_attempt": attempt_id, "minutes": minutes, "minutes_until": until},
        )

    def grow_minutes(self, attempt_id: str, *, minutes: float) -> None:
        """Let a call in progress count at least these minutes; never fewer than before."""
        self._later(GROW, {"of_attempt": attempt_id, "minutes": minutes})

    def keep_minutes(self, attempt_id: str, *, until: datetime) -> None:
        """Let the minutes that are reserved count until then: nobody knows the real ones."""
        self._later(KEEP_MINUTES, {"of_attempt": attempt_id, "minutes_until": until})

    def release_budget(self, attempt_id: str) -> None:
        """Forget a reservation: it is certain that nothing was placed."""
        self._change(delete(table).where(table.c.attempt_id == attempt_id))

    def hold(self, organisation: str, *, until: datetime, reason: str, now: datetime) -> None:
        """Stop the whole organisation until then."""
        self._change(
            insert(budget_hold).values(
                organisation=organisation, until=until, reason=reason, created_at=now
            )
        )

    def standing(self, campaign_id: int, *, organisation: str, now: datetime) -> Standing:
        """Return what may have changed since an intent: the campaign's state, and a hold."""
        wanted = {"campaign_id": campaign_id, "organisation": organisation, "now": now}
        row = existing(self._row(STANDING, wanted), f"campaign {campaign_id}")
        return Standing(state=CampaignState(row.state), hold_reason=row.hold_reason)

    def current_hold(self, organisation: str, *, now: datetime) -> HoldRecord | None:
        """Return the hold that lasts longest, None if none lasts."""
        row = self._row(LASTING_HOLD, {"organisation": organisation, "now": now})
        return None if row is None else HoldRecord(until=row.until, reason=row.reason)

    def _counted(
        self, counting: Select[Any], organisation: str, *, now: datetime
    ) -> dict[Any, Spending]:
        rows = self._rows(counting, {"organisation": organisation, "now": now})
        return {
            by: Spending(calls=int(calls), minutes=float(minutes), minutes_at_worst=float(worst))
            for by, calls, minutes, worst in rows
        }
