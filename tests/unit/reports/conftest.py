"""Campaigns written straight into the tables, so that any mixture of states can be reported on."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Engine, insert, update
from sqlmodel import SQLModel, col

from inkbatch.adapters.reports import Wanted, as_frame, attempts_table, contacts_table
from inkbatch.adapters.store.budget_models import BudgetEntryRow
from inkbatch.adapters.store.engine import make_engine, parse_url
from inkbatch.adapters.store.models import (
    AttemptResultRow,
    AttemptRow,
    CampaignRow,
    ContactRow,
    ListFileRow,
    ListRowRow,
    ShiftRow,
)
from inkbatch.domain.campaign import CampaignState
from inkbatch.ports import CampaignRecord

START = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # a Monday
DAY = timedelta(days=1)
RULES = {
    "retry": {"attempts_max": 3},
    "budget": {
        "head_room": {"calls": 5, "minutes": 2.0},
        "predicted_minutes": 1.0,
        "minutes_max": 10.0,
    },
}


def number_of(index: int) -> str:
    return f"+1{212 + index // 100}5550{100 + index % 100}"


@dataclass
class SeededCampaign:
    """A campaign whose rows, contacts and attempts a test adds one by one, and then saves."""

    engine: Engine
    record: CampaignRecord
    rows: int = 0
    plain_rows: int = 0
    contacts: list[int] = field(default_factory=list)
    numbers: dict[int, str] = field(default_factory=dict)
    attempts: dict[int, int] = field(default_factory=dict)
    unsaved: list[tuple[type[SQLModel], Mapping[str, Any]]] = field(default_factory=list)

    def row(self, status: str = "accepted", **values: Any) -> int:
        """Add a row of the file and return its number."""
        self.rows += 1
        values = {"file_id": self.record.id, "row_number": self.rows + 1, "status": status} | values
        self.unsaved.append((ListRowRow, values))
        return self.rows + 1

    def contact(
        self, state: str = "waiting", *, row: Mapping[str, Any] | None = None, **values: Any
    ) -> int:
        """Add a contact with its row and return its id; `row` is what there is to say of it."""
        contact_id = self.record.id * 1_000_000 + len(self.contacts) + 1
        values = {
            "id": contact_id,
            "campaign_id": self.record.id,
            "number": number_of((self.record.id - 1) * 40 + len(self.contacts)),
            "zones": "America/Los_Angeles",
            "fields": {"first_name": "Ada"},
            "state": state,
            "waits_until": START,
            "why": "new on the list",
            "enrolled_at": START,
        } | values
        of_file = {"row_number": self.rows + 2, "file_id": None if row else self.record.id}
        self.unsaved.append((ContactRow, of_file | values))
        if row:
            self.row(contact_id=contact_id, **row)
        else:
            self.rows += 1
            self.plain_rows += 1
        self.contacts.append(contact_id)
        self.numbers[contact_id] = values["number"]
        return contact_id

    def attempt(self, contact_id: int, disposition: str | None = None, **values: Any) -> str:
        """Add an attempt, open without a disposition, with its budget, and return its id."""
        self.attempts[contact_id] = ordinal = self.attempts.get(contact_id, 0) + 1
        attempt_id = f"attempt-{contact_id}-{ordinal}"
        at = values.get("reserved_at", START)
        values = {
            "id": attempt_id,
            "campaign_id": self.record.id,
            "contact_id": contact_id,
            "number": self.numbers[contact_id],
            "from_number": "+14155550100",
            "ordinal": ordinal,
            "state": "ended" if disposition else "reserved",
            "shift_id": "shift",
            "predicted_minutes": 1.0,
            "created_at": START,
            "reserved_at": at,
            "ended_at": at + timedelta(minutes=1) if disposition else None,
            "disposition": disposition,
            "talk_minutes": 1.5 if disposition == "answered" else 0.0,
        } | values
        self.unsaved.append((AttemptRow, values))
        entry = {
            "organisation": self.record.organisation,
            "source": "attempt",
            "attempt_id": attempt_id,
            "calls": 1,
            "minutes": values["talk_minutes"] or 0.0,
            "counts_from": at,
            "calls_until": at + DAY,
            "minutes_until": at + DAY + timedelta(minutes=1),
        }
        self.unsaved.append((BudgetEntryRow, entry))
        return attempt_id

    def result(self, attempt_id: str, word: str, effect: str, **values: Any) -> None:
        """Add what the agent said of an attempt."""
        contact_id = int(attempt_id.split("-")[1])
        values = {
            "attempt_id": attempt_id,
            "result_id": f"result-{len(self.unsaved)}",
            "contact_id": contact_id,
            "campaign_id": self.record.id,
            "word": word,
            "effect": effect,
            "fields": {},
            "transcript": [],
            "posted_at": START,
        } | values
        self.unsaved.append((AttemptResultRow, values))

    def save(self) -> CampaignRecord:
        """Write what was added, in one transaction."""
        with self.engine.begin() as connection:
            for table, values in self.unsaved:
                connection.execute(insert(table), [values])
            of_campaign = update(ListFileRow).where(col(ListFileRow.id) == self.record.id)
            connection.execute(of_campaign.values(plain_rows=self.plain_rows))
        self.unsaved.clear()
        return self.record

    def attempts_frame(self, **wanted: Any) -> pd.DataFrame:
        """Return the attempts as an analyst gets them."""
        return as_frame(attempts_table(self.engine, self._wanted(wanted)))

    def contacts_frame(self, now: datetime, **wanted: Any) -> pd.DataFrame:
        """Return the contacts as an analyst gets them."""
        return as_frame(contacts_table(self.engine, self._wanted(wanted), now=now))

    def _wanted(self, wanted: Mapping[str, Any]) -> Wanted:
        return Wanted(**{"campaign_ids": [self.record.id]} | wanted)


def stored_campaign(engine: Engine, campaign_id: int, name: str, **values: Any) -> SeededCampaign:
    record = CampaignRecord(
        id=campaign_id,
        organisation="acme",
        name=name,
        folder="campaigns/spring",
        state=CampaignState(values.get("state", "active")),
        state_reason=values.get("state_reason"),
        changed_at=START,
    )
    row = {field.name: getattr(record, field.name) for field in fields(record)}
    campaign = SeededCampaign(engine=engine, record=record)
    campaign.unsaved.append((CampaignRow, row | {"rules": RULES}))
    file = {"id": campaign_id, "campaign_id": campaign_id, "name": "people.csv", "sha256": "0" * 64}
    campaign.unsaved.append((ListFileRow, file | {"enrolled_at": START}))
    if campaign_id == 1:
        shift = {"id": "shift", "campaign_id": 1, "lock_name": "acme", "host": "here", "pid": 1}
        campaign.unsaved.append((ShiftRow, shift | {"started_at": START}))
    campaign.save()
    return campaign


@pytest.fixture
def start() -> datetime:
    """A Monday, 15:00 UTC; contacts wait from then on."""
    return START


@pytest.fixture
def now() -> datetime:
    """Three days later."""
    return START + 3 * DAY


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = make_engine(parse_url(f"sqlite:///{tmp_path / 'inkbatch.db'}"))
    SQLModel.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def new_campaign(engine: Engine) -> Callable[..., SeededCampaign]:
    """Make an empty campaign of a name; each call makes another one in the same database."""
    ids = count(1)
    return lambda name="spring", **values: stored_campaign(engine, next(ids), name, **values)


@pytest.fixture
def campaign(new_campaign: Callable[..., SeededCampaign]) -> SeededCampaign:
    """An empty campaign named spring."""
    return new_campaign()
