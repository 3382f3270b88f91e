"""The first tables.

Written out in full and not taken from the models, since a revision never changes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TEXT = sa.String()
UTC_TIME = sa.DateTime(timezone=True)
OPEN = sa.text("state IN ('reserved', 'placed', 'unconfirmed')")
UNFINISHED = sa.text("state IN ('planned', 'reserved', 'placed', 'unconfirmed')")


def upgrade() -> None:
    """Create every table."""
    _create_campaign()
    _create_contact()
    _create_list_row()
    _create_shift()
    _create_attempt()
    _create_call_record()
    _create_suppressed_number()
    _create_organisation()
    _create_budget_entry()
    _create_budget_hold()
    _create_event_inbox()


def downgrade() -> None:
    """Drop every table."""
    for table in (
        "event_inbox",
        "budget_hold",
        "budget_entry",
        "organisation",
        "suppressed_number",
        "call_record",
        "attempt",
        "shift",
        "list_row",
        "contact",
        "campaign",
    ):
        op.drop_table(table)


def _create_campaign() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("folder", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("state_reason", TEXT, nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("changed_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("organisation", "name"),
    )


def _create_contact() -> None:
    op.create_table(
        "contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("number", TEXT, nullable=False),
        sa.Column("zones", TEXT, nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("waits_until", UTC_TIME, nullable=False),
        sa.Column("why", TEXT, nullable=False),
        sa.Column("expires_at", UTC_TIME, nullable=True),
        sa.Column("attempts_used", sa.Integer(), nullable=False),
        sa.Column("enrolled_at", UTC_TIME, nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("campaign_id", "number"),
    )
    op.create_index("contact_number", "contact", ["number"])
    op.create_index(
        "contact_due",
        "contact",
        ["campaign_id", "state", "zones", sa.text("priority DESC"), "waits_until", "row_number"],
    )


def _create_list_row() -> None:
    op.create_table(
        "list_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("file_name", TEXT, nullable=False),
        sa.Column("file_sha256", TEXT, nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=True),
        sa.Column("column", TEXT, nullable=True),
        sa.Column("value", TEXT, nullable=True),
        sa.Column("fields", sa.JSON(), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("duplicate_of", sa.Integer(), nullable=True),
        sa.Column("enrolled_at", UTC_TIME, nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"]),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("campaign_id", "file_sha256", "row_number"),
    )
    op.create_index("list_row_contact", "list_row", ["contact_id"])


def _create_shift() -> None:
    op.create_table(
        "shift",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("lock_name", TEXT, nullable=False),
        sa.Column("host", TEXT, nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", UTC_TIME, nullable=False),
        sa.Column("ended_at", UTC_TIME, nullable=True),
        sa.Column("end_reason", TEXT, nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(("ix_shift_campaign_id"), "shift", ["campaign_id"])
    op.create_index(("ix_shift_ended_at"), "shift", ["ended_at"])


def _create_attempt() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("number", TEXT, nullable=False),
        sa.Column("from_number", TEXT, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("shift_id", TEXT, nullable=False),
        sa.Column("predicted_minutes", sa.Float(), nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("reserved_at", UTC_TIME, nullable=True),
        sa.Column("placed_at", UTC_TIME, nullable=True),
        sa.Column("lost_at", UTC_TIME, nullable=True),
        sa.Column("ended_at", UTC_TIME, nullable=True),
        sa.Column("look_at", UTC_TIME, nullable=True),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("loss", TEXT, nullable=True),
        sa.Column("call_id", TEXT, nullable=True),
        sa.Column("disposition", TEXT, nullable=True),
        sa.Column("reason", TEXT, nullable=True),
        sa.Column("talk_minutes", sa.Float(), nullable=True),
        sa.CheckConstraint("state <> 'placed' OR call_id IS NOT NULL", name="placed_has_call"),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"]),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"]),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("call_id"),
    )
    op.create_index("attempt_campaign", "attempt", ["campaign_id", "reserved_at"])
    op.create_index("attempt_number", "attempt", ["number", "reserved_at"])
    op.create_index(
        "attempt_one_open_per_number",
        "attempt",
        ["number"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index(
        "attempt_one_unfinished_per_contact",
        "attempt",
        ["contact_id"],
        unique=True,
        sqlite_where=UNFINISHED,
        postgresql_where=UNFINISHED,
    )
    op.create_index("attempt_shift", "attempt", ["shift_id", "state"])
    op.create_index(
        "attempt_unfinished",
        "attempt",
        ["state", "campaign_id"],
        sqlite_where=UNFINISHED,
        postgresql_where=UNFINISHED,
    )


def _create_call_record() -> None:
    op.create_table(
        "call_record",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("attempt_id", TEXT, nullable=True),
        sa.Column("phone_number_id", TEXT, nullable=True),
        sa.Column("local_number", TEXT, nullable=False),
        sa.Column("remote_number", TEXT, nullable=False),
        sa.Column("direction", TEXT, nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("hangup_reason", TEXT, nullable=True),
        sa.Column("client_websocket_url", TEXT, nullable=True),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("started_at", UTC_TIME, nullable=True),
        sa.Column("ended_at", UTC_TIME, nullable=True),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("attempt_id"),
    )


def _create_suppressed_number() -> None:
    op.create_table(
        "suppressed_number",
        sa.Column("number", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("added_at", UTC_TIME, nullable=False),
        sa.Column("expires_at", UTC_TIME, nullable=True),
        sa.PrimaryKeyConstraint("number"),
    )


def _create_organisation() -> None:
    op.create_table(
        "organisation",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("calls_limit", sa.Integer(), nullable=True),
        sa.Column("minutes_limit", sa.Float(), nullable=True),
        sa.Column("told_at", UTC_TIME, nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )


def _create_budget_entry() -> None:
    op.create_table(
        "budget_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation", TEXT, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("attempt_id", TEXT, nullable=True),
        sa.Column("call_id", TEXT, nullable=True),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Float(), nullable=False),
        sa.Column("counts_from", UTC_TIME, nullable=False),
        sa.Column("calls_until", UTC_TIME, nullable=True),
        sa.Column("minutes_until", UTC_TIME, nullable=True),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("attempt_id"),
        sa.UniqueConstraint("call_id"),
    )
    op.create_index("budget_entry_calls", "budget_entry", ["organisation", "calls_until"])
    op.create_index("budget_entry_minutes", "budget_entry", ["organisation", "minutes_until"])


def _create_budget_hold() -> None:
    op.create_table(
        "budget_hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation", TEXT, nullable=False),
        sa.Column("until", UTC_TIME, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("budget_hold_until", "budget_hold", ["organisation", "until"])


def _create_event_inbox() -> None:
    op.create_table(
        "event_inbox",
        sa.Column("event_id", TEXT, nullable=False),
        sa.Column("received_at", UTC_TIME, nullable=False),
        sa.Column("body", TEXT, nullable=False),
        sa.Column("applied_at", UTC_TIME, nullable=True),
        sa.PrimaryKeyConstraint("event_id"),
    )
