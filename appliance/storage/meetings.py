"""Meetings, the roll of each (who was expected when it closed), and what an open one needs beside them."""

from enum import StrEnum

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, text

from appliance.storage.base import UtcTime, Vocabulary, metadata
from appliance.storage.members import MemberClass, MemberStatus


class MeetingKind(StrEnum):
    """What people come together for; the kinds are kept apart in every figure."""

    REGULAR = "regular"
    """Sinh hoạt thường kỳ, monthly."""
    THEMATIC = "thematic"
    """Sinh hoạt chuyên đề."""
    EXTRAORDINARY = "extraordinary"
    """Họp bất thường: beside the monthly one, for a matter that cannot wait."""
    CONGRESS = "congress"
    EVENT = "event"


class MeetingState(StrEnum):
    """A meeting goes through these once, in this order."""

    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"


class MeetingMode(StrEnum):
    """Who is expected, and what is kept of those who come."""

    ROSTER = "roster"
    """The members of the chi bộ are expected; others visit."""
    NAMES = "names"
    """Nobody in particular is expected; who comes is listed."""
    COUNTS = "counts"
    """Nobody in particular is expected; who comes is counted, and nothing is kept of them."""


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
    Column("uid", Text, nullable=False, server_default=""),  # 32 hexadecimal digits: the same on every appliance
    Column("window_before_seconds", Integer),  # both null: an open meeting takes cards at any time
    Column("window_after_seconds", Integer),
    Column("check_out", Integer, nullable=False, server_default="0"),  # 1: a second tap is the leaving
    Column("mode", Vocabulary(MeetingMode), nullable=False, server_default="roster"),
    Column("admission", Text),  # canonical JSON of meetings.admission; null: every genuine card
    sqlite_autoincrement=True,
    sqlite_strict=True,
)

Index("ix_meetings_one_open", meetings.c.state, unique=True, sqlite_where=text("state = 'open'"))
Index("ix_meetings_uid", meetings.c.uid, unique=True)

meeting_rolls = Table(
    "meeting_rolls",
    metadata,
    Column("meeting_id", Integer, ForeignKey("meetings.id"), primary_key=True),
    Column("member_id", Integer, ForeignKey("members.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("member_class", Vocabulary(MemberClass), nullable=False),
    Column("status", Vocabulary(MemberStatus), nullable=False),
    sqlite_strict=True,
)

admitted_numbers = Table(
    "admitted_numbers",
    metadata,
    Column("meeting_id", Integer, ForeignKey("meetings.id"), primary_key=True),
    Column("number_hash", LargeBinary, primary_key=True),  # under this appliance's own key; gone when the event closes
    sqlite_strict=True,
)

home_visits = Table(
    "home_visits",
    metadata,
    Column("meeting_id", Integer, ForeignKey("meetings.id"), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),  # place and officer; the row goes when the visit ends
    Column("begun_at", UtcTime, nullable=False),
    sqlite_strict=True,
)
