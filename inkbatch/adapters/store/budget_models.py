"""The tables of the budget: whose it is, what counts against it, and what stops it."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from inkbatch.adapters.store.column_types import UtcDateTime


class OrganisationRow(SQLModel, table=True):
    """An organisation's limits as the server last told; the row that budget writers lock."""

    __tablename__: ClassVar[Any] = "organisation"

    name: str = Field(primary_key=True)
    calls_limit: int | None = None
    minutes_limit: float | None = None
    told_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class BudgetEntryRow(SQLModel, table=True):
    """The ledger: calls and minutes that count from `counts_from` until their own ends.

    An end of None means that it goes on counting until it is settled. `source` is `attempt`,
    `foreign` (a call of somebody else, placed exactly in time) or `unplaced` (use that only the
    server's figures tell of). `campaign_id` is that of the attempt; `minutes_max` is how long its
    call may last, which counts where the worst is asked for until `minutes_until` is known.
    """

    __tablename__: ClassVar[Any] = "budget_entry"
    __table_args__ = (
        UniqueConstraint("attempt_id"),
        UniqueConstraint("call_id"),
        Index("budget_entry_calls", "organisation", "calls_until"),
        Index("budget_entry_minutes", "organisation", "minutes_until"),
    )

    id: int | None = Field(default=None, primary_key=True)
    organisation: str
    source: str
    attempt_id: str | None = Field(default=None, foreign_key="attempt.id")
    call_id: str | None = None
    calls: int
    minutes: float
    campaign_id: int | None = None
    minutes_max: float | None = None
    counts_from: datetime = Field(sa_type=UtcDateTime)
    calls_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    minutes_until: datetime | None = Field(default=None, sa_type=UtcDateTime)


class BudgetSnapshotRow(SQLModel, table=True):
    """What the server counted at a time, and by how much that differed from the ledger.

    `kind` is `latest`, or `most_calls` and `most_minutes` for the largest differences so far.
    """

    __tablename__: ClassVar[Any] = "budget_snapshot"

    organisation: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    calls_used: int
    minutes_used: float
    drift_calls: int
    drift_minutes: float


class BudgetHoldRow(SQLModel, table=True):
    """Until when the whole organisation places nothing, and why."""

    __tablename__: ClassVar[Any] = "budget_hold"
    __table_args__ = (Index("budget_hold_until", "organisation", "until"),)

    id: int | None = Field(default=None, primary_key=True)
    organisation: str
    until: datetime = Field(sa_type=UtcDateTime)
    reason: str
    created_at: datetime = Field(sa_type=UtcDateTime)
