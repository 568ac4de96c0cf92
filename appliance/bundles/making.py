"""Making a bundle: everything that this appliance recorded since a meeting's first entry, sealed to another one."""

from datetime import datetime

from sqlalchemy import Connection, func, select

from appliance.bundles.bundle import DOMAIN, FORMAT
from appliance.keys import Keys
from appliance.ledger import Bodies
from appliance.ledger.canonical_json import JsonValue, canonical_json
from appliance.ledger.export import entry_lines
from appliance.ledger.reading import entries_of_meetings
from appliance.meetings import Meeting
from appliance.meetings.portable_members import portable_members
from appliance.storage.base import utc_text
from appliance.storage.ledger import ledger_entries, ledger_head

_MEMBER = "member:"


def bundle_of(
    reader: Connection,
    keys: Keys,
    bodies: Bodies,
    meeting: Meeting,
    *,
    at: datetime,
    clock_trusted: bool,
    since: int | None = None,
) -> bytes:
    """Return a bundle in plain: from the meeting's first entry on, or from the one after entry ``since``.

    Before the meeting has an entry it holds the plan alone, by which the other appliance gets to know the meeting.
    """
    begins_at = _first(reader, meeting.id) if since is None else since + 1
    header: dict[str, JsonValue] = {
        "format": FORMAT,
        "device": keys.device_public.public_bytes_raw().hex(),
        "made_at": utc_text(at),
        "clock_trusted": clock_trusted,
        "meeting": meeting.plan.as_body(),
        "meeting_id": meeting.id,
        "people": _people(reader, bodies, meeting.id),
    }
    signature = keys.device.sign(DOMAIN + canonical_json(header))
    lines = [canonical_json({**header, "signature": signature.hex()}) + b"\n"]
    return b"".join([*lines, *entry_lines(reader, bodies, meeting.id, first=begins_at)])


def _first(reader: Connection, meeting_id: int) -> int:
    """Return the number of the meeting's first entry, or the one that comes next."""
    query = select(func.min(ledger_entries.c.sequence)).where(ledger_entries.c.meeting_id == meeting_id)
    first: int | None = reader.scalar(query)
    end: int = reader.scalar(select(ledger_head.c.sequence)) or 0
    return end + 1 if first is None else first


def _people(reader: Connection, bodies: Bodies, meeting_id: int) -> dict[str, JsonValue]:
    """Return who is meant by the numbers of members, of those only that the entries are about."""
    everybody = portable_members(reader)
    entries = entries_of_meetings(reader, bodies, [meeting_id])
    subjects = {entry.subject for entry in entries if entry.subject is not None and entry.subject.startswith(_MEMBER)}
    known = {subject: everybody.get(int(subject.removeprefix(_MEMBER))) for subject in sorted(subjects)}
    return {subject: who.as_body() for subject, who in known.items() if who is not None}
