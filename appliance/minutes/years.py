"""Years: what a member's meetings of a year come to, and the overview of the chi bộ; a fixed number of queries each.

Counted is what stands now, corrections after a closing included; the roll of each meeting is the one that was frozen.
A meeting counts once it is closed; for somebody who is there already, while it is open.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from appliance.errors import RuleViolation
from appliance.ledger import Ledger
from appliance.meetings.meeting import Meeting, meeting_of
from appliance.meetings.roll import RollLine, named_by_an_event
from appliance.meetings.rule_sets import rule_set_in_force, rule_sets_in
from appliance.minutes.closing import closings_in
from appliance.minutes.overview import MemberLine, Overview, overview_of
from appliance.rules import BUILT_IN, MeetingOutcome, MemberYear, RuleSet, member_year
from appliance.standing.entries import entries_of_meetings, member_subject
from appliance.standing.standing import Standing, standing_of
from appliance.storage.database import Database
from appliance.storage.meetings import MeetingMode, MeetingState, meeting_rolls, meetings
from appliance.storage.members import MemberStatus, members

__all__ = ["MemberLine", "MemberYear", "Overview", "Period", "YearService"]

_YEARS: Final = range(2000, 2200)
_OF_ROSTER: Final = (members.c.id, members.c.name, members.c.member_class, members.c.status)
_QUARTERS: Final = (1, 2, 3, 4)
_MONTHS_OF_A_QUARTER: Final = 3


@dataclass(frozen=True, slots=True)
class Period:
    """A year from 2000 to 2199, or one of its quarters (1 to 4); RuleViolation for any other."""

    year: int
    quarter: int | None = None

    def __post_init__(self) -> None:
        if self.year not in _YEARS or self.quarter not in (None, *_QUARTERS):
            msg = "a period is a year from 2000 to 2199, or one of its four quarters"
            raise RuleViolation(msg)

    def first_day(self) -> date:
        """Return its first day."""
        return date(self.year, 1 if self.quarter is None else 1 + _MONTHS_OF_A_QUARTER * (self.quarter - 1), 1)

    def day_after(self) -> date:
        """Return the day after its last."""
        if self.quarter in (None, _QUARTERS[-1]):
            return date(self.year + 1, 1, 1)
        return Period(self.year, (self.quarter or 0) + 1).first_day()


@dataclass(frozen=True, slots=True)
class _Meetings:
    """The meetings of a period that were opened, in their order, and the rules of each version."""

    opened: tuple[Meeting, ...]
    rules: Mapping[str, RuleSet]

    @property
    def numbers(self) -> tuple[int, ...]:
        """By which the ledger knows them."""
        return tuple(meeting.id for meeting in self.opened)

    def of_year(self) -> tuple[Meeting, ...]:
        """Return those that make up a member's year."""
        return tuple(
            meeting
            for meeting in self.opened
            if meeting.mode is MeetingMode.ROSTER and meeting.kind in self.rules[meeting.rules_version].in_year
        )


