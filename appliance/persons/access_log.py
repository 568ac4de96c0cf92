"""The access log: one line for each look of an officer at persons' data, appended before anything is shown.

It names officers by the number of their account and persons by the blinded subject of the ledger. So it is no second
list of members, and once somebody is erased nobody can tell any more whom its lines were about.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, insert, select, text

from appliance.ledger import Bodies
from appliance.storage.database import Database
from appliance.storage.persons import Look, Purpose, access_log

COALESCED: Final = timedelta(minutes=1)
"""Within this time the same look is on record once, so that nobody can fill the store by reloading a page."""
_LISTS: Final = (Look.LIST, Look.EXPORT, Look.ROSTER)
_LAST: Final = text("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'access_log'")


@dataclass(frozen=True, slots=True)
class AccessLine:
    """One look: when, by which account (None: at the machine's command line), at what, what for.

    ``subject`` is the tag of whom it was about, 32 bytes, where it was one person.
    """

    id: int
    at: datetime
    account_id: int | None
    what: Look
    purpose: Purpose
    meeting_id: int | None
    subject: bytes | None = field(repr=False)


class AccessLog:
    """Writes and reads who looked."""

    def __init__(self, database: Database, bodies: Bodies) -> None:
        self._database = database
        self._bodies = bodies

    def looked(
        self,
        account_id: int | None,
        what: Look,
        purpose: Purpose,
        *,
        at: datetime,
        meeting_id: int | None = None,
        subject: str | None = None,
        connection: Connection | None = None,
    ) -> bool:
        """Record a look; return whether it needed a line, rather than being the same as one of the last minute.

        ``subject`` is the ledger's opaque name of a person: ``member:7``. It is durable when this returns; where a
        StorageError says that it is not, the look should not take place.
        """
        row: dict[str, Any] = {
            "at": at,
            "account_id": account_id,
            "what": what,
            "purpose": purpose,
            "meeting_id": meeting_id,
            "subject": None if subject is None else self._bodies.tag_of(subject),
        }
        with self._database.reading(connection) as reader:
            if _is_known(reader, row):
                return False
        with self._database.writing(connection) as writer:
            if _is_known(writer, row):
                return False
            number = int(writer.scalars(_LAST).one()) + 1
            writer.execute(insert(access_log), {"id": number, **row})
        return True

    def lines(
        self, *, after: int = 0, limit: int = 1000, subjects: Collection[str] | None = None
    ) -> tuple[AccessLine, ...]:
        """Return up to ``limit`` lines that follow number ``after``, in their order; all, or about these people."""
        query = select(access_log).where(access_log.c.id > after).order_by(access_log.c.id).limit(limit)
        if subjects is not None:
            query = query.where(access_log.c.subject.in_([self._bodies.tag_of(subject) for subject in subjects]))
        with self._database.reading() as reader:
            return tuple(_line(row) for row in reader.execute(query))

    def of_lists(self, meeting_ids: Collection[int], *, connection: Connection) -> tuple[AccessLine, ...]:
        """Return the looks at the lists of these meetings, at the roster and at the whole ledger, in their order."""
        of_these = access_log.c.meeting_id.in_(meeting_ids) | access_log.c.meeting_id.is_(None)
        query = select(access_log).where(access_log.c.what.in_(_LISTS), of_these).order_by(access_log.c.id)
        return tuple(_line(row) for row in connection.execute(query))

    def tag_of(self, subject: str) -> bytes:
        """Return the tag of a subject, by which an auditor's view tells whom a line is about."""
        return self._bodies.tag_of(subject)


def _is_known(reader: Connection, row: dict[str, Any]) -> bool:
    at: datetime = row["at"]
    same: Select[Any] = select(access_log.c.id).where(
        access_log.c.at > at - COALESCED,
        access_log.c.at <= at,
        *(access_log.c[name].is_not_distinct_from(row[name]) for name in _SAME),
    )
    return reader.execute(same.limit(1)).first() is not None


_SAME: Final = ("account_id", "what", "purpose", "meeting_id", "subject")


def _line(row: Row[Any]) -> AccessLine:
    return AccessLine(row.id, row.at, row.account_id, row.what, row.purpose, row.meeting_id, row.subject)
