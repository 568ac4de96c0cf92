"""Who is exempt, away or on special duty from when until when, and what a meeting makes of it."""

from datetime import date, timedelta

import pytest

from appliance.errors import NotFound, RuleViolation
from appliance.ledger import EntryKind
from appliance.roster import MemberStatus
from appliance.rules import AttendanceState

DAY = date(2026, 11, 3)
"""Of the meeting, in Hà Nội."""
EXEMPT, AWAY, SPECIAL = MemberStatus.EXEMPT, MemberStatus.AWAY, MemberStatus.SPECIAL_DUTY


def record(rooms, start, member, status=EXEMPT, *, first=DAY, last=None, resolution="NQ 12/2026"):
    return rooms.exemptions.record(
        member.id, status, first_day=first, last_day=last, resolution=resolution, recorded_by="an", at=start
    )


def end(rooms, start, exemption, last, resolution="NQ 15/2026"):
    return rooms.exemptions.end(exemption.sequence, last_day=last, resolution=resolution, recorded_by="bình", at=start)


def row(rooms, meeting):
    (only,) = rooms.attendance.attendance_of(meeting.id).rows
    return only


@pytest.mark.parametrize(
    ("first", "last", "status"),
    [
        (DAY, None, EXEMPT),
        (DAY, DAY, EXEMPT),
        (DAY - timedelta(days=30), DAY + timedelta(days=30), EXEMPT),
        (DAY + timedelta(days=1), None, MemberStatus.ACTIVE),
        (DAY - timedelta(days=30), DAY - timedelta(days=1), MemberStatus.ACTIVE),
    ],
)
def test_an_exemption_counts_on_the_days_of_its_resolution(rooms, start, first, last, status):
    hoa = rooms.member()
    record(rooms, start, hoa, first=first, last=last)
    meeting = rooms.open_meeting()
    assert row(rooms, meeting).status is status
    rooms.meetings.close(meeting.id, at=start, officer="an")
    assert row(rooms, meeting).status is status
    figures = rooms.attendance.attendance_of(meeting.id).closing_figures
    assert (figures.exempt, figures.denominator) == ((1, 0) if status is EXEMPT else (0, 1))


def test_the_day_is_that_of_the_meeting_where_it_is(rooms, start):
    hoa = rooms.member()
    record(rooms, start, hoa, last=DAY)
    past_midnight = start + timedelta(hours=5)  # 00:00 of the 4th in Hà Nội
    meeting = rooms.meetings.create(kind="regular", title="T", place="P", starts_at=past_midnight)
    rooms.meetings.open(meeting.id, at=past_midnight, officer="an")
    assert row(rooms, meeting).status is MemberStatus.ACTIVE


def test_the_roster_counts_where_no_exemption_is_in_force(rooms, start):
    hoa = rooms.member(status=AWAY)
    meeting = rooms.open_meeting()
    assert row(rooms, meeting).state is AttendanceState.AWAY
    exemption = record(rooms, start, hoa, SPECIAL)
    assert (row(rooms, meeting).state, row(rooms, meeting).reason) == (AttendanceState.SPECIAL_DUTY, "NQ 12/2026")
    end(rooms, start, exemption, DAY - timedelta(days=1))
    assert (row(rooms, meeting).state, row(rooms, meeting).reason) == (AttendanceState.AWAY, None)


def test_of_two_exemptions_the_one_that_was_recorded_last_counts(rooms, start):
    hoa = rooms.member()
    record(rooms, start, hoa, EXEMPT)
    away = record(rooms, start, hoa, AWAY, last=DAY + timedelta(days=60))
    assert rooms.exemptions.on(DAY)[hoa.id].status is AWAY
    assert rooms.exemptions.on(DAY + timedelta(days=61))[hoa.id].status is EXEMPT
    end(rooms, start, away, DAY - timedelta(days=1))
    assert rooms.exemptions.on(DAY)[hoa.id].status is EXEMPT


def test_ending_an_exemption_overwrites_nothing(rooms, start):
    hoa = rooms.member()
    exemption = record(rooms, start, hoa, first=date(2025, 1, 1))
    ended = end(rooms, start, exemption, date(2026, 5, 31))
    again = end(rooms, start, exemption, date(2026, 6, 30))
    assert (exemption.last_day, ended.last_day, again.last_day) == (None, date(2026, 5, 31), date(2026, 6, 30))
    assert rooms.exemptions.of_member(hoa.id) == (again,)
    kinds = [(entry.kind, entry.refers_to) for entry in rooms.ledger.entries()]
    assert kinds == [(EntryKind.EXEMPTION, None)] + [(EntryKind.EXEMPTION_ENDED, exemption.sequence)] * 2
    assert rooms.ledger.entry(1).body["last_day"] is None


def test_a_closed_meeting_keeps_what_was_true_on_its_day(rooms, start):
    hoa = rooms.member()
    meeting = rooms.open_meeting()
    rooms.meetings.close(meeting.id, at=start, officer="an")
    record(rooms, start + timedelta(days=9), hoa)
    assert (row(rooms, meeting).status, row(rooms, meeting).reason) == (MemberStatus.ACTIVE, None)


def test_an_exempt_member_who_comes_is_present_and_outside_the_ratio(rooms, start):
    hoa = rooms.member()
    record(rooms, start, hoa)
    meeting = rooms.open_meeting()
    rooms.tap()
    figures = rooms.attendance.attendance_of(meeting.id).figures
    assert (row(rooms, meeting).state, figures.present, figures.denominator) == (AttendanceState.PRESENT, 1, 0)


@pytest.mark.parametrize(
    "details",
    [
        {"resolution": " "},
        {"resolution": "x" * 1001},
        {"last": DAY - timedelta(days=1)},
        {"status": MemberStatus.ACTIVE},
    ],
)
def test_an_exemption_that_cannot_be_is_refused(rooms, start, details):
    hoa = rooms.member()
    with pytest.raises(RuleViolation):
        record(rooms, start, hoa, **details)
    assert rooms.ledger.verify().entries == 0


def test_an_end_needs_an_exemption_and_a_day_that_fits(rooms, start):
    hoa = rooms.member()
    exemption = record(rooms, start, hoa)
    with pytest.raises(RuleViolation, match="not earlier"):
        end(rooms, start, exemption, DAY - timedelta(days=2))
    rooms.open_meeting()
    for nothing in (2, 99):
        with pytest.raises(NotFound):
            rooms.exemptions.end(nothing, last_day=DAY, resolution="x", recorded_by="an", at=start)
    with pytest.raises(NotFound):
        record(rooms, start, type("Nobody", (), {"id": 99}))


def test_an_erased_members_resolution_goes_with_them(rooms, start):
    hoa, lan = rooms.member(), rooms.member("Lê Thị Lan", identifier="A2")
    exemption = record(rooms, start, hoa, resolution="NQ 12/2026, bệnh tim")
    end(rooms, start, exemption, DAY)
    kept = record(rooms, start, lan)
    assert rooms.erasure.erase_member(hoa.id, at=start, officer="an") == (1, 2)
    assert rooms.exemptions.on(DAY) == {lan.id: kept}
    assert rooms.ledger.verify().ok
    with pytest.raises(NotFound, match="erased"):
        end(rooms, start, exemption, DAY)


def test_no_repr_holds_a_resolution(rooms, start):
    assert "NQ 12" not in repr(record(rooms, start, rooms.member()))
