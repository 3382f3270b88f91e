"""The tables. What must never happen is forbidden here, by constraints, not by care.

Times are aware UTC. Candidate zones of a contact are one text, joined by `|`, so that contacts
whose calling window opens together are found by one index.
"""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Index,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from inkbatch.adapters.store.column_types import UtcDateTime

OPEN = "state IN ('reserved', 'placed', 'unconfirmed')"
NOT_CALLED_YET = "not called yet"
"""Why a contact waits that nothing was decided of so far."""

LOOKED_AT = f"why <> '{NOT_CALLED_YET}'"
HAS_DEADLINE = "expires_at IS NOT NULL"
UNFINISHED = "state IN ('planned', 'reserved', 'placed', 'unconfirmed')"


class CampaignRow(SQLModel, table=True):
    """One campaign of one organisation, with the rules it was last run by.

    `turns` counts the contacts whose turn it was, so that every fifth is the longest waiting.
    """

    __tablename__: ClassVar[Any] = "campaign"
    __table_args__ = (UniqueConstraint("organisation", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    organisation: str
    name: str
    folder: str
    state: str
    state_reason: str | None = None
    pilot_ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    night_told_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    priority: int = 0
    turns: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    rules: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    changed_at: datetime = Field(sa_type=UtcDateTime)


class CampaignStateRow(SQLModel, table=True):
    """A campaign became active, paused or canceled; rows are only ever added.

    One that has none was active all the time since revision 0015, which began to keep them.
    """

    __tablename__: ClassVar[Any] = "campaign_state"
    __table_args__ = (Index("campaign_state_at", "campaign_id", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id")
    state: str
    at: datetime = Field(sa_type=UtcDateTime)


class ContactRow(SQLModel, table=True):
    """One person at one number in one campaign.

    `file_id` is set where the contact tells all of its row of that file; else `list_row` does.
    One with several numbers is called next at `called_number`, if that is not `number`; `zones`
    are those of the number that is called next.
    """

    __tablename__: ClassVar[Any] = "contact"
    __table_args__ = (
        # A number is once in a campaign; also: which campaigns have it.
        Index("contact_number", "number", "campaign_id", unique=True),
        # Whom to dial next, straight from the index: the zones that are open, in their order.
        Index(
            "contact_due",
            "campaign_id",
            "state",
            "zones",
            text("priority DESC"),
            "attempts_used",
            "waits_until",
            "row_number",
        ),
        # Whose own deadline comes first; most lists have none, and then it is empty.
        Index(
            "contact_deadline",
            "campaign_id",
            "state",
            "zones",
            "expires_at",
            text("priority DESC"),
            "waits_until",
            "row_number",
            sqlite_where=text(HAS_DEADLINE),
            postgresql_where=text(HAS_DEADLINE),
        ),
        # A page of a campaign's people, from where the one before ended; SQLite's rows lie in that
        # order themselves.
        Index("contact_place", "campaign_id", "id").ddl_if(dialect="postgresql"),
        # How many contacts stand where for which reason, without those never looked at.
        Index(
            "contact_reason",
            "campaign_id",
            "state",
            "why",
            sqlite_where=text(LOOKED_AT),
            postgresql_where=text(LOOKED_AT),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id")
    number: str
    number_type: str | None = None
    zones: str
    fields: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    row_number: int
    priority: int = 0
    state: str
    waits_until: datetime = Field(sa_type=UtcDateTime)
    why: str
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    attempts_used: int = 0
    enrolled_at: datetime = Field(sa_type=UtcDateTime)
    file_id: int | None = Field(default=None, foreign_key="list_file.id")
    called_number: str | None = None


class NumberOfContactRow(SQLModel, table=True):
    """One number of a contact that has several, in the order of the list's columns."""

    __tablename__: ClassVar[Any] = "number_of_contact"
    __table_args__ = (Index("number_of_contact_number", "number"),)

    contact_id: int = Field(foreign_key="contact.id", primary_key=True)
    place: int = Field(primary_key=True)
    number: str
    number_type: str | None = None
    zones: str


class ListFileRow(SQLModel, table=True):
    """One file that a campaign's contacts came from; the same content is the same file.

    `plain_rows` is how many contacts have its `file_id`, so that nobody counts them.
    """

    __tablename__: ClassVar[Any] = "list_file"
    __table_args__ = (UniqueConstraint("campaign_id", "sha256"),)

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id")
    name: str
    sha256: str
    enrolled_at: datetime = Field(sa_type=UtcDateTime)
    plain_rows: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})


class ListRowRow(SQLModel, table=True):
    """One row of a file and what became of it; rows are never lost.

    A row whose contact has the `file_id` is not here: accepted, and nothing more to say of it.
    `fields` and `number` are kept for rows that have no contact; the contact has them otherwise.
    """

    __tablename__: ClassVar[Any] = "list_row"
    __table_args__ = (
        # Which rows a contact stands for, duplicates of its number too.
        Index("list_row_contact", "contact_id"),
        {"sqlite_with_rowid": False},
    )

    file_id: int = Field(foreign_key="list_file.id", primary_key=True)
    row_number: int = Field(primary_key=True)
    status: str
    reason: str | None = None
    column: str | None = None
    value: str | None = None
    fields: dict[str, str] | None = Field(default=None, sa_column=Column(JSON))
    contact_id: int | None = Field(default=None, foreign_key="contact.id")
    duplicate_of: int | None = None
    number: str | None = None


class ShiftRow(SQLModel, table=True):
    """The process that holds a dialing lock; dead once its lock is free and it never ended."""

    __tablename__: ClassVar[Any] = "shift"

    id: str = Field(primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id", index=True)
    lock_name: str
    host: str
    pid: int
    started_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    end_reason: str | None = None


class AttemptRow(SQLModel, table=True):
    """One try to reach one contact."""

    __tablename__: ClassVar[Any] = "attempt"
    __table_args__ = (
        # Promise 2: at most one open attempt per phone number, over all campaigns.
        Index(
            "attempt_one_open_per_number",
            "number",
            unique=True,
            sqlite_where=text(OPEN),
            postgresql_where=text(OPEN),
        ),
        Index(
            "attempt_one_unfinished_per_contact",
            "contact_id",
            unique=True,
            sqlite_where=text(UNFINISHED),
            postgresql_where=text(UNFINISHED),
        ),
        Index(
            "attempt_unfinished",
            "state",
            "campaign_id",
            sqlite_where=text(UNFINISHED),
            postgresql_where=text(UNFINISHED),
        ),
        UniqueConstraint("call_id"),
        Index("attempt_number", "number", "reserved_at"),
        Index("attempt_campaign", "campaign_id", "reserved_at"),
        Index("attempt_shift", "shift_id", "state"),
        CheckConstraint("state <> 'placed' OR call_id IS NOT NULL", "placed_has_call"),
    )

    id: str = Field(primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id")
    contact_id: int = Field(foreign_key="contact.id")
    number: str
    from_number: str
    ordinal: int
    state: str
    shift_id: str = Field(foreign_key="shift.id")
    predicted_minutes: float
    created_at: datetime = Field(sa_type=UtcDateTime)
    reserved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    placed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lost_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    look_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    looks: int = 0
    loss: str | None = None
    call_id: str | None = None
    disposition: str | None = None
    reason: str | None = None
    talk_minutes: float | None = None


class CallRow(SQLModel, table=True):
    """A call as Inkbox last told it; `attempt_id` None for calls that are not ours."""

    __tablename__: ClassVar[Any] = "call_record"
    __table_args__ = (UniqueConstraint("attempt_id"),)

    id: str = Field(primary_key=True)
    attempt_id: str | None = Field(default=None, foreign_key="attempt.id")
    phone_number_id: str | None = None
    local_number: str
    remote_number: str
    direction: str
    status: str
    hangup_reason: str | None = None
    client_websocket_url: str | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    agent_reached: bool | None = None


class InstallationRow(SQLModel, table=True):
    """Which database this is: the last row, written by its first shift or `inkbatch db adopt`.

    The rows before it are what it was a copy of.
    """

    __tablename__: ClassVar[Any] = "installation"

    number: int | None = Field(default=None, primary_key=True)
    id: str


class AnswerTallyRow(SQLModel, table=True):
    """How many calls of a campaign there were at one try, weekday and hour, and what they came to.

    Grown as each call ends, so that nobody has to look through attempts.
    """

    __tablename__: ClassVar[Any] = "answer_tally"

    campaign_id: int = Field(foreign_key="campaign.id", primary_key=True)
    ordinal: int = Field(primary_key=True)
    weekday: int = Field(primary_key=True)
    hour: int = Field(primary_key=True)
    calls: int
    answered: int
    voicemail: int
    minutes: float


class AttemptResultRow(SQLModel, table=True):
    """What the agent said an attempt came to; `sequence` tells the order in which they came.

    `contact_id` and `campaign_id` are those of the attempt, for who looks them up by these.
    """

    __tablename__: ClassVar[Any] = "attempt_result"
    __table_args__ = (
        UniqueConstraint("attempt_id", "result_id"),
        Index("attempt_result_contact", "contact_id"),
        Index("attempt_result_campaign", "campaign_id"),
    )

    sequence: int | None = Field(default=None, primary_key=True)
    attempt_id: str = Field(foreign_key="attempt.id")
    result_id: str
    contact_id: int = Field(foreign_key="contact.id")
    campaign_id: int = Field(foreign_key="campaign.id")
    word: str
    effect: str
    call_back_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    fields: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    transcript: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    posted_at: datetime = Field(sa_type=UtcDateTime)


class InboxEventRow(SQLModel, table=True):
    """A webhook as it came, stored before anything is made of it.

    `call_id` is all that is believed of it: which call to fetch. `applied_at` is set in the
    transaction that writes down what fetching told.
    """

    __tablename__: ClassVar[Any] = "event_inbox"
    __table_args__ = (
        Index(
            "event_inbox_pending",
            "call_id",
            sqlite_where=text("applied_at IS NULL"),
            postgresql_where=text("applied_at IS NULL"),
        ),
        Index("event_inbox_call", "call_id", "received_at"),
        Index("event_inbox_age", "received_at"),
    )

    event_id: str = Field(primary_key=True)
    call_id: str
    received_at: datetime = Field(sa_type=UtcDateTime)
    body: str
    applied_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
