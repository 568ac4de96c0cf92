"""One meeting, two doors, an appliance at each: what one recorded counts on the other, once for each person."""

from datetime import timedelta

import pytest

from appliance.ledger import EntryKind
from appliance.minutes.attendance import AttendanceState
from appliance.storage.devices import Taken

PRESENT, LATE, ABSENT, EXCUSED = (
    str(state)
    for state in (AttendanceState.PRESENT, AttendanceState.LATE, AttendanceState.ABSENT, AttendanceState.EXCUSED)
)
NAMES = {"A1": "Mẫu Thị Sen", "A2": "Mẫu Văn Tre", "A3": "Mẫu Thị Cúc", "A4": "Mẫu Văn Mận"}


def test_the_other_appliance_gets_to_know_the_meeting_by_its_plan(doors):
    a, b = doors
    planned = a.rooms.plan("Đại hội")
    received = b.takes(a.bundle(planned, b))
    assert (received.meeting.uid, received.meeting.title, received.new) == (planned.uid, "Đại hội", 0)
    assert b.takes(a.bundle(planned, b)).meeting == received.meeting


def test_whoever_came_through_the_other_door_is_present_in_the_list_of_the_minutes(doors, meeting):
    a, b = doors
    a.rooms.tap("A1", minutes=1)
    b.rooms.tap("A2", minutes=2)
    b.rooms.tap("A3", minutes=20)
    received = a.takes(b.bundle(meeting, a))
    assert received.new == 3, "its opening, and two check-ins"
    assert a.states() == {NAMES["A1"]: PRESENT, NAMES["A2"]: PRESENT, NAMES["A3"]: LATE, NAMES["A4"]: ABSENT}
    row = a.rooms.attendance.attendance_of(meeting.id).rows[1]
    assert row.at == a.start + timedelta(minutes=2), "when they came there, not when we heard of it"
    assert row.elsewhere == "B"
    assert "Điểm danh tại máy B" in next(line for line in a.rooms.attendance.csv_lines(1) if NAMES["A2"] in line)
    closed = a.rooms.meetings.close(meeting.id, at=a.start + timedelta(hours=1), officer="an")
    figures = a.rooms.attendance.attendance_of(closed.id).closing_figures
    assert (figures.numerator, figures.denominator) == (3, 4)
    assert a.rooms.ledger.verify().ok


def test_an_entry_that_was_taken_over_says_whose_it_is(doors, meeting):
    a, b = doors
    b.is_clock_trusted = False
    b.rooms.ledger._is_time_certain = lambda: False
    tap = b.rooms.tap("A2", minutes=2)
    a.takes(b.bundle(meeting, a), minutes=5)
    (entry,) = a.entries(EntryKind.CHECK_IN)
    assert (entry.at, entry.subject) == (a.start + timedelta(minutes=5), "member:2")
    assert entry.body["from"] == {
        "device": b.card.public_key.hex(),
        "name": "B",
        "sequence": tap.sequence,
        "entry_hash": entry.body["from"]["entry_hash"],
        "at": "2026-11-03T12:02:00.000000Z",
        "clock": "not-trusted",
    }
    assert "clock" not in entry.body, "our own clock was trusted"


def test_a_person_who_was_seen_at_both_doors_counts_once_and_by_the_first_time(doors, meeting):
    a, b = doors
    b.rooms.tap("A1", minutes=1)
    a.rooms.tap("A1", minutes=30)
    assert a.states()[NAMES["A1"]] == LATE
    a.takes(b.bundle(meeting, a))
    list_ = a.rooms.attendance.attendance_of(meeting.id)
    assert [str(row.state) for row in list_.rows].count(PRESENT) == 1
    assert (list_.rows[0].state, list_.rows[0].at) == (AttendanceState.PRESENT, a.start + timedelta(minutes=1))
    assert list_.figures.numerator == 1
    b.takes(a.bundle(meeting, b))
    assert b.states()[NAMES["A1"]] == PRESENT, "and the later one there changes nothing"


def test_somebody_who_is_on_the_list_through_the_other_door_is_told_so_at_this_one(doors, meeting):
    a, b = doors
    b.rooms.tap("A1", minutes=1)
    a.takes(b.bundle(meeting, a))
    assert a.rooms.tap("A1", minutes=2).decision == "already-present"


@pytest.mark.parametrize("times", [2, 3])
def test_the_same_bundle_again_changes_nothing(doors, meeting, times):
    a, b = doors
    b.rooms.tap("A2")
    bundle = b.bundle(meeting, a)
    first = a.takes(bundle)
    before = a.rooms.ledger.verify().entries
    for _ in range(times):
        assert a.takes(bundle).new == 0
    assert (first.new, a.rooms.ledger.verify().entries) == (2, before)


def test_a_later_bundle_brings_what_is_new_and_no_more(doors, meeting):
    a, b = doors
    b.rooms.tap("A2")
    a.takes(b.bundle(meeting, a))
    b.rooms.tap("A3")
    assert a.takes(b.bundle(meeting, a, minutes=1)).new == 1
    b.rooms.tap("A4")
    last = b.rooms.ledger.verify().entries
    assert a.takes(b.bundle(meeting, a, since=last - 1)).new == 1
    assert list(a.states().values()).count(PRESENT) == 3


def test_bundles_in_the_wrong_order_come_to_the_same(doors, meeting):
    a, b = doors
    b.rooms.tap("A2")
    old = b.bundle(meeting, a)
    b.rooms.tap("A3")
    a.takes(b.bundle(meeting, a, minutes=1))
    assert a.takes(old).new == 0
    assert list(a.states().values()).count(PRESENT) == 2


