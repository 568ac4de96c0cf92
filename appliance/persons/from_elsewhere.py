"""What other appliances said of persons, once the time of a meeting is over: also what never found its member here."""

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import Connection, Select, select, tuple_, update

from appliance.bundles.keeping import drop_who_is_in_no_entry
from appliance.storage.devices import Taken, foreign_entries
from appliance.storage.ledger import EntryKind
from appliance.storage.meetings import meetings

_ABOUT_NOBODY: Final = (
    EntryKind.MEETING_OPENED,
    EntryKind.MEETING_CLOSED,
    EntryKind.BUNDLE_RECEIVED,
    EntryKind.BUNDLE_REFUSED,
)
_NUMBER: Final = (foreign_entries.c.device_id, foreign_entries.c.sequence)


def kept_of(meeting_id: int | None, kinds: Collection[EntryKind] | None = None) -> Select[Any]:
    """Select the foreign entries of a meeting that have a body and were not mirrored: of these kinds, or about anybody.

    What was mirrored goes with its mirror.
    """
    uid = select(meetings.c.uid).where(meetings.c.id == meeting_id).scalar_subquery()
    query = select(*_NUMBER).where(
        foreign_entries.c.meeting_uid == uid,
        foreign_entries.c.sealed.is_not(None),
        foreign_entries.c.taken != Taken.MIRRORED,
    )
    if kinds is None:
        return query.where(foreign_entries.c.kind.not_in([kind.value for kind in _ABOUT_NOBODY]))
    return query.where(foreign_entries.c.kind.in_([kind.value for kind in kinds]))


def forget_some(
    writer: Connection, meeting_id: int | None, kinds: Collection[EntryKind] | None = None, *, at_most: int
) -> int:
    """Remove the bodies of up to ``at_most`` of them, and whoever is in no entry any more; return of how many.

    The signed public entries stay, so that their chain still verifies.
    """
    some = tuple_(*_NUMBER).in_(kept_of(meeting_id, kinds).limit(at_most))
    values = {"sealed": None, "person_id": None, "taken": Taken.ERASED}
    count = writer.execute(update(foreign_entries).where(some).values(values)).rowcount
    drop_who_is_in_no_entry(writer)
    return count
