"""One person, two lines: somebody whom both the chi bộ's own list and a published roster name.

The two lists hash numbers under different keys, so that nobody can tell by comparing them who is on both. The card
tells: its number fits both lines. They are made one in the transaction that admits it, and the line with a history in
the ledger is the one that stays. Where both have one, the line that the meeting says more of stays, so that its entry
answers the card; what the meeting says of the other line is taken out of the count. Nobody counts twice. Which line
stayed is noted with the one that left (``became``), so that all that is kept of a person is found by either.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, exists, or_, select, update

from appliance.checkin.following import let_words_follow
from appliance.checkin.records import Records
from appliance.checkin.taking_out import take_out
from appliance.ledger import Bodies, EntryKind
from appliance.ledger.canonical_json import JsonValue
from appliance.meetings.meeting import Meeting
from appliance.roster import Member, RosterService
from appliance.roster.leaving import let_go, let_stand
from appliance.standing.entries import PRESENCE, MeetingEntry, member_subject
from appliance.standing.standing import standing_about
from appliance.storage.ledger import ledger_bodies
from appliance.storage.meetings import meeting_rolls
from appliance.storage.members import members

_FROM_PUBLICATION = (
    members.c.name,
    members.c.member_class,
    members.c.status,
    members.c.note,
    members.c.published_list,
    members.c.published_id,
    members.c.published_number,
    members.c.number_key_id,
)


_THE_CARD: Final = "the card at the reader"
"""Who answers for taking out what was recorded twice, where records name officers."""
_TAKEN_OUT: Final[Mapping[str, JsonValue]] = {
    "reason": "một người, hai dòng trong danh sách",
    "recorded_by": _THE_CARD,
    "confirmed_by": _THE_CARD,
}


def recognise(
    identifier: str, records: Records, writer: Connection, meeting: Meeting, *, at: datetime
) -> Member | None:
    """Return whose card number this is, after making one line of two that it fits."""
    roster, bodies = records.roster, records.ledger.bodies
    found = roster.with_identifier(identifier, connection=writer)
    if len(found) < 2:
        return found[0] if found else None
    published, local = found
    if not _has_history(writer, published.id, bodies):
        _move(published.id, local.id, roster, writer)
        let_stand(writer, leaves=published.id, stays=local.id)
        writer.execute(delete(members).where(members.c.id == published.id))
        return roster.get(local.id, connection=writer)
    of_published, of_local = (_said(writer, meeting, member, bodies) for member in found)
    if _rank(of_local) > _rank(of_published):
        _move(published.id, local.id, roster, writer)
        stays, leaves, twice = local, published, of_published
    else:
        stays, leaves, twice = published, local, of_local
    let_go(writer, [leaves.id], at=at)
    let_stand(writer, leaves=leaves.id, stays=stays.id)
    _take_out(records, writer, twice, at)
    let_words_follow(records, writer, leaves=leaves.id, stays=stays.id, because=_TAKEN_OUT, at=at)
    return roster.get(stays.id, connection=writer)


def _said(reader: Connection, meeting: Meeting, member: Member, bodies: Bodies) -> MeetingEntry | None:
    """Return what puts this line on the meeting's list, or waits for a second officer to do so."""
    subject = member_subject(member.id)
    standing = standing_about(reader, meeting.id, subject, bodies)
    return standing.presences.get(subject) or standing.proposals.get(subject)


def _rank(said: MeetingEntry | None) -> tuple[int, float]:
    """A presence goes before a proposal, and the earlier one before the later."""
    if said is None:
        return 0, 0.0
    return 1 + (said.kind in PRESENCE), -said.arrived_at.timestamp()


def _take_out(records: Records, writer: Connection, twice: MeetingEntry | None, at: datetime) -> None:
    if twice is None:
        return
    kind = EntryKind.CORRECTION if twice.kind in PRESENCE else EntryKind.DECLINED
    take_out(records, writer, twice.sequence, kind, (twice.kind,), body=_TAKEN_OUT, at=at)


def _move(published_id: int, local_id: int, roster: RosterService, writer: Connection) -> None:
    """Give the local line what the publication says; the line that the publication made is its own no more."""
    password = roster.password_of(published_id, connection=writer)
    row = writer.execute(select(*_FROM_PUBLICATION).where(members.c.id == published_id)).mappings().one()
    nothing = dict.fromkeys(("published_list", "published_id", "published_number", "number_key_id"))
    writer.execute(update(members).where(members.c.id == published_id).values(nothing))
    values = {**row, "identifier_hash": None}
    writer.execute(update(members).where(members.c.id == local_id).values(values))
    if password is not None:
        roster.set_password(local_id, password, connection=writer)


def _has_history(reader: Connection, member_id: int, bodies: Bodies) -> bool:
    recorded = exists().where(ledger_bodies.c.subject == bodies.tag_of(member_subject(member_id)))
    was_expected = exists().where(meeting_rolls.c.member_id == member_id)
    return bool(reader.scalar(select(or_(recorded, was_expected))))
