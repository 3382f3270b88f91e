"""Whose entry of the ledger it is and how long its call may last; what the server counted."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TEXT = sa.String()
UTC_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Say of each entry which campaign it is of; open ones may last as long as was allowed."""
    op.add_column("budget_entry", sa.Column("campaign_id", sa.Integer(), nullable=True))
    op.add_column("budget_entry", sa.Column("minutes_max", sa.Float(), nullable=True))
    op.execute(
        "UPDATE budget_entry SET campaign_id = "
        "(SELECT campaign_id FROM attempt WHERE attempt.id = budget_entry.attempt_id) "
        "WHERE attempt_id IS NOT NULL"
    )
    op.create_table(
        "budget_snapshot",
        sa.Column("organisation", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("at", UTC_TIME, nullable=False),
        sa.Column("calls_used", sa.Integer(), nullable=False),
        sa.Column("minutes_used", sa.Float(), nullable=False),
        sa.Column("drift_calls", sa.Integer(), nullable=False),
        sa.Column("drift_minutes", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "kind"),
    )


def downgrade() -> None:
    """There is no way back: restore the backup that was made before the upgrade."""
    raise NotImplementedError("revision 0007 cannot be undone; restore a backup instead")
