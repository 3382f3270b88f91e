"""Numbers that were erased, by their hash, and the key of the hashes.

Rows that became no contact keep their number from now on, so that they are found when it is
erased; rows of before this revision are found by what their other cells hold of it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TEXT = sa.String()
UTC_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add both tables, and the number to rows."""
    op.create_table(
        "number_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("has_traces", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "erased_number",
        sa.Column("number_hash", TEXT, nullable=False),
        sa.Column("number", TEXT, nullable=True),
        sa.Column("asked_at", UTC_TIME, nullable=False),
        sa.Column("erased_at", UTC_TIME, nullable=True),
        sa.PrimaryKeyConstraint("number_hash"),
    )
    op.add_column("list_row", sa.Column("number", TEXT, nullable=True))


def downgrade() -> None:
    """There is no way back: restore the backup that was made before the upgrade."""
    raise NotImplementedError("revision 0011 cannot be undone; restore a backup instead")
