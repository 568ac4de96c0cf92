"""Accounts that sign in to the page, and one-time codes."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("username", sa.Text, nullable=False),
        sa.Column("display_name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text),
        sa.Column("session_key", sa.Text, nullable=False),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("invited_by", sa.Integer),
        sa.Column("two_factor_method", sa.Text),
        sa.Column("sealed_totp_secret", sa.LargeBinary),
        sa.Column("sealed_recovery_codes", sa.LargeBinary),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("username", name="uq_accounts_username"),
        sa.UniqueConstraint("session_key", name="uq_accounts_session_key"),
        sa.ForeignKeyConstraint(["invited_by"], ["accounts.id"], name="fk_accounts_invited_by"),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("ix_accounts_invited_by", "accounts", ["invited_by"])
    op.create_table(
        "account_codes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("code_hash", sa.LargeBinary, nullable=False),
        sa.Column("account_id", sa.Integer),
        sa.Column("issued_at", sa.Text, nullable=False),
        sa.Column("expires_at", sa.Text, nullable=False),
        sa.Column("used_at", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_account_codes"),
        sa.UniqueConstraint("code_hash", name="uq_account_codes_code_hash"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_account_codes_account_id", ondelete="CASCADE"
        ),
        sqlite_strict=True,
    )
    op.create_index("ix_account_codes_account_id", "account_codes", ["account_id"])
