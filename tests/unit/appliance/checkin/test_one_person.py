"""Somebody on the own list and on a published one: the card shows that the two are one."""

import hashlib
from datetime import timedelta

import pytest

from appliance.checkin.service import Decision
from appliance.list_keeping.published_roster import apply_roster
from appliance.lists.roster_document import PublishedMember, RosterDocument
from appliance.lists.roster_envelope import OpenedRoster
from appliance.roster import MemberClass, MemberStatus
from appliance.roster.member_numbers import published_hash
from verifier.sdk import CanPassword

KEY = b"k" * 32


@pytest.fixture
def twice(rooms, start):
    """Mẫu Thị Sen is on both lists under two spellings, so that her name does not tell."""
    rooms.roster.add("Mẫu T. Sen", MemberClass.PROBATIONARY, "A1", password=CanPassword("111111"))
    named = PublishedMember(
        "DV-1", "Mẫu Thị Sen", MemberClass.OFFICIAL, MemberStatus.ACTIVE, "", published_hash(KEY, "A1"), "700001"
    )
    opened = OpenedRoster(RosterDocument("01", "mau", "Chi bộ", KEY, (named,)), bytes(32))
    with rooms.database.writing() as writer:
        apply_roster(opened, rooms.keys, writer, at=start)
    own, published = rooms.roster.members()
    return own, published


def test_until_then_the_published_line_counts(rooms, twice):
    _, published = twice
    assert rooms.roster.find_by_identifier("A1") == published


def test_the_own_line_stays_with_its_history_and_says_what_the_publication_says(rooms, twice):
    own, published = twice
    meeting = rooms.open_meeting()
    assert len(rooms.attendance.attendance_of(meeting.id).rows) == 2
    assert rooms.tap("A1").member.id == own.id
    (member,) = rooms.roster.members()
    assert (member.id, member.name, member.member_class) == (own.id, "Mẫu Thị Sen", MemberClass.OFFICIAL)
    assert rooms.roster.password_of(own.id) == CanPassword("700001")
    assert rooms.tap("A1").decision is Decision.ALREADY_PRESENT
    assert len(rooms.attendance.attendance_of(meeting.id).rows) == 1
    assert published.id not in {row.member_id for row in rooms.attendance.attendance_of(meeting.id).rows}


def test_a_published_line_with_a_history_stays_and_the_own_one_leaves(rooms, twice, start):
    own, published = twice
    first = rooms.open_meeting()
    rooms.meetings.close(first.id, at=start, officer="an")
    second = rooms.open_meeting()
    assert rooms.tap("A1", minutes=1).member.id == published.id
    assert [member.id for member in rooms.roster.members()] == [published.id]
    assert rooms.roster.get(own.id).has_left
    assert [row.member_id for row in rooms.attendance.attendance_of(second.id).rows] == [published.id]
    assert len(rooms.attendance.attendance_of(first.id).rows) == 2
    assert rooms.ledger.verify().ok


def test_a_reason_on_record_is_a_history(rooms, twice, start):
    own, published = twice
    meeting = rooms.plan()
    rooms.checkins.excuse(published.id, reason="ốm", recorded_by="an", at=start, meeting_id=meeting.id)
    rooms.meetings.open(meeting.id, at=start + timedelta(minutes=1), officer="an")
    assert rooms.tap("A1").member.id == published.id
    assert rooms.roster.get(own.id).has_left


def test_the_next_publication_knows_the_line_that_stayed(rooms, twice, start):
    own, _ = twice
    rooms.open_meeting()
    rooms.tap("A1")
    named = PublishedMember("DV-1", "Mẫu Thị Sen Hồng", MemberClass.OFFICIAL, MemberStatus.ACTIVE)
    document = RosterDocument("01", "mau", "Chi bộ", b"m" * 32, (named,))
    with rooms.database.writing() as writer:
        opened = OpenedRoster(document, hashlib.sha256(document.encode()).digest())
        apply_roster(opened, rooms.keys, writer, at=start)
    assert [(member.id, member.name) for member in rooms.roster.members()] == [(own.id, "Mẫu Thị Sen Hồng")]
