"""Which database this is, so that a copy is told from the original; and calls without an agent."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table whose first row the first shift writes, and a column for calls to come."""
    op.add_column("call_record", sa.Column("agent_reached", sa.Boolean(), nullable=True))
    op.create_table(
        "installation",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )


def downgrade() -> None:
    """There is no way back: restore the backup that was made before the upgrade."""
    raise NotImplementedError("revision 0008 cannot be undone; restore a backup instead")
