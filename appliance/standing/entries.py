"""The entries that meetings' lists are made of, as the ledger has them.

Corrections, confirmations and withdrawals are among them; what stands once they are taken into account, ``standing``
tells.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from appliance.ledger import Bodies, EntryKind, Sequence
from appliance.ledger import reading as ledger_reading
from appliance.storage.base import utc_time

LATE: Final = "late"
"""The key of a presence's body that says whether it was late."""
ARRIVED: Final = "arrived_at"
"""The key of a body that says when somebody came, where they were recorded later."""
LEFT: Final = "left_at"
"""The key of a check-out's body that says when somebody left, where it was recorded later."""

FROM: Final = "from"
"""The key of a body that says which other appliance recorded it, as which of its entries, and when."""

PRESENCE: Final = (EntryKind.CHECK_IN, EntryKind.CHECK_IN_BY_HAND, EntryKind.VISIT, EntryKind.VISIT_BY_HAND)
"""The kinds that put somebody into the room."""

TAKES_OUT: Final = (EntryKind.CORRECTION, EntryKind.DECLINED, EntryKind.EXCUSE_WITHDRAWN)
"""The kinds after which the entry that they name does not count any more."""

OF_A_LIST: Final = (
    *PRESENCE,
    *TAKES_OUT,
    EntryKind.EXCUSED,
    EntryKind.PROPOSED,
    EntryKind.CHECK_OUT,
    EntryKind.GUEST,
    EntryKind.COUNTED,
)
"""The kinds that a meeting's list is made of."""


def member_subject(member_id: int) -> str:
    """Return the opaque name under which the ledger has a member.

    >>> member_subject(7)
    'member:7'
    """
    return f"member:{member_id}"


def member_of(subject: str) -> int | None:
    """Return the member whom the ledger has under this name; None for a visitor or a guest.

    >>> member_of("member:7"), member_of("guest:00")
    (7, None)
    """
    kind, _, number = subject.partition(":")
    return int(number) if kind == "member" else None


def visitor_subject(identifier_hash: bytes) -> str:
    """Return the opaque name of a visitor: the keyed hash of the card's identifier, 32 bytes."""
    return f"visitor:{identifier_hash.hex()}"


def guest_subject(random: bytes) -> str:
    """Return the opaque name of somebody who showed no card: 16 random bytes, so that each can be erased alone."""
    return f"guest:{random.hex()}"


def subject_here(public_key: bytes, subject: str) -> str:
    """Return our opaque name for a visitor or a guest of the appliance with this device key, whom it calls so.

    >>> subject_here(bytes(32), "guest:00")[:14]
    'guest:225f9b84'
    """
    kind, _, _ = subject.partition(":")
    return f"{kind}:{hashlib.sha256(public_key + subject.encode()).hexdigest()}"


def said_at(at: datetime, body: Mapping[str, Any]) -> datetime:
    """Return when an entry of this time and with this body was recorded first: there, where it came from elsewhere.

    >>> from datetime import UTC
    >>> heard = datetime(2026, 11, 3, 14, 0, tzinfo=UTC)
    >>> said_at(heard, {"from": {"at": "2026-11-03T12:05:00.000000Z"}}).strftime("%H:%M")
    '12:05'
    """
    there = body.get(FROM, {}).get("at")
    return at if there is None else utc_time(there)


@dataclass(frozen=True, slots=True)
class MeetingEntry:
    """One entry of a meeting, with its body; ``subject`` is None where it is about nobody."""

    sequence: Sequence
    at: datetime
    kind: EntryKind
    meeting_id: int
    refers_to: int | None
    subject: str | None = field(repr=False)
    body: Mapping[str, Any] = field(repr=False)

    @property
    def is_late(self) -> bool:
        """Whether this presence was late."""
        return self.body.get(LATE) is True

    @property
    def arrived_at(self) -> datetime:
        """When somebody came: the time of the entry, unless it says that it was recorded later."""
        text = self.body.get(ARRIVED)
        return self.at if text is None else utc_time(text)

    @property
    def said_at(self) -> datetime:
        """When this was recorded: the time of the entry, of what another appliance recorded the time over there."""
        return said_at(self.at, self.body)

    @property
    def elsewhere(self) -> str | None:
        """The name of the appliance that recorded it, where that is another one."""
        name: str | None = self.body.get(FROM, {}).get("name")
        return name

    @property
    def left_at(self) -> datetime:
        """When somebody left, of a check-out: the time of the entry, unless it says that it was recorded later."""
        text = self.body.get(LEFT)
        return self.at if text is None else utc_time(text)


def entries_of(reader: Connection, meeting_id: int, bodies: Bodies) -> tuple[MeetingEntry, ...]:
    """Return the entries of a meeting in their order, in one query; who was erased is not among them."""
    return _read(reader, bodies, (meeting_id,))


def entries_about(reader: Connection, meeting_id: int, subject: str, bodies: Bodies) -> tuple[MeetingEntry, ...]:
    """Return the entries of a meeting that are about one subject, in their order, in one query."""
    return _read(reader, bodies, (meeting_id,), subject)


def entries_of_meetings(
    reader: Connection, meeting_ids: Collection[int], bodies: Bodies, *, subject: str | None = None
) -> Mapping[int, tuple[MeetingEntry, ...]]:
    """Return the entries of many meetings by meeting, in one query; of one subject only where it is given."""
    found: dict[int, list[MeetingEntry]] = {}
    for entry in _read(reader, bodies, meeting_ids, subject):
        found.setdefault(entry.meeting_id, []).append(entry)
    return {meeting_id: tuple(entries) for meeting_id, entries in found.items()}


def _read(
    reader: Connection, bodies: Bodies, meeting_ids: Collection[int], subject: str | None = None
) -> tuple[MeetingEntry, ...]:
    entries = ledger_reading.entries_of_meetings(reader, bodies, meeting_ids, kinds=OF_A_LIST, subject=subject)
    return tuple(
        MeetingEntry(
            sequence=entry.sequence,
            at=entry.at,
            kind=entry.kind,
            meeting_id=entry.meeting_id,
            refers_to=entry.refers_to,
            subject=entry.subject,
            body=entry.body,
        )
        for entry in entries
        if entry.body is not None and entry.meeting_id is not None
    )