def test_a_part_that_comes_first_leaves_a_gap_that_is_shown_until_it_is_filled(doors, meeting):
    a, b = doors
    for identifier in ("A1", "A2", "A3"):
        b.rooms.tap(identifier)
    last = b.rooms.ledger.verify().entries
    a.takes(b.bundle(meeting, a, since=last - 1))
    b.rooms.tap("A4")
    a.takes(b.bundle(meeting, a, since=last))
    (status,) = a.status.of_devices()
    assert status.missing == ()
    b.rooms.meetings.close(1, at=b.start, officer="bình")
    b.rooms.open_meeting()
    a.takes(b.bundle(b.rooms.meetings.current(), a, since=last + 2))
    (status,) = a.status.of_devices()
    assert status.missing == ((last + 2, last + 2),)
    a.takes(b.bundle(meeting, a))
    (status,) = a.status.of_devices()
    assert status.missing == ()


def test_what_an_officer_corrected_on_either_appliance_does_not_count_on_either(doors, meeting):
    a, b = doors
    wrong = b.rooms.tap("A2")
    mine = a.rooms.tap("A1")
    a.takes(b.bundle(meeting, a))
    b.takes(a.bundle(meeting, b))
    at = a.start + timedelta(minutes=9)
    b.rooms.checkins.correct(wrong.sequence, reason="Nhầm", recorded_by="bình", confirmed_by="chi", at=at)
    mirrored = next(e for e in b.entries(EntryKind.CHECK_IN) if "from" in e.body)
    b.rooms.checkins.correct(mirrored.sequence, reason="Nhầm", recorded_by="bình", confirmed_by="chi", at=at)
    a.takes(b.bundle(meeting, a, minutes=10))
    assert a.states() == dict.fromkeys(NAMES.values(), ABSENT)
    corrections = a.entries(EntryKind.CORRECTION)
    assert {entry.refers_to for entry in corrections} == {
        next(e.sequence for e in a.entries(EntryKind.CHECK_IN) if "from" in e.body),
        mine.sequence,
    }
    assert b.states() == dict.fromkeys(NAMES.values(), ABSENT)


def test_what_was_taken_over_is_corrected_here_like_anything_else_and_counts_there_too(doors, meeting):
    a, b = doors
    b.rooms.tap("A2")
    a.takes(b.bundle(meeting, a))
    mirrored = a.entries(EntryKind.CHECK_IN)[0]
    a.rooms.checkins.correct(
        mirrored.sequence, reason="Nhầm", recorded_by="an", confirmed_by="bình", at=a.start + timedelta(minutes=1)
    )
    assert a.states()[NAMES["A2"]] == ABSENT
    b.takes(a.bundle(meeting, b))
    assert b.states()[NAMES["A2"]] == ABSENT


def test_what_an_appliance_has_from_this_one_does_not_come_back(doors, meeting):
    a, b = doors
    a.rooms.tap("A1")
    b.takes(a.bundle(meeting, b))
    before = len(a.entries(EntryKind.CHECK_IN))
    a.takes(b.bundle(meeting, a))
    assert len(a.entries(EntryKind.CHECK_IN)) == before
    (status,) = a.status.of_devices(meeting.uid)
    assert status.taken[Taken.HEARSAY] == 1
    with a.rooms.database.reading() as reader:
        query = "SELECT device_id, sequence, sealed, person_id FROM foreign_entries WHERE taken = 'hearsay'"
        row = reader.exec_driver_sql(query).one()
    assert list(a.bundles.vault.open_body(*row[:3])) == ["from"], "of what is hearsay nothing of a person is kept"
    assert row.person_id is None


def test_reasons_visitors_guests_and_refusals_of_the_other_door_are_in_the_list(doors, meeting, report):
    from verifier.sdk import Outcome

    a, b = doors
    member = next(m for m in b.rooms.roster.members() if m.name == NAMES["A4"])
    b.rooms.checkins.excuse(member.id, reason="Ốm", recorded_by="bình", at=b.start)
    b.rooms.tap("Z9", minutes=1)
    b.rooms.tap(report=report(Outcome.FAILED, "card-revoked"))
    a.takes(b.bundle(meeting, a))
    list_ = a.rooms.attendance.attendance_of(meeting.id)
    assert (a.states()[NAMES["A4"]], list_.rows[3].reason) == (EXCUSED, "Ốm")
    assert [row.name for row in list_.visitors] == ["PHAM VAN KHACH"]
    assert list_.refused == 1


def test_what_arrives_after_the_closing_is_shown_as_late_and_the_minutes_stay(doors, meeting):
    a, b = doors
    b.rooms.tap("A2")
    a.rooms.meetings.close(meeting.id, at=a.start + timedelta(hours=1), officer="an")
    received = a.takes(b.bundle(meeting, a), minutes=90)
    list_ = a.rooms.attendance.attendance_of(meeting.id)
    assert (received.late, list_.closing_figures.numerator, list_.figures.numerator) == (True, 0, 1)
    assert list_.was_changed
    (status,) = a.status.of_devices(meeting.uid)
    assert [bundle.late for bundle in status.bundles] == [True]


def test_a_reason_that_was_recorded_before_the_meeting_opened_travels_too(doors):
    a, b = doors
    planned = a.rooms.plan()
    b.takes(a.bundle(planned, b))
    member = next(m for m in b.rooms.roster.members() if m.name == NAMES["A3"])
    b.rooms.checkins.excuse(member.id, reason="Công tác", recorded_by="bình", at=b.start, meeting_id=1)
    a.takes(b.bundle(b.rooms.meetings.get(1), a))
    assert a.states()[NAMES["A3"]] == EXCUSED
