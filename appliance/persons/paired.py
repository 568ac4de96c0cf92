"""At which other appliances a person may be kept, too: what was erased here is not erased there by that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, select, union

from appliance.bundles.pairing import Device, devices_in
from appliance.ledger import Entry, Ledger
from appliance.persons.elsewhere import Elsewhere
from appliance.persons.subjects import with_earlier_visits
from appliance.standing.entries import FROM
from appliance.storage.database import Database
from appliance.storage.devices import adopted_meetings, given_bundles
from appliance.storage.meetings import meetings

_EVERYTHING = 1_000_000


@dataclass(frozen=True, slots=True)
class PairedAppliances:
    """Names of paired appliances: those that recorded a person, and the others, which may know them from elsewhere.

    ``shared`` is for each that may have something of the person from here the newest meeting that both hold and in
    which this appliance recorded the person itself: a bundle of it brings the erasure.
    """

    recorded: tuple[str, ...]
    others: tuple[str, ...]
    shared: Mapping[str, int]


def paired_appliances(
    database: Database, ledger: Ledger, elsewhere: Elsewhere, subjects: Sequence[str]
) -> PairedAppliances:
    """Return where else a person may be kept whom the ledger calls by these names; ask before they are erased here."""
    with database.reading() as reader:
        names = with_earlier_visits(reader, subjects)
        found = (ledger.entries(subject=one, limit=_EVERYTHING, connection=reader) for one in names)
        entries = [entry for some in found for entry in some]
        devices = devices_in(reader)
        shared = {device.name: _shared(reader, device) for device in devices}
    told = {known.appliance for known in elsewhere.people() if known.subject in names}
    told |= {record.appliance for record in elsewhere.records() if record.subject in names}
    keys = {origin.get("device") for entry in entries if (origin := _origin(entry)) is not None}
    ours = {entry.meeting_id for entry in entries if entry.meeting_id is not None and _origin(entry) is None}
    recorded = [device.name for device in devices if device.name in told or device.card.public_key.hex() in keys]
    return PairedAppliances(
        recorded=tuple(recorded),
        others=tuple(device.name for device in devices if device.name not in recorded),
        shared={name: max(both) for name, held in shared.items() if (both := held & ours)},
    )


def _shared(reader: Connection, device: Device) -> set[int]:
    """Return the meetings that an appliance holds as well: it was given a bundle of them, or their plan is its own."""
    was_given = given_bundles.c.meeting_uid == meetings.c.uid, given_bundles.c.device_id == device.id
    given = select(meetings.c.id).join(given_bundles, and_(*was_given))
    adopted = select(adopted_meetings.c.meeting_id).where(adopted_meetings.c.device_id == device.id)
    return set(reader.scalars(union(given, adopted)))


def _origin(entry: Entry) -> dict[str, str] | None:
    """Return of which appliance's entry this one is the mirror."""
    return None if entry.body is None else entry.body.get(FROM)
