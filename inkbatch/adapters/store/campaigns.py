"""Campaigns as stored, and what a person or the breaker said of them."""

from datetime import datetime

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from inkbatch.adapters.store.rules import after_a_call_from, retry_policy_from, rules_as_json
from inkbatch.adapters.store.statements import AnyRow, Statements, existing
from inkbatch.adapters.store.tables import campaign as table
from inkbatch.adapters.store.tables import campaign_state
from inkbatch.domain.campaign import AfterACall, Campaign, CampaignState
from inkbatch.domain.retry_policy import RetryPolicy
from inkbatch.ports import CampaignRecord

RECORD = select(
    table.c.id,
    table.c.organisation,
    table.c.name,
    table.c.folder,
    table.c.state,
    table.c.state_reason,
    table.c.changed_at,
    table.c.pilot_ended_at,
    table.c.night_told_at,
)
RECORD_BY_ID = RECORD.where(table.c.id == bindparam("campaign_id"))
TURNS_BY_ID = select(table.c.turns).where(table.c.id == bindparam("campaign_id"))
TAKE_TURNS = (
    update(table)
    .where(table.c.id == bindparam("of_id"))
    .values(turns=table.c.turns + bindparam("more"))
)
BY_NAME = RECORD.where(
    table.c.organisation == bindparam("organisation"), table.c.name == bindparam("name")
)
LATEST_OF_NAME = (
    RECORD.where(table.c.name == bindparam("name"))
    .order_by(table.c.changed_at.desc(), table.c.id.desc())
    .limit(1)
)
RULES_BY_ID = select(table.c.rules).where(table.c.id == bindparam("campaign_id"))


def _save(new: sqlite.Insert | postgresql.Insert) -> sqlite.Insert | postgresql.Insert:
    """Return the statement that inserts a campaign, or brings the one of its name up to date."""
    said = ("folder", "priority", "rules", "changed_at")
    return new.on_conflict_do_update(
        index_elements=["organisation", "name"], set_={name: new.excluded[name] for name in said}
    )


SAVE = {
    "sqlite": _save(sqlite.insert(table)),
    "postgresql": _save(postgresql.insert(table)),
}


class Campaigns(Statements):
    """The part of a transaction that knows campaigns."""

    def save_campaign(
        self, campaign: Campaign, *, organisation: str, folder: str, now: datetime
    ) -> CampaignRecord:
        """Insert or update by (organisation, name); the state is kept."""
        said = {
            "folder": folder,
            "priority": campaign.priority,
            "rules": rules_as_json(campaign),
            "changed_at": now,
        }
        named = {"organisation": organisation, "name": campaign.name}
        new = {**named, **said, "state": CampaignState.ACTIVE, "turns": 0}
        self._change(SAVE[self._dialect], new)
        return _record(existing(self._row(BY_NAME, named), f"campaign {campaign.name}"))

    def campaign(self, name: str, *, organisation: str | None = None) -> CampaignRecord | None:
        """Return one; without organisation, the one of this name that changed last."""
        if organisation is not None:
            row = self._row(BY_NAME, {"organisation": organisation, "name": name})
        else:
            row = self._row(LATEST_OF_NAME, {"name": name})
        return None if row is None else _record(row)

    def campaign_by_id(self, campaign_id: int) -> CampaignRecord:
        """Return one; raises StoreError where there is none."""
        row = self._row(RECORD_BY_ID, {"campaign_id": campaign_id})
        return _record(existing(row, f"campaign {campaign_id}"))

    def retry_policy(self, campaign_id: int) -> RetryPolicy:
        """Return the policy that the campaign was last run by."""
        rules = self._row(RULES_BY_ID, {"campaign_id": campaign_id})
        return retry_policy_from(existing(rules, f"campaign {campaign_id}").rules)

    def after_a_call(self, campaign_id: int) -> AfterACall:
        """Return what holds once a call ended, by the rules that the campaign was last run by."""
        rules = self._row(RULES_BY_ID, {"campaign_id": campaign_id})
        return after_a_call_from(existing(rules, f"campaign {campaign_id}").rules)

    def campaigns(self) -> list[CampaignRecord]:
        """Return all, by organisation and name."""
        return [_record(row) for row in self._rows(RECORD.order_by("organisation", "name"))]

    def set_campaign_state(
        self, campaign_id: int, state: CampaignState, *, reason: str | None, now: datetime
    ) -> None:
        """Say active, paused or canceled, and why; and remember since when."""
        self._change(
            update(table)
            .where(table.c.id == campaign_id)
            .values(state=state, state_reason=reason, changed_at=now)
        )
        self._change(insert(campaign_state).values(campaign_id=campaign_id, state=state, at=now))

    def turns_taken(self, campaign_id: int) -> int:
        """Return how many turns of the campaign's contacts were taken so far."""
        return int(self._scalar(TURNS_BY_ID, {"campaign_id": campaign_id}))

    def take_turns(self, campaign_id: int, turns: int) -> None:
        """Count so many turns more."""
        self._later(TAKE_TURNS, {"of_id": campaign_id, "more": turns})

    def end_pilot(self, campaign_id: int, *, reason: str, now: datetime) -> None:
        """Pause a campaign whose pilot is over, and remember that it is."""
        self.set_campaign_state(campaign_id, CampaignState.PAUSED, reason=reason, now=now)
        self._change(update(table).where(table.c.id == campaign_id).values(pilot_ended_at=now))

    def note_night_told(self, campaign_id: int, *, at: datetime) -> None:
        """Remember that what a night came to was told then."""
        self._change(update(table).where(table.c.id == campaign_id).values(night_told_at=at))


def _record(row: AnyRow) -> CampaignRecord:
    return CampaignRecord(**{**row._asdict(), "state": CampaignState(row.state)})
