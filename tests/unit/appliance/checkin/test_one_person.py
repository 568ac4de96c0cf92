"""Somebody on the own list and on a published one: the card shows that the two are one."""

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import select

from appliance.checkin.officers import Officer
from appliance.checkin.service import Decision
from appliance.ledger import EntryKind
from appliance.list_keeping.published_roster import apply_roster
from appliance.lists.roster_document import PublishedMember, RosterDocument
from appliance.lists.roster_envelope import OpenedRoster
from appliance.roster import MemberClass, MemberStatus
from appliance.roster.member_numbers import published_hash
from appliance.storage.members import lines_of, members
from verifier.sdk import CanPassword

KEY = b"k" * 32
AN = Officer(1, "Mẫu Cán Bộ An (an)")
TWO = {"recorded_by": "an", "confirmed_by": "bình"}


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


@pytest.fixture
def both_have_a_history(rooms, twice, start):
    """An older meeting expected both lines; another one is open."""
    first = rooms.open_meeting()
    rooms.meetings.close(first.id, at=start, officer="an")
    return *twice, rooms.open_meeting()


def present(rooms, meeting):
    figures = rooms.attendance.attendance_of(meeting.id).figures
    return (figures.present, figures.numerator, figures.denominator, figures.unconfirmed)


def test_a_card_after_the_own_line_was_recorded_by_hand_counts_nobody_twice(rooms, both_have_a_history, start):
    own, published, meeting = both_have_a_history
    by_hand = rooms.checkins.record_by_hand(own.id, reason="quên thẻ", at=start, **TWO)
    answer = rooms.tap("A1", minutes=1)
    assert (answer.decision, answer.sequence) == (Decision.ALREADY_PRESENT, by_hand.sequence)
    assert present(rooms, meeting) == (1, 1, 1, 0)
    (stayed,) = rooms.roster.members()
    assert (stayed.id, stayed.name) == (own.id, "Mẫu Thị Sen")  # what the publication says
    assert rooms.roster.password_of(own.id) == CanPassword("700001")
    assert rooms.roster.get(published.id).has_left
    assert rooms.tap("A1", minutes=2).sequence == by_hand.sequence
    rooms.meetings.close(meeting.id, at=start, officer="an")
    assert present(rooms, meeting) == (1, 1, 1, 0)
    years = [rooms.years.of_member(line.id, year=2026) for line in (own, published)]
    assert [(year.meetings, year.present) for year in years] == [(2, 1), (1, 0)]


def test_a_line_of_which_an_officer_speaks_stays_and_what_waits_for_the_other_is_declined(
    rooms, both_have_a_history, start
):
    own, published, meeting = both_have_a_history
    proposal = rooms.proposals.propose(published.id, reason="quên thẻ", by=AN, at=start)
    rooms.checkins.record_by_hand(own.id, reason="quên thẻ", at=start, **TWO)
    assert rooms.tap("A1", minutes=1).decision is Decision.ALREADY_PRESENT
    assert present(rooms, meeting) == (1, 1, 1, 0)
    assert rooms.proposals.pending(meeting.id) == ()
    (declined,) = [entry for entry in rooms.ledger.entries() if entry.kind is EntryKind.DECLINED]
    assert (declined.refers_to, declined.body["recorded_by"]) == (proposal, "the card at the reader")


@pytest.mark.parametrize("own_first", [True, False])
def test_of_two_lines_that_were_both_recorded_the_earlier_one_stays(rooms, both_have_a_history, start, own_first):
    own, published, meeting = both_have_a_history
    order = (own, published) if own_first else (published, own)
    for minutes, line in enumerate(order):
        at = start + timedelta(minutes=minutes)
        rooms.checkins.record_by_hand(line.id, reason="quên thẻ", at=at, **TWO)
    assert present(rooms, meeting) == (2, 2, 2, 0)
    answer = rooms.tap("A1", minutes=5)
    assert (answer.decision, answer.member.id, answer.at) == (Decision.ALREADY_PRESENT, order[0].id, start)
    assert present(rooms, meeting) == (1, 1, 1, 0)
    assert rooms.ledger.verify().ok


def test_a_publication_knows_the_own_line_that_stayed_beside_an_older_one(rooms, both_have_a_history, start):
    own, published, _ = both_have_a_history
    rooms.checkins.record_by_hand(own.id, reason="quên thẻ", at=start, **TWO)
    rooms.tap("A1")
    named = PublishedMember("DV-1", "Mẫu Thị Sen Hồng", MemberClass.OFFICIAL, MemberStatus.ACTIVE)
    document = RosterDocument("01", "mau", "Chi bộ", b"m" * 32, (named,))
    with rooms.database.writing() as writer:
        opened = OpenedRoster(document, hashlib.sha256(document.encode()).digest())
        apply_roster(opened, rooms.keys, writer, at=start)
    assert [(member.id, member.name) for member in rooms.roster.members()] == [(own.id, "Mẫu Thị Sen Hồng")]
    assert rooms.roster.get(published.id).has_left


