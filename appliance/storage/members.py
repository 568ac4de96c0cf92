"""The roster's table and its words."""

from enum import StrEnum

from sqlalchemy import Column, Integer, LargeBinary, Table, Text

from appliance.storage.base import Vocabulary, metadata


class MemberClass(StrEnum):
    """How somebody belongs to this chi bộ."""

    OFFICIAL = "official"
    """Chính thức."""
    PROBATIONARY = "probationary"
    """Dự bị: holds no chip card."""
    TEMPORARY = "temporary"
    """Sinh hoạt tạm thời: belongs elsewhere, meets here for a time."""


class MemberStatus(StrEnum):
    """Whether somebody is expected at meetings."""

    ACTIVE = "active"
    EXEMPT = "exempt"
    """Miễn công tác và sinh hoạt, by resolution, reversible."""
    AWAY = "away"
    """Temporarily away."""
    SPECIAL_DUTY = "special-duty"


members = Table(
    "members",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("folded_name", Text, nullable=False),
    Column("member_class", Vocabulary(MemberClass), nullable=False),
    Column("status", Vocabulary(MemberStatus), nullable=False),
    Column("note", Text, nullable=False),
    Column("identifier_hash", LargeBinary, unique=True),
    Column("sealed_password", LargeBinary),
    sqlite_autoincrement=True,  # the number of an erased person is never given to another
    sqlite_strict=True,
)
