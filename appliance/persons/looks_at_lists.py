"""On which lists a person stood, so that the access log can say who looked at one with this person on it."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from operator import itemgetter
from typing import Final

from sqlalchemy import Connection, select

from appliance.ledger import Entry
from appliance.persons.access_log import AccessLine, AccessLog
from appliance.persons.elsewhere import ForeignRecord
from appliance.standing.entries import OF_A_LIST
from appliance.storage.meetings import MeetingMode, MeetingState, meeting_rolls, meetings
from appliance.storage.members import members
from appliance.storage.persons import Look

_ALWAYS: Final = None
"""Since when somebody stands on a list: the log does not know when a roster, or a roll, got a line."""


def looks_at_lists(
    reader: Connection,
    access_log: AccessLog,
    lines: Collection[int],
    entries: Iterable[Entry],
    told: Iterable[ForeignRecord] = (),
) -> tuple[AccessLine, ...]:
    """Return who looked at lists on which a person stood, as far as the log can say.

    Of a meeting whose roll has one of their ``lines``, every look at its list; of another one those that follow the
    first entry about them, or the bundle by which another appliance ``told`` of them: whom nobody here knows stands on
    the list of the unknown. The whole ledger, taken away as a file, is a list, too, and for members the roster is.
    """
    stood = [(entry.meeting_id, entry.at) for entry in entries if entry.kind in OF_A_LIST]
    stood += [(record.meeting_id, record.received_at) for record in told]
    since: dict[int | None, datetime | None] = {}
    for meeting_id, at in sorted((one for one in stood if one[0] is not None), key=itemgetter(1)):
        for number in (meeting_id, None):
            since.setdefault(number, at)
    if lines:
        since |= dict.fromkeys(_rolls(reader, lines), _ALWAYS)
    looks = access_log.of_lists([number for number in since if number is not None], connection=reader)
    return tuple(look for look in looks if _showed(look, since, is_member=bool(lines)))


def _rolls(reader: Connection, lines: Collection[int]) -> Iterable[int]:
    """Return the meetings whose roll has a member: as it was frozen, or as it is now."""
    frozen = select(meeting_rolls.c.meeting_id).where(meeting_rolls.c.member_id.in_(lines))
    numbers = list(reader.scalars(frozen))
    on_the_roster = select(members.c.id).where(members.c.id.in_(lines), members.c.left_at.is_(None))
    if reader.scalars(on_the_roster).first() is not None:
        is_to_come = (meetings.c.state != MeetingState.CLOSED) & (meetings.c.mode == MeetingMode.ROSTER)
        numbers += reader.scalars(select(meetings.c.id).where(is_to_come))
    return numbers


def _showed(line: AccessLine, since: Mapping[int | None, datetime | None], *, is_member: bool) -> bool:
    if line.what is Look.ROSTER:
        return is_member
    if line.meeting_id not in since:
        return False
    begins_at = since[line.meeting_id]
    return begins_at is None or line.at >= begins_at
