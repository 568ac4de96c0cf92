"""Events without a roll: who is admitted, and what is kept of those who come, or is not."""

import threading
from datetime import timedelta

import pytest

from appliance.checkin.officers import Officer
from appliance.checkin.service import CheckInService, Decision
from appliance.errors import NotFound, RuleViolation, StorageFull
from appliance.ledger import EntryKind
from appliance.meetings import Admission, MeetingKind, MeetingMode
from appliance.meetings.seen_cards import SeenCards
from appliance.roster import MemberClass
from appliance.rules import Window

TWO = {"recorded_by": "an", "confirmed_by": "bình"}


def open_event(rooms, start, mode=MeetingMode.COUNTS, numbers=None, **details):
    usual = {"kind": MeetingKind.EVENT, "title": "Lễ", "place": "Sân", "starts_at": start, "mode": mode}
    meeting = rooms.meetings.create(**usual | details)
    if numbers is not None:
        rooms.events.admit_numbers(meeting.id, numbers)
    return rooms.meetings.open(meeting.id, at=start, officer="an")


def decisions(rooms, *identifiers):
    return [rooms.tap(identifier).decision for identifier in identifiers]


def test_an_event_that_counts_keeps_nothing_about_who_came(rooms, start):
    rooms.member()
    meeting = open_event(rooms, start)
    answers = [rooms.tap("A1"), rooms.tap("ELSEWHERE")]
    for answer in answers:
        assert (answer.decision, answer.reason) == (Decision.PRESENT, "counted")
        assert (answer.member, answer.name) == (None, None)
        entry = rooms.ledger.entry(answer.sequence)
        assert (entry.kind, entry.body, entry.subject) == (EntryKind.COUNTED, {}, None)
    attendance = rooms.attendance.attendance_of(meeting.id)
    assert (attendance.rows, attendance.visitors, attendance.figures.counted) == ((), (), 2)
    assert (attendance.figures.total, attendance.figures.ratio) == (0, None)
    rooms.meetings.close(meeting.id, at=start, officer="an")
    attendance = rooms.attendance.attendance_of(meeting.id)
    assert (attendance.closing_figures.counted, attendance.rows) == (2, ())


def test_a_card_is_counted_once_as_long_as_the_process_lives(rooms, start):
    open_event(rooms, start)
    first = rooms.tap("A1")
    again = rooms.tap(" a1 ")
    assert first.decision is Decision.PRESENT
    assert (again.decision, again.reason, again.name) == (Decision.ALREADY_PRESENT, "already-counted", None)
    rooms.checkins = CheckInService(rooms.database, rooms.ledger, rooms.roster, rooms.meetings)  # started anew
    assert rooms.tap("A1").decision is Decision.PRESENT


def test_the_next_event_counts_the_same_card_again(rooms, start):
    first = open_event(rooms, start)
    assert decisions(rooms, "A1") == [Decision.PRESENT]
    rooms.meetings.close(first.id, at=start, officer="an")
    second = open_event(rooms, start)
    assert decisions(rooms, "A1", "A1") == [Decision.PRESENT, Decision.ALREADY_PRESENT]
    assert rooms.attendance.attendance_of(second.id).figures.counted == 1


def test_what_was_not_recorded_is_not_remembered(rooms, start, monkeypatch):
    meeting = open_event(rooms, start)

    def full(*_args, **_details):
        msg = "no room is left"
        raise StorageFull(msg)

    with monkeypatch.context() as patched:
        patched.setattr(type(rooms.ledger), "append", full)
        with pytest.raises(StorageFull):
            rooms.tap("A1")
    assert decisions(rooms, "A1") == [Decision.PRESENT]
    assert rooms.attendance.attendance_of(meeting.id).figures.counted == 1


def test_one_who_was_counted_by_mistake_is_taken_out_by_two_officers(rooms, start):
    meeting = open_event(rooms, start)
    rooms.checkins.correct(rooms.tap("A1").sequence, reason="thử máy", at=start, **TWO)
    assert rooms.attendance.attendance_of(meeting.id).figures.counted == 0


