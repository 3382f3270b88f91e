"""What the metrics are made of, read from the database: it is true whichever process dials."""

from dataclasses import dataclass
from datetime import UTC, datetime

from inkbatch.dialer.breaker import is_tripped
from inkbatch.domain.budget import Limits, Release, Usage
from inkbatch.domain.contact import ContactState
from inkbatch.ports import CampaignCounts, CampaignRecord, Transaction
from inkbatch.web.campaigns.entries import count_shifts
from inkbatch.web.office import Office

RELEASES_MAX = 500
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignStand:
    """Where a campaign stands at `at`; `shifts` hold a dialing lock of it."""

    at: datetime
    record: CampaignRecord
    counts: CampaignCounts
    shifts: int
    due_since: datetime | None
    last_dialed_at: datetime | None

    @property
    def oldest_due_seconds(self) -> float:
        """For how long the person who is due longest has waited; 0 where nobody is due."""
        return max((self.at - (self.due_since or self.at)).total_seconds(), 0.0)

    @property
    def in_review(self) -> int:
        """How many people wait for somebody to decide."""
        return self.counts.contacts.get(ContactState.REVIEW, 0)

    @property
    def is_tripped(self) -> bool:
        """Whether failures in a row paused it, and nobody resumed it yet."""
        return is_tripped(self.record)


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetStand:
    """Where an organisation's budget stands, and when calls and minutes next come back."""

    organisation: str
    limits: Limits
    usage: Usage
    calls_free_at: datetime | None
    minutes_free_at: datetime | None


def campaign_stands(office: Office) -> list[CampaignStand]:
    """Look at every campaign of the database."""
    with office.store.reading() as tx:
        records = tx.campaigns()
    shifts = {record.id: count_shifts(office, record) for record in records}
    return [_campaign(office, each, shifts=shifts[each.id]) for each in records]


def budget_stands(office: Office) -> list[BudgetStand]:
    """Look at the budget of every organisation that has a campaign, and at our own."""
    now = office.now()
    with office.store.reading() as tx:
        names = {office.organisation, *(each.organisation for each in tx.campaigns())}
        return [_budget(tx, name, now=now) for name in sorted(names)]


def _campaign(office: Office, record: CampaignRecord, *, shifts: int) -> CampaignStand:
    """Look at one in a transaction of its own: while one lasts, nobody commits to SQLite."""
    now = office.now()
    with office.store.reading() as tx:
        latest = tx.dialed_between(record.id, since=LONG_AGO, limit=1)
        return CampaignStand(
            at=now,
            record=record,
            counts=tx.counts(record.id, now=now),
            shifts=shifts,
            due_since=min((queue.first_at for queue in tx.zone_queues(record.id)), default=None),
            last_dialed_at=latest[0][0] if latest else None,
        )


def _budget(tx: Transaction, organisation: str, *, now: datetime) -> BudgetStand:
    releases: list[Release] = tx.releases(organisation, now=now, limit=RELEASES_MAX)
    return BudgetStand(
        organisation=organisation,
        limits=tx.limits(organisation),
        usage=tx.usage(organisation, now=now),
        calls_free_at=next((each.at for each in releases if each.calls), None),
        minutes_free_at=next((each.at for each in releases if each.minutes), None),
    )
