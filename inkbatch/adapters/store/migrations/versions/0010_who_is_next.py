"""What tells who is next: calls by try, weekday and hour; tries and deadlines in the indexes."""

from collections import defaultdict

import sqlalchemy as sa
from alembic import op

from inkbatch.adapters.store.column_types import UtcDateTime
from inkbatch.domain.answer_odds import Cell, Tally, cell_of, tally_of
from inkbatch.domain.disposition import Disposition

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

HAS_DEADLINE = sa.text("expires_at IS NOT NULL")
ATTEMPTS_AT_ONCE = 10_000


def upgrade() -> None:
    """Count the calls there were; the other indexes of contacts stay as they are."""
    op.add_column(
        "campaign", sa.Column("turns", sa.Integer(), nullable=False, server_default=sa.text("0"))
    )
    op.drop_index("contact_due", "contact")
    op.create_index(
        "contact_due",
        "contact",
        [
            "campaign_id",
            "state",
            "zones",
            sa.text("priority DESC"),
            "attempts_used",
            "waits_until",
            "row_number",
        ],
    )
    op.create_index(
        "contact_deadline",
        "contact",
        [
            "campaign_id",
            "state",
            "zones",
            "expires_at",
            sa.text("priority DESC"),
            "waits_until",
            "row_number",
        ],
        sqlite_where=HAS_DEADLINE,
        postgresql_where=HAS_DEADLINE,
    )
    tally = op.create_table(
        "answer_tally",
        sa.Column("campaign_id", sa.Integer(), sa.ForeignKey("campaign.id"), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in Cell._fields),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("calls", "answered", "voicemail")
        ),
        sa.Column("minutes", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", *Cell._fields),
    )
    rows = [
        {
            "campaign_id": campaign_id,
            **cell._asdict(),
            "calls": told.calls,
            "answered": told.answered,
            "voicemail": told.voicemail,
            "minutes": told.minutes,
        }
        for (campaign_id, cell), told in _counted(op.get_bind()).items()
    ]
    if rows:
        op.bulk_insert(tally, rows)


def _counted(connection: sa.Connection) -> dict[tuple[int, Cell], Tally]:
    ended = sa.text(
        "SELECT attempt.campaign_id, attempt.ordinal, attempt.reserved_at, attempt.disposition, "
        "attempt.talk_minutes, contact.zones FROM attempt "
        "JOIN contact ON contact.id = attempt.contact_id "
        "WHERE attempt.state = 'ended' AND attempt.reserved_at IS NOT NULL "
        "AND attempt.disposition IS NOT NULL"
    ).columns(reserved_at=UtcDateTime)
    counted = defaultdict[tuple[int, Cell], Tally](Tally)
    for rows in connection.execute(ended).partitions(ATTEMPTS_AT_ONCE):
        for campaign_id, ordinal, at, disposition, minutes, zones in rows:
            told = tally_of(Disposition(disposition), minutes or 0.0)
            if told.calls:
                cell = cell_of(ordinal, at=at, zones=tuple(filter(None, zones.split("|"))))
                counted[campaign_id, cell] += told
    return counted


def downgrade() -> None:
    """There is no way back: restore the backup that was made before the upgrade."""
    raise NotImplementedError("revision 0010 cannot be undone; restore a backup instead")