def test_of_many_readers_in_the_same_moment_one_counts(rooms, start):
    meeting = open_event(rooms, start)
    ready = threading.Barrier(6)
    found = []

    def tap():
        ready.wait()
        found.append(rooms.tap("A1").decision)

    threads = [threading.Thread(target=tap) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [Decision.ALREADY_PRESENT] * 5 + [Decision.PRESENT]
    assert rooms.attendance.attendance_of(meeting.id).figures.counted == 1


def test_officers_count_without_a_card_and_record_nobody_by_name(rooms, start):
    hoa = rooms.member()
    meeting = open_event(rooms, start)
    counted = rooms.checkins.count_by_hand(reason="thẻ hỏng", at=start, **TWO)
    assert rooms.ledger.entry(counted).subject is None
    one = {"recorded_by": "an", "at": start}
    for name_somebody in (
        lambda: rooms.checkins.record_by_hand(hoa.id, reason="thẻ hỏng", at=start, **TWO),
        lambda: rooms.checkins.excuse(hoa.id, reason="ốm", **one),
        lambda: rooms.proposals.propose(hoa.id, reason="thẻ hỏng", by=Officer(1, "an"), at=start),
        lambda: rooms.guests.record_guest("Mẫu Văn Khách", organisation="x", invited_by="x", **one),
        lambda: rooms.guests.record_visitor("Mẫu Văn Khách", origin="x", reason="x", **one),
    ):
        with pytest.raises(RuleViolation, match="keeps no names"):
            name_somebody()
    assert rooms.attendance.attendance_of(meeting.id).figures.counted == 1
    assert rooms.ledger.verify().entries == 2


def test_only_at_an_event_that_counts_people_are_counted(rooms, start):
    def count(**details):
        return rooms.checkins.count_by_hand(**{"reason": "thẻ hỏng", "at": start, **TWO} | details)

    with pytest.raises(RuleViolation, match="keeps no names"):
        count()
    planned = rooms.meetings.create(
        kind=MeetingKind.EVENT, title="Lễ", place="Sân", starts_at=start, mode=MeetingMode.COUNTS
    )
    with pytest.raises(RuleViolation, match="not opened"):
        count(meeting_id=planned.id)
    open_event(rooms, start)
    for wrong in ({"reason": " "}, {"confirmed_by": "an"}):
        with pytest.raises(RuleViolation):
            count(**wrong)
    with pytest.raises(NotFound):
        count(meeting_id=99)


def test_an_event_that_lists_names_expects_nobody(rooms, start):
    hoa = rooms.member()
    rooms.member("Lê Thị Lan", identifier="A2")
    meeting = open_event(rooms, start, MeetingMode.NAMES)
    assert decisions(rooms, "A1", "ELSEWHERE") == [Decision.PRESENT, Decision.PRESENT]
    for closed in (False, True):
        if closed:
            rooms.meetings.close(meeting.id, at=start, officer="an")
        attendance = rooms.attendance.attendance_of(meeting.id)
        assert [row.member_id for row in attendance.rows] == [hoa.id]
        assert [row.name for row in attendance.visitors] == ["PHAM VAN KHACH"]
        figures = attendance.figures
        assert (figures.total, figures.present, figures.visitors, figures.ratio) == (1, 1, 1, None)
        assert (figures.absent_with_reason, figures.absent_without_reason) == (0, 0)


@pytest.mark.parametrize(
    ("admission", "identifiers"),
    [
        (None, "A1 P1 L1 X1"),
        (Admission(classes=frozenset({MemberClass.OFFICIAL})), "A1"),
        (Admission(by_list=True), "L1 P1"),
        (Admission(classes=frozenset({MemberClass.OFFICIAL}), by_list=True), "A1 P1 L1"),
        (Admission(profiles=frozenset({"party-card"})), "A1 P1 L1 X1"),
        (Admission(profiles=frozenset({"vn-cccd"})), ""),
        (Admission(issuing_states=frozenset({"VNM"}), by_list=True), "L1 P1"),
        (Admission(issuing_states=frozenset({"UTO"}), by_list=True), ""),
    ],
)
@pytest.mark.parametrize("mode", [MeetingMode.COUNTS, MeetingMode.NAMES])
def test_who_may_enter_is_a_rule(rooms, start, mode, admission, identifiers):
    rooms.member("Mẫu Thị Sen")
    rooms.roster.add("Mẫu Văn Tre", MemberClass.PROBATIONARY, "P1")
    by_list = admission is not None and admission.by_list
    open_event(rooms, start, mode, numbers=["L1", " p1"] if by_list else None, admission=admission)
    answers = {identifier: rooms.tap(identifier) for identifier in ("A1", "P1", "L1", "X1")}
    admitted = {identifier for identifier, answer in answers.items() if answer.decision is Decision.PRESENT}
    assert admitted == set(identifiers.split())
    for identifier in answers.keys() - admitted:
        answer = answers[identifier]
        assert (answer.decision, answer.reason, answer.name) == (Decision.SEE_OFFICER, "not-admitted", None)
        assert answer.sequence is None
    assert rooms.ledger.verify().entries == 1 + len(admitted)


def test_a_card_without_an_authentic_holder_comes_from_no_state(rooms, start, report):
    open_event(rooms, start, admission=Admission(issuing_states=frozenset({"VNM"})))
    assert rooms.tap(report=report(authenticated=False)).reason == "not-admitted"


def test_a_rule_without_a_condition_is_none():
    with pytest.raises(RuleViolation, match="needs a condition"):
        Admission()


def test_the_list_holds_hashes_and_goes_when_the_event_closes(rooms, start):
    meeting = open_event(rooms, start, admission=Admission(by_list=True), numbers=["001099012345", "001099012345 "])
    assert rooms.events.admitted(meeting.id) == 1
    assert b"001099012345" not in b"".join(path.read_bytes() for path in rooms.state.iterdir() if path.is_file())
    assert rooms.events.admit_numbers(meeting.id, ["B1", "B2"]) == 2  # replaced, while it is open too
    assert decisions(rooms, "001099012345", "B1") == [Decision.SEE_OFFICER, Decision.PRESENT]
    rooms.meetings.close(meeting.id, at=start, officer="an")
    assert rooms.events.admitted(meeting.id) == 0
    with pytest.raises(RuleViolation, match="closed"):
        rooms.events.admit_numbers(meeting.id, ["B1"])


def test_a_list_is_only_for_an_event_that_admits_by_one(rooms, start):
    meeting = open_event(rooms, start)
    with pytest.raises(RuleViolation, match="by no list"):
        rooms.events.admit_numbers(meeting.id, ["B1"])
    with pytest.raises(NotFound):
        rooms.events.admit_numbers(99, ["B1"])
    by_list = rooms.meetings.create(
        kind=MeetingKind.EVENT,
        title="Lễ",
        place="Sân",
        starts_at=start,
        mode=MeetingMode.COUNTS,
        admission=Admission(by_list=True),
    )
    with pytest.raises(RuleViolation, match="empty"):
        rooms.events.admit_numbers(by_list.id, ["B1", " "])
    assert rooms.events.admit_numbers(by_list.id, []) == 0


def test_an_event_has_a_window_where_it_was_planned_with_one(rooms, start):
    open_event(rooms, start, window=Window(timedelta(0), timedelta(minutes=30)))
    assert rooms.tap("A1", minutes=31).reason == "check-in-over"
    assert rooms.tap("A1", minutes=30).reason == "counted"


def test_cards_that_were_seen_are_known_under_a_key_that_goes_with_the_meeting():
    keys = iter([b"1" * 32, b"2" * 32, b"3" * 32])
    seen = SeenCards(lambda _length: next(keys))
    assert [seen.add("u", "A1"), seen.add("u", "A1"), seen.add("u", "A2")] == [True, False, True]
    seen.take_back("u", "A1")
    assert seen.add("u", "A1")
    assert seen.add("v", "A1")
    seen.take_back("u", "A1")  # of a meeting that is over
    assert not seen.add("v", "A1")
    seen.forget()
    assert seen.add("v", "A1")
    assert "A1" not in repr(seen)
