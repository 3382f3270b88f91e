"""All numbers of contacts that have several, and which of them is called next."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TEXT = sa.String()


def upgrade() -> None:
    """Add the table, and the column; contacts of before have one number each."""
    op.create_table(
        "number_of_contact",
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("number", TEXT, nullable=False),
        sa.Column("number_type", TEXT, nullable=True),
        sa.Column("zones", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"]),
        sa.PrimaryKeyConstraint("contact_id", "place"),
    )
    op.create_index("number_of_contact_number", "number_of_contact", ["number"])
    op.add_column("contact", sa.Column("called_number", TEXT, nullable=True))


def downgrade() -> None:
    """There is no way back: restore the backup that was made before the upgrade."""
    raise NotImplementedError("revision 0012 cannot be undone; restore a backup instead")
