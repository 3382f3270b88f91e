"""What explanations ask for: contacts by reason, rows by contact; and when a pilot was over."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

UTC_TIME = sa.DateTime(timezone=True)
LOOKED_AT = sa.text("why <> 'not called yet'")


def upgrade() -> None:
    """Add a column and two indexes; nothing that is stored changes."""
    op.add_column("campaign", sa.Column("pilot_ended_at", UTC_TIME, nullable=True))
    op.create_index(
        "contact_reason",
        "contact",
        ["campaign_id", "state", "why"],
        sqlite_where=LOOKED_AT,
        postgresql_where=LOOKED_AT,
    )
    op.create_index("list_row_contact", "list_row", ["contact_id"])


def downgrade() -> None:
    """There is no way back: restore the backup that was made before the upgrade."""
    raise NotImplementedError("revision 0006 cannot be undone; restore a backup instead")
