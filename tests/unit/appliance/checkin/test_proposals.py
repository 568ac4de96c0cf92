"""One officer proposes, another confirms: by account, and not only by name."""

from datetime import timedelta

import pytest

from appliance.checkin.officers import Officer
from appliance.checkin.service import Decision
from appliance.errors import NotFound, RuleViolation
from appliance.ledger import EntryKind
from appliance.roster import MemberStatus
from appliance.rules import AttendanceState

AN, BINH = Officer(1, "Mẫu Cán Bộ An (an)"), Officer(2, "Mẫu Cán Bộ Bình (binh)")
TWO = {"recorded_by": "an", "confirmed_by": "bình"}


def propose(rooms, member, start, by=AN, **details):
    return rooms.proposals.propose(member.id, **{"reason": "quên thẻ", "by": by, "at": start} | details)


def row(rooms, meeting):
    (only,) = rooms.attendance.attendance_of(meeting.id).rows
    return only


def test_what_one_officer_says_is_shown_as_pending_and_not_counted(rooms, start):
    hoa = rooms.member()
    meeting = rooms.open_meeting()
    sequence = propose(rooms, hoa, start)
    shown = row(rooms, meeting)
    assert (shown.state, shown.proposal.sequence, shown.proposal.reason) == (
        AttendanceState.ABSENT,
        sequence,
        "quên thẻ",
    )
    assert shown.proposal.recorded_by == AN.name
    assert rooms.proposals.pending(meeting.id) == (shown.proposal,)
    figures = rooms.attendance.attendance_of(meeting.id).figures
    assert (figures.present, figures.unconfirmed) == (0, 1)


def test_confirmed_by_another_officer_they_are_present_since_the_proposal(rooms, start):
    hoa = rooms.member()
    meeting = rooms.open_meeting()
    sequence = propose(rooms, hoa, start, place="Số 4 ngõ 2")
    answer = rooms.proposals.confirm(sequence, by=BINH, at=start + timedelta(minutes=50))
    assert (answer.decision, answer.member) == (Decision.RECORDED_BY_HAND, hoa)
    shown = row(rooms, meeting)
    assert (shown.state, shown.at, shown.how, shown.proposal) == (AttendanceState.PRESENT, start, "by-hand", None)
    entry = rooms.ledger.entry(answer.sequence)
    assert (entry.kind, entry.refers_to, entry.body["recorded_by_account"], entry.body["confirmed_by_account"]) == (
        EntryKind.CHECK_IN_BY_HAND,
        sequence,
        AN.account_id,
        BINH.account_id,
    )
    assert (entry.body["confirmed_by"], entry.body["place"]) == (BINH.name, "Số 4 ngõ 2")
    assert rooms.proposals.pending(meeting.id) == ()


@pytest.mark.parametrize(("minutes", "state"), [(15, AttendanceState.PRESENT), (16, AttendanceState.LATE)])
def test_how_long_the_second_officer_takes_makes_nobody_late(rooms, start, minutes, state):
    hoa = rooms.member()
    meeting = rooms.open_meeting()
    sequence = propose(rooms, hoa, start + timedelta(minutes=minutes))
    rooms.proposals.confirm(sequence, by=BINH, at=start + timedelta(hours=1))
    assert row(rooms, meeting).state is state


@pytest.mark.parametrize("same", [AN, Officer(1, "Tên khác")], ids=["both", "account"])
def test_the_officer_who_proposed_cannot_confirm_under_another_name(rooms, start, same):
    meeting = rooms.open_meeting()
    sequence = propose(rooms, rooms.member(), start)
    with pytest.raises(RuleViolation, match="another one"):
        rooms.proposals.confirm(sequence, by=same, at=start)
    assert row(rooms, meeting).state is AttendanceState.ABSENT
    assert rooms.ledger.verify().entries == 2


def test_two_officers_of_one_name_are_told_apart_by_their_accounts(rooms, start):
    meeting = rooms.open_meeting()
    sequence = propose(rooms, rooms.member(), start)
    confirmed = rooms.proposals.confirm(sequence, by=Officer(9, "Mẫu Cán Bộ An (an2)"), at=start)
    assert confirmed.decision is Decision.RECORDED_BY_HAND
    assert row(rooms, meeting).state is AttendanceState.PRESENT


def test_a_declined_proposal_counts_for_nothing_and_stays_on_record(rooms, start):
    hoa = rooms.member()
    meeting = rooms.open_meeting()
    sequence = propose(rooms, hoa, start)
    declined = rooms.proposals.decline(sequence, reason="không thấy trong phòng", by=BINH, at=start)
    assert (row(rooms, meeting).proposal, rooms.proposals.pending(meeting.id)) == (None, ())
    entry = rooms.ledger.entry(declined)
    assert (entry.kind, entry.refers_to) == (EntryKind.DECLINED, sequence)
    again = propose(rooms, hoa, start, by=BINH)
    assert row(rooms, meeting).proposal.sequence == again
    rooms.proposals.decline(again, reason="ghi nhầm", by=BINH, at=start)  # whoever proposed takes it back
    assert row(rooms, meeting).proposal is None


