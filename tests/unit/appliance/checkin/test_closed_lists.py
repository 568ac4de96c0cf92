"""What is recorded after a closing has a line in the list, or is refused: nothing is "recorded" and then nowhere."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from appliance.checkin.officers import Officer
from appliance.errors import NotFound, RuleViolation
from appliance.meetings import MeetingKind, MeetingMode
from appliance.minutes.years import Period
from appliance.roster import MemberStatus
from appliance.rules import AttendanceState
from appliance.storage.members import members

AN, BINH = Officer(1, "Mẫu Cán Bộ An (an)"), Officer(2, "Mẫu Cán Bộ Bình (binh)")
TWO = {"recorded_by": "an", "confirmed_by": "bình"}


@pytest.fixture
def event(rooms, start):
    planned = rooms.meetings.create(
        kind=MeetingKind.EVENT, title="Lễ", place="Sân", starts_at=start, mode=MeetingMode.NAMES
    )
    return rooms.meetings.open(planned.id, at=start, officer="an")


def leave(rooms, member, at):
    with rooms.database.writing() as writer:
        writer.execute(update(members).where(members.c.id == member.id).values(left_at=at))


def states(attendance):
    return {row.member_id: row.state for row in attendance.rows}


def test_whoever_is_added_to_a_closed_event_is_in_its_list_and_in_the_overview(rooms, event, start):
    hoa, lan = rooms.member(), rooms.member("Lê Thị Lan", identifier="A2")
    proposal = rooms.proposals.propose(lan.id, reason="quên thẻ", by=AN, at=start)
    rooms.meetings.close(event.id, at=start, officer="an")
    rooms.checkins.record_by_hand(hoa.id, reason="quên thẻ", at=start, meeting_id=event.id, **TWO)
    rooms.proposals.confirm(proposal, by=BINH, at=start)
    attendance = rooms.attendance.attendance_of(event.id)
    assert states(attendance) == {hoa.id: AttendanceState.PRESENT, lan.id: AttendanceState.PRESENT}
    assert (attendance.figures.present, attendance.figures.total, attendance.closing_figures.present) == (2, 2, 0)
    assert attendance.was_changed
    (in_overview,) = rooms.years.overview(Period(2026)).meetings
    assert in_overview.figures == attendance.figures


def test_whom_one_officer_proposes_at_an_event_has_a_line_and_is_in_no_other_figure(rooms, event, start):
    hoa = rooms.member()
    rooms.proposals.propose(hoa.id, reason="quên thẻ", by=AN, at=start)
    for _ in range(2):
        attendance = rooms.attendance.attendance_of(event.id)
        assert [row.member_id for row in attendance.unconfirmed] == [hoa.id]
        assert (attendance.figures.unconfirmed, attendance.figures.total, attendance.figures.present) == (1, 0, 0)
        assert attendance.absent_without_reason == ()
        if attendance.closing_figures is None:
            rooms.meetings.close(event.id, at=start, officer="an")
    assert attendance.closing_figures == attendance.figures


def test_nobody_is_excused_from_an_event_that_expects_nobody(rooms, event, start):
    hoa = rooms.member()
    with pytest.raises(RuleViolation, match="expects nobody"):
        rooms.checkins.excuse(hoa.id, reason="ốm", recorded_by="an", at=start)


def test_of_whoever_joined_after_the_closing_nothing_is_recorded(rooms, start):
    meeting = rooms.open_meeting()
    rooms.meetings.close(meeting.id, at=start, officer="an")
    entries = rooms.ledger.verify().entries
    hoa = rooms.member()
    for record in (
        lambda: rooms.checkins.record_by_hand(hoa.id, reason="quên", at=start, meeting_id=meeting.id, **TWO),
        lambda: rooms.checkins.excuse(hoa.id, reason="ốm", recorded_by="an", at=start, meeting_id=meeting.id),
        lambda: rooms.proposals.propose(hoa.id, reason="quên", by=AN, at=start, meeting_id=meeting.id),
    ):
        with pytest.raises(NotFound, match="not on the roll"):
            record()
    assert rooms.ledger.verify().entries == entries


def test_a_proposal_of_somebody_who_left_counts_nowhere_and_is_not_confirmed_after_the_closing(rooms, start):
    hoa = rooms.member()
    meeting = rooms.open_meeting()
    proposal = rooms.proposals.propose(hoa.id, reason="quên", by=AN, at=start)
    leave(rooms, hoa, start)
    rooms.meetings.close(meeting.id, at=start, officer="an")
    attendance = rooms.attendance.attendance_of(meeting.id)
    assert (attendance.unconfirmed, attendance.closing_figures.unconfirmed) == ((), 0)
    with pytest.raises(NotFound, match="not on the roll"):
        rooms.proposals.confirm(proposal, by=BINH, at=start)
    rooms.proposals.decline(proposal, reason="đã chuyển đi", by=BINH, at=start)


def test_whoever_left_after_the_closing_is_still_added_to_it(rooms, start):
    hoa = rooms.member(status=MemberStatus.AWAY)
    meeting = rooms.open_meeting()
    rooms.meetings.close(meeting.id, at=start, officer="an")
    leave(rooms, hoa, start)
    later = start + timedelta(days=1)
    rooms.checkins.record_by_hand(hoa.id, reason="quên thẻ", at=later, meeting_id=meeting.id, **TWO)
    assert states(rooms.attendance.attendance_of(meeting.id)) == {hoa.id: AttendanceState.PRESENT}
