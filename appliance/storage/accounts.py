"""Who may sign in to the page, and the one-time codes by which somebody gets to."""

from enum import StrEnum

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, UniqueConstraint, text

from appliance.storage.base import UtcTime, Vocabulary, metadata
from appliance.storage.sealed_text import SealedText, TextTag


class Role(StrEnum):
    """What an account may do."""

    ADMINISTRATOR = "administrator"
    """Everything, and to invite others."""
    OFFICER = "officer"
    """Meetings and attendance."""


class AccountState(StrEnum):
    """Whether an account can sign in."""

    INVITED = "invited"
    """Its owner has not chosen a password yet."""
    ACTIVE = "active"
    DISABLED = "disabled"


class CodePurpose(StrEnum):
    """What a one-time code is good for."""

    SET_UP = "set-up"
    INVITATION = "invitation"


accounts = Table(
    "accounts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("username_tag", TextTag, nullable=False),  # by which an account is found
    Column("username", SealedText, nullable=False, server_default=text("(x'')")),
    Column("display_name", SealedText, nullable=False, server_default=text("(x'')")),
    Column("role", Vocabulary(Role), nullable=False),
    Column("state", Vocabulary(AccountState), nullable=False),
    Column("password_hash", Text),
    Column("session_key", Text, nullable=False, unique=True),  # a new one signs its owner out everywhere
    Column("created_at", UtcTime, nullable=False),
    Column("invited_by", Integer, ForeignKey("accounts.id"), index=True),
    Column("two_factor_method", Text),  # null: a password only
    Column("sealed_totp_secret", LargeBinary),
    Column("sealed_recovery_codes", LargeBinary),
    UniqueConstraint("username_tag", name="uq_accounts_username"),
    sqlite_autoincrement=True,  # the ledger names officers by number: it is never given to another
    sqlite_strict=True,
)

account_codes = Table(
    "account_codes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("purpose", Vocabulary(CodePurpose), nullable=False),
    Column("code_hash", LargeBinary, nullable=False, unique=True),  # SHA-256; the code itself is never kept
    Column("account_id", Integer, ForeignKey("accounts.id", ondelete="CASCADE")),  # null for the set-up
    Column("issued_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("used_at", UtcTime),
    sqlite_strict=True,
)

Index("ix_account_codes_account_id", account_codes.c.account_id)
