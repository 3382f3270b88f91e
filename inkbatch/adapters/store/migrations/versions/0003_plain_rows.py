"""A row with nothing more to say of it is told by its contact alone; `list_row` has all others.

One index finds a number's contacts and keeps a campaign from having two; it has a name, so that
it can be made once a long list is stored.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TEXT = sa.String()
UTC_TIME = sa.DateTime(timezone=True)

KEPT = (
    "id, campaign_id, number, number_type, zones, fields, row_number, priority, state, "
    "waits_until, why, expires_at, attempts_used, enrolled_at"
)


def upgrade() -> None:
    """Let a contact stand for its row; the rows that are stored stay as they are."""
    plain_rows = sa.Column("plain_rows", sa.Integer(), server_default=sa.text("0"), nullable=False)
    op.add_column("list_file", plain_rows)
    if op.get_bind().dialect.name == "postgresql":
        _alter_contact()
    else:
        _rebuild_contact()
    op.create_index("contact_number", "contact", ["number", "campaign_id"], unique=True)


def downgrade() -> None:
    """There is no way back: restore the backup that was made before the upgrade."""
    raise NotImplementedError("revision 0003 cannot be undone; restore a backup instead")


def _alter_contact() -> None:
    op.add_column("contact", sa.Column("file_id", sa.Integer(), nullable=True))
    op.create_foreign_key(None, "contact", "list_file", ["file_id"], ["id"])
    op.drop_constraint("contact_campaign_id_number_key", "contact")
    op.drop_index("contact_number", "contact")


def _rebuild_contact() -> None:
    """Copy the table: SQLite cannot drop a constraint. References to it are not checked here."""
    op.execute("CREATE TABLE former_contact AS SELECT * FROM contact")
    op.drop_table("contact")
    op.create_table(
        "contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("number", TEXT, nullable=False),
        sa.Column("number_type", TEXT, nullable=True),
        sa.Column("zones", TEXT, nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("waits_until", UTC_TIME, nullable=False),
        sa.Column("why", TEXT, nullable=False),
        sa.Column("expires_at", UTC_TIME, nullable=True),
        sa.Column("attempts_used", sa.Integer(), nullable=False),
        sa.Column("enrolled_at", UTC_TIME, nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"]),
        sa.ForeignKeyConstraint(["file_id"], ["list_file.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.execute(f"INSERT INTO contact ({KEPT}) SELECT {KEPT} FROM former_contact ORDER BY id")
    op.drop_table("former_contact")
    op.create_index(
        "contact_due",
        "contact",
        ["campaign_id", "state", "zones", sa.text("priority DESC"), "waits_until", "row_number"],
    )
