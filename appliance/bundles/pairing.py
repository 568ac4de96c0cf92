"""Pairing: which other appliances are believed, each by the device key that was compared when it was added."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects.sqlite import insert as insert_or_update

from appliance.bundles.device_card import LONGEST_NAME, DeviceCard
from appliance.bundles.on_record import Device, PairingRecord, as_of_now, pairing_on_record
from appliance.errors import DeviceUnknown, PairingRefused
from appliance.keys import Keys
from appliance.ledger import EntryKind, Ledger
from appliance.ledger.proven import Prover
from appliance.lists.identity import RosterIdentity
from appliance.names import clean
from appliance.storage.database import Database
from appliance.storage.devices import devices

__all__ = ["Device", "KnownDevices", "Pairing", "believed_in", "device_of_key", "devices_in"]

_SHORTEST_FINGERPRINT = 8


@dataclass(frozen=True, slots=True)
class KnownDevices:
    """Every other appliance, in the order in which they were added.

    ``believed`` by store and ledger; ``removed``, whose entries stay; ``not_on_record`` are lines of the store of which
    the ledger does not say that they were added, ``not_in_store`` those that it does, and that the store lacks.
    """

    believed: tuple[Device, ...]
    removed: tuple[Device, ...]
    not_on_record: tuple[Device, ...]
    not_in_store: tuple[Device, ...]


class Pairing:
    """Knows this appliance's own card, and those of the others."""

    def __init__(self, database: Database, keys: Keys, ledger: Ledger, identity: Callable[[], RosterIdentity]) -> None:
        self._database = database
        self._keys = keys
        self._ledger = ledger
        self._identity = identity
        self.prover = Prover(ledger.bodies, keys.device_public)

    def own_card(self, name: str) -> DeviceCard:
        """Return what the other appliance is to be given; RuleViolation for a name of more than 40 characters."""
        public_key = self._keys.device_public.public_bytes_raw()
        return DeviceCard(clean(name, "the name", longest=LONGEST_NAME), public_key, self._identity().recipient)

    def signed_card(self, name: str) -> bytes:
        """Return the own card as a file."""
        return self.own_card(name).signed(self._keys.device)

    def add(self, card: DeviceCard, *, at: datetime) -> Device:
        """Believe an appliance from now on, on record; the same card again changes nothing.

        Raises PairingRefused for this appliance itself, for a name that another one has, and for a key that is paired
        with another key of age.
        """
        if card.public_key == self._keys.device_public.public_bytes_raw():
            msg = "this is the card of this appliance itself"
            raise PairingRefused(msg)
        with self._changing() as (writer, record):
            for known in record.added():
                is_other = known.card != card
                if is_other and (known.card.public_key == card.public_key or known.name == card.name):
                    msg = f"an appliance called {known.name!r} is paired already, and this card differs from its card"
                    raise PairingRefused(msg)
            for known in _known(writer, record).believed:
                if known.card == card:
                    return known
            device = _kept(writer, card, record.line_of(card.public_key, devices_in(writer)), at)
            self._ledger.append(record.entry(EntryKind.DEVICE_ADDED, device), at=at, connection=writer)
        self._ledger.checkpoint()
        return device

    def remove(self, which: str, *, at: datetime) -> Device:
        """Believe an appliance no more, on record; what it recorded so far stays, and is told by its name.

        ``which`` is its name, or how its fingerprint begins, at least eight digits. DeviceUnknown where there is none,
        PairingRefused where there are several.
        """
        with self._changing() as (writer, record):
            known = _known(writer, record)
            device = only_one((*known.believed, *known.not_on_record, *known.not_in_store), which)
            self._ledger.append(record.entry(EntryKind.DEVICE_REMOVED, device), at=at, connection=writer)
        self._ledger.checkpoint()
        return device

    def known(self) -> KnownDevices:
        """Return every other appliance, also those that nobody believes."""
        with self._database.reading() as reader:
            return _known(reader, pairing_on_record(reader, self.prover))

    def all(self) -> tuple[Device, ...]:
        """Return the appliances that are believed."""
        return self.known().believed

    def named(self, name: str) -> Device:
        """Return an appliance that is believed, by its name; DeviceUnknown where there is none."""
        for device in self.all():
            if device.name == name:
                return device
        raise _nobody()

    @contextmanager
    def _changing(self) -> Iterator[tuple[Connection, PairingRecord]]:
        with self._database.reading() as reader:
            record = pairing_on_record(reader, self.prover)
        with self._database.writing() as writer:
            yield writer, as_of_now(writer, self.prover, record)


def devices_in(reader: Connection) -> tuple[Device, ...]:
    """Return who recorded something, by name, inside a transaction: also who is not believed any more."""
    rows = reader.execute(select(devices).order_by(devices.c.id))
    return tuple(_device(row) for row in rows)


def believed_in(reader: Connection, record: PairingRecord) -> tuple[Device, ...]:
    """Return the appliances that are believed, by the record, inside a transaction."""
    return _known(reader, record).believed


def device_of_key(reader: Connection, record: PairingRecord, public_key: bytes) -> Device:
    """Return whose device key this is; DeviceUnknown for that of anybody who is not believed."""
    for device in believed_in(reader, record):
        if device.card.public_key == public_key:
            return device
    msg = "the bundle is of an appliance that is not paired with this one: device list, device add"
    raise DeviceUnknown(msg)


def only_one(among: Iterable[Device], which: str) -> Device:
    """Return the one of this name, or whose fingerprint begins so; DeviceUnknown, PairingRefused for several."""
    digits = "".join(which.split()).lower()
    found = [device for device in among if device.name == which or _begins(device.card.fingerprint, digits)]
    if not found:
        raise _nobody()
    if len(found) > 1:
        msg = f"{len(found)} appliances are meant by that; say how the fingerprint begins that device list shows"
        raise PairingRefused(msg)
    return found[0]


def _begins(fingerprint: str, digits: str) -> bool:
    return len(digits) >= _SHORTEST_FINGERPRINT and fingerprint.replace(" ", "").startswith(digits)


def _nobody() -> DeviceUnknown:
    return DeviceUnknown("no appliance of that name is paired with this one; device list names them")


def _known(reader: Connection, record: PairingRecord) -> KnownDevices:
    in_store = devices_in(reader)
    believed = tuple(device for device in in_store if record.believes(device))
    removed = tuple(device for device in in_store if record.has_removed(device))
    return KnownDevices(
        believed=believed,
        removed=removed,
        not_on_record=tuple(device for device in in_store if device not in (*believed, *removed)),
        not_in_store=tuple(device for device in record.added() if device.id not in {one.id for one in believed}),
    )


def _kept(writer: Connection, card: DeviceCard, line: int | None, at: datetime) -> Device:
    """Keep a card in the line that was its own before, or in a new one."""
    row = {"public_key": card.public_key, "name": card.name, "recipient": card.recipient, "added_at": at}
    statement = insert_or_update(devices).on_conflict_do_update(index_elements=["id"], set_=row)
    number = writer.scalars(statement.returning(devices.c.id), {"id": line, **row}).one()
    return Device(number, card, at)


def _device(row: Row[tuple[object, ...]]) -> Device:
    return Device(row.id, DeviceCard(row.name, row.public_key, row.recipient), row.added_at)
