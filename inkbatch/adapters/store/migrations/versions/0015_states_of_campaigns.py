"""Since when a campaign was active, paused or canceled, so that its past pauses are known."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

UTC_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the table; of campaigns that are not active it has since when, as far as that is known."""
    op.create_table(
        "campaign_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", UTC_TIME, nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("campaign_state_at", "campaign_state", ["campaign_id", "at"])
    op.execute(
        "INSERT INTO campaign_state (campaign_id, state, at) "
        "SELECT id, state, changed_at FROM campaign WHERE state <> 'active'"
    )


def downgrade() -> None:
    """There is no way back: restore the backup that was made before the upgrade."""
    raise NotImplementedError("revision 0015 cannot be undone; restore a backup instead")
