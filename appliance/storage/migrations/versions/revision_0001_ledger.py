"""Roster, meetings and the ledger.

A revision stands for ever, so it spells its tables out instead of importing today's.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_LEDGER_TRIGGERS = (
    """
    CREATE TRIGGER ledger_entries_never_change BEFORE UPDATE ON ledger_entries
    BEGIN SELECT RAISE(ABORT, 'an entry of the ledger never changes'); END
    """,
    """
    CREATE TRIGGER ledger_entries_never_go BEFORE DELETE ON ledger_entries
    BEGIN SELECT RAISE(ABORT, 'an entry of the ledger never goes'); END
    """,
    # also stops INSERT OR REPLACE, whose deletion fires no trigger
    """
    CREATE TRIGGER ledger_entries_have_no_gap BEFORE INSERT ON ledger_entries
    WHEN NEW.sequence IS NOT (SELECT coalesce(max(sequence), 0) + 1 FROM ledger_entries)
    BEGIN SELECT RAISE(ABORT, 'an entry of the ledger follows the last one'); END
    """,
    """
    CREATE TRIGGER ledger_bodies_never_change BEFORE UPDATE ON ledger_bodies
    BEGIN SELECT RAISE(ABORT, 'the body of an entry is erased or left as it is'); END
    """,
    """
    CREATE TRIGGER ledger_head_never_goes BEFORE DELETE ON ledger_head
    BEGIN SELECT RAISE(ABORT, 'the head of the ledger only moves on'); END
    """,
    """
    CREATE TRIGGER ledger_head_moves_on BEFORE UPDATE ON ledger_head
    WHEN NEW.sequence <= OLD.sequence
    BEGIN SELECT RAISE(ABORT, 'the head of the ledger only moves on'); END
    """,
)


def upgrade() -> None:
    """Make the tables."""
    _members_and_meetings()
    _ledger()
    for trigger in _LEDGER_TRIGGERS:
        op.execute(trigger)


def _members_and_meetings() -> None:
    op.create_table(
        "members",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("folded_name", sa.Text, nullable=False),
        sa.Column("member_class", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("identifier_hash", sa.LargeBinary),
        sa.Column("sealed_password", sa.LargeBinary),
        sa.PrimaryKeyConstraint("id", name="pk_members"),
        sa.UniqueConstraint("identifier_hash", name="uq_members_identifier_hash"),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_table(
        "meetings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("starts_at", sa.Text, nullable=False),
        sa.Column("late_after_seconds", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("opened_at", sa.Text),
        sa.Column("closed_at", sa.Text),
        sa.Column("rules_version", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_meetings"),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("ix_meetings_one_open", "meetings", ["state"], unique=True, sqlite_where=sa.text("state = 'open'"))
    op.create_table(
        "meeting_rolls",
        sa.Column("meeting_id", sa.Integer, nullable=False),
        sa.Column("member_id", sa.Integer, nullable=False),
        sa.Column("member_class", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("meeting_id", "member_id", name="pk_meeting_rolls"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name="fk_meeting_rolls_meeting_id"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_meeting_rolls_member_id", ondelete="CASCADE"),
        sqlite_strict=True,
    )
    op.create_index("ix_meeting_rolls_member_id", "meeting_rolls", ["member_id"])


def _ledger() -> None:
    op.create_table(
        "ledger_entries",
        sa.Column("sequence", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("meeting_id", sa.Integer),
        sa.Column("refers_to", sa.Integer),
        sa.Column("commitment", sa.LargeBinary, nullable=False),
        sa.Column("previous_hash", sa.LargeBinary, nullable=False),
        sa.Column("entry_hash", sa.LargeBinary, nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_ledger_entries"),
        sqlite_strict=True,
    )
    op.create_index("ix_ledger_entries_meeting_id", "ledger_entries", ["meeting_id"])
    op.create_index("ix_ledger_entries_refers_to", "ledger_entries", ["refers_to"])
    op.create_table(
        "ledger_bodies",
        sa.Column("sequence", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, sa.Computed("json_extract(body, '$.subject')", persisted=False)),
        sa.PrimaryKeyConstraint("sequence", name="pk_ledger_bodies"),
        sa.ForeignKeyConstraint(["sequence"], ["ledger_entries.sequence"], name="fk_ledger_bodies_sequence"),
        sqlite_strict=True,
    )
    op.create_index("ix_ledger_bodies_subject", "ledger_bodies", ["subject"])
    op.create_table(
        "ledger_head",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("entry_hash", sa.LargeBinary, nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_head"),
        sa.CheckConstraint("id = 1", name="ck_ledger_head_only_one"),
        sqlite_strict=True,
    )
