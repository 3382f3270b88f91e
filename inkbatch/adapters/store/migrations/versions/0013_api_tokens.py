"""Tokens by which scripts are let in, as hashes; and people of a campaign by the page, quickly."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TEXT = sa.String()
UTC_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the table, and the index by which people are paged."""
    op.create_table(
        "api_token",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("expires_at", UTC_TIME, nullable=False),
        sa.Column("revoked_at", UTC_TIME, nullable=True),
        sa.PrimaryKeyConstraint("name"),
        sa.UniqueConstraint("digest"),
    )
    if op.get_context().dialect.name == "postgresql":  # SQLite's rows lie in that order
        op.create_index("contact_place", "contact", ["campaign_id", "id"])


def downgrade() -> None:
    """There is no way back: restore the backup that was made before the upgrade."""
    raise NotImplementedError("revision 0013 cannot be undone; restore a backup instead")
