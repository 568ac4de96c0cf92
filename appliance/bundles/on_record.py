"""Pairing on record: an appliance is believed while the newest entry of our ledger about its key says so.

Whoever can write the store, and has no key of this appliance, makes nobody believed by it: each entry of pairing proves
itself, names the one before it, and nothing may be missing after the newest one up to the signed end. So that no long
ledger is followed for each bundle, every bundle that is received puts on record which entry of pairing was the newest.
Nor may the checkpoint file vouch for more than that end, or for something else: so no shorter ledger, whose signed end
another appliance got in a bundle, brings anybody back. Where any of this fails nobody is believed, and whoever is added
next begins anew.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain, count
from typing import Any, Final

from sqlalchemy import Connection

from appliance.bundles.device_card import DeviceCard
from appliance.ledger import Entry, EntryKind, NewEntry
from appliance.ledger.canonical_json import JsonValue
from appliance.ledger.checkpoint import Mark
from appliance.ledger.proven import ProvenEntry, Prover
from appliance.storage.database import Database

NEWEST: Final = "pairing"
"""The key in the body of a received bundle that says which entry of pairing was the newest then."""
PAIRING: Final = (EntryKind.DEVICE_ADDED, EntryKind.DEVICE_REMOVED)


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
    """What the ledger says beyond doubt: the newest entry about each device key, and which of all is the newest.

    ``end`` is how far it was followed, None where nobody is believed. ``lines`` says whose each line of the store was
    when it was first on record, in that order: also by entries that nothing else is proven by any more.
    """

    about: Mapping[bytes, Entry]
    newest: int | None = None
    end: Mark | None = None
    lines: Mapping[int, bytes] = field(default_factory=dict)

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

    def removed_lines(self) -> frozenset[int]:
        """Return the lines of those who were removed, whatever the store says."""
        removed = {_device(entry)[0] for entry in self.about.values() if entry.kind is EntryKind.DEVICE_REMOVED}
        return frozenset(removed.difference(device.id for device in self.added()))

    def line_of(self, public_key: bytes, in_store: Iterable[Device]) -> int | None:
        """Return the first line of whoever was added under this key, now or once: on record, else in the store."""
        on_record = (number for number, key in self.lines.items() if key == public_key)
        others = (one.id for one in in_store if one.card.public_key == public_key and one.id not in self.lines)
        return next(chain(on_record, others), None)

    def free_line(self, in_store: Iterable[Device]) -> int:
        """Return the number of a line that nobody has, and nobody had on record: what is kept there is theirs."""
        taken = {*self.lines, *(device.id for device in in_store)}
        return next(number for number in count(1) if number not in taken)

    def entry(self, kind: EntryKind, device: Device, officer: str | None = None) -> NewEntry:
        """Return the entry that says that an appliance is believed from now on, or is not, and who says so."""
        body: dict[str, JsonValue] = {
            "number": device.id,
            "name": device.name,
            "device": device.card.public_key.hex(),
            "recipient": device.card.recipient,
            "previous": self.newest,
        }
        if officer is not None:
            body["officer"] = officer
        return NewEntry(kind, body=body)


@contextmanager
def reading_pairing(database: Database, prover: Prover) -> Iterator[tuple[Connection, PairingRecord]]:
    """Give a snapshot, and what it says of pairing; the checkpoint is asked first, which the snapshot must reach."""
    vouched = prover.vouched()
    with database.reading() as reader:
        yield reader, pairing_on_record(reader, prover, vouched)


def pairing_on_record(reader: Connection, prover: Prover, vouched: Mark | None) -> PairingRecord:
    """Read the entries of pairing, from the newest one back for as long as each is what we wrote."""
    entries = prover.entries(reader, PAIRING)
    newest, end = _newest(reader, prover, entries, vouched)
    about: dict[bytes, Entry] = {}
    number = newest
    while number is not None and (found := entries.get(number)) is not None:
        body = _body(found.entry)
        about.setdefault(bytes.fromhex(body["device"]), found.entry)
        number = body["previous"]
    return PairingRecord(about, newest, end, lines_on_record(entries.values()))


def lines_on_record(entries: Iterable[ProvenEntry | None]) -> dict[int, bytes]:
    """Return the device key that each line of the store was first put on record with."""
    lines: dict[int, bytes] = {}
    for found in entries:
        if found is not None:
            body = _body(found.entry)
            lines.setdefault(body["number"], bytes.fromhex(body["device"]))
    return lines


def as_of_now(writer: Connection, prover: Prover, record: PairingRecord) -> PairingRecord:
    """Return the record again, read anew where it was added to since: a long ledger is followed while nobody waits.

    ``writer`` may write: so nobody is further than what it sees.
    """
    end = None if record.end is None else prover.end_after(writer, record.end, without=PAIRING)
    return pairing_on_record(writer, prover, prover.vouched()) if end is None else replace(record, end=end)


def _newest(
    reader: Connection, prover: Prover, entries: Mapping[int, ProvenEntry | None], vouched: Mark | None
) -> tuple[int | None, Mark | None]:
    """Return the newest entry of pairing and the signed end; None where it is not certain that there is no newer one.

    No index is trusted for that: what follows is read, and whoever of them is of pairing was hidden.
    """
    newest = max(entries, default=0)
    number, start = prover.newest(reader, [EntryKind.BUNDLE_RECEIVED])
    if number < newest:
        start = entries[newest]
    elif start is not None and _body(start.entry).get(NEWEST) != newest:
        return None, None
    end = None if start is None else prover.end_after(reader, start.mark, vouched=vouched, without=PAIRING)
    return (None, None) if end is None else (newest, end)


def _device(entry: Entry) -> tuple[int, DeviceCard]:
    body = _body(entry)
    return body["number"], DeviceCard(body["name"], bytes.fromhex(body["device"]), body["recipient"])


def _body(entry: Entry) -> Mapping[str, Any]:
    return entry.body or {}
