"""The register of what persons asked for: when it came, until when it must be answered, and how that ended.

Law 91/2025/QH15 gives two working days. The register names nobody. It keeps the blinded subject, by which a request is
found from a person and never a person from a request; after an erasure not even that.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, insert, select, update

from appliance.errors import NotFound, RuleViolation
from appliance.ledger import Bodies
from appliance.names import clean
from appliance.storage.database import Database
from appliance.storage.persons import Answer, RequestKind, person_requests

WORKING_DAYS: Final = 2
_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class PersonRequest:
    """One request. ``due_on`` is the last day on which it can be answered in time, where the appliance stands."""

    id: int
    kind: RequestKind
    subject: bytes | None = field(repr=False)
    received_at: datetime
    due_on: date
    received_by: str = field(repr=False)
    answered_at: datetime | None
    answered_by: str | None = field(repr=False)
    answer: Answer | None
    entries: int | None

    @property
    def is_open(self) -> bool:
        """Whether it still has to be answered."""
        return self.answered_at is None


class PersonRequests:
    """Keeps the register. Days are those of ``time_zone``."""

    def __init__(self, database: Database, bodies: Bodies, *, time_zone: str = "Asia/Ho_Chi_Minh") -> None:
        self._database = database
        self._bodies = bodies
        self._zone = ZoneInfo(time_zone)

    def receive(self, kind: RequestKind, *, at: datetime, by: str, subject: str | None = None) -> PersonRequest:
        """Enter a request; ``subject`` is the ledger's opaque name of the person, where the appliance knows them."""
        row: dict[str, Any] = {
            "kind": kind,
            "subject": None if subject is None else self._bodies.tag_of(subject),
            "received_at": at,
            "due_on": due_on(at.astimezone(self._zone).date()).isoformat(),
            "received_by": clean(by, "the officer"),
        }
        with self._database.writing() as writer:
            number = writer.scalars(insert(person_requests).returning(person_requests.c.id), row).one()
            return _one(writer, number)

    def answer(
        self, number: int, answer: Answer, *, at: datetime, by: str, entries: int | None = None
    ) -> PersonRequest:
        """Close a request. ``entries``: how many of the ledger lost their body.

        Raises NotFound, and RuleViolation for one that was answered before.
        """
        values: dict[str, Any] = {
            "answer": answer,
            "answered_at": at,
            "answered_by": clean(by, "the officer"),
            "entries": entries,
        }
        with self._database.writing() as writer:
            _require_open(_one(writer, number))
            writer.execute(update(person_requests).where(person_requests.c.id == number).values(values))
            return _one(writer, number)

    def require_open(self, number: int) -> None:
        """Raise NotFound for a number that no request has, and RuleViolation for one that was answered before."""
        _require_open(self.get(number))

    def forget(self, subject: str) -> None:
        """Remove from every line of the register whom it was about, if it was about this person."""
        about = person_requests.c.subject == self._bodies.tag_of(subject)
        with self._database.writing() as writer:
            writer.execute(update(person_requests).where(about).values(subject=None))

    def get(self, number: int) -> PersonRequest:
        """Return a request; NotFound for a number that none has."""
        with self._database.reading() as reader:
            return _one(reader, number)

    def all(self, *, subject: str | None = None) -> tuple[PersonRequest, ...]:
        """Return the register, or what is in it of one person: the open ones first, by the day they are due."""
        query = select(person_requests).order_by(
            person_requests.c.answered_at.is_not(None), person_requests.c.due_on, person_requests.c.id
        )
        if subject is not None:
            query = query.where(person_requests.c.subject == self._bodies.tag_of(subject))
        with self._database.reading() as reader:
            return tuple(_request(row) for row in reader.execute(query))


def due_on(received: date) -> date:
    """Return the second working day, Monday to Friday, after the day of receipt, which is not counted.

    Public holidays are not known here: the date is then earlier than the law asks, never later.

    >>> due_on(date(2026, 11, 27)).isoformat()  # a Friday
    '2026-12-01'
    """
    day, left = received, WORKING_DAYS
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < _SATURDAY
    return day


def _require_open(request: PersonRequest) -> None:
    if not request.is_open:
        msg = f"request {request.id} was answered before"
        raise RuleViolation(msg)


def _one(reader: Connection, number: int) -> PersonRequest:
    row = reader.execute(select(person_requests).where(person_requests.c.id == number)).one_or_none()
    if row is None:
        msg = f"there is no request {number}"
        raise NotFound(msg)
    return _request(row)


def _request(row: Row[Any]) -> PersonRequest:
    return PersonRequest(
        id=row.id,
        kind=row.kind,
        subject=row.subject,
        received_at=row.received_at,
        due_on=date.fromisoformat(row.due_on),
        received_by=row.received_by,
        answered_at=row.answered_at,
        answered_by=row.answered_by,
        answer=row.answer,
        entries=row.entries,
    )
