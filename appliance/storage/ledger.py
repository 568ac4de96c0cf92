"""The ledger's tables: public entries that never change, the sealed, erasable bodies beside them, the signed head."""

from enum import StrEnum
from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, text

from appliance.storage.base import metadata


class EntryKind(StrEnum):
    """What an entry says; public, and without a person."""

    MEETING_OPENED = "meeting-opened"
    CHECK_IN = "check-in"
    CHECK_IN_BY_HAND = "check-in-by-hand"
    VISIT = "visit"
    EXCUSED = "excused"
    REFUSED = "refused"
    CORRECTION = "correction"
    MEETING_CLOSED = "meeting-closed"
    ERASURE = "erasure"
    PROPOSED = "proposed"
    DECLINED = "declined"
    EXCUSE_WITHDRAWN = "excuse-withdrawn"
    CHECK_OUT = "check-out"
    GUEST = "guest"
    VISIT_BY_HAND = "visit-by-hand"
    COUNTED = "counted"
    EXEMPTION = "exemption"
    EXEMPTION_ENDED = "exemption-ended"
    BUNDLE_RECEIVED = "bundle-received"
    BUNDLE_REFUSED = "bundle-refused"
    PERSON_ASSIGNED = "person-assigned"
    DEVICE_ADDED = "device-added"
    DEVICE_REMOVED = "device-removed"
    DEVICE_SETTLED = "device-settled"


ledger_entries = Table(
    "ledger_entries",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("meeting_id", Integer, index=True),
    Column("refers_to", Integer, index=True),
    Column("commitment", LargeBinary, nullable=False),
    Column("previous_hash", LargeBinary, nullable=False),
    Column("entry_hash", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    sqlite_strict=True,
)

ABOUT_DEVICES: Final = text(
    "kind IN ('bundle-received', 'bundle-refused', 'device-added', 'device-removed', 'device-settled')"
)
"""Entries about other appliances; a query that says it in these words uses their index, and a tap never touches it."""

Index("ix_ledger_entries_about_devices", ledger_entries.c.kind, sqlite_where=ABOUT_DEVICES)

ledger_bodies = Table(
    "ledger_bodies",
    metadata,
    Column("sequence", Integer, ForeignKey("ledger_entries.sequence"), primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),  # salt and body; ledger.bodies opens it
    Column("subject", LargeBinary, index=True),  # blinded: the same for the same subject, and tells nothing
    sqlite_strict=True,
)

ledger_head = Table(
    "ledger_head",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="only_one"), primary_key=True, autoincrement=False),
    Column("sequence", Integer, nullable=False),
    Column("entry_hash", LargeBinary, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    sqlite_strict=True,
)
