"""Somebody who is two lines here and one over there: what the other appliance says follows them to the one line."""

from datetime import timedelta

import pytest

from appliance.list_keeping.published_roster import apply_roster
from appliance.lists.roster_document import PublishedMember, RosterDocument
from appliance.lists.roster_envelope import OpenedRoster
from appliance.roster import MemberClass, MemberStatus
from appliance.roster.member_numbers import published_hash

KEY = b"k" * 32


@pytest.fixture
def joined(doors, meeting):
    """B excused Sen from the meeting after this one; then her card made her two lines at A one, the published one."""
    a, b = doors
    named = PublishedMember(
        "DV-1", "Mẫu T. Sen", MemberClass.OFFICIAL, MemberStatus.ACTIVE, "", published_hash(KEY, "A1")
    )
    with a.rooms.database.writing() as writer:
        apply_roster(
            OpenedRoster(RosterDocument("01", "mau", "x", KEY, (named,)), bytes(32)), a.rooms.keys, writer, at=a.start
        )
    published = a.rooms.roster.find_by_identifier("A1")
    a.rooms.checkins.excuse(published.id, reason="ốm", recorded_by="an", at=a.start)  # a history of its own
    later = a.rooms.plan("Sinh hoạt tháng 12")
    b.takes(a.bundle(later, b))
    sen = b.rooms.roster.find_by_identifier("A1")
    b.rooms.checkins.excuse(sen.id, reason="đi công tác", recorded_by="bình", at=b.start, meeting_id=2)
    a.takes(b.bundle(b.rooms.meetings.get(2), a), minutes=1)
    assert a.rooms.tap("A1", minutes=2).member.id == published.id
    return published, later


def row_of(door, meeting, member):
    (row,) = [row for row in door.rooms.attendance.attendance_of(meeting.id).rows if row.member_id == member.id]
    return row


def test_the_reason_of_the_other_appliance_follows_and_still_counts_over_there(doors, joined):
    a, b = doors
    published, later = joined
    assert row_of(a, later, published).reason == "đi công tác"
    b.takes(a.bundle(later, b, minutes=3), minutes=3)
    assert b.states(2)["Mẫu Thị Sen"] == "excused"
    assert not [entry for entry in b.entries() if entry.kind == "excuse-withdrawn"]


def test_what_the_other_appliance_says_later_is_about_the_line_that_stayed(doors, meeting, joined):
    a, b = doors
    published, later = joined
    sen = b.rooms.roster.find_by_identifier("A1")
    b.rooms.checkins.excuse(sen.id, reason="đi học", recorded_by="bình", at=b.start, meeting_id=2)
    a.takes(b.bundle(b.rooms.meetings.get(2), a, minutes=4), minutes=4)
    assert row_of(a, later, published).reason == "đi học"
    assert len([row for row in a.rooms.attendance.attendance_of(later.id).rows if row.state == "excused"]) == 1


def test_a_reason_that_followed_is_erased_with_the_one_that_it_names(doors, joined):
    a, b = doors
    published, later = joined
    b.rooms.erasure.erase_member(b.rooms.roster.find_by_identifier("A1").id, at=b.start, officer="bình")
    a.takes(b.bundle(b.rooms.meetings.get(2), a, minutes=5), minutes=5)
    row = row_of(a, later, published)
    assert (row.reason, row.state) == (None, "absent")
    held = [entry for entry in a.entries() if entry.body is not None and entry.body.get("reason") == "đi công tác"]
    assert held == []
    assert a.rooms.ledger.verify().ok


def test_withdrawn_here_it_is_withdrawn_over_there_once_an_officer_said_who_it_is(doors, joined):
    a, b = doors
    published, later = joined
    sequence = row_of(a, later, published).sequence
    at = a.start + timedelta(minutes=6)
    a.rooms.checkins.withdraw_excuse(sequence, reason="đến được", recorded_by="an", at=at)
    b.takes(a.bundle(later, b, minutes=6), minutes=6)
    (person,) = b.status.unmatched()  # under the spelling of a list that B does not have
    b.bundles.assign(person.id, b.rooms.roster.find_by_identifier("A1").id, officer="bình", at=at)
    assert b.states(2)["Mẫu Thị Sen"] == "absent"
