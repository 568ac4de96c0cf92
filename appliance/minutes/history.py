"""History: every entry that a meeting has about one person, what stands and what does not, and on whose word."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from appliance.ledger import Bodies, EntryKind, Sequence
from appliance.standing.entries import TAKES_OUT, MeetingEntry, entries_about, entries_of

_OFFICERS = ("recorded_by", "confirmed_by", "officer")


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One entry; ``officers`` are those on whose word it was recorded, none for a card at the reader.

    ``stands`` is False once another entry took it out of the count. ``refers_to`` is the entry that this one confirms,
    corrects, declines or withdraws. ``elsewhere`` is the name of the appliance that recorded it first, where that is
    another one; ``at`` is when it did.
    """

    sequence: Sequence
    at: datetime
    kind: EntryKind
    stands: bool
    refers_to: int | None = None
    officers: tuple[str, ...] = field(default=(), repr=False)
    reason: str | None = field(default=None, repr=False)
    place: str | None = field(default=None, repr=False)
    elsewhere: str | None = None


def history_of(reader: Connection, meeting_id: int, subject: str, bodies: Bodies) -> tuple[HistoryLine, ...]:
    """Return the entries of a meeting about a subject, in the order in which they were recorded; one query."""
    entries = entries_about(reader, meeting_id, subject, bodies)
    taken_out = {entry.refers_to for entry in entries if entry.kind in TAKES_OUT}
    return tuple(_line(entry, stands=entry.sequence not in taken_out) for entry in entries)


def counted_in(reader: Connection, meeting_id: int, bodies: Bodies) -> tuple[HistoryLine, ...]:
    """Return who was counted at an event that keeps no names and still counts, the newest first: when, and no more."""
    entries = entries_of(reader, meeting_id, bodies)
    taken_out = {entry.refers_to for entry in entries if entry.kind in TAKES_OUT}
    counted = (entry for entry in reversed(entries) if entry.kind is EntryKind.COUNTED)
    return tuple(_line(entry, stands=True) for entry in counted if entry.sequence not in taken_out)


def _line(entry: MeetingEntry, *, stands: bool) -> HistoryLine:
    return HistoryLine(
        sequence=entry.sequence,
        at=entry.said_at,
        kind=entry.kind,
        stands=stands,
        refers_to=entry.refers_to,
        officers=tuple(entry.body[name] for name in _OFFICERS if name in entry.body),
        reason=entry.body.get("reason"),
        place=entry.body.get("place"),
        elsewhere=entry.elsewhere,
    )
