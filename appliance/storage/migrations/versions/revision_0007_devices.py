"""Other appliances of the same meetings, and what they recorded."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


_ABOUT_DEVICES = sa.text(
    "kind IN ('bundle-received', 'bundle-refused', 'device-added', 'device-removed', 'device-settled')"
)


def upgrade() -> None:
    """Make the tables."""
    _devices_and_bundles()
    _people()
    _entries()
    _erased_and_adopted()
    _given()
    _lines()
    op.create_index("ix_ledger_entries_about_devices", "ledger_entries", ["kind"], sqlite_where=_ABOUT_DEVICES)


def _devices_and_bundles() -> None:
    op.create_table(
        "devices",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("added_at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_devices"),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_table(
        "received_bundles",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("device_id", sa.Integer, nullable=False),
        sa.Column("meeting_uid", sa.Text, nullable=False),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        sa.Column("first_sequence", sa.Integer, nullable=False),
        sa.Column("last_sequence", sa.Integer, nullable=False),
        sa.Column("made_at", sa.Text, nullable=False),
        sa.Column("their_clock_trusted", sa.Integer, nullable=False),
        sa.Column("received_at", sa.Text, nullable=False),
        sa.Column("our_clock_trusted", sa.Integer, nullable=False),
        sa.Column("by_network", sa.Integer, nullable=False),
        sa.Column("recorded_as", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_received_bundles"),
        sa.UniqueConstraint("sha256", name="uq_received_bundles_sha256"),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name="fk_received_bundles_device_id"),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_table(
        "device_alarms",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("device_id", sa.Integer, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("entry_hash", sa.LargeBinary, nullable=False),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sa.Column("seen_at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_device_alarms"),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name="fk_device_alarms_device_id"),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("ix_device_alarms_entry_hash", "device_alarms", ["device_id", "entry_hash"], unique=True)


def _people() -> None:
    op.create_table(
        "foreign_people",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("device_id", sa.Integer, nullable=False),
        sa.Column("subject", sa.LargeBinary, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("member_id", sa.Integer),
        sa.PrimaryKeyConstraint("id", name="pk_foreign_people"),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name="fk_foreign_people_device_id"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_foreign_people_member_id", ondelete="SET NULL"),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("ix_foreign_people_subject", "foreign_people", ["device_id", "subject"], unique=True)
    op.create_index("ix_foreign_people_member_id", "foreign_people", ["member_id"])


def _entries() -> None:
    op.create_table(
        "foreign_entries",
        sa.Column("device_id", sa.Integer, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sa.Column("entry_hash", sa.LargeBinary, nullable=False),
        sa.Column("previous_hash", sa.LargeBinary, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("refers_to", sa.Integer),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("meeting_uid", sa.Text),
        sa.Column("bundle_id", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("person_id", sa.Integer),
        sa.Column("taken", sa.Text, nullable=False),
        sa.Column("mirrored_as", sa.Integer),
        sa.PrimaryKeyConstraint("device_id", "sequence", name="pk_foreign_entries"),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name="fk_foreign_entries_device_id"),
        sa.ForeignKeyConstraint(["bundle_id"], ["received_bundles.id"], name="fk_foreign_entries_bundle_id"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["foreign_people.id"], name="fk_foreign_entries_person_id", ondelete="SET NULL"
        ),
        sqlite_strict=True,
    )
    op.create_index("ix_foreign_entries_meeting_uid", "foreign_entries", ["meeting_uid", "taken"])
    op.create_index("ix_foreign_entries_person_id", "foreign_entries", ["person_id"])
    op.create_index("ix_foreign_entries_mirrored_as", "foreign_entries", ["mirrored_as"])


def _erased_and_adopted() -> None:
    op.create_table(
        "foreign_erasures",
        sa.Column("device_id", sa.Integer, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("device_id", "sequence", name="pk_foreign_erasures"),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name="fk_foreign_erasures_device_id"),
        sqlite_strict=True,
    )
    op.create_table(
        "adopted_meetings",
        sa.Column("meeting_id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("device_id", sa.Integer, nullable=False),
        sa.Column("adopted_at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("meeting_id", name="pk_adopted_meetings"),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meetings.id"], name="fk_adopted_meetings_meeting_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name="fk_adopted_meetings_device_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_adopted_meetings_device_id", "adopted_meetings", ["device_id"])


def _given() -> None:
    op.create_table(
        "given_bundles",
        sa.Column("device_id", sa.Integer, nullable=False),
        sa.Column("meeting_uid", sa.Text, nullable=False),
        sa.Column("given_at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("device_id", "meeting_uid", name="pk_given_bundles"),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name="fk_given_bundles_device_id"),
        sqlite_strict=True,
    )


def _lines() -> None:
    """Of two lines of one person, note which one stayed."""
    reference = "CONSTRAINT fk_members_became REFERENCES members (id)"
    op.execute(f"ALTER TABLE members ADD COLUMN became INTEGER {reference}")
    op.create_index("ix_members_became", "members", ["became"])
