"""The roster's table and its words.

A member has a number by which a card is recognised: of the chi bộ's own list hashed under this appliance's key
(``identifier_hash``), of a published roster under the key that came with it (``published_number``, ``number_key_id``).
"""

from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy import Column, Connection, ForeignKey, Index, Integer, LargeBinary, Table, Text, select, text

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
    Column("became", Integer, ForeignKey("members.id"), index=True),  # of two lines, the one that stayed
    sqlite_autoincrement=True,  # the number of an erased person is never given to another
    sqlite_strict=True,
)

Index("ix_members_published_id", members.c.published_list, members.c.published_id, unique=True)
Index("ix_members_published_number", members.c.number_key_id, members.c.published_number, unique=True)


def lines_that_stayed(reader: Connection) -> Mapping[int, int]:
    """Return of every line that was joined with another one which line stands for that person now, by their numbers."""
    query = select(members.c.id, members.c.became).where(members.c.became.is_not(None))
    return {row.id: row.became for row in reader.execute(query)}


def lines_of(reader: Connection, member_id: int) -> tuple[int, ...]:
    """Return the numbers of all lines that one person has had, by any of them: first the one that stands for them now.

    A number that nobody has, or not any more, is returned alone.
    """
    stayed = reader.scalar(select(members.c.became).where(members.c.id == member_id)) or member_id
    left = select(members.c.id).where(members.c.became == stayed).order_by(members.c.id)
    return (stayed, *reader.scalars(left))
