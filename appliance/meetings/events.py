"""Events without a roll: whose card is admitted, and the list of numbers that some of them admit by.

The list holds keyed hashes under this appliance's own key, so each appliance of an event is given it; it goes when the
event closes.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, exists, func, insert, select

from appliance.errors import RuleViolation
from appliance.meetings.meeting import Meeting
from appliance.meetings.service import MeetingService
from appliance.roster import Member, RosterService
from appliance.storage.database import Database
from appliance.storage.meetings import MeetingState, admitted_numbers
from verifier.sdk import Report


class EventService:
    """Keeps the lists of those who are admitted."""

    def __init__(self, database: Database, roster: RosterService, meetings: MeetingService) -> None:
        self._database = database
        self._roster = roster
        self._meetings = meetings

    def admit_numbers(self, meeting_id: int, numbers: Iterable[str]) -> int:
        """Replace the list of an event by these card or personal numbers, and return how many different ones they are.

        Raises RuleViolation for an event that admits by no list or is closed, and for an empty number; NotFound for an
        unknown one.
        """
        hashes = {self._roster.identifier_hash(number) for number in numbers}
        with self._database.writing() as writer:
            meeting = self._meetings.get(meeting_id, connection=writer)
            if meeting.admission is None or not meeting.admission.by_list:
                msg = "this event admits by no list; plan one that does"
                raise RuleViolation(msg)
            if meeting.state is MeetingState.CLOSED:
                msg = "this event is closed and admits nobody any more"
                raise RuleViolation(msg)
            writer.execute(delete(admitted_numbers).where(admitted_numbers.c.meeting_id == meeting_id))
            if hashes:
                rows = [{"meeting_id": meeting_id, "number_hash": number} for number in sorted(hashes)]
                writer.execute(insert(admitted_numbers), rows)
        return len(hashes)

    def admitted(self, meeting_id: int) -> int:
        """Return how many numbers are on the list of an event."""
        query = select(func.count()).where(admitted_numbers.c.meeting_id == meeting_id)
        with self._database.reading() as reader:
            return int(reader.scalar(query) or 0)


def is_admitted(
    reader: Connection, meeting: Meeting, report: Report, member: Member | None, number_hash: bytes
) -> bool:
    """Tell whether a meeting lets in the holder of a card that passed; ``member`` is whose it is, if anybody's."""
    if meeting.admission is None:
        return True
    on_list = exists().where(admitted_numbers.c.meeting_id == meeting.id, admitted_numbers.c.number_hash == number_hash)
    return meeting.admission.admits(report, member, is_listed=bool(reader.scalar(select(on_list))))
