"""What is awaited: whose part of a meeting is missing, before the meeting is closed here and after.

An appliance is awaited once it was given a meeting that was planned here, or brought some of it, until a bundle brings
that it closed the meeting, or until it is removed: also one that nobody believes because something is damaged. One that
holds somebody else's meeting awaits nobody.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, exists, select, union
from sqlalchemy.dialects.sqlite import insert as insert_or_update

from appliance.bundles.on_record import PairingRecord
from appliance.bundles.pairing import believed_in, named_lines
from appliance.ledger import EntryKind
from appliance.storage.devices import adopted_meetings, foreign_entries, given_bundles, received_bundles
from appliance.storage.meetings import MeetingState, meetings


@dataclass(frozen=True, slots=True)
class Awaited:
    """Whose bundle of which meeting is missing; of the last one that came when it was made by their clock, and came.

    Where ``is_believed`` says no, none would be taken either: ``device list`` says why.
    """

    device: str
    is_believed: bool
    meeting_id: int
    title: str
    is_closed: bool
    made_at: datetime | None = None
    received_at: datetime | None = None


def note_given(writer: Connection, device_id: int, meeting_uid: str, at: datetime) -> None:
    """Remember to whom a meeting was made known."""
    statement = insert_or_update(given_bundles)
    again = statement.on_conflict_do_update(index_elements=["device_id", "meeting_uid"], set_={"given_at": at})
    writer.execute(again, {"device_id": device_id, "meeting_uid": meeting_uid, "given_at": at})


def awaited_in(reader: Connection, record: PairingRecord, meeting_id: int | None = None) -> tuple[Awaited, ...]:
    """Return what is missing of a meeting that is open or closed, or of all; each by the meeting and the appliance."""
    takes_part = union(
        select(given_bundles.c.device_id, given_bundles.c.meeting_uid),
        select(received_bundles.c.device_id, received_bundles.c.meeting_uid),
    ).subquery()
    has_closed = exists().where(
        foreign_entries.c.meeting_uid == takes_part.c.meeting_uid,
        foreign_entries.c.device_id == takes_part.c.device_id,
        foreign_entries.c.kind == EntryKind.MEETING_CLOSED.value,
    )
    query = (
        select(takes_part.c.device_id, meetings.c.id, meetings.c.uid, meetings.c.title, meetings.c.state)
        .join(meetings, meetings.c.uid == takes_part.c.meeting_uid)
        .where(
            meetings.c.state != MeetingState.PLANNED,
            meetings.c.id.not_in(select(adopted_meetings.c.meeting_id)),
            ~has_closed,
        )
        .order_by(meetings.c.id, takes_part.c.device_id)
    )
    if meeting_id is not None:
        query = query.where(meetings.c.id == meeting_id)
    believed, name_of = {device.id for device in believed_in(reader, record)}, named_lines(reader)
    rows = [row for row in reader.execute(query) if row.device_id not in record.removed_lines()]
    return tuple(_awaited(reader, row, name_of(row.device_id), row.device_id in believed) for row in rows)


def _awaited(reader: Connection, row: Any, device: str, is_believed: bool) -> Awaited:
    query = (
        select(received_bundles.c.made_at, received_bundles.c.received_at)
        .where(received_bundles.c.device_id == row.device_id, received_bundles.c.meeting_uid == row.uid)
        .order_by(received_bundles.c.id.desc())
        .limit(1)
    )
    last = reader.execute(query).one_or_none()
    times = (None, None) if last is None else (last.made_at, last.received_at)
    return Awaited(device, is_believed, row.id, row.title, row.state is MeetingState.CLOSED, *times)
