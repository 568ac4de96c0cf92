"""The figures of meetings and years: whatever happened and whatever the rules, the sums agree."""

import json
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from appliance.ledger.canonical_json import canonical_json
from appliance.rules import AttendanceState, Counted, Figures, MeetingOutcome, RuleSet, figures, member_year
from appliance.standing.standing import Standing
from appliance.storage.members import MemberClass, MemberStatus

HERE = (AttendanceState.PRESENT, AttendanceState.LATE)
EXCUSABLE = (MemberStatus.ACTIVE, MemberStatus.AWAY)

rules = st.builds(
    RuleSet,
    version=st.just("x"),
    late_after=st.just(timedelta(minutes=15)),
    outside_ratio=st.frozensets(st.sampled_from([status for status in MemberStatus if status != "active"])),
    line_percent=st.integers(1, 99),
    in_force_from=st.just(date(2026, 1, 1)),
    excused_running=st.integers(1, 9),
)


@st.composite
def lines(draw):
    status = draw(st.sampled_from(MemberStatus))
    states = [*HERE, Standing().state_of(1, status)]
    if status in EXCUSABLE:
        states.append(AttendanceState.EXCUSED)
    return Counted(draw(st.sampled_from(MemberClass)), status, draw(st.sampled_from(states)))


@given(
    by=rules,
    roll=st.lists(lines(), max_size=40),
    apart=st.fixed_dictionaries({name: st.integers(0, 9) for name in ("visitors", "guests", "unconfirmed", "counted")}),
    are_expected=st.booleans(),
)
def test_the_figures_of_a_meeting_always_agree(by, roll, apart, are_expected):
    counted = figures(by, roll, **apart, are_expected=are_expected)
    absent = counted.absent_with_reason + counted.absent_without_reason
    assert counted.numerator + absent == counted.denominator
    assert 0 <= counted.numerator <= counted.denominator <= counted.total == len(roll)
    assert counted.numerator <= counted.present == sum(line.state in HERE for line in roll)
    assert counted.late <= counted.present <= counted.total
    for member_class in MemberClass:
        assert counted.present_by_class[member_class] <= counted.total_by_class[member_class]
    assert {name: getattr(counted, name) for name in apart} == apart
    outside = sum(line.status in by.outside_ratio for line in roll)
    assert counted.denominator == (len(roll) - outside if are_expected else 0)
    if counted.denominator:
        assert 0 <= counted.ratio <= 1
        assert counted.above_line is (100 * counted.numerator > by.line_percent * counted.denominator)
    else:
        assert (counted.ratio, counted.above_line) == (None, None)
    assert Figures.from_body(json.loads(canonical_json(counted.as_body()))) == counted


@given(by=rules, roll=st.lists(lines(), max_size=40))
def test_one_who_comes_never_lowers_the_ratio_and_is_never_absent(by, roll):
    came = [Counted(line.member_class, line.status, AttendanceState.PRESENT) for line in roll]
    before, after = figures(by, roll, visitors=0), figures(by, came, visitors=0)
    assert before.denominator == after.denominator == after.numerator
    assert (after.absent_with_reason, after.absent_without_reason) == (0, 0)


@given(by=rules, roll=st.lists(lines(), max_size=30))
def test_a_members_year_always_agrees(by, roll):
    outcomes = [MeetingOutcome.under(by, line.status, line.state) for line in roll]
    year = member_year(by, outcomes, year=2026)
    assert year.present + year.excused + year.away + year.absent == year.meetings
    assert year.meetings + year.not_expected == len(roll)
    assert 0 <= year.late <= year.present
    assert 0 <= year.excused_running <= year.longest_excused_running <= year.excused
    assert year.is_excused_too_often is (year.excused_running >= by.excused_running)
    assert min(year.away, year.absent, year.not_expected) >= 0
