"""When somebody was last told what a night of a campaign came to, so that it is told once."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

UTC_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the time; of no night it is known that it was told."""
    op.add_column("campaign", sa.Column("night_told_at", UTC_TIME, nullable=True))


def downgrade() -> None:
    """There is no way back: restore the backup that was made before the upgrade."""
    raise NotImplementedError("revision 0014 cannot be undone; restore a backup instead")
