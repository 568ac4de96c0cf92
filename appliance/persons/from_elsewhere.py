"""What other appliances said of persons, once the time of a meeting is over: also what never found its member here."""

from typing import Final

from sqlalchemy import Connection, delete, select, update

from appliance.storage.devices import Taken, foreign_entries, foreign_people
from appliance.storage.ledger import EntryKind
from appliance.storage.meetings import meetings

_ABOUT_NOBODY: Final = (
    EntryKind.MEETING_OPENED,
    EntryKind.MEETING_CLOSED,
    EntryKind.BUNDLE_RECEIVED,
    EntryKind.BUNDLE_REFUSED,
)


def forget_meeting(writer: Connection, meeting_id: int | None) -> None:
    """Remove the bodies of a meeting's foreign entries that were not mirrored, and whoever is in no entry any more.

    What was mirrored goes with its mirror. The signed public entries stay, so that their chain still verifies.
    """
    uid = select(meetings.c.uid).where(meetings.c.id == meeting_id).scalar_subquery()
    which = (
        (foreign_entries.c.meeting_uid == uid)
        & foreign_entries.c.sealed.is_not(None)
        & (foreign_entries.c.taken != Taken.MIRRORED)
        & foreign_entries.c.kind.not_in([kind.value for kind in _ABOUT_NOBODY])
    )
    values = {"sealed": None, "person_id": None, "taken": Taken.ERASED}
    writer.execute(update(foreign_entries).where(which).values(values))
    named = select(foreign_entries.c.person_id).where(foreign_entries.c.person_id.is_not(None))
    writer.execute(delete(foreign_people).where(foreign_people.c.id.not_in(named)))
