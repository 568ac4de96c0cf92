"""What a meeting needs beside a card: see docs/meetings.md."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_COLUMNS = (
    "uid TEXT DEFAULT '' NOT NULL",
    "window_before_seconds INTEGER",
    "window_after_seconds INTEGER",
    "check_out INTEGER DEFAULT '0' NOT NULL",
    "mode TEXT DEFAULT 'roster' NOT NULL",
    "admission TEXT",
)


def upgrade() -> None:
    """Give meetings what makes them the same elsewhere, a window and a mode; older ones have no window."""
    # added one by one: to copy the table would forget its highest number, which is never given again
    for column in _COLUMNS:
        op.execute(f"ALTER TABLE meetings ADD COLUMN {column}")
    op.execute("UPDATE meetings SET uid = lower(hex(randomblob(16)))")
    op.create_index("ix_meetings_uid", "meetings", ["uid"], unique=True)
    op.create_table(
        "admitted_numbers",
        sa.Column("meeting_id", sa.Integer, nullable=False),
        sa.Column("number_hash", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("meeting_id", "number_hash", name="pk_admitted_numbers"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name="fk_admitted_numbers_meeting_id"),
        sqlite_strict=True,
    )
    op.create_table(
        "home_visits",
        sa.Column("meeting_id", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("begun_at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("meeting_id", name="pk_home_visits"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name="fk_home_visits_meeting_id"),
        sqlite_strict=True,
    )
    op.create_table(
        "sent_forms",
        sa.Column("number", sa.LargeBinary, nullable=False),
        sa.Column("sent_at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_sent_forms"),
        sqlite_strict=True,
    )