class YearService:
    """Reads years; the days of meetings are those of ``time_zone``."""

    def __init__(self, database: Database, ledger: Ledger, *, time_zone: str = "Asia/Ho_Chi_Minh") -> None:
        self._database = database
        self._bodies = ledger.bodies
        self._zone = ZoneInfo(time_zone)

    def of_member(self, member_id: int, *, year: int, until: datetime | None = None) -> MemberYear:
        """Return a member's year, five queries; meetings that start after ``until`` are not in it.

        Whoever is on no roll of the year, and unknown members, have a year without meetings; so has everybody in a year
        that is no period, for which a clock that is wrong asks.
        """
        if year not in _YEARS:
            return member_year(BUILT_IN, (), year=year)
        subject = member_subject(member_id)
        with self._database.reading() as reader:
            found = self._meetings(reader, Period(year), until)
            rules = self._rules_at_the_end(reader, found, Period(year))
            query = select(meeting_rolls.c.meeting_id, meeting_rolls.c.status)
            of_member = (meeting_rolls.c.member_id == member_id) & meeting_rolls.c.meeting_id.in_(found.numbers)
            statuses = {row.meeting_id: row.status for row in reader.execute(query.where(of_member))}
            entries = entries_of_meetings(reader, found.numbers, self._bodies, subject=subject)
        standings = {meeting_id: standing_of(of_one) for meeting_id, of_one in entries.items()}
        outcomes = [
            outcome
            for meeting in found.of_year()
            if (outcome := _outcome(meeting, member_id, statuses.get(meeting.id), standings, found.rules)) is not None
        ]
        return member_year(rules, outcomes, year=year)

    def overview(self, period: Period, *, until: datetime | None = None) -> Overview:
        """Return the chi bộ's period: each closed meeting with its figures, each member with theirs; eight queries."""
        with self._database.reading() as reader:
            found = self._meetings(reader, period, until)
            rules = self._rules_at_the_end(reader, found, period)
            rolls = self._rolls(reader, found)
            entries = entries_of_meetings(reader, found.numbers, self._bodies)
            closings = closings_in(reader, found.numbers, self._bodies)
            on_roster = tuple(reader.execute(select(*_OF_ROSTER).order_by(members.c.id)))
        closed = tuple(meeting for meeting in found.opened if meeting.state is MeetingState.CLOSED)
        standings = {meeting.id: standing_of(entries.get(meeting.id, ())) for meeting in closed}
        today = tuple(RollLine(row.id, "", row.member_class, row.status) for row in on_roster)
        for meeting in closed:
            if meeting.mode is MeetingMode.NAMES:
                named = named_by_an_event(standings[meeting.id])
                rolls[meeting.id] = {line.member_id: line for line in today if line.member_id in named} | rolls[
                    meeting.id
                ]
        in_year = tuple(meeting for meeting in found.of_year() if meeting.state is MeetingState.CLOSED)
        return Overview(
            year=period.year,
            quarter=period.quarter,
            rules_version=rules.version,
            meetings=overview_of(closed, found.rules, rolls, entries, closings),
            members=tuple(
                MemberLine(row.id, row.name, member_year(rules, outcomes, year=period.year, quarter=period.quarter))
                for row in on_roster
                if (outcomes := _outcomes(in_year, row.id, rolls, standings, found.rules))
            ),
        )

    def _meetings(self, reader: Connection, period: Period, until: datetime | None) -> _Meetings:
        first, after = (self._start_of(day) for day in (period.first_day(), period.day_after()))
        inside = [
            meetings.c.starts_at >= first,
            meetings.c.starts_at < after,
            meetings.c.state != MeetingState.PLANNED,
        ]
        if until is not None:
            inside.append(meetings.c.starts_at <= until)
        query = select(meetings).where(*inside).order_by(meetings.c.starts_at, meetings.c.id)
        opened = tuple(meeting_of(row) for row in reader.execute(query))
        rules = rule_sets_in(reader, {meeting.rules_version for meeting in opened})
        return _Meetings(opened, rules)

    def _rules_at_the_end(self, reader: Connection, found: _Meetings, period: Period) -> RuleSet:
        """Return whose limits are applied: those of the last meeting, before the first those in force."""
        if found.opened:
            return found.rules[found.opened[-1].rules_version]
        return rule_set_in_force(reader, period.first_day())

    def _rolls(self, reader: Connection, found: _Meetings) -> dict[int, dict[int, RollLine]]:
        query = select(meeting_rolls).where(meeting_rolls.c.meeting_id.in_(found.numbers))
        rolls: dict[int, dict[int, RollLine]] = {meeting.id: {} for meeting in found.opened}
        for row in reader.execute(query):
            line = RollLine(row.member_id, "", row.member_class, row.status)  # the overview has each name once
            rolls[row.meeting_id][row.member_id] = line
        return rolls

    def _start_of(self, day: date) -> datetime:
        return datetime.combine(day, time(), tzinfo=self._zone).astimezone(UTC)


def _outcomes(
    of_period: Sequence[Meeting],
    member_id: int,
    rolls: Mapping[int, Mapping[int, RollLine]],
    standings: Mapping[int, Standing],
    rules: Mapping[str, RuleSet],
) -> list[MeetingOutcome]:
    found = []
    for meeting in of_period:
        line = rolls[meeting.id].get(member_id)
        outcome = _outcome(meeting, member_id, None if line is None else line.status, standings, rules)
        if outcome is not None:
            found.append(outcome)
    return found


def _outcome(
    meeting: Meeting,
    member_id: int,
    status: MemberStatus | None,
    standings: Mapping[int, Standing],
    rules: Mapping[str, RuleSet],
) -> MeetingOutcome | None:
    """Return what a meeting was for a member; None where they were not on its roll, or have not come before its end."""
    standing = standings.get(meeting.id, Standing())
    if meeting.state is MeetingState.OPEN:
        if member_subject(member_id) not in standing.presences:
            return None
        status = MemberStatus.ACTIVE  # they are there, whatever their status
    if status is None:
        return None
    state = standing.state_of(member_id, status)
    return MeetingOutcome.under(rules[meeting.rules_version], status, state)
