"""Who shares an organisation's budget, and how the server's figures differed from the ledger."""

from sqlalchemy import bindparam, exists, select
from sqlalchemy.dialects import postgresql, sqlite

from inkbatch.adapters.store.rules import budget_rules_from, window_from
from inkbatch.adapters.store.statements import AnyRow, Statements
from inkbatch.adapters.store.tables import budget_snapshot as table
from inkbatch.adapters.store.tables import campaign, shift
from inkbatch.domain.budget import Drift, Usage
from inkbatch.domain.campaign import BudgetRules, CampaignState
from inkbatch.ports import Sharer, Snapshot, Snapshots

LATEST, MOST_CALLS, MOST_MINUTES = "latest", "most_calls", "most_minutes"
"""The kinds of snapshots; see `BudgetSnapshotRow`."""

IS_AT_WORK = exists().where(shift.c.campaign_id == campaign.c.id, shift.c.ended_at.is_(None))
SHARERS = (
    select(
        campaign.c.id,
        campaign.c.name,
        campaign.c.priority,
        campaign.c.rules,
        campaign.c.changed_at,
        IS_AT_WORK.label("is_at_work"),
    )
    .where(
        campaign.c.organisation == bindparam("organisation"),
        campaign.c.state == CampaignState.ACTIVE,
    )
    .order_by(campaign.c.priority.desc(), campaign.c.name)
)
SNAPSHOTS = select(table).where(table.c.organisation == bindparam("organisation"))
RULES = select(campaign.c.rules).where(campaign.c.id == bindparam("campaign_id"))


class Sharing(Statements):
    """The part of a transaction that knows how campaigns share the budget."""

    def sharers(self, organisation: str) -> list[Sharer]:
        """Return the organisation's active campaigns, the highest priority first."""
        return [
            Sharer(
                campaign_id=row.id,
                name=row.name,
                priority=row.priority,
                budget=budget_rules_from(row.rules),
                window=window_from(row.rules),
                is_at_work=bool(row.is_at_work),
                changed_at=row.changed_at,
            )
            for row in self._rows(SHARERS, {"organisation": organisation})
        ]

    def budget_rules(self, campaign_id: int) -> BudgetRules:
        """Return the budget rules that a campaign was last run by."""
        return budget_rules_from(self._scalar(RULES, {"campaign_id": campaign_id}))

    def keep_snapshot(self, organisation: str, snapshot: Snapshot) -> None:
        """Keep it as the latest, and where its drift is the largest so far."""
        known = self.snapshots(organisation)
        self._keep(organisation, LATEST, snapshot)
        drift = snapshot.drift
        if known is None or abs(drift.calls) > abs(known.most_calls.drift.calls):
            self._keep(organisation, MOST_CALLS, snapshot)
        if known is None or abs(drift.minutes) > abs(known.most_minutes.drift.minutes):
            self._keep(organisation, MOST_MINUTES, snapshot)

    def snapshots(self, organisation: str) -> Snapshots | None:
        """Return what the server told lately; None before it told anything."""
        rows = self._rows(SNAPSHOTS, {"organisation": organisation})
        if not rows:
            return None
        kinds = {row.kind: _snapshot(row) for row in rows}
        return Snapshots(**kinds)

    def _keep(self, organisation: str, kind: str, snapshot: Snapshot) -> None:
        said = {
            "organisation": organisation,
            "kind": kind,
            "at": snapshot.at,
            "calls_used": snapshot.told.calls,
            "minutes_used": snapshot.told.minutes,
            "drift_calls": snapshot.drift.calls,
            "drift_minutes": snapshot.drift.minutes,
        }
        self._change(KEEP[self._dialect], said)


def _keep(dialect: str) -> postgresql.Insert | sqlite.Insert:
    new = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table)
    told = {name: new.excluded[name] for name in TOLD}
    return new.on_conflict_do_update(index_elements=KEYS, set_=told)


KEYS = ("organisation", "kind")
TOLD = ("at", "calls_used", "minutes_used", "drift_calls", "drift_minutes")
KEEP = {dialect: _keep(dialect) for dialect in ("sqlite", "postgresql")}


def _snapshot(row: AnyRow) -> Snapshot:
    return Snapshot(
        at=row.at,
        told=Usage(calls=row.calls_used, minutes=row.minutes_used),
        drift=Drift(calls=row.drift_calls, minutes=row.drift_minutes),
    )
