"""Other appliances of the same meetings: who they are, and what they recorded, as they signed it."""

from collections.abc import Collection
from enum import StrEnum

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    delete,
    select,
    update,
)

from appliance.storage.base import UtcTime, Vocabulary, metadata


class Taken(StrEnum):
    """What became here of an entry that another appliance recorded."""

    WAITING = "waiting"
    """It was received, and is taken over next."""
    MIRRORED = "mirrored"
    """It counts here as an entry of this ledger."""
    UNMATCHED = "unmatched"
    """It is about somebody whom this roster does not know for certain; an officer says who it is."""
    HEARSAY = "hearsay"
    """That appliance has it from another one."""
    NOT_NEEDED = "not-needed"
    """Nothing is counted by it: the opening, another meeting's."""
    UNREADABLE = "unreadable"
    """Its body is none that this release understands."""
    ERASED = "erased"
    """Its person was erased."""


devices = Table(
    "devices",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("public_key", LargeBinary, nullable=False),  # whom to believe the ledger says (bundles.on_record)
    Column("name", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("added_at", UtcTime, nullable=False),
    sqlite_autoincrement=True,
    sqlite_strict=True,
)

received_bundles = Table(
    "received_bundles",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("device_id", Integer, ForeignKey("devices.id"), nullable=False),
    Column("meeting_uid", Text, nullable=False),
    Column("sha256", LargeBinary, nullable=False, unique=True),
    Column("first_sequence", Integer, nullable=False),
    Column("last_sequence", Integer, nullable=False),
    Column("made_at", UtcTime, nullable=False),  # by their clock
    Column("their_clock_trusted", Integer, nullable=False),
    Column("received_at", UtcTime, nullable=False),  # by ours
    Column("our_clock_trusted", Integer, nullable=False),
    Column("by_network", Integer, nullable=False),
    Column("recorded_as", Integer, nullable=False),  # the entry of our ledger that says so
    sqlite_autoincrement=True,
    sqlite_strict=True,
)

foreign_entries = Table(
    "foreign_entries",
    metadata,
    Column("device_id", Integer, ForeignKey("devices.id"), primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("document", LargeBinary, nullable=False),  # the public entry with its signature, canonical JSON
    Column("entry_hash", LargeBinary, nullable=False),
    Column("previous_hash", LargeBinary, nullable=False),
    Column("kind", Text, nullable=False),
    Column("refers_to", Integer),
    Column("at", UtcTime, nullable=False),
    Column("meeting_uid", Text),  # null: of another meeting, or none
    Column("bundle_id", Integer, ForeignKey("received_bundles.id"), nullable=False),
    Column("sealed", LargeBinary),  # salt and body, under our key
    Column("person_id", Integer, ForeignKey("foreign_people.id", ondelete="SET NULL")),
    Column("taken", Vocabulary(Taken), nullable=False),
    Column("mirrored_as", Integer),  # the entry of our ledger
    sqlite_strict=True,
)

Index("ix_foreign_entries_meeting_uid", foreign_entries.c.meeting_uid, foreign_entries.c.taken)
Index("ix_foreign_entries_person_id", foreign_entries.c.person_id)
Index("ix_foreign_entries_mirrored_as", foreign_entries.c.mirrored_as)

foreign_people = Table(
    "foreign_people",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("device_id", Integer, ForeignKey("devices.id"), nullable=False),
    Column("subject", LargeBinary, nullable=False),  # blinded
    Column("sealed", LargeBinary, nullable=False),  # whom that appliance means
    Column("member_id", Integer, ForeignKey("members.id", ondelete="SET NULL"), index=True),
    sqlite_autoincrement=True,
    sqlite_strict=True,
)

Index("ix_foreign_people_subject", foreign_people.c.device_id, foreign_people.c.subject, unique=True)


foreign_erasures = Table(  # also of entries that come later: an older bundle has their bodies still
    "foreign_erasures",
    metadata,
    Column("device_id", Integer, ForeignKey("devices.id"), primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),  # of the entry that lost its body over there
    sqlite_strict=True,
)

adopted_meetings = Table(
    "adopted_meetings",
    metadata,
    Column("meeting_id", Integer, ForeignKey("meetings.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("device_id", Integer, ForeignKey("devices.id"), nullable=False, index=True),
    Column("adopted_at", UtcTime, nullable=False),
    sqlite_strict=True,
)

device_alarms = Table(
    "device_alarms",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("device_id", Integer, ForeignKey("devices.id"), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("entry_hash", LargeBinary, nullable=False),
    Column("document", LargeBinary, nullable=False),  # the second entry, as it was signed
    Column("seen_at", UtcTime, nullable=False),
    sqlite_autoincrement=True,
    sqlite_strict=True,
)

Index("ix_device_alarms_entry_hash", device_alarms.c.device_id, device_alarms.c.entry_hash, unique=True)

given_bundles = Table(  # to whom a meeting was made known: their bundle of it is expected
    "given_bundles",
    metadata,
    Column("device_id", Integer, ForeignKey("devices.id"), primary_key=True),
    Column("meeting_uid", Text, primary_key=True),
    Column("given_at", UtcTime, nullable=False),
    sqlite_strict=True,
)


def forget_mirrored(writer: Connection, numbers: Collection[int]) -> None:
    """Remove what other appliances said of persons from the entries that these entries of our ledger mirror."""
    _forget(writer, foreign_entries.c.mirrored_as.in_(numbers))


def forget_member(writer: Connection, member_id: int) -> None:
    """Remove what other appliances said of a member, also where nothing was taken over of it yet."""
    meant = select(foreign_people.c.id).where(foreign_people.c.member_id == member_id)
    _forget(writer, foreign_entries.c.person_id.in_(meant))
    writer.execute(delete(foreign_people).where(foreign_people.c.member_id == member_id))


def _forget(writer: Connection, which: ColumnElement[bool]) -> None:
    values = {"sealed": None, "person_id": None, "taken": Taken.ERASED}
    writer.execute(update(foreign_entries).where(which).values(values))
