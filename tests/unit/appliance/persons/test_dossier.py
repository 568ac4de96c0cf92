"""Finding a person, everything kept of them, and erasing them."""

import json

import pytest

from appliance.checkin.guests import GuestService
from appliance.errors import NotFound, RuleViolation
from appliance.ledger import EntryKind
from appliance.persons import Answer, Look, Purpose, RequestKind, paper_words
from appliance.roster import MemberClass, MemberStatus

TWO = {"recorded_by": "an", "confirmed_by": "bình"}
LETTERS = "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵđ"


@pytest.fixture
def meeting(rooms, start):
    """A closed meeting with a member, a visitor and a guest, one of whom is excused."""
    sen = rooms.member("Mẫu Thị Sen", "A1")
    tre = rooms.member("Mẫu Văn Tre", "A2", status=MemberStatus.AWAY)
    meeting = rooms.open_meeting()
    wrong = rooms.tap("A1").sequence
    rooms.checkins.correct(wrong, reason="nhầm thẻ", at=start, **TWO)
    rooms.checkins.record_by_hand(sen.id, reason="Quên thẻ", at=start, **TWO)
    rooms.checkins.excuse(tre.id, reason="ốm", recorded_by="an", at=start)
    rooms.tap("ELSEWHERE")
    guests = GuestService(rooms.database, rooms.ledger, rooms.roster, rooms.meetings)
    guests.record_guest("Mẫu Khách Quý", organisation="Đảng uỷ mẫu", invited_by="an", recorded_by="an", at=start)
    rooms.meetings.close(meeting.id, at=start, officer="an")
    return meeting


def test_members_visitors_and_guests_are_found_by_name_without_accents(persons, meeting):
    found = {one.name: one for one in persons.finder.by_name("")}
    assert set(found) == {"Mẫu Thị Sen", "Mẫu Văn Tre", "PHAM VAN KHACH", "Mẫu Khách Quý"}
    assert [one.handle for one in persons.finder.by_name("sen mau")] == ["member:1"]
    assert {one.kind for one in persons.finder.by_name("khach")} == {"visit", "guest"}
    for one in found.values():
        assert persons.finder.subject_of(one.handle) == one.subject
        assert one.name not in repr(one)


def test_a_visitor_is_found_by_the_number_of_the_card(persons, meeting):
    (member,) = persons.finder.by_number(" a1")
    (visitor,) = persons.finder.by_number("elsewhere")
    assert (member.handle, visitor.name) == ("member:1", "PHAM VAN KHACH")
    assert persons.finder.by_number("nobody") == ()


@pytest.mark.parametrize(
    ("handle", "kind"),
    [
        *((handle, RuleViolation) for handle in ("7", "", "member:", "member:x", "entry:²", "guest:1")),
        *((handle, NotFound) for handle in ("member:99", "entry:1", "entry:99")),
    ],
)
def test_a_handle_of_nobody_is_refused_in_words(persons, meeting, handle, kind):
    with pytest.raises(kind):
        persons.finder.subject_of(handle)


def test_a_dossier_has_roster_roll_entries_looks_and_requests(rooms, persons, meeting, start):
    code = persons.accounts.issue_setup_token(at=start)
    account = persons.accounts.set_up(
        code, username="canbo", display_name="Mẫu Thị Cán Bộ", password_hash="x", at=start
    )
    persons.access_log.looked(account.id, Look.PERSON, Purpose.ATTENDANCE, at=start, subject="member:1")
    persons.access_log.looked(account.id, Look.PERSON, Purpose.ATTENDANCE, at=start, subject="member:2")
    persons.requests.receive(RequestKind.ACCESS, at=start, by="an", subject="member:1")
    dossier = persons.dossiers.of(["member:1"], at=start)
    said = dossier.as_json()
    assert json.loads(json.dumps(said)) == said
    assert (said["roster"]["name"], said["roster"]["has_card_number_hash"]) == ("Mẫu Thị Sen", True)
    assert [one["meeting"]["number"] for one in said["rolls"]] == [meeting.id]
    assert [one["kind"] for one in said["entries"]] == ["check-in", "correction", "check-in-by-hand"]
    assert said["entries"][2]["body"]["reason"] == "Quên thẻ"
    assert [one["by"] for one in said["looks"]] == ["Mẫu Thị Cán Bộ (canbo)"]
    assert [one["kind"] for one in said["requests"]] == ["access"]
    assert "Sen" not in repr(dossier)


