"""Retention: what is old enough goes, as the policy says, and the figures of meetings stay.

First a plan, which tells what would go and names nobody; then the same plan is carried out in transactions so small
that a tap hardly waits. What goes is on record in the ledger as an erasure, and the chain still verifies. A clock that
is not trusted erases nothing, and no clock erases anything of an open meeting.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, delete, exists, func, select, update

from appliance.clock import Reading
from appliance.config.retention import RetentionConfig
from appliance.errors import ClockError
from appliance.ledger import EntryKind, Ledger, NewEntry
from appliance.meetings.rule_sets import rule_set_in
from appliance.persons.from_elsewhere import forget_some, kept_of
from appliance.persons.months import months_before
from appliance.standing.entries import member_subject
from appliance.storage.base import utc_time
from appliance.storage.database import Database
from appliance.storage.devices import forget_member, forget_mirrored
from appliance.storage.ledger import ledger_bodies, ledger_entries
from appliance.storage.meetings import MeetingMode, MeetingState, meeting_rolls, meetings
from appliance.storage.members import members
from appliance.storage.persons import access_log, person_requests

OFFICER: Final = "retention"
"""Who erases, in the ledger: the policy, no person."""
_AT_ONCE: Final = 500
_LONGEST_SILENCE: Final = timedelta(days=400)


class Kind(StrEnum):
    """What goes."""

    PERSONS = "persons"
    """Entries about anybody, of an old meeting."""
    ROLL = "roll"
    """The lines of an old meeting's roll."""
    VISITORS = "visitors"
    REFUSED = "refused"
    LEFT = "left"
    """Members who left the roster, and whom no meeting names any more."""
    ACCESS_LOG = "access-log"
    REQUESTS = "requests"


_KINDS: Final[Mapping[Kind, tuple[EntryKind, ...]]] = {
    Kind.VISITORS: (EntryKind.VISIT, EntryKind.VISIT_BY_HAND, EntryKind.GUEST),
    Kind.REFUSED: (EntryKind.REFUSED,),
}
"""Of which kinds the entries are that go; of ``PERSONS`` any that is about somebody."""


@dataclass(frozen=True, slots=True)
class Due:
    """So many lines of a kind are due, of a meeting or of none."""

    kind: Kind
    count: int
    meeting_id: int | None = None
    ended_at: datetime | None = None


