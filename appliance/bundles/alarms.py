"""Alarms: an appliance signed two different entries of one number. Each is on record once, and stays when settled."""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from appliance.bundles.bundle import BundleEntry
from appliance.bundles.kept_entries import signed_entry
from appliance.bundles.pairing import Device, devices_in, only_one
from appliance.errors import DeviceContradicts, RuleViolation
from appliance.ledger import Entry, EntryKind, Ledger, NewEntry
from appliance.ledger.canonical_json import JsonValue
from appliance.ledger.proven import Prover
from appliance.names import clean
from appliance.storage.base import utc_time
from appliance.storage.database import Database
from appliance.storage.devices import device_alarms, foreign_entries

_KINDS = (EntryKind.BUNDLE_REFUSED, EntryKind.DEVICE_SETTLED)
_LONGEST_FINDING = 500


@dataclass(frozen=True, slots=True)
class Settlement:
    """When an officer settled an alarm, who, and what was found out."""

    at: datetime
    officer: str = field(repr=False)
    finding: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Alarm:
    """The number of which an appliance signed two entries; ``recorded_as`` is the entry of our ledger that says so."""

    recorded_as: int
    device: bytes
    sequence: int
    entry_hash: bytes
    seen_at: datetime
    settlement: Settlement | None = None


@dataclass(frozen=True, slots=True)
class SignedEntry:
    """What is public of an entry that another appliance signed."""

    kind: str
    at: datetime
    entry_hash: bytes


@dataclass(frozen=True, slots=True)
class Contradicting:
    """Both entries of an alarm: the one that was kept before, and the one that came; None for what is not there."""

    alarm: Alarm
    kept: SignedEntry | None
    other: SignedEntry | None


class Alarms:
    """Raises alarms, shows them, and lets an officer settle them."""

    def __init__(self, database: Database, ledger: Ledger, prover: Prover) -> None:
        self._database = database
        self._ledger = ledger
        self._prover = prover

    def raise_for(self, device: Device, entry: BundleEntry, *, at: datetime) -> None:
        """Keep the second entry as proof, and put it on record; once, however often it comes, and however signed."""
        sequence = entry.public.sequence
        row = {
            "device_id": device.id,
            "sequence": sequence,
            "entry_hash": entry.entry_hash,
            "document": entry.document,
            "seen_at": at,
        }
        body: dict[str, JsonValue] = {
            "device": device.card.public_key.hex(),
            "name": device.name,
            "reason": DeviceContradicts.reason,
            "sequence": sequence,
            "entry_hash": entry.entry_hash.hex(),
        }
        with self._database.writing() as writer:
            writer.execute(insert(device_alarms).prefix_with("OR IGNORE"), row)
            if not any(_is_of(alarm, device, entry.entry_hash) for alarm in alarms_in(writer, self._prover)):
                self._ledger.append(NewEntry(EntryKind.BUNDLE_REFUSED, body=body), at=at, connection=writer)

    def all(self) -> tuple[Alarm, ...]:
        """Return every alarm that our ledger tells of, settled or not."""
        with self._database.reading() as reader:
            return alarms_in(reader, self._prover)

    def unsettled(self, which: str) -> tuple[Device, tuple[Contradicting, ...]]:
        """Return an appliance, by name or by how its fingerprint begins, and the alarms that are to be looked at.

        It may have been removed. DeviceUnknown where there is none, PairingRefused where there are several.
        """
        with self._database.reading() as reader:
            alarms = [alarm for alarm in alarms_in(reader, self._prover) if alarm.settlement is None]
            alarmed = {alarm.device for alarm in alarms}
            known = devices_in(reader)
            with_alarms = [device for device in known if device.card.public_key in alarmed]
            device = only_one(with_alarms or known, which)
            own = (alarm for alarm in alarms if alarm.device == device.card.public_key)
            return device, tuple(_both(reader, device, alarm) for alarm in own)

    def settle(self, device: Device, alarms: Collection[Alarm], *, officer: str, finding: str, at: datetime) -> None:
        """Put on record that these alarms were looked into, and what was found; what proves them stays.

        What was settled meanwhile is left out. RuleViolation for no officer, and for an empty finding.
        """
        officer, finding = clean(officer, "the officer"), clean(finding, "the finding", longest=_LONGEST_FINDING)
        with self._database.writing() as writer:
            settled = {one.recorded_as for one in alarms_in(writer, self._prover) if one.settlement is not None}
            for alarm in alarms:
                if alarm.recorded_as in settled:
                    continue
                body: dict[str, JsonValue] = {
                    "device": device.card.public_key.hex(),
                    "name": device.name,
                    "sequence": alarm.sequence,
                    "officer": officer,
                    "reason": finding,
                }
                entry = NewEntry(EntryKind.DEVICE_SETTLED, refers_to=alarm.recorded_as, body=body)
                self._ledger.append(entry, at=at, connection=writer)
        self._ledger.checkpoint()


def alarms_in(reader: Connection, prover: Prover) -> tuple[Alarm, ...]:
    """Return every alarm that our ledger tells of, settled or not, inside a transaction."""
    found = [proven.entry for proven in prover.entries(reader, _KINDS).values() if proven is not None]
    settled = {entry.refers_to: entry for entry in found if entry.kind is EntryKind.DEVICE_SETTLED}
    return tuple(_alarms(found, settled))


def _alarms(found: Collection[Entry], settled: Mapping[int | None, Entry]) -> Iterator[Alarm]:
    for entry in found:
        if entry.kind is EntryKind.BUNDLE_REFUSED and entry.body is not None:
            by = settled.get(entry.sequence)
            yield Alarm(
                recorded_as=entry.sequence,
                device=bytes.fromhex(entry.body["device"]),
                sequence=entry.body["sequence"],
                entry_hash=bytes.fromhex(entry.body["entry_hash"]),
                seen_at=entry.at,
                settlement=None if by is None or by.body is None else _settlement(by.at, by.body),
            )


def _settlement(at: datetime, body: Mapping[str, Any]) -> Settlement:
    return Settlement(at, body["officer"], body["reason"])


def _is_of(alarm: Alarm, device: Device, entry_hash: bytes) -> bool:
    return (alarm.device, alarm.entry_hash) == (device.card.public_key, entry_hash)


def _both(reader: Connection, device: Device, alarm: Alarm) -> Contradicting:
    of_device = foreign_entries.c.device_id == device.id
    kept = reader.execute(
        select(foreign_entries).where(of_device, foreign_entries.c.sequence == alarm.sequence)
    ).one_or_none()
    document = reader.scalar(
        select(device_alarms.c.document).where(
            device_alarms.c.device_id == device.id, device_alarms.c.entry_hash == alarm.entry_hash
        )
    )
    return Contradicting(
        alarm,
        None if kept is None else SignedEntry(kept.kind, kept.at, kept.entry_hash),
        None if document is None else _signed(document, alarm.entry_hash),
    )


def _signed(document: bytes, entry_hash: bytes) -> SignedEntry | None:
    """Read a second entry; None for what is not the entry that the alarm is about any more."""
    try:
        public, _ = signed_entry(document)
    except RuleViolation:
        return None
    is_it = hashlib.sha256(public.signed_bytes()).digest() == entry_hash
    return SignedEntry(public.kind, utc_time(public.at), entry_hash) if is_it else None
