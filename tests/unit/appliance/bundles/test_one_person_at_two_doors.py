"""Somebody who is two lines here, and one or two over there: what the other appliance says follows them to one line."""

import hashlib
from datetime import timedelta

import pytest

from appliance.list_keeping.published_roster import apply_roster
from appliance.lists.roster_document import PublishedMember, RosterDocument
from appliance.lists.roster_envelope import OpenedRoster
from appliance.roster import MemberClass, MemberStatus
from appliance.roster.member_numbers import published_hash

KEY = b"k" * 32


def publish(door, number):
    """Let a published roster name Sen, with the number of her card or without."""
    number_hash = None if number is None else published_hash(KEY, number)
    named = PublishedMember("DV-1", "Mẫu T. Sen", MemberClass.OFFICIAL, MemberStatus.ACTIVE, "", number_hash)
    document = RosterDocument("01", "mau", "x", KEY, (named,))
    opened = OpenedRoster(document, hashlib.sha256(document.encode()).digest())
    with door.rooms.database.writing() as writer:
        apply_roster(opened, door.rooms.keys, writer, at=door.start)


@pytest.fixture
def joined(doors, meeting):
    """B excused Sen from the meeting after this one; then her card made her two lines at A one, the published one."""
    a, b = doors
    publish(a, "A1")
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


def said_of_her(door):
    """Return the entries that have still what the other appliance gave as her reason."""
    return [entry for entry in door.entries() if entry.body and entry.body.get("reason") == "đi công tác"]


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
    assert said_of_her(a) == []
    assert a.rooms.ledger.verify().ok


def test_a_reason_that_followed_twice_is_erased_with_the_one_that_it_came_from(doors, meeting, joined):
    a, b = doors
    _, later = joined
    a.rooms.meetings.close(meeting.id, at=a.start + timedelta(minutes=10), officer="an")
    third = a.rooms.plan("Họp thêm")
    a.rooms.meetings.open(third.id, at=a.start + timedelta(minutes=11), officer="an")
    publish(a, None)
    again = a.rooms.member("Mẫu Thị Sen", "A1")
    publish(a, "A1")
    at = a.start + timedelta(minutes=12)
    a.rooms.checkins.record_by_hand(again.id, reason="quên", recorded_by="an", confirmed_by="ba", at=at)
    assert a.rooms.tap("A1", minutes=13).member.id == again.id
    assert row_of(a, later, again).reason == "đi công tác"
    b.rooms.erasure.erase_member(b.rooms.roster.find_by_identifier("A1").id, at=b.start, officer="bình")
    a.takes(b.bundle(b.rooms.meetings.get(2), a, minutes=15), minutes=15)
    assert said_of_her(a) == []
    assert a.rooms.ledger.verify().ok


@pytest.mark.parametrize("by_the_line_that_left", [True, False])
def test_whoever_is_erased_by_either_line_is_erased_from_both(doors, joined, by_the_line_that_left):
    a, b = doors
    published, _ = joined
    left = 1
    assert a.rooms.roster.get(left).has_left
    erased = left if by_the_line_that_left else published.id
    a.rooms.erasure.erase_member(erased, at=a.start, officer="an")
    assert said_of_her(a) == []
    with a.rooms.database.reading() as reader:
        assert reader.exec_driver_sql("SELECT count(*) FROM members WHERE id IN (1, 5)").scalar() == 0
        assert reader.exec_driver_sql("SELECT count(*) FROM foreign_people").scalar() == 0
    a.takes(b.bundle(b.rooms.meetings.get(2), a, minutes=5), minutes=5)
    assert said_of_her(a) == []
    assert a.rooms.ledger.verify().ok


@pytest.mark.parametrize("spoken_of", [(), (0,), (1,), (0, 1)])
def test_whoever_is_two_lines_at_both_appliances_counts_once(doors, meeting, spoken_of):
    """``spoken_of``: the lines over there that are known here before the card makes one of two; 0 is the published."""
    a, b = doors
    later = a.rooms.plan("Sinh hoạt tháng 12")
    b.takes(a.bundle(later, b))
    for door in doors:
        publish(door, "A1")
    for line in a.rooms.roster.with_identifier("A1"):
        a.rooms.checkins.excuse(line.id, reason="ốm", recorded_by="an", at=a.start, meeting_id=later.id)
    for number in spoken_of:
        line = b.rooms.roster.with_identifier("A1")[number]
        b.rooms.checkins.excuse(line.id, reason="bận", recorded_by="bình", at=b.start, meeting_id=2)
    a.takes(b.bundle(b.rooms.meetings.get(2), a), minutes=1)
    stayed = a.rooms.tap("A1", minutes=2).member
    _, own = b.rooms.roster.with_identifier("A1")
    at = b.start + timedelta(minutes=3)
    b.rooms.checkins.record_by_hand(own.id, reason="quên", recorded_by="bình", confirmed_by="ba", at=at)
    a.takes(b.bundle(meeting, a, minutes=4), minutes=4)
    attendance = a.rooms.attendance.attendance_of(meeting.id)
    assert [row.member_id for row in attendance.rows if row.state == "present"] == [stayed.id]
    assert attendance.figures.present == 1
    assert a.status.unmatched() == ()


@pytest.mark.parametrize("is_there_already", [True, False])
def test_what_comes_late_of_a_closed_meeting_is_about_the_line_that_this_meeting_knows(
    doors, meeting, is_there_already
):
    a, b = doors
    (own,) = a.rooms.roster.with_identifier("A1")
    if is_there_already:
        a.rooms.checkins.record_by_hand(own.id, reason="quên", recorded_by="an", confirmed_by="ba", at=a.start)
    a.rooms.meetings.close(meeting.id, at=a.start + timedelta(minutes=1), officer="an")
    publish(a, "A1")
    published = a.rooms.roster.find_by_identifier("A1")
    second = a.rooms.plan("Họp thêm")
    a.rooms.checkins.excuse(published.id, reason="ốm", recorded_by="an", at=a.start, meeting_id=second.id)
    a.rooms.meetings.open(second.id, at=a.start + timedelta(minutes=2), officer="an")
    assert a.rooms.tap("A1", minutes=3).member.id == published.id
    b.rooms.tap("A1", minutes=4)
    a.takes(b.bundle(meeting, a, minutes=5), minutes=5)
    attendance = a.rooms.attendance.attendance_of(meeting.id)
    assert [row.member_id for row in attendance.rows if row.state == "present"] == [own.id]
    assert (attendance.figures.present, attendance.figures.visitors) == (1, 0)


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


def test_an_officer_who_names_the_line_that_left_means_the_one_that_stayed(doors, meeting, joined):
    a, b = doors
    published, _ = joined
    b.rooms.member("Mẫu Sen Hồng", "B7")
    b.rooms.tap("B7", minutes=3)
    a.takes(b.bundle(meeting, a, minutes=4), minutes=4)
    (person,) = a.status.unmatched()
    a.bundles.assign(person.id, 1, officer="an", at=a.start)
    assert [entry.subject for entry in a.entries("check-in")] == [f"member:{published.id}"] * 2
    assert a.rooms.attendance.attendance_of(meeting.id).figures.present == 1
