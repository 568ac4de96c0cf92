"""Pairing: which other appliances are believed, each by the device key that was compared when it was added."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, func, insert, select

from appliance.bundles.device_card import LONGEST_NAME, DeviceCard
from appliance.errors import DeviceUnknown, PairingRefused
from appliance.keys import Keys
from appliance.lists.identity import RosterIdentity
from appliance.names import clean
from appliance.storage.database import Database
from appliance.storage.devices import device_alarms, devices


@dataclass(frozen=True, slots=True)
class Device:
    """A paired appliance; ``alarms`` are the numbers under which it signed two different entries."""

    id: int
    card: DeviceCard
    added_at: datetime
    alarms: int = 0

    @property
    def name(self) -> str:
        """What it is called here."""
        return self.card.name


class Pairing:
    """Knows this appliance's own card, and those of the others."""

    def __init__(self, database: Database, keys: Keys, identity: Callable[[], RosterIdentity]) -> None:
        self._database = database
        self._keys = keys
        self._identity = identity

    def own_card(self, name: str) -> DeviceCard:
        """Return what the other appliance is to be given; RuleViolation for a name of more than 40 characters."""
        public_key = self._keys.device_public.public_bytes_raw()
        return DeviceCard(clean(name, "the name", longest=LONGEST_NAME), public_key, self._identity().recipient)

    def signed_card(self, name: str) -> bytes:
        """Return the own card as a file."""
        return self.own_card(name).signed(self._keys.device)

    def add(self, card: DeviceCard, *, at: datetime) -> Device:
        """Believe an appliance from now on; the same card again changes nothing.

        Raises PairingRefused for this appliance itself, for a name that another one has, and for a key that is paired
        with another key of age.
        """
        if card.public_key == self._keys.device_public.public_bytes_raw():
            msg = "this is the card of this appliance itself"
            raise PairingRefused(msg)
        with self._database.writing() as writer:
            for known in devices_in(writer):
                if known.card == card:
                    return known
                if known.card.public_key == card.public_key or known.name == card.name:
                    msg = f"an appliance called {known.name!r} is paired already, and this card differs from its card"
                    raise PairingRefused(msg)
            row = {"public_key": card.public_key, "name": card.name, "recipient": card.recipient, "added_at": at}
            device_id = writer.scalars(insert(devices).returning(devices.c.id), row).one()
        return Device(device_id, card, at)

    def all(self) -> tuple[Device, ...]:
        """Return the paired appliances, in the order in which they were added."""
        with self._database.reading() as reader:
            return devices_in(reader)

    def named(self, name: str) -> Device:
        """Return a paired appliance by its name; DeviceUnknown where there is none."""
        for device in self.all():
            if device.name == name:
                return device
        msg = "no appliance of that name is paired with this one; device list names them"
        raise DeviceUnknown(msg)


def devices_in(reader: Connection) -> tuple[Device, ...]:
    """Return the paired appliances inside a transaction."""
    alarms = select(func.count()).where(device_alarms.c.device_id == devices.c.id).scalar_subquery()
    return tuple(_device(row) for row in reader.execute(select(devices, alarms.label("alarms")).order_by(devices.c.id)))


def device_of_key(reader: Connection, public_key: bytes) -> Device:
    """Return whose device key this is; DeviceUnknown for a stranger's."""
    for device in devices_in(reader):
        if device.card.public_key == public_key:
            return device
    msg = "the bundle is of an appliance that was never paired with this one: device add"
    raise DeviceUnknown(msg)


def _device(row: Row[tuple[object, ...]]) -> Device:
    card = DeviceCard(row.name, row.public_key, row.recipient)
    return Device(row.id, card, row.added_at, row.alarms)
