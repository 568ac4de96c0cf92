"""Under which opaque names one person is kept.

A member's own, that of a line which left because both were one person's, and the one that they had as a visitor before.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select

from appliance.standing.entries import member_of, member_subject, visitor_subject
from appliance.storage.members import lines_of, members


def with_earlier_visits(reader: Connection, subjects: Sequence[str]) -> tuple[str, ...]:
    """Return these opaque names, after each member's those of their other lines and of visits with their card, once.

    Visits are known only where the number of the card is hashed under this appliance's own key: a published roster has
    numbers under another one (``ErasureService.may_leave_visits``).
    """
    return tuple(dict.fromkeys(name for subject in subjects for name in _names(reader, subject)))


def as_they_stand(reader: Connection, subjects: Sequence[str]) -> tuple[str, ...]:
    """Return these opaque names, each once, a member's as that of the line that stands for the person now."""
    numbers = {subject: member_of(subject) for subject in subjects}
    names = (
        subject if number is None else member_subject(lines_of(reader, number)[0])
        for subject, number in numbers.items()
    )
    return tuple(dict.fromkeys(names))


def _names(reader: Connection, subject: str) -> Iterator[str]:
    yield subject
    member_id = member_of(subject)
    if member_id is None:
        return
    lines = lines_of(reader, member_id)
    yield from map(member_subject, lines)
    hashes = select(members.c.identifier_hash).where(members.c.id.in_(lines), members.c.identifier_hash.is_not(None))
    yield from map(visitor_subject, reader.scalars(hashes))
