import unicodedata
from dataclasses import replace

import pytest
from sqlalchemy import text

from appliance.errors import KeyDamaged, NotFound, RuleViolation
from appliance.roster import MemberClass, MemberStatus
from verifier.sdk import CanPassword, MrzPassword


def test_a_member_is_found_by_the_number_of_the_card_however_it_is_written(rooms):
    hoa = rooms.member(identifier="ab-12é")
    assert rooms.roster.find_by_identifier(" AB-12É ") == hoa
    assert rooms.roster.find_by_identifier(unicodedata.normalize("NFD", "ab-12é")) == hoa
    assert rooms.roster.find_by_identifier("AB-13É") is None


def test_the_store_holds_no_number_and_no_password_in_plain(rooms):
    hoa = rooms.roster.add("Đỗ Thị Hoa", MemberClass.OFFICIAL, "079300001234", password=CanPassword("918273"))
    rooms.database.forget()
    content = b"".join(path.read_bytes() for path in rooms.state.iterdir() if path.is_file())
    assert b"079300001234" not in content
    assert b"918273" not in content
    assert rooms.roster.password_of(hoa.id) == CanPassword("918273")


def test_the_hash_of_a_number_depends_on_this_appliances_key(rooms, tmp_path):
    other = type(rooms)(tmp_path / "other")
    assert rooms.roster.identifier_hash("A1") != other.roster.identifier_hash("A1")
    other.database.close()


def test_both_kinds_of_password_are_kept(rooms):
    mrz = MrzPassword(document_number="T22000129", date_of_birth="640812", date_of_expiry="310808")
    hoa = rooms.roster.add("Đỗ Thị Hoa", MemberClass.OFFICIAL, None, password=mrz)
    assert rooms.roster.password_of(hoa.id) == mrz
    rooms.roster.set_password(hoa.id, None)
    assert rooms.roster.password_of(hoa.id) is None
    assert not rooms.roster.get(hoa.id).has_password


def test_a_sealed_password_opens_in_its_own_row_only(rooms):
    rooms.roster.add("Đỗ Thị Hoa", MemberClass.OFFICIAL, "A1", password=CanPassword("918273"))
    lan = rooms.roster.add("Lê Thị Lan", MemberClass.OFFICIAL, "A2")
    with rooms.database.writing() as writer:
        writer.execute(text("UPDATE members SET sealed_password = (SELECT max(sealed_password) FROM members)"))
    with pytest.raises(KeyDamaged):
        rooms.roster.password_of(lan.id)


def test_one_number_belongs_to_one_member(rooms):
    rooms.member(identifier="A1")
    with pytest.raises(RuleViolation, match="another member"):
        rooms.member("Lê Thị Lan", identifier=" a1")
    assert len(rooms.roster.members()) == 1


@pytest.mark.parametrize(
    "query", ["dang huu duc", "ĐẶNG", "đức", "duc dang", "  Hữu ", unicodedata.normalize("NFD", "Đặng Hữu")]
)
def test_a_name_is_found_without_accents_strokes_and_case(rooms, query):
    duc = rooms.member("Đặng Hữu Đức")
    rooms.member("Nguyễn Văn Ất", identifier="A2")
    assert rooms.roster.search(query) == (duc,)


def test_a_search_sign_is_no_wildcard(rooms):
    rooms.member()
    assert rooms.roster.search("%") == ()
    assert rooms.roster.search("_") == ()


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "a\x00b", "a\u0007b"])
def test_a_name_that_cannot_be_printed_is_refused(rooms, name):
    with pytest.raises(RuleViolation):
        rooms.member(name)


def test_a_name_is_kept_composed(rooms):
    assert rooms.member(unicodedata.normalize("NFD", "Đỗ  Thị Hoa")).name == "Đỗ Thị Hoa"


def test_class_and_status_are_changed_each_alone_and_back(rooms):
    hoa = rooms.member()
    assert rooms.roster.change(hoa.id, status=MemberStatus.EXEMPT) == replace(hoa, status=MemberStatus.EXEMPT)
    both = rooms.roster.change(hoa.id, member_class=MemberClass.TEMPORARY)
    assert (both.member_class, both.status) == (MemberClass.TEMPORARY, MemberStatus.EXEMPT)
    assert rooms.roster.change(hoa.id, member_class=hoa.member_class, status=MemberStatus.ACTIVE) == hoa


def test_whoever_leaves_is_found_nowhere_is_in_old_minutes_and_may_be_added_again(rooms, start):
    hoa = rooms.member("Đỗ Thị Hoa", "AB12")
    meeting = rooms.open_meeting()
    rooms.tap("AB12")
    rooms.meetings.close(meeting.id, at=start, officer="an")
    assert rooms.roster.leave(hoa.id, at=start).has_left
    assert (rooms.roster.members(), rooms.roster.search("hoa"), rooms.roster.find_by_identifier("AB12")) == (
        (),
        (),
        None,
    )
    assert [row.name for row in rooms.attendance.attendance_of(meeting.id).rows] == ["Đỗ Thị Hoa"]
    with pytest.raises(NotFound):
        rooms.roster.leave(hoa.id, at=start)
    assert rooms.member("Đỗ Thị Hoa", "AB12").id != hoa.id


def test_an_unknown_member_is_not_found(rooms):
    for ask in (rooms.roster.get, rooms.roster.password_of):
        with pytest.raises(NotFound):
            ask(7)
    with pytest.raises(NotFound):
        rooms.roster.change(7, status=MemberStatus.AWAY)


def test_a_members_repr_has_no_name(rooms):
    assert "Hoa" not in repr(rooms.member())
