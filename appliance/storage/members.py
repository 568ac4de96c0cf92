"""The roster's table and its words.

A member has a number by which a card is recognised: of the chi bộ's own list hashed under this appliance's key
(``identifier_hash``), of a published roster under the key that came with it (``published_number``, ``number_key_id``).
"""

from enum import StrEnum

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, text

from appliance.storage.base import UtcTime, Vocabulary, metadata
from appliance.storage.sealed_text import SealedCode, SealedText


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
    Column("name", SealedText, nullable=False, server_default=text("(x'')")),
    Column("member_class", Vocabulary(MemberClass), nullable=False),
    Column("status", Vocabulary(MemberStatus), nullable=False),
    Column("note", SealedText, nullable=False, server_default=text("(x'')")),
    Column("identifier_hash", LargeBinary, unique=True),
    Column("sealed_password", LargeBinary),
    Column("published_list", Text),  # province/chi-bo of the roster that names them; null: known here only
    Column("published_id", SealedCode),
    Column("published_number", LargeBinary),
    Column("number_key_id", Integer, ForeignKey("number_keys.id")),
    Column("left_at", UtcTime),  # null: on the roster
    sqlite_autoincrement=True,  # the number of an erased person is never given to another
    sqlite_strict=True,
)

Index("ix_members_published_id", members.c.published_list, members.c.published_id, unique=True)
Index("ix_members_published_number", members.c.number_key_id, members.c.published_number, unique=True)