def test_a_proposal_is_decided_once(rooms, start):
    rooms.open_meeting()
    confirmed = propose(rooms, rooms.member(), start)
    declined = propose(rooms, rooms.member("Lê Thị Lan", identifier="A2"), start)
    rooms.proposals.confirm(confirmed, by=BINH, at=start)
    rooms.proposals.decline(declined, reason="nhầm", by=BINH, at=start)
    for decided in (confirmed, declined):
        with pytest.raises(RuleViolation, match="before"):
            rooms.proposals.confirm(decided, by=BINH, at=start)
        with pytest.raises(RuleViolation, match="before"):
            rooms.proposals.decline(decided, reason="nhầm", by=BINH, at=start)
    with pytest.raises(RuleViolation, match="kind meeting-opened"):
        rooms.proposals.confirm(1, by=BINH, at=start)
    with pytest.raises(NotFound):
        rooms.proposals.confirm(99, by=BINH, at=start)


def test_a_confirmation_that_was_a_mistake_is_corrected_and_does_not_wait_again(rooms, start):
    hoa = rooms.member()
    meeting = rooms.open_meeting()
    sequence = propose(rooms, hoa, start)
    confirmed = rooms.proposals.confirm(sequence, by=BINH, at=start)
    rooms.checkins.correct(confirmed.sequence, reason="nhầm người", at=start, **TWO)
    assert (row(rooms, meeting).state, row(rooms, meeting).proposal) == (AttendanceState.ABSENT, None)


def test_whose_card_was_read_meanwhile_waits_for_nobody(rooms, start):
    hoa = rooms.member()
    meeting = rooms.open_meeting()
    sequence = propose(rooms, hoa, start)
    tapped = rooms.tap()
    assert tapped.decision is Decision.PRESENT
    assert (row(rooms, meeting).proposal, rooms.proposals.pending(meeting.id)) == (None, ())
    answer = rooms.proposals.confirm(sequence, by=BINH, at=start)
    assert (answer.decision, answer.sequence) == (Decision.ALREADY_PRESENT, tapped.sequence)


def test_nobody_is_proposed_twice_or_when_on_the_list(rooms, start):
    hoa = rooms.member()
    rooms.open_meeting()
    propose(rooms, hoa, start)
    with pytest.raises(RuleViolation, match="proposed this member already"):
        propose(rooms, hoa, start, by=BINH)
    rooms.tap()
    with pytest.raises(RuleViolation, match="on the list already"):
        propose(rooms, hoa, start)


def test_what_nobody_confirmed_is_unconfirmed_in_the_minutes_and_not_counted(rooms, start):
    hoa = rooms.member()
    meeting = rooms.open_meeting()
    sequence = propose(rooms, hoa, start)
    rooms.meetings.close(meeting.id, at=start, officer="an")
    attendance = rooms.attendance.attendance_of(meeting.id)
    assert [line.member_id for line in attendance.unconfirmed] == [hoa.id]
    closing = attendance.closing_figures
    assert (closing.unconfirmed, closing.present, closing.absent_without_reason) == (1, 0, 1)
    assert not attendance.was_changed
    lines = list(rooms.attendance.csv_lines(meeting.id))
    assert "chưa có người xác nhận" in lines[-1]

    rooms.proposals.confirm(sequence, by=BINH, at=start + timedelta(days=1))
    attendance = rooms.attendance.attendance_of(meeting.id)
    assert (attendance.figures.present, attendance.closing_figures.present, attendance.was_changed) == (1, 0, True)
    assert attendance.rows[0].at_closing is AttendanceState.ABSENT


def test_a_proposal_needs_a_reason_a_member_and_an_opened_meeting(rooms, start):
    hoa = rooms.member()
    with pytest.raises(RuleViolation, match="no meeting is open"):
        propose(rooms, hoa, start)
    planned = rooms.plan()
    with pytest.raises(RuleViolation, match="not opened"):
        propose(rooms, hoa, start, meeting_id=planned.id)
    rooms.meetings.open(planned.id, at=start, officer="an")
    with pytest.raises(RuleViolation, match="the reason is missing"):
        propose(rooms, hoa, start, reason=" ")
    with pytest.raises(RuleViolation, match="the officer is missing"):
        propose(rooms, hoa, start, by=Officer(3, " "))
    with pytest.raises(NotFound):
        propose(rooms, type("Nobody", (), {"id": 99}), start)
    with pytest.raises(NotFound):
        rooms.proposals.pending(99)


def test_a_proposal_of_somebody_who_was_erased_is_confirmed_by_nobody(rooms, start):
    hoa = rooms.member()
    meeting = rooms.open_meeting()
    sequence = propose(rooms, hoa, start)
    rooms.erasure.erase_member(hoa.id, at=start, officer="an")
    assert rooms.proposals.pending(meeting.id) == ()
    with pytest.raises(NotFound, match="erased"):
        rooms.proposals.confirm(sequence, by=BINH, at=start)


def test_a_proposal_at_home_is_not_late(rooms, start):
    meeting = rooms.open_meeting()
    sequence = propose(rooms, rooms.member(status=MemberStatus.AWAY), start + timedelta(hours=2), place="Số 4")
    rooms.proposals.confirm(sequence, by=BINH, at=start + timedelta(hours=3))
    assert (row(rooms, meeting).state, row(rooms, meeting).place) == (AttendanceState.PRESENT, "Số 4")


def test_neither_officer_nor_proposal_shows_a_name_in_its_repr(rooms, start):
    meeting = rooms.open_meeting()
    propose(rooms, rooms.member(), start)
    text = repr((AN, rooms.proposals.pending(meeting.id)))
    assert "Cán Bộ" not in text
    assert "quên" not in text
