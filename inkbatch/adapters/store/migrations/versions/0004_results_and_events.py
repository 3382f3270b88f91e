"""What agents say attempts came to, and webhooks with the call that each tells of.

Nothing wrote webhooks down before this revision, so their table is made anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TEXT = sa.String()
UTC_TIME = sa.DateTime(timezone=True)
PENDING = sa.text("applied_at IS NULL")


def upgrade() -> None:
    """Add the results, and say of each event which call it is about."""
    _create_attempt_result()
    op.drop_table("event_inbox")
    _create_event_inbox()


def downgrade() -> None:
    """There is no way back: restore the backup that was made before the upgrade."""
    raise NotImplementedError("revision 0004 cannot be undone; restore a backup instead")


def _create_attempt_result() -> None:
    op.create_table(
        "attempt_result",
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("attempt_id", TEXT, nullable=False),
        sa.Column("result_id", TEXT, nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("word", TEXT, nullable=False),
        sa.Column("effect", TEXT, nullable=False),
        sa.Column("call_back_at", UTC_TIME, nullable=True),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("transcript", sa.JSON(), nullable=False),
        sa.Column("posted_at", UTC_TIME, nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"]),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"]),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"]),
        sa.PrimaryKeyConstraint("sequence"),
        sa.UniqueConstraint("attempt_id", "result_id"),
    )
    op.create_index("attempt_result_contact", "attempt_result", ["contact_id"])
    op.create_index("attempt_result_campaign", "attempt_result", ["campaign_id"])


def _create_event_inbox() -> None:
    op.create_table(
        "event_inbox",
        sa.Column("event_id", TEXT, nullable=False),
        sa.Column("call_id", TEXT, nullable=False),
        sa.Column("received_at", UTC_TIME, nullable=False),
        sa.Column("body", TEXT, nullable=False),
        sa.Column("applied_at", UTC_TIME, nullable=True),
        sa.PrimaryKeyConstraint("event_id"),
    )
    op.create_index(
        "event_inbox_pending",
        "event_inbox",
        ["call_id"],
        sqlite_where=PENDING,
        postgresql_where=PENDING,
    )
    op.create_index("event_inbox_call", "event_inbox", ["call_id", "received_at"])
    op.create_index("event_inbox_age", "event_inbox", ["received_at"])
