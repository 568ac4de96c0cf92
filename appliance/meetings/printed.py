"""What the minutes of a closed meeting carry: the signed checkpoint of the ledger, as a line and as a QR code."""

from appliance.errors import RuleViolation
from appliance.ledger import EntryKind, Ledger
from appliance.ledger.reading import entries_of_meetings
from appliance.meetings.meeting import meeting_in
from appliance.storage.database import Database


def checkpoint_of_meeting(database: Database, ledger: Ledger, meeting_id: int) -> str:
    """Return the line for a closed meeting's minutes; ``ledger.qr`` draws it.

    Raises NotFound for an unknown meeting, RuleViolation for one that is not closed or whose figures were erased.
    """
    with database.reading() as reader:
        meeting = meeting_in(reader, meeting_id)
        closings = entries_of_meetings(reader, ledger.bodies, [meeting_id], kinds=[EntryKind.MEETING_CLOSED])
        if not closings:
            msg = "only the minutes of a closed meeting carry a checkpoint"
            raise RuleViolation(msg)
        return ledger.paper_checkpoint(closings[0], meeting.uid, connection=reader)