class Retention:
    """Plans and carries out what the policy says."""

    def __init__(self, database: Database, ledger: Ledger, policy: RetentionConfig) -> None:
        self._database = database
        self._ledger = ledger
        self._policy = policy

    def plan(self, now: Reading, *, far_ahead: bool = False) -> tuple[Due, ...]:
        """Return what is due, oldest meetings first.

        Raises ``ClockError`` where the clock is not trusted, or is more than 400 days ahead of the last entry of the
        ledger; ``far_ahead`` is for an appliance that was left alone for so long.
        """
        self._require_believable(now, far_ahead=far_ahead)
        with self._database.reading() as reader:
            of_meetings = tuple(self._of_meetings(reader, now.at))
            rolls = [due.meeting_id for due in of_meetings if due.kind is Kind.ROLL]
            return (*of_meetings, *self._of_no_meeting(reader, now.at, without_rolls=rolls))

    def carry_out(self, now: Reading, *, far_ahead: bool = False) -> tuple[Due, ...]:
        """Let go of what is due, and return what went: the plan, unless somebody worked with the store meanwhile.

        What was done stands, wherever a power cut or an error ends this. Raises ``ClockError`` as ``plan``, and what
        the store and the ledger raise.
        """
        went = [replace(due, count=self._let_go(due, now.at)) for due in self.plan(now, far_ahead=far_ahead)]
        if went:
            self._ledger.checkpoint()
            self._database.forget()
        return tuple(due for due in went if due.count)

    def _require_believable(self, now: Reading, *, far_ahead: bool) -> None:
        if not now.trusted:
            msg = "the time is not known for certain, so nothing is erased by its age: thechip-appliance clock show"
            raise ClockError(msg)
        with self._database.reading() as reader:
            last = reader.scalar(select(ledger_entries.c.at).order_by(ledger_entries.c.sequence.desc()).limit(1))
        if last is not None and now.at - utc_time(last) > _LONGEST_SILENCE and not far_ahead:
            msg = "nothing was recorded for more than 400 days: if the clock is right all the same, say --far-ahead"
            raise ClockError(msg)

    # --- what is due -----------------------------------------------------------------------------------------------

    def _of_meetings(self, reader: Connection, at: datetime) -> Iterator[Due]:
        """Yield what is due of closed meetings; an event that lists names may have a time of its own in its rules."""
        shortest = min((months for months in self._months() if months), default=None)
        is_candidate = meetings.c.mode == MeetingMode.NAMES
        if shortest is not None:
            is_candidate |= meetings.c.closed_at < months_before(at, shortest)
        closed = select(meetings).where(meetings.c.state == MeetingState.CLOSED, is_candidate)
        for row in reader.execute(closed.order_by(meetings.c.closed_at, meetings.c.id)).all():
            for kind, count in self._of_meeting(reader, row, at):
                if count:
                    yield Due(kind, count, row.id, row.closed_at)

    def _of_meeting(self, reader: Connection, row: Row[Any], at: datetime) -> Iterator[tuple[Kind, int]]:
        if self._is_due("meetings_months", row.closed_at, at) or _is_due_by_rules(reader, row, at):
            yield Kind.PERSONS, _everything(reader, row.id, Kind.PERSONS)
            rolls = select(meeting_rolls.c.member_id).where(meeting_rolls.c.meeting_id == row.id)
            yield Kind.ROLL, _count(reader, rolls)
        elif self._is_due("visitors_months", row.closed_at, at):
            yield Kind.VISITORS, _everything(reader, row.id, Kind.VISITORS)
        if self._is_due("refused_months", row.closed_at, at):
            yield Kind.REFUSED, _everything(reader, row.id, Kind.REFUSED)

    def _of_no_meeting(self, reader: Connection, at: datetime, *, without_rolls: Sequence[int | None]) -> Iterator[Due]:
        """Yield what is due once the rolls of these meetings are gone: members who left stand on no other."""
        due: list[tuple[Kind, Any]] = []
        if cut := self._cut("meetings_months", at):
            due.append((Kind.LEFT, select(members.c.id).where(_has_left_before(cut, without_rolls))))
        if cut := self._cut("access_log_months", at):
            due.append((Kind.ACCESS_LOG, select(access_log.c.id).where(access_log.c.id < _first_kept(reader, cut))))
        if cut := self._cut("requests_months", at):
            due.append((Kind.REQUESTS, select(person_requests.c.id).where(_answered_before(cut))))
        for kind, query in due:
            if count := _count(reader, query):
                yield Due(kind, count)

    def _months(self) -> tuple[int, int, int]:
        return self._policy.meetings_months, self._policy.visitors_months, self._policy.refused_months

    def _cut(self, name: str, at: datetime) -> datetime | None:
        months = getattr(self._policy, name)
        return months_before(at, months) if months else None

    def _is_due(self, name: str, ended: datetime, at: datetime) -> bool:
        cut = self._cut(name, at)
        return cut is not None and ended < cut

    # --- letting go ------------------------------------------------------------------------------------------------

    def _let_go(self, due: Due, at: datetime) -> int:
        """Let go of one line of a plan, and return how many went."""
        match due.kind:
            case Kind.PERSONS | Kind.VISITORS | Kind.REFUSED:
                return self._erase_entries(due, at)
            case Kind.ROLL:
                return self._delete(meeting_rolls, meeting_rolls.c.meeting_id == due.meeting_id, at)
            case Kind.LEFT:
                return self._erase_those_who_left(at)
            case Kind.ACCESS_LOG:
                return self._shorten_access_log(at)
            case Kind.REQUESTS:
                return self._delete(person_requests, _answered_before(self._cut("requests_months", at)), at)

    def _erase_entries(self, due: Due, at: datetime) -> int:
        count = 0
        while True:
            with self._database.writing() as writer:
                numbers = list(writer.scalars(_bodies(due.meeting_id, due.kind).limit(_AT_ONCE)))
                told = forget_some(writer, due.meeting_id, _KINDS.get(due.kind), at_most=_AT_ONCE)
                if not numbers and not told:
                    return count
                writer.execute(delete(ledger_bodies).where(ledger_bodies.c.sequence.in_(numbers)))
                forget_mirrored(writer, numbers)
                self._record(writer, at, erased=numbers, what=due.kind, **({"elsewhere": told} if told else {}))
            count += len(numbers) + told

    def _erase_those_who_left(self, at: datetime) -> int:
        query = select(members.c.id).where(_has_left_before(self._cut("meetings_months", at)))
        with self._database.reading() as reader:
            numbers = list(reader.scalars(query))
        return sum(self._erase_who_left(number, at) for number in numbers)

    def _erase_who_left(self, number: int, at: datetime) -> bool:
        """Erase a member unless a roster or a roll names them by now, as a sync may have decided meanwhile."""
        has_left = (members.c.id == number) & _has_left_before(self._cut("meetings_months", at))
        with self._database.writing() as writer:
            if writer.scalar(select(members.c.id).where(has_left)) is None:
                return False
            self._ledger.erase(member_subject(number), at=at, officer=OFFICER, connection=writer)
            forget_member(writer, number)
            writer.execute(update(members).where(members.c.became == number).values(became=None))
            writer.execute(delete(members).where(members.c.id == number))
            self._record(writer, at, what=Kind.LEFT, count=1)
        return True

    def _delete(self, table: Any, where: ColumnElement[bool], at: datetime) -> int:
        with self._database.writing() as writer:
            count = writer.execute(delete(table).where(where)).rowcount
            if count:
                self._record(writer, at, what=table.name, count=count)
        return count

    def _shorten_access_log(self, at: datetime) -> int:
        cut, count = self._cut("access_log_months", at), 0
        while cut is not None:
            with self._database.writing() as writer:
                oldest = select(access_log.c.id).order_by(access_log.c.id).limit(_AT_ONCE)
                numbers = list(writer.scalars(oldest.where(access_log.c.id < _first_kept(writer, cut))))
                if not numbers:
                    break
                writer.execute(delete(access_log).where(access_log.c.id <= numbers[-1]))
                self._record(writer, at, what=access_log.name, count=len(numbers), until=numbers[-1])
            count += len(numbers)
        return count

    def _record(self, writer: Connection, at: datetime, *, erased: Sequence[int] = (), **more: Any) -> None:
        body = {"officer": OFFICER, "erased": list(erased), **more}
        self._ledger.append(NewEntry(EntryKind.ERASURE, body=body), at=at, connection=writer)


