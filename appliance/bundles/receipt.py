"""The receipt of a bundle: our own chain says what came and what it vouches for, and so covers the others' heads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, insert

from appliance.bundles.bundle import Bundle, BundleEntry
from appliance.bundles.on_record import NEWEST, Device, PairingRecord
from appliance.ledger import EntryKind, Ledger, NewEntry
from appliance.ledger.canonical_json import JsonValue
from appliance.meetings import Meeting
from appliance.storage.devices import received_bundles

MEETING_THERE: Final = "meeting"
"""The key in the body that says what number the meeting has over there: which entries are its own."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came, and how: one entry or more, when by our clock, whether that was trusted, by network or by stick."""

    bundle: Bundle
    entries: Sequence[BundleEntry]
    at: datetime
    is_clock_trusted: bool
    by_network: bool


def put_on_record(
    writer: Connection,
    ledger: Ledger,
    receipt: Receipt,
    device: Device,
    meeting: Meeting,
    *,
    paired: PairingRecord,
) -> int:
    """Put on record that a bundle was received; return its number in the store."""
    bundle, entries = receipt.bundle, receipt.entries
    last = entries[-1]
    body: dict[str, JsonValue] = {
        "device": device.card.public_key.hex(),
        "name": device.name,
        "bundle": bundle.sha256.hex(),
        "first": entries[0].public.sequence,
        "last": last.public.sequence,
        "entry_hash": last.entry_hash.hex(),
        MEETING_THERE: bundle.header.meeting_id,
        NEWEST: paired.newest,
    }
    entry = NewEntry(EntryKind.BUNDLE_RECEIVED, meeting.id, body=body)
    row = {
        "device_id": device.id,
        "meeting_uid": bundle.header.plan.uid,
        "sha256": bundle.sha256,
        "first_sequence": entries[0].public.sequence,
        "last_sequence": last.public.sequence,
        "made_at": bundle.header.made_at,
        "their_clock_trusted": int(bundle.header.clock_trusted),
        "received_at": receipt.at,
        "our_clock_trusted": int(receipt.is_clock_trusted),
        "by_network": int(receipt.by_network),
        "recorded_as": ledger.append(entry, at=receipt.at, connection=writer),
    }
    bundle_id: int = writer.scalars(insert(received_bundles).returning(received_bundles.c.id), row).one()
    return bundle_id
