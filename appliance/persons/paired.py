"""At which other appliances a person may be kept, too: what was erased here is not erased there by that."""

from collections.abc import Sequence
from dataclasses import dataclass

from appliance.bundles.pairing import devices_in
from appliance.ledger import Entry, Ledger
from appliance.persons.elsewhere import Elsewhere
from appliance.persons.subjects import with_earlier_visits
from appliance.standing.entries import FROM
from appliance.storage.database import Database

_EVERYTHING = 1_000_000


@dataclass(frozen=True, slots=True)
class PairedAppliances:
    """Names of paired appliances: those that recorded a person, and the others, which may know them from elsewhere.

    ``meeting_id`` is the newest meeting in which this appliance recorded the person itself: a bundle of it brings the
    others the erasure of what they have from here. None where they can have nothing from here.
    """

    recorded: tuple[str, ...]
    others: tuple[str, ...]
    meeting_id: int | None

    @property
    def all(self) -> tuple[str, ...]:
        """Every paired appliance."""
        return self.recorded + self.others


def paired_appliances(
    database: Database, ledger: Ledger, elsewhere: Elsewhere, subjects: Sequence[str]
) -> PairedAppliances:
    """Return where else a person may be kept whom the ledger calls by these names; ask before they are erased here."""
    with database.reading() as reader:
        names = with_earlier_visits(reader, subjects)
        found = (ledger.entries(subject=one, limit=_EVERYTHING, connection=reader) for one in names)
        entries = [entry for some in found for entry in some]
        devices = devices_in(reader)
    told = {known.appliance for known in elsewhere.people() if known.subject in names}
    told |= {record.appliance for record in elsewhere.records() if record.subject in names}
    keys = {origin.get("device") for entry in entries if (origin := _origin(entry)) is not None}
    ours = [entry.meeting_id for entry in entries if entry.meeting_id is not None and _origin(entry) is None]
    recorded = [device.name for device in devices if device.name in told or device.card.public_key.hex() in keys]
    return PairedAppliances(
        recorded=tuple(recorded),
        others=tuple(device.name for device in devices if device.name not in recorded),
        meeting_id=max(ours, default=None),
    )


def _origin(entry: Entry) -> dict[str, str] | None:
    """Return of which appliance's entry this one is the mirror."""
    return None if entry.body is None else entry.body.get(FROM)
