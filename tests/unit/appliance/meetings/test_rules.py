import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.ledger.canonical_json import canonical_json
from appliance.rules import BUILT_IN, AttendanceState, Counted, Figures, figures
from appliance.standing.standing import Standing
from appliance.storage.members import MemberClass, MemberStatus

ACTIVE, EXEMPT, AWAY = MemberStatus.ACTIVE, MemberStatus.EXEMPT, MemberStatus.AWAY
OFFICIAL = MemberClass.OFFICIAL
PRESENT, ABSENT = AttendanceState.PRESENT, AttendanceState.ABSENT


def official(status, state, times=1):
    return [Counted(OFFICIAL, status, state)] * times


@st.composite
def lines(draw):
    status = draw(st.sampled_from(MemberStatus))
    absent = Standing({}, {}).state_of(1, status)
    states = [PRESENT, AttendanceState.LATE, absent]
    if status in (ACTIVE, AWAY):
        states.append(AttendanceState.EXCUSED)
    return Counted(draw(st.sampled_from(MemberClass)), status, draw(st.sampled_from(states)))


@given(st.lists(lines(), max_size=30), st.integers(0, 5))
def test_everybody_expected_is_present_or_absent_with_or_without_reason(roll, visitors):
    counted = figures(BUILT_IN, roll, visitors=visitors)
    absent = counted.absent_with_reason + counted.absent_without_reason
    assert counted.numerator + absent == counted.denominator
    assert counted.denominator + counted.exempt + counted.special_duty == counted.total == len(roll)
    assert 0 <= counted.numerator <= counted.present
    assert Figures.from_body(json.loads(canonical_json(counted.as_body()))) == counted


def test_an_exempt_member_who_comes_is_present_but_outside_the_ratio():
    roll = [*official(ACTIVE, PRESENT), *official(ACTIVE, ABSENT), *official(EXEMPT, PRESENT)]
    counted = figures(BUILT_IN, roll, visitors=0)
    assert counted.present_by_class[OFFICIAL] == 2
    assert (counted.numerator, counted.denominator, counted.ratio) == (1, 2, 0.5)


def test_a_member_away_is_expected_and_absent_with_reason():
    counted = figures(BUILT_IN, official(AWAY, AttendanceState.AWAY), visitors=0)
    assert (counted.denominator, counted.absent_with_reason, counted.away) == (1, 1, 1)


@pytest.mark.parametrize(("present", "above"), [(84, False), (85, False), (86, True)])
def test_the_line_asks_for_more_than_85_percent(present, above):
    roll = [*official(ACTIVE, PRESENT, present), *official(ACTIVE, ABSENT, 100 - present)]
    assert figures(BUILT_IN, roll, visitors=0).above_line is above


def test_nobody_expected_has_no_ratio_at_all():
    counted = figures(BUILT_IN, official(EXEMPT, PRESENT), visitors=3)
    assert (counted.ratio, counted.above_line, counted.visitors) == (None, None, 3)
