"""Standing entries: what the ledger says of a meeting once corrections are taken into account.

Nothing in the ledger is overwritten, so "who is here" is a question to it: the entries of the meeting, without those
that a correction names.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, exists, select

from appliance.ledger import EntryKind, Sequence
from appliance.rules import AttendanceState
from appliance.storage.base import utc_time
from appliance.storage.ledger import ledger_bodies, ledger_entries
from appliance.storage.members import MemberStatus

PRESENCE = (EntryKind.CHECK_IN, EntryKind.CHECK_IN_BY_HAND, EntryKind.VISIT)
"""The kinds that put somebody into the room."""

LATE = "late"
"""The key of a presence's body that says whether it was late."""

_BY_STATUS = {
    MemberStatus.ACTIVE: AttendanceState.ABSENT,
    MemberStatus.AWAY: AttendanceState.AWAY,
    MemberStatus.EXEMPT: AttendanceState.EXEMPT,
    MemberStatus.SPECIAL_DUTY: AttendanceState.SPECIAL_DUTY,
}


def member_subject(member_id: int) -> str:
    """Return the opaque name under which the ledger has a member.

    >>> member_subject(7)
    'member:7'
    """
    return f"member:{member_id}"


def visitor_subject(identifier_hash: bytes) -> str:
    """Return the opaque name of a visitor: the keyed hash of the card's identifier, 32 bytes."""
    return f"visitor:{identifier_hash.hex()}"


@dataclass(frozen=True, slots=True)
class StandingEntry:
    """One entry that stands, with its body."""

    sequence: Sequence
    at: datetime
    kind: EntryKind
    subject: str = field(repr=False)
    body: Mapping[str, Any] = field(repr=False)

    @property
    def is_late(self) -> bool:
        """Whether this presence was late."""
        return self.body.get(LATE) is True


@dataclass(frozen=True, slots=True)
class Standing:
    """All that stands for one meeting, by subject; of two entries about one subject the later counts."""

    presences: Mapping[str, StandingEntry] = field(repr=False)
    excuses: Mapping[str, StandingEntry] = field(repr=False)

    def state_of(self, member_id: int, status: MemberStatus) -> AttendanceState:
        """Tell what the list says of a member: being there comes first, then the roster, then a reason on record."""
        subject = member_subject(member_id)
        presence = self.presences.get(subject)
        if presence is not None:
            return AttendanceState.LATE if presence.is_late else AttendanceState.PRESENT
        if subject in self.excuses and status in (MemberStatus.ACTIVE, MemberStatus.AWAY):
            return AttendanceState.EXCUSED
        return _BY_STATUS[status]

    def visitors(self) -> tuple[StandingEntry, ...]:
        """Return the visits, in the order in which they came."""
        visits = (entry for entry in self.presences.values() if entry.kind is EntryKind.VISIT)
        return tuple(sorted(visits, key=lambda entry: entry.sequence))


def standing_of_meeting(reader: Connection, meeting_id: int) -> Standing:
    """Read what stands for a meeting, in one query; entries whose person was erased are not among it."""
    entries = _read(reader, _standing(meeting_id, (*PRESENCE, EntryKind.EXCUSED)))
    return Standing(
        presences={entry.subject: entry for entry in entries if entry.kind in PRESENCE},
        excuses={entry.subject: entry for entry in entries if entry.kind is EntryKind.EXCUSED},
    )


def standing_presence(reader: Connection, meeting_id: int, subject: str) -> StandingEntry | None:
    """Return the presence of one subject at a meeting, if it stands."""
    # sought by person: a large meeting has more entries than anybody has in a lifetime
    about = select(ledger_bodies.c.sequence).where(ledger_bodies.c.subject == subject)
    entries = _read(reader, _standing(meeting_id, PRESENCE).where(ledger_entries.c.sequence.in_(about)))
    return entries[-1] if entries else None


def is_corrected(reader: Connection, sequence: int) -> bool:
    """Tell whether a correction names this entry."""
    query = select(exists().where(ledger_entries.c.refers_to == sequence, _is_correction(ledger_entries)))
    return bool(reader.scalar(query))


def _is_correction(table: Any) -> Any:
    return table.c.kind == EntryKind.CORRECTION.value


def _standing(meeting_id: int, kinds: Iterable[EntryKind]) -> Select[Any]:
    correction = ledger_entries.alias("correction")
    return (
        select(
            ledger_entries.c.sequence,
            ledger_entries.c.at,
            ledger_entries.c.kind,
            ledger_bodies.c.subject,
            ledger_bodies.c.body,
        )
        .join(ledger_bodies, ledger_bodies.c.sequence == ledger_entries.c.sequence)
        .where(
            ledger_entries.c.meeting_id == meeting_id,
            ledger_entries.c.kind.in_([kind.value for kind in kinds]),
            ~exists().where(correction.c.refers_to == ledger_entries.c.sequence, _is_correction(correction)),
        )
        .order_by(ledger_entries.c.sequence)
    )


def _read(reader: Connection, query: Select[Any]) -> tuple[StandingEntry, ...]:
    return tuple(
        StandingEntry(
            sequence=Sequence(row.sequence),
            at=utc_time(row.at),
            kind=EntryKind(row.kind),
            subject=row.subject,
            body=json.loads(row.body),
        )
        for row in reader.execute(query)
    )
