"""What was recorded of one person at one meeting, and what of it stands."""

from datetime import timedelta

import pytest

from appliance.checkin.officers import Officer
from appliance.errors import NotFound
from appliance.ledger import EntryKind

TWO = {"recorded_by": "an", "confirmed_by": "bình"}


def test_a_persons_history_has_every_entry_in_its_order_and_what_stands_of_it(rooms, start):
    hoa = rooms.member()
    rooms.member("Lê Thị Lan", identifier="A2")
    meeting = rooms.open_meeting()
    excuse = rooms.checkins.excuse(hoa.id, reason="ốm", recorded_by="an", at=start)
    rooms.tap("A2")
    withdrawn = rooms.checkins.withdraw_excuse(excuse, reason="đã khỏe", recorded_by="an", at=start)
    wrong = rooms.tap().sequence
    correction = rooms.checkins.correct(wrong, reason="nhầm thẻ", at=start, **TWO)
    proposal = rooms.proposals.propose(hoa.id, reason="quên thẻ", by=Officer(1, "An"), at=start, place="Số 4")
    confirmed = rooms.proposals.confirm(proposal, by=Officer(2, "Bình"), at=start + timedelta(minutes=9)).sequence
    lines = rooms.attendance.history_of(meeting.id, hoa.id)
    assert [(line.sequence, line.kind, line.stands, line.refers_to) for line in lines] == [
        (excuse, EntryKind.EXCUSED, False, None),
        (withdrawn, EntryKind.EXCUSE_WITHDRAWN, True, excuse),
        (wrong, EntryKind.CHECK_IN, False, None),
        (correction, EntryKind.CORRECTION, True, wrong),
        (proposal, EntryKind.PROPOSED, True, None),
        (confirmed, EntryKind.CHECK_IN_BY_HAND, True, proposal),
    ]
    assert [line.officers for line in lines] == [("an",), ("an",), (), ("an", "bình"), ("An",), ("An", "Bình")]
    assert [line.reason for line in lines] == ["ốm", "đã khỏe", None, "nhầm thẻ", "quên thẻ", "quên thẻ"]
    assert (lines[-1].place, lines[-1].at) == ("Số 4", start + timedelta(minutes=9))
    assert "quên" not in repr(lines)


def test_nobody_and_no_meeting_have_no_history(rooms):
    meeting = rooms.open_meeting()
    assert rooms.attendance.history_of(meeting.id, 99) == ()
    with pytest.raises(NotFound):
        rooms.attendance.history_of(99, 1)
