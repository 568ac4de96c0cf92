"""Pairing: which other appliances are believed, each by the device key that was compared when it was added."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, delete, select
from sqlalchemy.dialects.sqlite import insert as insert_or_update
from sqlalchemy.exc import IntegrityError

from appliance.bundles.device_card import LONGEST_NAME, DeviceCard
from appliance.bundles.on_record import PAIRING, Device, PairingRecord, as_of_now, reading_pairing
from appliance.errors import DeviceUnknown, LedgerDamaged, PairingRefused
from appliance.keys import Keys
from appliance.ledger import EntryKind, Ledger, NewEntry
from appliance.ledger.checkpoint import Checkpoint
from appliance.ledger.proven import Prover
from appliance.lists.identity import RosterIdentity
from appliance.names import clean
from appliance.storage.database import Database
from appliance.storage.devices import devices
from appliance.storage.ledger import ledger_head

__all__ = ["Device", "KnownDevices", "Pairing", "believed_in", "device_of_key", "devices_in", "named_lines"]

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
        self.prover = Prover(ledger.bodies, keys.device_public, Checkpoint.beside(database.path))

    def own_card(self, name: str) -> DeviceCard:
        """Return what the other appliance is to be given; RuleViolation for a name of more than 40 characters."""
        public_key = self._keys.device_public.public_bytes_raw()
        return DeviceCard(clean(name, "the name", longest=LONGEST_NAME), public_key, self._identity().recipient)

    def signed_card(self, name: str) -> bytes:
        """Return the own card as a file."""
        return self.own_card(name).signed(self._keys.device)

    def add(self, card: DeviceCard, *, at: datetime, officer: str | None = None) -> Device:
        """Believe an appliance from now on, on record with the officer who says so; the same card changes nothing.

        Raises PairingRefused for this appliance itself, for a name that another one has, for a key that is paired with
        another key of age, and where the ledger ends before the checkpoint: by it nobody would be believed.
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
            self._require_all_of_the_ledger(writer)
            in_store = devices_in(writer)
            line = record.line_of(card.public_key, in_store) or record.free_line(in_store)
            device = _kept(writer, card, line, at)
            self._put_on_record(writer, record.entry(EntryKind.DEVICE_ADDED, device, officer), at)
        self._ledger.checkpoint()
        return device

    def remove(self, which: str, *, at: datetime, officer: str | None = None) -> Device:
        """Believe an appliance no more, on record as ``add``; what it recorded so far stays, and is told by its name.

        ``which`` is its name, its number, or how its fingerprint begins, at least eight digits. A line of the store
        that is not on record, and has the key of an appliance that is, goes, and nothing is recorded: that one stays
        what it is. DeviceUnknown where there is none, PairingRefused where there are several.
        """
        with self._changing() as (writer, record):
            known = _known(writer, record)
            device = only_one((*known.believed, *known.not_in_store, *known.not_on_record), which)
            if device in known.not_on_record and _is_a_second_line(record, device):
                _take_out(writer, device)
            else:
                self._put_on_record(writer, record.entry(EntryKind.DEVICE_REMOVED, device, officer), at)
        self._ledger.checkpoint()
        return device

    def known(self) -> KnownDevices:
        """Return every other appliance, also those that nobody believes."""
        with reading_pairing(self._database, self.prover) as (reader, record):
            return _known(reader, record)

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
        with reading_pairing(self._database, self.prover) as (_, record):
            pass  # a long ledger is followed while nobody waits
        with self._database.writing() as writer:
            yield writer, as_of_now(writer, self.prover, record)

    def _put_on_record(self, writer: Connection, entry: NewEntry, at: datetime) -> None:
        """Append an entry of pairing; LedgerDamaged where the store, by a trigger or an index, does not show it."""
        number = self._ledger.append(entry, at=at, connection=writer)
        newest, proven = self.prover.newest(writer, PAIRING)
        if newest != number or proven is None or self.prover.end_after(writer, proven.mark) is None:
            msg = "the store does not keep what is recorded of other appliances; nothing was changed: run ledger verify"
            raise LedgerDamaged(msg)

    def _require_all_of_the_ledger(self, writer: Connection) -> None:
        vouched = self.prover.vouched()
        if vouched is not None and vouched.sequence > (writer.scalar(select(ledger_head.c.sequence)) or 0):
            msg = "the ledger ends before its checkpoint, and nobody is believed by it: run ledger verify"
            raise PairingRefused(msg)


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


def named_lines(reader: Connection) -> Callable[[int], str]:
    """Return what tells whose a line of the store is: by name, or by its number where that line is gone."""
    names = {device.id: device.name for device in devices_in(reader)}
    return lambda number: names.get(number, f"№ {number}")


def only_one(among: Iterable[Device], which: str) -> Device:
    """Return the one of this name or number, or whose fingerprint begins so; the first where all are one appliance.

    DeviceUnknown for none, PairingRefused for several.
    """
    digits = "".join(which.split()).lower()
    found = [one for one in among if which in (one.name, str(one.id)) or _begins(one.card.fingerprint, digits)]
    if not found:
        raise _nobody()
    if len({(one.id, one.card.public_key) for one in found}) > 1:
        msg = f"{len(found)} appliances are meant by that; say the number, or how the fingerprint begins: device list"
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


def _kept(writer: Connection, card: DeviceCard, line: int, at: datetime) -> Device:
    """Keep a card in its line, which may be there."""
    row = {"public_key": card.public_key, "name": card.name, "recipient": card.recipient, "added_at": at}
    statement = insert_or_update(devices).on_conflict_do_update(index_elements=["id"], set_=row)
    writer.execute(statement, {"id": line, **row})
    return Device(line, card, at)


def _is_a_second_line(record: PairingRecord, device: Device) -> bool:
    """Tell whether its key has another line on record; PairingRefused where this is that line, and was changed."""
    first = record.line_of(device.card.public_key, ())
    if first == device.id and device.card.public_key in record.about:
        msg = f"the line of {device.name!r} was changed in the store: device add its card anew, which puts it right"
        raise PairingRefused(msg)
    return first not in (None, device.id)


def _take_out(writer: Connection, device: Device) -> None:
    try:
        writer.execute(delete(devices).where(devices.c.id == device.id))
    except IntegrityError as error:
        msg = (
            f"entries are kept under line {device.id}, which nothing on record explains; it stays, and is not believed"
        )
        raise PairingRefused(msg) from error


def _device(row: Row[tuple[object, ...]]) -> Device:
    return Device(row.id, DeviceCard(row.name, row.public_key, row.recipient), row.added_at)