def test_three_lines_of_one_person_are_known_by_any_of_them(rooms, both_have_a_history, start):
    own, published, meeting = both_have_a_history
    assert rooms.tap("A1").member.id == published.id
    rooms.meetings.close(meeting.id, at=start, officer="an")
    publish(rooms, None, start)
    third = rooms.member("Mẫu Thị Sen Ba", "A1")
    publish(rooms, "A1", start)
    rooms.open_meeting()
    rooms.checkins.record_by_hand(third.id, reason="quên thẻ", at=start, **TWO)
    assert rooms.tap("A1", minutes=1).member.id == third.id
    with rooms.database.reading() as reader:
        for line in (own, published, third):
            assert lines_of(reader, line.id) == (third.id, own.id, published.id)
    rooms.erasure.erase_member(own.id, at=start, officer="an")
    with rooms.database.reading() as reader:
        assert reader.execute(select(members)).all() == []
    assert rooms.ledger.verify().ok


def publish(rooms, number, start):
    """Let a published roster name her, with the number of her card or without."""
    number_hash = None if number is None else published_hash(KEY, number)
    named = PublishedMember("DV-1", "Mẫu Thị Sen", MemberClass.OFFICIAL, MemberStatus.ACTIVE, "", number_hash)
    document = RosterDocument("01", "mau", "Chi bộ", KEY, (named,))
    with rooms.database.writing() as writer:
        opened = OpenedRoster(document, hashlib.sha256(document.encode()).digest())
        apply_roster(opened, rooms.keys, writer, at=start)


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


@pytest.fixture
def published_stays(rooms, both_have_a_history, start):
    """The next meeting is planned; both lines have a history, so the published one stays and the own one leaves."""
    return *both_have_a_history, rooms.plan("Sinh hoạt tháng 12")


def state_of(rooms, meeting, member):
    (row,) = [row for row in rooms.attendance.attendance_of(meeting.id).rows if row.member_id == member.id]
    return (row.state.value, row.reason)


def test_a_reason_recorded_beforehand_follows_the_person_to_the_line_that_stays(rooms, published_stays, start):
    own, published, now, later = published_stays
    rooms.checkins.excuse(own.id, reason="đi công tác", recorded_by="an", at=start, meeting_id=later.id)
    assert rooms.tap("A1", minutes=1).member.id == published.id
    assert state_of(rooms, later, published) == ("excused", "đi công tác")
    followed = rooms.ledger.entry(rooms.attendance.attendance_of(later.id).rows[0].sequence)
    assert (followed.kind, followed.body["recorded_by"]) == (EntryKind.EXCUSED, "an")
    rooms.meetings.close(now.id, at=start, officer="an")
    rooms.meetings.open(later.id, at=start, officer="an")
    rooms.meetings.close(later.id, at=start, officer="an")
    figures = rooms.attendance.attendance_of(later.id).figures
    assert (figures.absent_with_reason, figures.absent_without_reason, figures.denominator) == (1, 0, 1)
    assert rooms.ledger.verify().ok


def test_a_reason_that_followed_is_withdrawn_once_and_nothing_older_comes_back(rooms, published_stays, start):
    own, published, _, later = published_stays
    rooms.checkins.excuse(own.id, reason="ốm", recorded_by="an", at=start, meeting_id=later.id)
    rooms.tap("A1", minutes=1)
    sequence = rooms.attendance.attendance_of(later.id).rows[0].sequence
    rooms.checkins.withdraw_excuse(sequence, reason="đến được", recorded_by="an", at=start)
    assert state_of(rooms, later, published) == ("absent", None)


@pytest.mark.parametrize("own_last", [True, False])
def test_of_two_reasons_the_later_one_counts_whichever_line_it_was_recorded_for(
    rooms, published_stays, start, own_last
):
    own, published, _, later = published_stays
    order = (published, own) if own_last else (own, published)
    for line in order:
        reason = f"dòng {line.id}"
        rooms.checkins.excuse(line.id, reason=reason, recorded_by="an", at=start, meeting_id=later.id)
    rooms.tap("A1", minutes=1)
    assert state_of(rooms, later, published) == ("excused", f"dòng {order[-1].id}")


def test_an_exemption_that_is_not_over_follows_and_one_that_is_over_stays_behind(rooms, published_stays, start):
    own, published, _, later = published_stays
    day = start.date()
    said = {"resolution": "NQ 4", "recorded_by": "an", "at": start}
    over = {"first_day": day - timedelta(days=9), "last_day": day - timedelta(days=1)}
    rooms.exemptions.record(own.id, MemberStatus.AWAY, **over, **said)
    mistake = rooms.exemptions.record(own.id, MemberStatus.AWAY, first_day=day, **said)
    rooms.exemptions.end(mistake.sequence, last_day=day - timedelta(days=1), **said)
    rooms.exemptions.record(own.id, MemberStatus.EXEMPT, first_day=day - timedelta(days=9), **said)
    rooms.tap("A1", minutes=1)
    (followed,) = rooms.exemptions.of_member(published.id)
    assert (followed.status, followed.first_day, followed.last_day) == (
        MemberStatus.EXEMPT,
        day - timedelta(days=9),
        None,
    )
    assert state_of(rooms, later, published) == ("exempt", "NQ 4")
