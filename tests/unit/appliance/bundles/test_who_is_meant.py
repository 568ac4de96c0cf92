"""Two appliances, one person under two numbers: nobody is guessed, and an officer can say who it is."""

import pytest

from appliance.errors import NotFound, RuleViolation
from appliance.ledger import EntryKind
from appliance.minutes.attendance import AttendanceState


def test_of_two_namesakes_nobody_is_guessed_and_an_officer_says_who_it_is(doors, meeting):
    a, b = doors
    twin = a.rooms.member("Mẫu Văn Tre", "A9")
    b.rooms.tap("A2")
    a.takes(b.bundle(meeting, a))
    assert list(a.states().values()).count(AttendanceState.PRESENT.value) == 0
    (person,) = a.status.unmatched()
    assert (person.device, person.who.name) == ("B", "Mẫu Văn Tre")
    assert "Tre" not in repr(person)
    a.bundles.assign(person.id, twin.id, officer="an", at=a.start)
    row = next(row for row in a.rooms.attendance.attendance_of(meeting.id).rows if row.member_id == twin.id)
    assert row.state is AttendanceState.PRESENT
    assert a.status.unmatched() == ()
    assert a.entries(EntryKind.PERSON_ASSIGNED)[0].body["officer"] == "an"
    with pytest.raises(RuleViolation, match="known already"):
        a.bundles.assign(person.id, twin.id, officer="an", at=a.start)
    with pytest.raises(NotFound):
        a.bundles.assign(99, twin.id, officer="an", at=a.start)


def test_somebody_who_joins_the_roster_later_is_found_with_the_next_bundle(doors, meeting):
    a, b = doors
    b.rooms.member("Mẫu Thị Huệ", "A7")
    b.rooms.tap("A7")
    a.takes(b.bundle(meeting, a))
    assert [person.who.name for person in a.status.unmatched()] == ["Mẫu Thị Huệ"]
    a.rooms.member("Mẫu Thị Huệ", "A7")
    a.bundles.take_over(at=a.start)
    assert a.states()["Mẫu Thị Huệ"] == AttendanceState.PRESENT.value


def test_a_correction_of_somebody_whom_nobody_knows_yet_waits_with_what_it_corrects(doors, meeting):
    a, b = doors
    b.rooms.member("Mẫu Thị Huệ", "A7")
    wrong = b.rooms.tap("A7")
    b.rooms.checkins.correct(wrong.sequence, reason="Nhầm", recorded_by="bình", confirmed_by="chi", at=b.start)
    a.takes(b.bundle(meeting, a))
    joined = a.rooms.member("Mẫu Thị Huệ", "A7")
    a.bundles.take_over(at=a.start)
    assert a.states()["Mẫu Thị Huệ"] == AttendanceState.ABSENT.value
    assert [entry.kind for entry in a.rooms.ledger.entries(subject=f"member:{joined.id}")] == [
        EntryKind.CHECK_IN,
        EntryKind.CORRECTION,
    ]
