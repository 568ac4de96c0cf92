"""What is awaited: whose part of a meeting is missing, before the meeting is closed here and after.

An appliance is awaited once it was given a meeting that was planned here, or brought some of it, until a bundle brings
that it closed the meeting. One that holds somebody else's meeting awaits nobody.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, exists, select, union
from sqlalchemy.dialects.sqlite import insert as insert_or_update

from appliance.bundles.on_record import Device
from appliance.ledger import EntryKind
from appliance.storage.devices import adopted_meetings, foreign_entries, given_bundles, received_bundles
from appliance.storage.meetings import MeetingState, meetings


@dataclass(frozen=True, slots=True)
class Awaited:
    """Whose bundle of which meeting is missing; of the last one that came when it was made by their clock, and came."""

    device: Device
    meeting_id: int
    title: str
    is_closed: bool
    made_at: datetime | None = None
    received_at: datetime | None = None


def note_given(writer: Connection, device: Device, meeting_uid: str, at: datetime) -> None:
    """Remember to whom a meeting was made known."""
    statement = insert_or_update(given_bundles)
    again = statement.on_conflict_do_update(index_elements=["device_id", "meeting_uid"], set_={"given_at": at})
    writer.execute(again, {"device_id": device.id, "meeting_uid": meeting_uid, "given_at": at})


def awaited_in(reader: Connection, believed: Collection[Device], meeting_id: int | None = None) -> tuple[Awaited, ...]:
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
    known = {device.id: device for device in believed}
    rows = reader.execute(query).all()
    return tuple(_awaited(reader, known[row.device_id], row) for row in rows if row.device_id in known)


def _awaited(reader: Connection, device: Device, row: Any) -> Awaited:
    query = (
        select(received_bundles.c.made_at, received_bundles.c.received_at)
        .where(received_bundles.c.device_id == device.id, received_bundles.c.meeting_uid == row.uid)
        .order_by(received_bundles.c.id.desc())
        .limit(1)
    )
    last = reader.execute(query).one_or_none()
    times = (None, None) if last is None else (last.made_at, last.received_at)
    return Awaited(device, row.id, row.title, row.state is MeetingState.CLOSED, *times)
