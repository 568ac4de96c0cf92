import threading
from datetime import timedelta

import pytest

from appliance.checkin.service import CheckInService, Decision
from appliance.errors import LedgerDamaged, NotFound, RuleViolation
from appliance.ledger import EntryKind
from appliance.roster import MemberStatus
from appliance.rules import AttendanceState
from verifier.sdk import Outcome

TWO = {"recorded_by": "an", "confirmed_by": "bình"}


def states(rooms, meeting):
    return [row.state for row in rooms.attendance.attendance_of(meeting.id).rows]


def test_a_member_of_the_roster_is_present_and_the_entry_is_there(rooms):
    hoa = rooms.member()
    meeting = rooms.open_meeting()
    checkin = rooms.tap()
    assert (checkin.decision, checkin.member, checkin.name) == (Decision.PRESENT, hoa, "Đỗ Thị Hoa")
    entry = rooms.ledger.entry(checkin.sequence)
    assert (entry.kind, entry.meeting_id, entry.body) == (
        EntryKind.CHECK_IN,
        meeting.id,
        {"late": False, "subject": f"member:{hoa.id}"},
    )


@pytest.mark.parametrize(("minutes", "decision"), [(15, Decision.PRESENT), (16, Decision.PRESENT_LATE)])
def test_lateness_begins_after_the_fifteenth_minute(rooms, minutes, decision):
    rooms.member()
    meeting = rooms.open_meeting()
    assert rooms.tap(minutes=minutes).decision is decision
    late = decision is Decision.PRESENT_LATE
    assert states(rooms, meeting) == [AttendanceState.LATE if late else AttendanceState.PRESENT]


def test_a_second_tap_is_said_kindly_and_records_nothing(rooms):
    rooms.member()
    rooms.open_meeting()
    first = rooms.tap()
    second = rooms.tap(minutes=20)
    assert second.decision is Decision.ALREADY_PRESENT
    assert (second.sequence, second.at, second.name) == (first.sequence, first.at, first.name)
    assert rooms.ledger.verify().entries == 2


