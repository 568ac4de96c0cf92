"""A member's own year, and the overview of the chi bộ, in a fixed number of queries."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from sqlalchemy import delete, event

from appliance.errors import RuleViolation
from appliance.lists.rules_document import encode_rules
from appliance.meetings import MeetingKind, MeetingMode
from appliance.meetings.rule_sets import receive_rules
from appliance.minutes.years import Period
from appliance.roster import MemberStatus
from appliance.rules import BUILT_IN
from appliance.storage.meetings import meeting_rolls

TWO = {"recorded_by": "an", "confirmed_by": "bình"}
PRESENT, LATE, EXCUSED, ABSENT = "present", "late", "excused", "absent"


class Calendar:
    """Meetings of 2026, one a month, and what became of one member at each."""

    def __init__(self, rooms):
        self.rooms = rooms
        self.month = 0
        self.meetings = []

    def hold(self, states, *, kind=MeetingKind.REGULAR, at=None, close=True, mode=MeetingMode.ROSTER):
        """``states`` by member; whoever is not named is absent."""
        self.month += 1
        start = at or datetime(2026, self.month, 3, 12, tzinfo=UTC)
        rooms = self.rooms
        meeting = rooms.meetings.create(kind=kind, title="T", place="P", starts_at=start, mode=mode)
        rooms.meetings.open(meeting.id, at=start, officer="an")
        for member, state in states.items():
            if state == EXCUSED:
                rooms.checkins.excuse(member.id, reason="ốm", recorded_by="an", at=start)
            elif state in (PRESENT, LATE):
                late = timedelta(minutes=30 if state == LATE else 0)
                rooms.checkins.record_by_hand(member.id, reason="thẻ hỏng", at=start + late, **TWO)
        if close:
            rooms.meetings.close(meeting.id, at=start, officer="an")
        self.meetings.append(meeting)
        return meeting


@pytest.fixture
def calendar(rooms):
    return Calendar(rooms)


def numbers(year):
    return (year.meetings, year.present, year.late, year.excused, year.away, year.absent, year.not_expected)


def test_a_members_year_counts_each_meeting_once(rooms, calendar):
    hoa, lan = rooms.member(), rooms.member("Lê Thị Lan", identifier="A2")
    for state in (PRESENT, LATE, EXCUSED, ABSENT, PRESENT):
        calendar.hold({hoa: state, lan: PRESENT})
    assert numbers(rooms.years.of_member(hoa.id, year=2026)) == (5, 3, 1, 1, 0, 1, 0)
    assert numbers(rooms.years.of_member(lan.id, year=2026)) == (5, 5, 0, 0, 0, 0, 0)
    year = rooms.years.of_member(hoa.id, year=2026)
    assert (year.year, year.quarter, year.rules_version, year.excused_limit) == (2026, None, "built-in-2", 3)
    assert "Hoa" not in repr(year)


def test_only_the_kinds_that_the_rules_name_make_up_a_year(rooms, calendar):
    hoa = rooms.member()
    for kind in MeetingKind:
        calendar.hold({hoa: PRESENT}, kind=kind)
    assert rooms.years.of_member(hoa.id, year=2026).meetings == 2  # regular and thematic


def test_an_event_that_expects_nobody_is_in_nobodys_year(rooms, calendar):
    hoa = rooms.member()
    every_kind = replace(BUILT_IN, version="2026-2", in_year=frozenset(MeetingKind), in_force_from=date(2026, 1, 1))
    with rooms.database.writing() as writer:
        receive_rules(writer, {"2026-2": encode_rules(every_kind)}, at=datetime(2026, 1, 1, tzinfo=UTC))
    calendar.hold({hoa: PRESENT}, kind=MeetingKind.EVENT, mode=MeetingMode.NAMES)
    calendar.hold({hoa: PRESENT}, kind=MeetingKind.EVENT)
    assert rooms.years.of_member(hoa.id, year=2026).meetings == 1


def test_the_year_is_that_of_the_place(rooms, calendar):
    hoa = rooms.member()
    calendar.hold({hoa: PRESENT}, at=datetime(2025, 12, 31, 17, 0, tzinfo=UTC))  # 2026 in Hà Nội
    calendar.hold({hoa: PRESENT}, at=datetime(2026, 12, 31, 16, 59, tzinfo=UTC))
    calendar.hold({hoa: PRESENT}, at=datetime(2026, 12, 31, 17, 0, tzinfo=UTC))
    found = [rooms.years.of_member(hoa.id, year=year).meetings for year in (2025, 2026, 2027)]
    assert found == [0, 2, 1]


def test_whoever_was_not_expected_has_no_absence_and_their_coming_counts(rooms, calendar):
    hoa = rooms.member(status=MemberStatus.EXEMPT)
    calendar.hold({})
    calendar.hold({hoa: PRESENT})
    rooms.roster.change(hoa.id, status=MemberStatus.AWAY)
    calendar.hold({})
    assert numbers(rooms.years.of_member(hoa.id, year=2026)) == (2, 1, 0, 0, 1, 0, 1)


def test_before_somebody_was_on_the_roster_nothing_was_expected_of_them(rooms, calendar):
    calendar.hold({})
    hoa = rooms.member()
    calendar.hold({hoa: PRESENT})
    assert numbers(rooms.years.of_member(hoa.id, year=2026)) == (1, 1, 0, 0, 0, 0, 0)
    assert rooms.years.of_member(99, year=2026).meetings == 0


@pytest.mark.parametrize(
    ("states", "running", "longest"),
    [("e", 1, 1), ("ee", 2, 2), ("eee", 3, 3), ("eeep", 0, 3), ("eepee", 2, 2), ("eeaee", 2, 2), ("peeee", 4, 4)],
)
def test_the_third_excused_absence_running_is_warned_of(rooms, calendar, states, running, longest):
    hoa = rooms.member()
    words = {"e": EXCUSED, "p": PRESENT, "a": ABSENT}
    for state in states:
        calendar.hold({hoa: words[state]})
    year = rooms.years.of_member(hoa.id, year=2026)
    assert (year.excused_running, year.longest_excused_running) == (running, longest)
    too_often = running >= 3
    assert year.is_excused_too_often is too_often
    warned = rooms.years.overview(Period(2026)).excused_too_often()
    assert [line.member_id for line in warned] == ([hoa.id] if too_often else [])


def test_being_away_in_between_neither_adds_to_a_row_of_excuses_nor_breaks_it(rooms, calendar):
    hoa = rooms.member()
    calendar.hold({hoa: EXCUSED})
    rooms.roster.change(hoa.id, status=MemberStatus.AWAY)
    calendar.hold({})
    rooms.roster.change(hoa.id, status=MemberStatus.ACTIVE)
    calendar.hold({hoa: EXCUSED})
    assert rooms.years.of_member(hoa.id, year=2026).excused_running == 2


def test_a_row_of_excuses_ends_with_the_year(rooms, calendar):
    hoa = rooms.member()
    for day in (datetime(2025, 11, 3, tzinfo=UTC), datetime(2025, 12, 3, tzinfo=UTC)):
        calendar.hold({hoa: EXCUSED}, at=day)
    calendar.month = 0
    calendar.hold({hoa: EXCUSED})
    assert rooms.years.of_member(hoa.id, year=2026).excused_running == 1


def test_an_open_meeting_counts_for_who_is_there_and_for_nobody_else(rooms, calendar):
    hoa, lan = rooms.member(), rooms.member("Lê Thị Lan", identifier="A2")
    calendar.hold({hoa: PRESENT, lan: EXCUSED}, close=False)
    assert rooms.years.of_member(hoa.id, year=2026).present == 1
    assert rooms.years.of_member(lan.id, year=2026).meetings == 0
    assert rooms.years.overview(Period(2026)).meetings == ()


def test_a_correction_after_the_closing_changes_the_year(rooms, calendar, start):
    hoa = rooms.member()
    meeting = calendar.hold({hoa: ABSENT})
    rooms.checkins.excuse(hoa.id, reason="ốm", recorded_by="an", at=start, meeting_id=meeting.id)
    assert rooms.years.of_member(hoa.id, year=2026).excused == 1


def test_the_year_until_a_day_leaves_later_meetings_out(rooms, calendar):
    hoa = rooms.member()
    meetings = [calendar.hold({hoa: EXCUSED}) for _ in range(3)]
    until = meetings[1].starts_at
    assert rooms.years.of_member(hoa.id, year=2026, until=until).excused_running == 2
    assert len(rooms.years.overview(Period(2026), until=until).meetings) == 2


def test_the_limit_is_that_of_the_last_meetings_rules(rooms, calendar):
    strict = replace(BUILT_IN, version="2026-2", excused_running=2, in_force_from=date(2026, 2, 1))
    with rooms.database.writing() as writer:
        receive_rules(writer, {"2026-2": encode_rules(strict)}, at=datetime(2026, 1, 1, tzinfo=UTC))
    hoa = rooms.member()
    calendar.hold({hoa: EXCUSED})
    assert rooms.years.of_member(hoa.id, year=2026).excused_limit == 3
    calendar.hold({hoa: EXCUSED})
    year = rooms.years.of_member(hoa.id, year=2026)
    assert (year.excused_limit, year.rules_version, year.is_excused_too_often) == (2, "2026-2", True)
    assert rooms.years.of_member(hoa.id, year=2027).rules_version == "2026-2"


def test_the_overview_has_each_meeting_with_its_figures_and_each_member_with_theirs(rooms, calendar):
    hoa, lan = rooms.member(), rooms.member("Lê Thị Lan", identifier="A2")
    calendar.hold({hoa: PRESENT, lan: PRESENT})
    calendar.hold({hoa: PRESENT})
    calendar.hold({hoa: EXCUSED}, kind=MeetingKind.CONGRESS)
    overview = rooms.years.overview(Period(2026))
    assert (overview.year, overview.quarter, overview.rules_version) == (2026, None, "built-in-2")
    assert [one.figures.numerator for one in overview.meetings] == [2, 1, 0]
    for one in overview.meetings:
        assert one.figures == rooms.attendance.attendance_of(one.meeting.id).closing_figures
    kinds = overview.by_kind()
    regular = kinds[MeetingKind.REGULAR]
    assert (regular.meetings, regular.ratio, regular.above_line, regular.without_reason) == (2, Fraction(3, 4), 1, 1)
    assert kinds[MeetingKind.CONGRESS].meetings == 1
    assert [(line.member_id, line.name, numbers(line.year)) for line in overview.members] == [
        (hoa.id, "Đỗ Thị Hoa", (2, 2, 0, 0, 0, 0, 0)),
        (lan.id, "Lê Thị Lan", (2, 1, 0, 0, 0, 1, 0)),
    ]
    assert [line.member_id for line in overview.absent_without_reason()] == [lan.id]
    assert [line.year for line in overview.members] == [
        rooms.years.of_member(member.id, year=2026) for member in (hoa, lan)
    ]
    assert "Hoa" not in repr(overview)


def test_the_overview_agrees_with_the_minutes_after_an_erasure(rooms, calendar):
    people = [rooms.member(f"Người {number}", identifier=f"B{number}") for number in range(4)]
    meeting = calendar.hold(dict.fromkeys(people[:2], PRESENT))

    def regular():
        kind = rooms.years.overview(Period(2026)).by_kind()[MeetingKind.REGULAR]
        return (kind.numerator, kind.denominator, kind.without_reason)

    assert regular() == (2, 4, 2)
    for gone in (people[2], people[0]):  # absent, present
        rooms.erasure.erase_member(gone.id, at=meeting.starts_at + timedelta(days=1), officer="an")
        assert regular() == (2, 4, 2)
    at = meeting.starts_at + timedelta(days=2)
    rooms.checkins.record_by_hand(people[3].id, reason="quên thẻ", at=at, meeting_id=meeting.id, **TWO)
    assert regular() == (3, 4, 1)
    attendance = rooms.attendance.attendance_of(meeting.id)
    assert (attendance.figures.numerator, attendance.closing_figures.numerator, attendance.was_changed) == (3, 2, True)


def test_the_overview_agrees_with_the_minutes_when_the_rolls_are_gone(rooms, calendar):
    hoa = rooms.member()
    rooms.member("Lê Thị Lan", identifier="A2")
    meeting = calendar.hold({hoa: PRESENT})
    with rooms.database.writing() as writer:
        writer.execute(delete(meeting_rolls))  # as retention does
    (one,) = rooms.years.overview(Period(2026)).meetings
    assert (one.figures.numerator, one.figures.denominator) == (1, 2)
    assert not rooms.attendance.attendance_of(meeting.id).was_changed


def test_a_quarter_has_its_own_meetings(rooms, calendar):
    hoa = rooms.member()
    for _ in range(4):
        calendar.hold({hoa: PRESENT})
    found = [rooms.years.overview(Period(2026, quarter)) for quarter in (1, 2, 3, 4)]
    assert [len(one.meetings) for one in found] == [3, 1, 0, 0]
    assert (found[1].members[0].year.quarter, found[1].members[0].year.present) == (2, 1)
    assert found[2].by_kind() == {}


@pytest.mark.parametrize(
    ("period", "first", "after"),
    [
        (Period(2026), date(2026, 1, 1), date(2027, 1, 1)),
        (Period(2026, 1), date(2026, 1, 1), date(2026, 4, 1)),
        (Period(2026, 4), date(2026, 10, 1), date(2027, 1, 1)),
    ],
)
def test_a_period_begins_and_ends_on_days(period, first, after):
    assert (period.first_day(), period.day_after()) == (first, after)


@pytest.mark.parametrize("details", [(0, None), (1999, None), (2200, None), (9999, None), (2026, 0), (2026, 5)])
def test_any_other_period_is_none(details):
    with pytest.raises(RuleViolation, match="period"):
        Period(*details)


@pytest.mark.parametrize("year", [1, 1970, 9999])
def test_a_clock_that_is_wrong_is_told_a_year_without_meetings(rooms, calendar, year):
    hoa = rooms.member()
    calendar.hold({hoa: PRESENT})
    assert (rooms.years.of_member(hoa.id, year=year).year, rooms.years.of_member(hoa.id, year=year).meetings) == (
        year,
        0,
    )


def test_neither_members_nor_meetings_cost_a_query_each(rooms, calendar):
    def queries(ask):
        seen = []
        listen = ("before_cursor_execute", lambda *_: seen.append(1))
        event.listen(rooms.database._reader, *listen)
        ask()
        event.remove(rooms.database._reader, *listen)
        return len(seen)

    def both():
        return (
            queries(lambda: rooms.years.of_member(hoa.id, year=2026)),
            queries(lambda: rooms.years.overview(Period(2026))),
        )

    hoa = rooms.member()
    calendar.hold({hoa: PRESENT})
    few = both()
    more = [rooms.member(f"Người {number}", identifier=f"B{number}") for number in range(20)]
    for _ in range(5):
        calendar.hold(dict.fromkeys(more, PRESENT))
    assert both() == few
    assert max(few) <= 8
