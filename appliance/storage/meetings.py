"""Meetings, and the roll of each: who was expected when it closed."""

from enum import StrEnum

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, text

from appliance.storage.base import UtcTime, Vocabulary, metadata
from appliance.storage.members import MemberClass, MemberStatus


class MeetingKind(StrEnum):
    """What people come together for; the kinds are kept apart in every figure."""

    REGULAR = "regular"
    """Sinh hoạt thường kỳ, monthly."""
    THEMATIC = "thematic"
    """Sinh hoạt chuyên đề."""
    CONGRESS = "congress"
    EVENT = "event"


class MeetingState(StrEnum):
    """A meeting goes through these once, in this order."""

    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"


meetings = Table(
    "meetings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Vocabulary(MeetingKind), nullable=False),
    Column("title", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("starts_at", UtcTime, nullable=False),
    Column("late_after_seconds", Integer, nullable=False),
    Column("state", Vocabulary(MeetingState), nullable=False),
    Column("opened_at", UtcTime),
    Column("closed_at", UtcTime),
    Column("rules_version", Text, nullable=False),
    sqlite_autoincrement=True,
    sqlite_strict=True,
)

Index("ix_meetings_one_open", meetings.c.state, unique=True, sqlite_where=text("state = 'open'"))

meeting_rolls = Table(
    "meeting_rolls",
    metadata,
    Column("meeting_id", Integer, ForeignKey("meetings.id"), primary_key=True),
    Column("member_id", Integer, ForeignKey("members.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("member_class", Vocabulary(MemberClass), nullable=False),
    Column("status", Vocabulary(MemberStatus), nullable=False),
    sqlite_strict=True,
)
