"""Files of call lists have a table, and a row of one no longer repeats what its file is.

Contacts gain the type of their number.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TEXT = sa.String()
UTC_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Move what the rows say of their file into a table of files."""
    op.add_column("contact", sa.Column("number_type", TEXT, nullable=True))
    op.create_table(
        "list_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("enrolled_at", UTC_TIME, nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("campaign_id", "sha256"),
    )
    op.execute(
        "INSERT INTO list_file (campaign_id, name, sha256, enrolled_at) "
        "SELECT campaign_id, min(file_name), file_sha256, min(enrolled_at) FROM list_row "
        "GROUP BY campaign_id, file_sha256 ORDER BY min(id)"
    )
    op.execute("CREATE TABLE former_list_row AS SELECT * FROM list_row")
    op.drop_table("list_row")
    op.create_table(
        "list_row",
        sa.Column("file_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("row_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=True),
        sa.Column("column", TEXT, nullable=True),
        sa.Column("value", TEXT, nullable=True),
        sa.Column("fields", sa.JSON(), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("duplicate_of", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["file_id"], ["list_file.id"]),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"]),
        sa.PrimaryKeyConstraint("file_id", "row_number"),
        sqlite_with_rowid=False,
    )
    kept = 'row_number, status, reason, "column", value, fields, contact_id, duplicate_of'
    op.execute(
        f"INSERT INTO list_row (file_id, {kept}) SELECT list_file.id, {kept} "
        "FROM former_list_row JOIN list_file ON list_file.campaign_id = "
        "former_list_row.campaign_id AND list_file.sha256 = former_list_row.file_sha256"
    )
    op.drop_table("former_list_row")


def downgrade() -> None:
    """There is no way back: restore the backup that was made before the upgrade."""
    raise NotImplementedError("revision 0002 cannot be undone; restore a backup instead")
