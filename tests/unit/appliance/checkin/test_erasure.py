import pytest
from sqlalchemy import text

from appliance.errors import NotFound
from appliance.ledger import EntryKind
from appliance.meetings import MeetingKind
from appliance.meetings.admission import Admission
from appliance.storage.meetings import MeetingMode

TWO = {"recorded_by": "an", "confirmed_by": "bình"}


def sealed_of(rooms, member_id, *, sequences=()):
    """What lies in the store of a member: the sealed name, and the sealed bodies of these entries."""
    with rooms.database.reading() as reader:
        names = reader.scalars(text("SELECT name FROM members WHERE id = :id"), {"id": member_id}).all()
        bodies = [
            reader.scalar(text("SELECT sealed FROM ledger_bodies WHERE sequence = :sequence"), {"sequence": sequence})
            for sequence in sequences
        ]
    return [*names, *bodies]


def content_of(rooms):
    return b"".join(path.read_bytes() for path in rooms.state.iterdir() if path.is_file())


def test_an_erased_member_is_in_no_file_and_the_chain_still_verifies(rooms, start):
    hoa = rooms.member("Đỗ Thị Hoa Hướng Dương")
    rooms.member("Lê Thị Lan", identifier="A2")
    meeting = rooms.open_meeting()
    wrong = rooms.tap("A1").sequence
    rooms.checkins.correct(wrong, reason="nhầm người Hoa Hướng Dương", at=start, **TWO)
    rooms.tap("A1")
    rooms.tap("A2")
    rooms.meetings.close(meeting.id, at=start, officer="an")
    traces = sealed_of(rooms, hoa.id, sequences=(2, 3, 4))
    assert all(trace in content_of(rooms) for trace in traces)

    erased = rooms.erasure.erase_member(hoa.id, at=start, officer="an")

    assert erased == (2, 3, 4)
    for trace in (*traces, "Hướng Dương".encode(), f"member:{hoa.id}".encode()):
        assert trace not in content_of(rooms)
    verdict = rooms.ledger.verify()
    assert (verdict.ok, verdict.erased, verdict.entries) == (True, 3, 7)
    assert "erased" in verdict.sentence
    assert rooms.ledger.entry(2).body is None
    assert rooms.ledger.entry(7).kind is EntryKind.ERASURE
    assert rooms.roster.find_by_identifier("A1") is None


def test_an_erasure_while_somebody_reads_is_done_and_says_that_the_log_keeps_a_copy(rooms, start, caplog):
    hoa = rooms.member()
    rooms.open_meeting()
    rooms.tap()
    (trace,) = sealed_of(rooms, hoa.id)
    with rooms.database.reading():
        rooms.erasure.erase_member(hoa.id, at=start, officer="an")
    assert "keeps a copy" in caplog.text
    assert rooms.database.forget()
    assert trace not in content_of(rooms)


def test_the_minutes_keep_their_figures_after_an_erasure(rooms, start):
    hoa = rooms.member()
    meeting = rooms.open_meeting()
    rooms.tap()
    rooms.meetings.close(meeting.id, at=start, officer="an")
    rooms.erasure.erase_member(hoa.id, at=start, officer="an")
    attendance = rooms.attendance.attendance_of(meeting.id)
    assert (attendance.rows, attendance.erased) == ((), 1)
    assert (attendance.closing_figures.numerator, attendance.closing_figures.denominator) == (1, 1)
    assert attendance.figures == attendance.closing_figures
    assert not attendance.was_changed  # by a correction, that is


def test_a_visitor_is_erased_by_the_number_of_the_card(rooms, start):
    meeting = rooms.open_meeting()
    rooms.tap("ELSEWHERE")
    (trace,) = sealed_of(rooms, 0, sequences=(2,))
    assert trace in content_of(rooms)
    assert rooms.erasure.erase_visitor(" elsewhere", at=start, officer="an") == (2,)
    assert rooms.attendance.attendance_of(meeting.id).visitors == ()
    assert trace not in content_of(rooms)
    assert rooms.ledger.verify().ok


def on_lists(rooms):
    with rooms.database.reading() as reader:
        return reader.scalar(text("SELECT count(*) FROM admitted_numbers"))


def an_event_that_lists(rooms, start, *numbers):
    event = rooms.meetings.create(
        kind=MeetingKind.EVENT,
        title="Hội nghị",
        place="Nhà văn hoá",
        starts_at=start,
        mode=MeetingMode.COUNTS,
        admission=Admission(by_list=True),
    )
    rooms.events.admit_numbers(event.id, numbers)


def test_a_member_is_erased_with_earlier_visits_and_their_place_on_the_list_of_an_event(rooms, start):
    meeting = rooms.open_meeting()
    rooms.tap("A1")
    rooms.tap("A2")
    rooms.meetings.close(meeting.id, at=start, officer="an")
    an_event_that_lists(rooms, start, "A1", "A2")
    hoa = rooms.member()
    assert not rooms.erasure.may_leave_visits(hoa.id)
    assert rooms.erasure.erase_member(hoa.id, at=start, officer="an") == (2,)
    assert [rooms.ledger.entry(number).body is None for number in (2, 3)] == [True, False]
    assert on_lists(rooms) == 1
    assert rooms.ledger.verify().ok


def test_a_visitor_is_erased_with_their_place_on_the_list_of_an_event(rooms, start):
    rooms.open_meeting()
    rooms.tap("A1")
    an_event_that_lists(rooms, start, "A1", "A2")
    rooms.erasure.erase_visitor("A1", at=start, officer="an")
    assert on_lists(rooms) == 1


def test_whose_number_is_not_hashed_under_our_own_key_may_leave_visits(rooms, start):
    assert rooms.erasure.may_leave_visits(rooms.member(identifier=None).id)


def test_many_entries_of_one_person_are_erased_on_record(rooms, start):
    rooms.open_meeting()
    hoa = rooms.member()
    for _ in range(3):
        rooms.checkins.excuse(hoa.id, reason="ốm", recorded_by="an", at=start)
    assert len(rooms.erasure.erase_member(hoa.id, at=start, officer="an")) == 3
    assert rooms.ledger.verify().ok


def test_the_number_of_an_erased_member_is_never_given_again(rooms, start):
    hoa = rooms.member()
    rooms.erasure.erase_member(hoa.id, at=start, officer="an")
    assert rooms.member("Lê Thị Lan").id > hoa.id
    with pytest.raises(NotFound):
        rooms.erasure.erase_member(hoa.id, at=start, officer="an")
