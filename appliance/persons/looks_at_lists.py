"""On which lists a person stood, so that the access log can say who looked at one with this person on it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from appliance.ledger import Entry
from appliance.persons.access_log import AccessLine, AccessLog
from appliance.roster import Member
from appliance.standing.entries import OF_A_LIST
from appliance.storage.meetings import MeetingMode, MeetingState, meeting_rolls, meetings
from appliance.storage.persons import Look

_ALWAYS: Final = None
"""Since when somebody stands on a list: the log does not know when a roster, or a roll, got a line."""


def looks_at_lists(
    reader: Connection, access_log: AccessLog, member: Member | None, entries: Iterable[Entry]
) -> tuple[AccessLine, ...]:
    """Return who looked at lists on which a person stood, as far as the log can say.

    Of a meeting whose roll has them, every look at its list; of another one those that follow the first entry about
    them. The whole ledger, taken away as a file, is such a list, and for members the roster is.
    """
    of_a_list = [entry for entry in entries if entry.kind in OF_A_LIST and entry.meeting_id is not None]
    since: dict[int | None, datetime | None] = {}
    for entry in of_a_list:
        for number in (entry.meeting_id, None):
            since.setdefault(number, entry.at)
    if member is not None:
        since |= dict.fromkeys(_rolls(reader, member), _ALWAYS)
    lines = access_log.of_lists([number for number in since if number is not None], connection=reader)
    return tuple(line for line in lines if _showed(line, since, is_member=member is not None))


def _rolls(reader: Connection, member: Member) -> Iterable[int]:
    """Return the meetings whose roll has a member: as it was frozen, or as it is now."""
    frozen = select(meeting_rolls.c.meeting_id).where(meeting_rolls.c.member_id == member.id)
    numbers = list(reader.scalars(frozen))
    if not member.has_left:
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
