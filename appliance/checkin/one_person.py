"""One person, two lines: somebody whom both the chi bộ's own list and a published roster name.

The two lists hash numbers under different keys, so that nobody can tell by comparing them who is on both. The card
tells: its number fits both lines. They are made one in the transaction that admits it, and the line with a history in
the ledger is the one that stays.
"""

from datetime import datetime

from sqlalchemy import Connection, delete, exists, or_, select, update

from appliance.ledger import Bodies
from appliance.roster import Member, RosterService
from appliance.standing.entries import member_subject
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


def recognise(
    identifier: str, roster: RosterService, writer: Connection, bodies: Bodies, *, at: datetime
) -> Member | None:
    """Return whose card number this is, after making one line of two that it fits."""
    found = roster.with_identifier(identifier, connection=writer)
    if len(found) < 2:
        return found[0] if found else None
    published, local = found
    if _has_history(writer, published.id, bodies):
        values = {"left_at": at, "note": "", "identifier_hash": None, "sealed_password": None}
        writer.execute(update(members).where(members.c.id == local.id).values(values))
        return published
    _move(published.id, local.id, roster, writer)
    return roster.get(local.id, connection=writer)


def _move(published_id: int, local_id: int, roster: RosterService, writer: Connection) -> None:
    """Give the local line what the publication says, and remove the line that the publication made."""
    password = roster.password_of(published_id, connection=writer)
    row = writer.execute(select(*_FROM_PUBLICATION).where(members.c.id == published_id)).mappings().one()
    writer.execute(delete(members).where(members.c.id == published_id))
    values = {**row, "identifier_hash": None}
    writer.execute(update(members).where(members.c.id == local_id).values(values))
    if password is not None:
        roster.set_password(local_id, password, connection=writer)


def _has_history(reader: Connection, member_id: int, bodies: Bodies) -> bool:
    recorded = exists().where(ledger_bodies.c.subject == bodies.tag_of(member_subject(member_id)))
    was_expected = exists().where(meeting_rolls.c.member_id == member_id)
    return bool(reader.scalar(select(or_(recorded, was_expected))))
