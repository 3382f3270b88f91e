"""Numbers that are left in peace for a while after a talk or a refusal.

Talks of before this revision are known from their attempts, which each campaign's own cool-downs
look back at; none is written down here for them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table of cool-downs."""
    op.create_table(
        "cool_down",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )


def downgrade() -> None:
    """There is no way back: restore the backup that was made before the upgrade."""
    raise NotImplementedError("revision 0005 cannot be undone; restore a backup instead")
