"""Under which opaque names one person is kept: a member's own, and the one that they had as a visitor before."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select

from appliance.standing.entries import member_of, visitor_subject
from appliance.storage.members import members


def with_earlier_visits(reader: Connection, subjects: Sequence[str]) -> tuple[str, ...]:
    """Return these opaque names, and after each member's the one of the visits with their card, each once.

    Visits are known only where the number of the card is hashed under this appliance's own key: a published roster has
    numbers under another one (``ErasureService.may_leave_visits``).
    """
    return tuple(dict.fromkeys(name for subject in subjects for name in _names(reader, subject)))


def _names(reader: Connection, subject: str) -> Iterator[str]:
    yield subject
    member_id = member_of(subject)
    if member_id is not None:
        number_hash = reader.scalar(select(members.c.identifier_hash).where(members.c.id == member_id))
        if number_hash is not None:
            yield visitor_subject(number_hash)