def _is_due_by_rules(reader: Connection, row: Row[Any], at: datetime) -> bool:
    if row.mode is not MeetingMode.NAMES:
        return False
    kept_for = rule_set_in(reader, row.rules_version).event_retention
    return kept_for is not None and row.closed_at + kept_for < at


def _bodies(meeting_id: int | None, kind: Kind) -> Any:
    """Select the numbers of a meeting's entries that would lose their body; what it was and its figures is kept."""
    query = (
        select(ledger_bodies.c.sequence)
        .join(ledger_entries, ledger_entries.c.sequence == ledger_bodies.c.sequence)
        .where(ledger_entries.c.meeting_id == meeting_id)
        .order_by(ledger_bodies.c.sequence)
    )
    if kind is Kind.PERSONS:
        return query.where(ledger_bodies.c.subject.is_not(None))
    return query.where(ledger_entries.c.kind.in_([one.value for one in _KINDS[kind]]))


def _everything(reader: Connection, meeting_id: int, kind: Kind) -> int:
    """Count what is kept of a meeting: our own entries, and those of other appliances that were not taken over."""
    return _count(reader, _bodies(meeting_id, kind)) + _count(reader, kept_of(meeting_id, _KINDS.get(kind)))


def _has_left_before(cut: datetime | None, without_rolls: Sequence[int | None] = ()) -> ColumnElement[bool]:
    is_their_roll = meeting_rolls.c.member_id == members.c.id
    is_on_a_roll = exists().where(is_their_roll, meeting_rolls.c.meeting_id.not_in(without_rolls))
    return (members.c.left_at < cut) & ~is_on_a_roll


def _answered_before(cut: datetime | None) -> ColumnElement[bool]:
    return person_requests.c.answered_at < cut


def _first_kept(reader: Connection, cut: datetime) -> int:
    """Return the number of the first line that is young enough; only what is before it goes, whatever the clock did."""
    first = reader.scalar(select(func.min(access_log.c.id)).where(access_log.c.at >= cut))
    last = reader.scalar(select(func.coalesce(func.max(access_log.c.id), 0)))
    return int(first if first is not None else (last or 0) + 1)


def _count(reader: Connection, query: Any) -> int:
    return int(reader.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0)