def test_the_paper_says_the_same_in_vietnamese(persons, meeting, start, printed):
    persons.access_log.looked(None, Look.DOSSIER, Purpose.REQUEST, at=start, subject="member:1")
    text = printed(persons.dossiers.of(["member:1"], at=start))
    for said in (
        "Dữ liệu cá nhân mà máy điểm danh đang lưu giữ",
        "Mẫu Thị Sen",
        "Chính thức",
        "Có mặt, bằng thẻ",
        "Đính chính",
        "Lý do: Quên thẻ",
        "Người xác nhận: bình",
        "03/11/2026 19:00",
        "Tại máy",
        "Luật Bảo vệ dữ liệu cá nhân số 91/2025/QH15",
        "Trang 1",
    ):
        assert said in text


def test_every_vietnamese_letter_is_printed_as_itself(rooms, persons, start, printed):
    name = f"{LETTERS} {LETTERS.upper()}"
    member = rooms.roster.add(name[:100], MemberClass.OFFICIAL, note=name[100:] or "–")
    text = printed(persons.dossiers.of([f"member:{member.id}"], at=start)).replace(" ", "")
    assert name[:100].replace(" ", "") in text
    assert (name[100:] or "–").replace(" ", "") in text


def test_every_kind_of_entry_look_and_request_has_words():
    assert set(paper_words.KINDS) == set(EntryKind)
    assert set(paper_words.LOOKED_AT) == set(Look)
    assert set(paper_words.PURPOSES) == set(Purpose)
    assert set(paper_words.REQUEST_KINDS) == set(RequestKind)
    assert set(paper_words.ANSWERS) == set(Answer)
    assert set(paper_words.CLASSES) == set(MemberClass)
    assert set(paper_words.STATUSES) == set(MemberStatus)


def test_a_guest_of_several_meetings_gets_one_dossier_and_two_members_do_not(persons, meeting, start, printed):
    guest = persons.finder.by_name("quy")[0]
    visitor = persons.finder.by_name("pham")[0]
    dossier = persons.dossiers.of([guest.subject, visitor.subject], at=start)
    assert [entry.kind for entry in dossier.entries] == [EntryKind.VISIT, EntryKind.GUEST]
    assert "Đơn vị: Đảng uỷ mẫu" in printed(dossier)
    with pytest.raises(RuleViolation, match="two persons"):
        persons.dossiers.of(["member:1", "member:2"], at=start)


def test_who_is_erased_is_found_no_more_and_the_register_says_that_it_was_done(
    rooms, persons, meeting, start, content_of
):
    asked = persons.requests.receive(RequestKind.ERASURE, at=start, by="an", subject="member:1")
    persons.access_log.looked(1, Look.PERSON, Purpose.REQUEST, at=start, subject="member:1")
    erased = persons.erasing.erase(["member:1"], at=start, officer="Mẫu Thị Cán Bộ", request=asked.id)
    assert len(erased.entries) == 3
    assert persons.finder.by_name("sen") == ()
    done = persons.requests.get(asked.id)
    assert (done.answer, done.entries, done.subject) == (Answer.DONE, 3, None)
    assert rooms.ledger.verify().ok
    figures = rooms.attendance.attendance_of(meeting.id).closing_figures
    assert figures.numerator == 1
    (line,) = persons.access_log.lines()
    assert line.subject not in {persons.access_log.tag_of(one.subject) for one in persons.finder.by_name("")}
    rooms.database.forget()
    assert b"member:1" not in content_of()


def test_visitors_and_guests_are_erased_and_a_request_of_nobody_is_answered_before_nothing(
    rooms, persons, meeting, start
):
    everybody = [one.subject for one in persons.finder.by_name("khach")]
    assert len(persons.erasing.erase(everybody, at=start, officer="an").entries) == 2
    assert persons.finder.by_name("khach") == ()
    (made,) = persons.requests.all()
    assert (made.kind, made.answer, made.entries) == (RequestKind.ERASURE, Answer.DONE, 2)
    with pytest.raises(RuleViolation, match="answered before"):
        persons.erasing.erase(["member:1"], at=start, officer="an", request=made.id)
    assert len(persons.finder.by_name("sen")) == 1
    assert rooms.ledger.verify().ok
