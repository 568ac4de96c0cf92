"""What our own ledger has of other appliances already, by its bodies: no column of the store says it twice."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from appliance.errors import LedgerDamaged
from appliance.ledger import Bodies
from appliance.standing.entries import FROM
from appliance.storage.devices import Taken, foreign_entries
from appliance.storage.ledger import ledger_bodies, ledger_entries
from appliance.storage.meetings import meetings


@dataclass
class Mirrored:
    """Knows which entries of ours mirror which of others'; each body of a meeting is opened once."""

    bodies: Bodies
    _numbers: dict[tuple[str, int], int] = field(default_factory=dict)
    _read_to: dict[int, int] = field(default_factory=dict)

    def read_what_waits(self, reader: Connection) -> None:
        """Look through the meetings of which something waits, before anybody has to wait for it."""
        waiting = select(foreign_entries.c.meeting_uid).where(foreign_entries.c.taken == Taken.WAITING)
        for meeting_id in reader.scalars(select(meetings.c.id).where(meetings.c.uid.in_(waiting))).all():
            self._read(reader, meeting_id)

    def number(self, reader: Connection, meeting_id: int, device: str, sequence: int) -> int | None:
        """Return the entry of ours, in this meeting, that mirrors the entry of this number of that device key (hex)."""
        self._read(reader, meeting_id)
        return self._numbers.get((device, sequence))

    def _read(self, reader: Connection, meeting_id: int) -> None:
        query = (
            select(ledger_bodies.c.sequence, ledger_bodies.c.sealed)
            .join(ledger_entries, ledger_entries.c.sequence == ledger_bodies.c.sequence)
            .where(
                ledger_entries.c.meeting_id == meeting_id,
                ledger_entries.c.sequence > self._read_to.get(meeting_id, 0),
            )
            .order_by(ledger_entries.c.sequence)
        )
        for row in reader.execute(query):
            self._read_to[meeting_id] = row.sequence
            self._note(row.sequence, row.sealed)

    def _note(self, number: int, sealed: bytes) -> None:
        try:
            origin = self.bodies.open(number, sealed).get(FROM)
        except LedgerDamaged:  # which a verification tells; no list is made of it either
            return
        if isinstance(origin, Mapping):
            self._numbers.setdefault((origin["device"], origin["sequence"]), number)
