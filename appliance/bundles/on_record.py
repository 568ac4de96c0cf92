"""Pairing on record: an appliance is believed while the newest entry of our ledger about its key says so.

Whoever can write the store, and has no key of this appliance, makes nobody believed by it: each entry of pairing proves
itself, names the one before it, and nothing may be missing after the newest one up to the signed end. So that no long
ledger is followed for each bundle, every bundle that is received puts on record which entry of pairing was the newest.
Where any of this fails nobody is believed, and whoever is added next begins anew.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from appliance.bundles.device_card import DeviceCard
from appliance.ledger import Entry, EntryKind, NewEntry
from appliance.ledger.canonical_json import JsonValue
from appliance.ledger.proven import ProvenEntry, Prover

NEWEST: Final = "pairing"
"""The key in the body of a received bundle that says which entry of pairing was the newest then."""
_KINDS: Final = (EntryKind.DEVICE_ADDED, EntryKind.DEVICE_REMOVED)


@dataclass(frozen=True, slots=True)
class Device:
    """Another appliance; ``id`` is its line in the store, by which what it recorded is its own for ever."""

    id: int
    card: DeviceCard
    added_at: datetime

    @property
    def name(self) -> str:
        """What it is called here."""
        return self.card.name


@dataclass(frozen=True, slots=True)
class PairingRecord:
    """What the ledger says beyond doubt: the newest entry about each device key, and which of all is the newest."""

    about: Mapping[bytes, Entry]
    newest: int | None = None

    def believes(self, device: Device) -> bool:
        """Tell whether this very appliance was added, and not removed since."""
        entry = self.about.get(device.card.public_key)
        is_added = entry is not None and entry.kind is EntryKind.DEVICE_ADDED
        return entry is not None and is_added and _device(entry) == (device.id, device.card)

    def has_removed(self, device: Device) -> bool:
        """Tell whether the appliance that has this line was removed."""
        entry = self.about.get(device.card.public_key)
        return entry is not None and entry.kind is EntryKind.DEVICE_REMOVED and _device(entry)[0] == device.id

    def added(self) -> tuple[Device, ...]:
        """Return who was added, and not removed since, whatever the store says."""
        added = (entry for entry in self.about.values() if entry.kind is EntryKind.DEVICE_ADDED)
        return tuple(Device(*_device(entry), entry.at) for entry in added)

    def line_of(self, public_key: bytes, in_store: Iterable[Device]) -> int | None:
        """Return the line of whoever was added under this key, now or once: on record, else in the store alone."""
        entry = self.about.get(public_key)
        if entry is not None:
            return _device(entry)[0]
        others = {_device(other)[0] for other in self.about.values()}
        own = (one.id for one in in_store if one.card.public_key == public_key and one.id not in others)
        return next(own, None)

    def entry(self, kind: EntryKind, device: Device) -> NewEntry:
        """Return the entry that says that an appliance is believed from now on, or is not."""
        body: dict[str, JsonValue] = {
            "number": device.id,
            "name": device.name,
            "device": device.card.public_key.hex(),
            "recipient": device.card.recipient,
            "previous": self.newest,
        }
        return NewEntry(kind, body=body)


def pairing_on_record(reader: Connection, prover: Prover) -> PairingRecord:
    """Read the entries of pairing, from the newest one back for as long as each is what we wrote."""
    entries = prover.entries(reader, _KINDS)
    newest = _newest(reader, prover, entries)
    about: dict[bytes, Entry] = {}
    number = newest
    while number is not None and (found := entries.get(number)) is not None:
        body = _body(found.entry)
        about.setdefault(bytes.fromhex(body["device"]), found.entry)
        number = body["previous"]
    return PairingRecord(about, newest)


def as_of_now(writer: Connection, prover: Prover, record: PairingRecord) -> PairingRecord:
    """Return the record again, read anew where it was added to since: a long ledger is followed while nobody waits."""
    number, _ = prover.newest(writer, _KINDS)
    return record if number == (record.newest or 0) else pairing_on_record(writer, prover)


def _newest(reader: Connection, prover: Prover, entries: Mapping[int, ProvenEntry | None]) -> int | None:
    """Return the newest entry of pairing, or None where it is not certain that there is no newer one."""
    newest = max(entries, default=0)
    number, start = prover.newest(reader, [EntryKind.BUNDLE_RECEIVED])
    if number < newest:
        start = entries[newest]
    elif start is not None and _body(start.entry).get(NEWEST) != newest:
        return None
    return newest if start is not None and prover.is_whole_since(reader, start) else None


def _device(entry: Entry) -> tuple[int, DeviceCard]:
    body = _body(entry)
    return body["number"], DeviceCard(body["name"], bytes.fromhex(body["device"]), body["recipient"])


def _body(entry: Entry) -> Mapping[str, Any]:
    return entry.body or {}
