"""What was said beforehand follows the person: two lines have become one, and the line that left has reasons on record.

Of meetings that are not closed a reason for an absence is recorded for the line that stays, and so is an exemption that
is not over. Each names the entry from which it is taken; where both lines have one, the later one counts.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from appliance.checkin.records import Records
from appliance.checkin.taking_out import take_out
from appliance.ledger import EntryKind, NewEntry
from appliance.ledger.canonical_json import JsonValue
from appliance.meetings.meeting import meeting_of
from appliance.standing.entries import FROM, MeetingEntry, entries_of_meetings, member_subject
from appliance.standing.exemptions import Exemption, exemptions_in
from appliance.standing.standing import standing_of
from appliance.storage.meetings import MeetingState, meetings

_KEPT: Final = ("reason", "recorded_by", FROM)


def let_words_follow(
    records: Records,
    writer: Connection,
    *,
    leaves: int,
    stays: int,
    because: Mapping[str, JsonValue],
    at: datetime,
) -> None:
    """Record for the member who stays what was said beforehand of the line that leaves, inside the transaction.

    ``because`` is what the entries say that take the earlier ones out: the reason, and on whose word.
    """
    _excuses_follow(records, writer, leaves=leaves, stays=stays, because=because, at=at)
    _exemptions_follow(records, writer, leaves, stays, at)


def _excuses_follow(
    records: Records, writer: Connection, *, leaves: int, stays: int, because: Mapping[str, JsonValue], at: datetime
) -> None:
    not_over = writer.execute(select(meetings).where(meetings.c.state != MeetingState.CLOSED)).all()
    coming = {row.id: meeting_of(row) for row in not_over}
    of_leaver, of_stayer = (_excuses(records, writer, tuple(coming), member) for member in (leaves, stays))
    for meeting_id, excuse in sorted(of_leaver.items()):
        before = of_stayer.get(meeting_id)
        if before is None or before.sequence < excuse.sequence:
            body = {name: excuse.body[name] for name in _KEPT if name in excuse.body}
            kind, subject = EntryKind.EXCUSED, member_subject(stays)
            meeting = coming[meeting_id]
            records.append(writer, kind, meeting, at=at, subject=subject, body=body, refers_to=excuse.sequence)
        if FROM not in excuse.body:  # over there it counts as it did
            withdrawn = EntryKind.EXCUSE_WITHDRAWN
            take_out(records, writer, excuse.sequence, withdrawn, (EntryKind.EXCUSED,), body=because, at=at)


def _excuses(
    records: Records, reader: Connection, meeting_ids: tuple[int, ...], member_id: int
) -> Mapping[int, MeetingEntry]:
    subject = member_subject(member_id)
    entries = entries_of_meetings(reader, meeting_ids, records.ledger.bodies, subject=subject)
    standings = {meeting_id: standing_of(of_one) for meeting_id, of_one in entries.items()}
    return {
        meeting_id: standing.excuses[subject]
        for meeting_id, standing in standings.items()
        if subject in standing.excuses
    }


def _exemptions_follow(records: Records, writer: Connection, leaves: int, stays: int, at: datetime) -> None:
    today = at.astimezone(records.meetings.zone).date()
    known = exemptions_in(writer, records.ledger.bodies)
    last = max((one.sequence for one in known if one.member_id == stays), default=0)
    for exemption in known:
        is_over = exemption.last_day is not None and exemption.last_day < max(today, exemption.first_day)
        if exemption.member_id == leaves and exemption.sequence > last and not is_over:
            entry = NewEntry(
                EntryKind.EXEMPTION,
                refers_to=exemption.sequence,
                subject=member_subject(stays),
                body=_as_it_stands(exemption),
            )
            records.ledger.append(entry, at=at, connection=writer)


def _as_it_stands(exemption: Exemption) -> dict[str, JsonValue]:
    return {
        "status": exemption.status.value,
        "first_day": exemption.first_day.isoformat(),
        "last_day": None if exemption.last_day is None else exemption.last_day.isoformat(),
        "resolution": exemption.resolution,
        "recorded_by": exemption.recorded_by,
    }