def test_of_many_readers_in_the_same_moment_one_records(rooms):
    rooms.member()
    rooms.open_meeting()
    ready = threading.Barrier(6)
    found = []

    def tap():
        ready.wait()
        found.append(rooms.tap().decision)

    threads = [threading.Thread(target=tap) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [Decision.ALREADY_PRESENT] * 5 + [Decision.PRESENT]
    assert rooms.ledger.verify().entries == 2


def test_a_genuine_card_from_elsewhere_visits_and_is_counted_apart(rooms):
    rooms.member()
    meeting = rooms.open_meeting()
    checkin = rooms.tap("ELSEWHERE")
    assert (checkin.decision, checkin.member, checkin.name) == (Decision.VISITING, None, "PHAM VAN KHACH")
    assert rooms.tap(" elsewhere").decision is Decision.ALREADY_PRESENT
    attendance = rooms.attendance.attendance_of(meeting.id)
    assert [(row.name, row.state) for row in attendance.visitors] == [("PHAM VAN KHACH", AttendanceState.VISITING)]
    assert (attendance.figures.visitors, attendance.figures.numerator, attendance.figures.denominator) == (1, 0, 1)


def test_a_failed_card_is_refused_and_its_reason_recorded_without_a_person(rooms, report):
    rooms.member()
    meeting = rooms.open_meeting()
    checkin = rooms.tap(report=report(Outcome.FAILED, "card-revoked"))
    assert (checkin.decision, checkin.reason, checkin.name) == (Decision.REFUSED, "card-revoked", None)
    assert rooms.ledger.entry(checkin.sequence).body == {"reason": "card-revoked"}
    assert states(rooms, meeting) == [AttendanceState.ABSENT]
    assert rooms.attendance.attendance_of(meeting.id).refused == 1


@pytest.mark.parametrize("outcome", [Outcome.INDETERMINATE, Outcome.NOT_PERFORMED])
def test_what_could_not_be_told_goes_to_an_officer(rooms, report, outcome):
    rooms.member()
    rooms.open_meeting()
    checkin = rooms.tap(report=report(outcome, "crl-too-old"))
    assert (checkin.decision, checkin.reason, checkin.sequence) == (Decision.SEE_OFFICER, "crl-too-old", None)
    assert rooms.ledger.verify().entries == 1


@pytest.mark.parametrize("identifier", [None, "", "  "])
def test_a_card_that_names_nobody_goes_to_an_officer(rooms, identifier):
    rooms.open_meeting()
    assert rooms.tap(identifier).decision is Decision.SEE_OFFICER


def test_a_visitor_whose_data_is_not_authentic_goes_to_an_officer(rooms, report):
    rooms.open_meeting()
    assert rooms.tap("X", report=report(authenticated=False)).decision is Decision.SEE_OFFICER


@pytest.mark.parametrize("outcome", list(Outcome))
def test_without_an_open_meeting_nothing_is_recorded(rooms, report, outcome):
    rooms.member()
    rooms.plan()
    assert rooms.tap(report=report(outcome)).decision is Decision.NO_MEETING
    assert rooms.ledger.verify().entries == 0


def test_a_home_visit_carries_place_and_officer(rooms, report, start):
    rooms.member()
    rooms.open_meeting()
    checkin = rooms.checkins.admit(report(), identifier="A1", at=start, place="Số 4 ngõ 2", officer="an")
    body = rooms.ledger.entry(checkin.sequence).body
    assert (body["place"], body["officer"]) == ("Số 4 ngõ 2", "an")
    with pytest.raises(RuleViolation, match="the officer is missing"):
        rooms.checkins.admit(report(), identifier="A1", at=start, place="Số 4 ngõ 2")


def test_two_officers_record_a_member_without_a_card(rooms, start):
    hoa = rooms.member(identifier=None)
    meeting = rooms.open_meeting()
    checkin = rooms.checkins.record_by_hand(hoa.id, reason="quên thẻ", at=start, **TWO)
    assert (checkin.decision, checkin.member) == (Decision.RECORDED_BY_HAND, hoa)
    (row,) = rooms.attendance.attendance_of(meeting.id).rows
    assert (row.state, row.how, row.reason) == (AttendanceState.PRESENT, "by-hand", "quên thẻ")
    again = rooms.checkins.record_by_hand(hoa.id, reason="quên thẻ", at=start, **TWO)
    assert (again.decision, again.sequence) == (Decision.ALREADY_PRESENT, checkin.sequence)


@pytest.mark.parametrize("second", ["an", " AN ", "A\u006e", ""])
def test_one_officer_cannot_be_both(rooms, start, second):
    hoa = rooms.member()
    rooms.open_meeting()
    with pytest.raises(RuleViolation, match="officer"):
        rooms.checkins.record_by_hand(hoa.id, reason="quên thẻ", recorded_by="an", confirmed_by=second, at=start)
    assert rooms.ledger.verify().entries == 1


def test_a_hand_made_line_needs_a_reason_a_member_and_an_opened_meeting(rooms, start):
    hoa = rooms.member()
    planned = rooms.plan()
    by_hand = rooms.checkins.record_by_hand
    assert by_hand(hoa.id, reason="quên thẻ", at=start, **TWO).decision is Decision.NO_MEETING
    with pytest.raises(RuleViolation, match="not opened"):
        by_hand(hoa.id, reason="quên thẻ", at=start, meeting_id=planned.id, **TWO)
    rooms.meetings.open(planned.id, at=start, officer="an")
    with pytest.raises(RuleViolation, match="the reason is missing"):
        by_hand(hoa.id, reason=" ", at=start, **TWO)
    with pytest.raises(NotFound):
        by_hand(99, reason="quên thẻ", at=start, **TWO)


def test_a_correction_takes_an_entry_out_of_the_count_and_leaves_it_there(rooms, start):
    rooms.member()
    meeting = rooms.open_meeting()
    wrong = rooms.tap().sequence
    correction = rooms.checkins.correct(wrong, reason="nhầm thẻ", at=start, **TWO)
    assert states(rooms, meeting) == [AttendanceState.ABSENT]
    entry = rooms.ledger.entry(correction)
    assert (entry.kind, entry.refers_to, entry.body["reason"]) == (EntryKind.CORRECTION, wrong, "nhầm thẻ")
    assert rooms.ledger.entry(wrong).body is not None
    assert rooms.tap(minutes=20).decision is Decision.PRESENT_LATE


def test_an_entry_is_corrected_once_by_two_and_only_where_it_counts(rooms, start):
    rooms.member()
    rooms.open_meeting()
    wrong = rooms.tap().sequence
    with pytest.raises(RuleViolation, match="another one"):
        rooms.checkins.correct(wrong, reason="nhầm", recorded_by="an", confirmed_by="An", at=start)
    correction = rooms.checkins.correct(wrong, reason="nhầm", at=start, **TWO)
    with pytest.raises(RuleViolation, match="corrected before"):
        rooms.checkins.correct(wrong, reason="nhầm", at=start, **TWO)
    for never in (1, correction):
        with pytest.raises(RuleViolation, match="is not corrected"):
            rooms.checkins.correct(never, reason="nhầm", at=start, **TWO)
    with pytest.raises(NotFound):
        rooms.checkins.correct(99, reason="nhầm", at=start, **TWO)


def test_a_closed_meeting_is_corrected_by_new_entries_and_its_closing_figures_stay(rooms, start):
    hoa, lan = rooms.member(), rooms.member("Lê Thị Lan", identifier="A2")
    meeting = rooms.open_meeting()
    wrong = rooms.tap().sequence
    rooms.meetings.close(meeting.id, at=start, officer="an")
    rooms.checkins.correct(wrong, reason="nhầm", at=start, **TWO)
    later = start + timedelta(days=1)
    rooms.checkins.record_by_hand(lan.id, reason="sót", at=later, meeting_id=meeting.id, **TWO)
    attendance = rooms.attendance.attendance_of(meeting.id)
    assert [(row.member_id, row.state) for row in attendance.rows] == [
        (hoa.id, AttendanceState.ABSENT),
        (lan.id, AttendanceState.PRESENT),
    ]
    assert attendance.closing_figures.numerator == 1


def test_a_reason_for_absence_counts_until_the_member_comes(rooms, start):
    hoa = rooms.member()
    planned = rooms.plan()
    excuse = rooms.checkins.excuse(hoa.id, reason="ốm", recorded_by="an", at=start, meeting_id=planned.id)
    rooms.meetings.open(planned.id, at=start, officer="an")
    (row,) = rooms.attendance.attendance_of(planned.id).rows
    assert (row.state, row.reason, row.sequence) == (AttendanceState.EXCUSED, "ốm", excuse)
    rooms.tap()
    assert states(rooms, planned) == [AttendanceState.PRESENT]


def test_a_reason_needs_a_meeting(rooms, start):
    hoa = rooms.member()
    with pytest.raises(RuleViolation, match="no meeting is open"):
        rooms.checkins.excuse(hoa.id, reason="ốm", recorded_by="an", at=start)


def test_a_withdrawn_reason_no_longer_counts(rooms, start):
    hoa = rooms.member()
    meeting = rooms.open_meeting()
    excuse = rooms.checkins.excuse(hoa.id, reason="ốm", recorded_by="an", at=start)
    rooms.checkins.correct(excuse, reason="nhầm người", at=start, **TWO)
    assert states(rooms, meeting) == [AttendanceState.ABSENT]


def test_a_member_on_special_duty_who_comes_is_present(rooms):
    rooms.member(status=MemberStatus.SPECIAL_DUTY)
    meeting = rooms.open_meeting()
    assert states(rooms, meeting) == [AttendanceState.SPECIAL_DUTY]
    rooms.tap()
    assert states(rooms, meeting) == [AttendanceState.PRESENT]


def test_a_damaged_ledger_takes_no_check_in_and_says_so(rooms, tmp_path):
    rooms.member()
    rooms.open_meeting()
    other = type(rooms)(tmp_path / "other")
    with_other_key = type(rooms.ledger)(rooms.database, other.keys)
    checkins = CheckInService(rooms.database, with_other_key, rooms.roster, rooms.meetings)
    rooms.checkins = checkins
    with pytest.raises(LedgerDamaged):
        rooms.tap()
    assert rooms.ledger.verify().entries == 1
    other.database.close()
