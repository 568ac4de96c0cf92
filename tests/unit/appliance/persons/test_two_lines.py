"""Somebody who was two lines of the roster until their card showed it: all that is kept is found by either of them."""

import pytest

from appliance.errors import RuleViolation
from appliance.list_keeping.published_roster import apply_roster
from appliance.lists.roster_document import PublishedMember, RosterDocument
from appliance.lists.roster_envelope import OpenedRoster
from appliance.persons import Look, Purpose
from appliance.roster import MemberClass, MemberStatus
from appliance.roster.member_numbers import published_hash

KEY = b"k" * 32
TWO = {"recorded_by": "an", "confirmed_by": "bình"}
BOTH = ("member:1", "member:2")


@pytest.fixture
def joined(rooms, start):
    """An older meeting expected both lines, and her own line was there; then the card made them one."""
    rooms.member("Mẫu T. Sen", "A1")
    number = published_hash(KEY, "A1")
    named = PublishedMember("DV-1", "Mẫu Thị Sen", MemberClass.OFFICIAL, MemberStatus.ACTIVE, "", number)
    with rooms.database.writing() as writer:
        opened = OpenedRoster(RosterDocument("01", "mau", "Chi bộ", KEY, (named,)), bytes(32))
        apply_roster(opened, rooms.keys, writer, at=start)
    first = rooms.open_meeting()
    rooms.checkins.record_by_hand(1, reason="Quên thẻ", at=start, **TWO)
    rooms.meetings.close(first.id, at=start, officer="an")
    rooms.open_meeting()
    assert rooms.tap("A1", minutes=1).member.id == 2
    assert rooms.roster.get(1).has_left
    rooms.member("Mẫu Văn Tre", "A2")


@pytest.mark.parametrize("handles", [BOTH[:1], BOTH[1:], BOTH])
def test_a_dossier_is_about_both_lines_whichever_is_named(rooms, persons, joined, start, handles):
    persons.access_log.looked(1, Look.PERSON, Purpose.ATTENDANCE, at=start, subject="member:1")
    dossier = persons.dossiers.of(handles, at=start)
    assert (dossier.member.id, dossier.name) == (2, "Mẫu Thị Sen")
    assert [entry.subject for entry in dossier.entries] == ["member:1", "member:2"]
    assert [roll.meeting.id for roll in dossier.rolls] == [1, 1]
    assert [look.what for look in dossier.looks] == [Look.PERSON]


def test_another_member_is_another_person(persons, joined, start):
    with pytest.raises(RuleViolation, match="two persons"):
        persons.dossiers.of(["member:1", "member:3"], at=start)


@pytest.mark.parametrize("handles", [BOTH[:1], BOTH[1:], BOTH])
def test_an_erasure_is_of_both_lines_whichever_is_named(rooms, persons, joined, start, handles):
    erased = persons.erasing.erase(handles, at=start, officer="an")
    assert len(erased.entries) == 2
    assert persons.finder.by_name("sen") == ()
    assert [member.name for member in rooms.roster.members()] == ["Mẫu Văn Tre"]
    with rooms.database.reading() as reader:
        assert reader.exec_driver_sql("SELECT count(*) FROM meeting_rolls").scalar() == 0
    assert rooms.ledger.verify().ok
