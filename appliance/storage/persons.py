"""Who looked at whom, and what persons asked for. Both name a person by a blinded subject, as the ledger does."""

from enum import StrEnum

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text

from appliance.storage.base import UtcTime, Vocabulary, metadata
from appliance.storage.sealed_text import SealedText


class Look(StrEnum):
    """What somebody looked at."""

    PERSON = "person"
    """One person's data."""
    LIST = "list"
    """The list of a meeting."""
    EXPORT = "export"
    """The list of a meeting, taken away as a file."""
    ROSTER = "roster"
    """The members, all of them or found by name."""
    DOSSIER = "dossier"
    """Everything that is kept of one person, taken away as files."""


class Purpose(StrEnum):
    """What for."""

    ATTENDANCE = "attendance"
    REQUEST = "request"
    """A person's request."""
    CONSOLE = "console"
    """Whatever a technician does at the machine."""


class RequestKind(StrEnum):
    """What a person asks for."""

    ACCESS = "access"
    """To see or to be given what is kept."""
    CORRECTION = "correction"
    ERASURE = "erasure"
    OBJECTION = "objection"
    """That no more is recorded, or not in this way."""


class Answer(StrEnum):
    """How a request ended."""

    DONE = "done"
    NOTHING_KEPT = "nothing-kept"
    REFUSED = "refused"
    """With the reasons told to the person, on paper."""


access_log = Table(
    "access_log",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("account_id", Integer),  # null: at the machine's own command line
    Column("what", Vocabulary(Look), nullable=False),
    Column("purpose", Vocabulary(Purpose), nullable=False),
    Column("meeting_id", Integer),
    Column("subject", LargeBinary, index=True),  # as in ledger_bodies
    sqlite_autoincrement=True,
    sqlite_strict=True,
)

Index("ix_access_log_account_id", access_log.c.account_id, access_log.c.at)

person_requests = Table(
    "person_requests",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Vocabulary(RequestKind), nullable=False),
    Column("subject", LargeBinary, index=True),  # null: nobody whom this appliance knows
    Column("received_at", UtcTime, nullable=False),
    Column("due_on", Text, nullable=False),  # a day of the configured time zone: 2026-12-01
    Column("received_by", SealedText, nullable=False),
    Column("answered_at", UtcTime),
    Column("answered_by", SealedText),
    Column("answer", Vocabulary(Answer)),
    Column("entries", Integer),  # how many entries of the ledger lost their body
    sqlite_autoincrement=True,
    sqlite_strict=True,
)
