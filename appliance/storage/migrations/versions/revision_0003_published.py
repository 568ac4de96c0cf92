"""What signed lists bring: versions of the rules, and published rosters."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and give members the columns of a published roster."""
    op.create_table(
        "rule_sets",
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sa.Column("received_at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_rule_sets"),
        sqlite_strict=True,
    )
    op.create_table(
        "number_keys",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("sealed_key", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_number_keys"),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_table(
        "published_rosters",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("province", sa.Text, nullable=False),
        sa.Column("chi_bo", sa.Text, nullable=False),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        sa.Column("applied_at", sa.Text, nullable=False),
        sa.Column("members", sa.Integer, nullable=False),
        sa.Column("added", sa.Integer, nullable=False),
        sa.Column("updated", sa.Integer, nullable=False),
        sa.Column("left_members", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_published_rosters"),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    _members()


def _members() -> None:
    # added one by one: to copy the table would forget its highest number, which is never given again
    for column in ("published_list TEXT", "published_id TEXT", "published_number BLOB", "left_at TEXT"):
        op.execute(f"ALTER TABLE members ADD COLUMN {column}")
    reference = "CONSTRAINT fk_members_number_key_id REFERENCES number_keys (id)"
    op.execute(f"ALTER TABLE members ADD COLUMN number_key_id INTEGER {reference}")
    op.create_index("ix_members_published_id", "members", ["published_list", "published_id"], unique=True)
    op.create_index("ix_members_published_number", "members", ["number_key_id", "published_number"], unique=True)
