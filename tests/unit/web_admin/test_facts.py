"""What officers enter beside check-in by hand: each fact of a meeting has a form, each wrong one a sentence."""

from datetime import timedelta

import pytest

from appliance.accounts import Role
from appliance.ledger import EntryKind, NewEntry
from appliance.meetings import MeetingKind, MeetingMode
from appliance.minutes.attendance import AttendanceList, AttendanceState
from appliance.roster import MemberClass

PASSWORD = "bốn từ dễ nhớ"
CONFIRMED = {"username": "canbo", "password": PASSWORD}
LATER = {"reason": "forgotten", "details": "", "later": "x"}


@pytest.fixture
def meeting(site):
    site.account("bithu")
    site.account("canbo", Role.OFFICER)
    site.members()
    return site.open_meeting()


def attendance(site, meeting) -> AttendanceList:
    return site.app.extensions["thechip-attendance"].attendance_of(meeting.id)


def row(site, meeting, member=1):
    listed = attendance(site, meeting)
    return next(row for row in (*listed.rows, *listed.visitors) if row.member_id == member)


def page(browser, meeting, path="") -> str:
    return " ".join(browser.get(f"/meetings/{meeting.id}{path}").text.split())


def section(text: str, name: str) -> str:
    """One group of the list, from its heading to the next one."""
    return text.split(f'<h2 id="{name}">')[1].split("<h2", maxsplit=1)[0]


# --- proposals --------------------------------------------------------------------------------------------------------


@pytest.fixture
def proposed(site, meeting):
    """The administrator proposed the first member, as the newest entry."""
    site.signed_in().post(f"/meetings/{meeting.id}/by-hand/1", LATER)
    return row(site, meeting).proposal.sequence


def test_one_officer_alone_proposes_and_the_list_shows_it_apart_from_who_is_not_here(site, meeting, proposed):
    text = page(site.signed_in(), meeting)
    assert "Mẫu Thị Sen" in section(text, "proposed")
    assert "Cán bộ bithu (bithu): Quên thẻ" in section(text, "proposed")
    assert "Mẫu Thị Sen" not in section(text, "missing")
    assert "Mẫu Thị Sen" not in section(text, "here")
    assert row(site, meeting).state is AttendanceState.ABSENT


def test_at_an_event_that_expects_nobody_a_proposal_awaits_its_confirmation_and_nobody_is_absent(site, meeting):
    browser = site.signed_in()
    browser.post(f"/meetings/{meeting.id}/close")
    event = site.event(MeetingMode.NAMES)
    browser.post(f"/meetings/{event.id}/by-hand/1", LATER)
    text = page(browser, event)
    assert "Mẫu Thị Sen" in section(text, "proposed")
    assert 'id="missing"' not in text
    browser.post(f"/meetings/{event.id}/close", {"without": "yes"})
    assert "không ai xác nhận" in page(browser, event)


def test_another_officer_confirms_with_one_button(site, meeting, proposed):
    other = site.signed_in("canbo")
    assert f"/entries/{proposed}/confirm" in page(other, meeting, "/members/1")
    other.post(f"/meetings/{meeting.id}/entries/{proposed}/confirm")
    assert "Đã ghi tay: Mẫu Thị Sen có mặt" in page(other, meeting)
    assert row(site, meeting).state is AttendanceState.PRESENT


def test_of_two_officers_of_one_name_the_other_account_confirms(site, meeting, proposed):
    site.account("canbo2", Role.OFFICER, name="Cán bộ bithu")
    site.signed_in("canbo2").post(f"/meetings/{meeting.id}/entries/{proposed}/confirm")
    assert row(site, meeting).state is AttendanceState.PRESENT


def test_who_proposed_finds_no_button_to_confirm_and_is_told_why(site, meeting, proposed):
    browser = site.signed_in()
    text = page(browser, meeting, "/members/1")
    assert "Cần một cán bộ khác xác nhận" in text
    assert f"/entries/{proposed}/confirm" not in text
    browser.post(f"/meetings/{meeting.id}/entries/{proposed}/confirm")
    assert "Không thể tự xác nhận" in page(browser, meeting)
    assert row(site, meeting).proposal is not None


def test_a_proposal_is_declined_with_a_reason(site, meeting, proposed):
    other = site.signed_in("canbo")
    assert "field-error" in other.post(f"/meetings/{meeting.id}/entries/{proposed}/decline", {"reason": " "}).text
    other.post(f"/meetings/{meeting.id}/entries/{proposed}/decline", {"reason": "không thấy"})
    assert row(site, meeting).proposal is None
    assert "Mẫu Thị Sen" in section(page(other, meeting), "missing")


@pytest.mark.parametrize("act", ["confirm", "decline"])
def test_a_stale_proposal_changes_nothing_and_the_officer_is_told(site, meeting, proposed, act):
    other = site.signed_in("canbo")
    other.post(f"/meetings/{meeting.id}/entries/{proposed}/decline", {"reason": "không thấy"})
    entries = site.services.ledger.verify().entries
    answer = other.post(f"/meetings/{meeting.id}/entries/{proposed}/{act}", {"reason": "x"})
    assert answer.location == f"/meetings/{meeting.id}"
    assert "danh sách đã thay đổi" in page(other, meeting)
    assert site.services.ledger.verify().entries == entries


def test_two_officers_who_confirm_at_once_record_one_presence(site, meeting, proposed):
    site.account("canbo2", Role.OFFICER)
    for who in ("canbo", "canbo2"):
        browser = site.signed_in(who)
        browser.post(f"/meetings/{meeting.id}/entries/{proposed}/confirm")
    assert "danh sách đã thay đổi" in page(browser, meeting)
    assert [line.kind for line in site.services.ledger.entries()].count(EntryKind.CHECK_IN_BY_HAND) == 1


# --- absences ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["before", "meanwhile", "after"])
def test_a_reason_for_an_absence_is_recorded_before_the_meeting_meanwhile_and_after_it(site, meeting, when):
    browser = site.signed_in()
    which = site.plan("Tháng 12") if when == "before" else meeting
    if when == "after":
        browser.post(f"/meetings/{meeting.id}/close")
    path = f"/meetings/{which.id}/members/1/absence"
    assert path in page(browser, which)
    browser.post(path, {"reason": "ốm"})
    assert (row(site, which).state, row(site, which).reason) == (AttendanceState.EXCUSED, "ốm")
    assert "ốm" in section(page(browser, which), "not-expected")


def test_a_reason_is_withdrawn_and_both_entries_stay_to_be_seen(site, meeting):
    browser = site.signed_in()
    browser.post(f"/meetings/{meeting.id}/members/1/absence", {"reason": "ốm"})
    sequence = row(site, meeting).sequence
    assert f"/entries/{sequence}/withdraw" in page(browser, meeting, "/members/1")
    browser.post(f"/meetings/{meeting.id}/entries/{sequence}/withdraw", {"reason": "đến được"})
    assert row(site, meeting).state is AttendanceState.ABSENT
    text = page(browser, meeting, "/members/1")
    assert "Không còn được tính" in text
    assert "Rút lý do vắng" in text
    browser.post(f"/meetings/{meeting.id}/entries/{sequence}/withdraw", {"reason": "lần nữa"})
    assert "danh sách đã thay đổi" in page(browser, meeting)


def test_a_form_that_is_sent_twice_records_one_reason_one_guest_and_one_visiting_member(site, meeting):
    browser = site.signed_in()
    for _ in range(2):
        browser.post(f"/meetings/{meeting.id}/members/1/absence", {"reason": " ốm"})
        browser.post(f"/meetings/{meeting.id}/guests", {"name": "Mẫu Lan", "organisation": "Hội", "invited_by": "An"})
        browser.post(f"/meetings/{meeting.id}/visitors", {"name": "Mẫu Lan", "origin": "Chi bộ 9", "reason": "quên"})
    kinds = [entry.kind for entry in site.services.ledger.entries()]
    assert kinds[1:] == [EntryKind.EXCUSED, EntryKind.GUEST, EntryKind.VISIT_BY_HAND]
    assert "đã có trong danh sách" in page(browser, meeting)


# --- off the roll -----------------------------------------------------------------------------------------------------


def test_whom_another_appliance_saw_and_who_joined_after_the_closing_is_shown_apart(site, meeting):
    browser = site.signed_in()
    browser.post(f"/meetings/{meeting.id}/close")
    member = site.services.roster.add("Mẫu Thị Hạnh", MemberClass.OFFICIAL)
    body = {"late": False, "from": {"name": "Cửa B"}}
    seen = NewEntry(EntryKind.CHECK_IN, meeting.id, subject=f"member:{member.id}", body=body)
    sequence = site.services.ledger.append(seen, at=site.now)
    visitors = section(page(browser, meeting), "visitors")
    for words in ("Mẫu Thị Hạnh", "Không có trong danh sách khi cuộc họp kết thúc", "Điểm danh tại máy Cửa B"):
        assert words in visitors
    text = page(browser, meeting, f"/members/{member.id}")
    assert f"/entries/{sequence}/correct" in text
    assert f"/members/{member.id}/absence" not in text
    assert "/by-hand/" not in text


# --- corrections ------------------------------------------------------------------------------------------------------


def test_a_presence_is_corrected_by_two_officers_also_after_the_closing(site, meeting):
    site.record(1)
    browser = site.signed_in()
    browser.post(f"/meetings/{meeting.id}/close")
    sequence = row(site, meeting).sequence
    path = f"/meetings/{meeting.id}/entries/{sequence}/correct"
    assert path in page(browser, meeting, "/members/1")
    for wrong in ({}, CONFIRMED, CONFIRMED | {"reason": "nhầm", "username": "bithu"}, {"reason": "nhầm"}):
        answer = browser.post(path, wrong)
        assert (answer.status_code, "field-error" in answer.text) == (200, True)
    assert row(site, meeting).state is AttendanceState.PRESENT
    browser.post(path, CONFIRMED | {"reason": "nhầm người"})
    assert row(site, meeting).state is AttendanceState.ABSENT
    assert "Trong biên bản: 1 trên 3" in page(browser, meeting)
    correction = site.services.ledger.entries()[-1]
    assert (correction.refers_to, correction.body["confirmed_by"]) == (sequence, "Cán bộ canbo (canbo)")


def test_guessing_the_second_officers_password_is_slowed_down(site, meeting):
    site.record(1)
    browser, sequence = site.signed_in(), row(site, meeting).sequence
    wrong = {"reason": "x", "username": "canbo", "password": "sai"}
    path = f"/meetings/{meeting.id}/entries/{sequence}/correct"
    answers = [browser.post(path, wrong).status_code for _ in range(11)]
    assert (answers[0], answers[-1]) == (200, 429)


ACTS = ("confirm", "decline", "withdraw", "correct")


@pytest.mark.parametrize("act", ACTS)
def test_an_entry_of_another_meeting_is_nobodys_here(site, meeting, act):
    site.record(1)
    sequence = row(site, meeting).sequence
    browser = site.signed_in()
    browser.post(f"/meetings/{meeting.id}/close")
    other = site.open_meeting()
    entries = site.services.ledger.verify().entries
    for number in (sequence, 99):
        answer = browser.post(f"/meetings/{other.id}/entries/{number}/{act}", CONFIRMED | {"reason": "x"})
        assert answer.status_code == 404
    assert site.services.ledger.verify().entries == entries


@pytest.mark.parametrize("act", ACTS)
def test_an_entry_of_another_kind_is_not_decided_about(site, meeting, act):
    opening = site.services.ledger.entries()[0]
    assert opening.kind is EntryKind.MEETING_OPENED
    browser = site.signed_in()
    answer = browser.post(f"/meetings/{meeting.id}/entries/{opening.sequence}/{act}", CONFIRMED | {"reason": "x"})
    assert answer.location == f"/meetings/{meeting.id}"
    assert "danh sách đã thay đổi" in page(browser, meeting)
    assert site.services.ledger.verify().entries == 1


# --- guests and visitors ----------------------------------------------------------------------------------------------


def test_a_guest_and_a_visiting_member_are_recorded_apart_and_corrected(site, meeting):
    browser = site.signed_in()
    guest = {"name": "Mẫu Văn Khách", "organisation": "Hội Mẫu", "invited_by": "Bí thư"}
    visitor = {"name": "Mẫu Thị Lan", "origin": "Chi bộ 9", "reason": "quên thẻ"}
    browser.post(f"/meetings/{meeting.id}/guests", guest)
    browser.post(f"/meetings/{meeting.id}/visitors", visitor)
    listed = attendance(site, meeting)
    assert ([row.name for row in listed.guests], [row.name for row in listed.visitors]) == (
        ["Mẫu Văn Khách"],
        ["Mẫu Thị Lan"],
    )
    text = page(browser, meeting)
    assert "Hội Mẫu · Bí thư mời" in section(text, "guests")
    assert "Chi bộ 9" in section(text, "visitors")
    sequence = listed.guests[0].sequence
    browser.post(f"/meetings/{meeting.id}/entries/{sequence}/correct", CONFIRMED | {"reason": "nhầm"})
    assert attendance(site, meeting).guests == ()


@pytest.mark.parametrize("path", ["guests", "visitors"])
def test_nobody_visits_a_meeting_that_was_not_opened(site, meeting, path):
    planned, browser = site.plan("Sau này"), site.signed_in()
    assert browser.get(f"/meetings/{planned.id}/{path}").location == f"/meetings/{planned.id}"
    assert "chưa mở" in page(browser, planned)


# --- leaving, home visits, counting -----------------------------------------------------------------------------------


@pytest.fixture
def with_check_out(site, meeting):
    browser = site.signed_in()
    browser.post(f"/meetings/{meeting.id}/close")
    form = {"kind": "regular", "title": "Tháng 12", "place": "x", "day": "2026-11-03", "time": "19:00"}
    at = browser.post("/meetings/new", form | {"late_after": "15", "check_out": "y"}).location
    browser.post(f"{at}/open")
    site.record(1, minutes=1)
    return site.services.meetings.current()


def test_an_officer_records_when_somebody_left(site, with_check_out):
    assert with_check_out.check_out
    browser = site.signed_in()
    path = f"/meetings/{with_check_out.id}/members/1/leaving"
    assert 'value="2026-11-03"' in page(browser, with_check_out, "/members/1/leaving")
    site.now += timedelta(hours=2)
    for time in ("18:59", "23:00", "", "x"):
        answer = browser.post(path, {"day": "2026-11-03", "time": time, "reason": "quên"})
        assert (answer.status_code, "field-error" in answer.text) == (200, True)
    browser.post(path, {"day": "2026-11-03", "time": "20:30", "reason": "quên"})
    assert row(site, with_check_out).stayed == timedelta(minutes=89)
    assert "Về lúc 20:30" in page(browser, with_check_out)


def test_somebody_may_leave_in_the_minute_in_which_they_came(site, with_check_out):
    site.services.checkins.record_by_hand(
        2, reason="x", recorded_by="một", confirmed_by="hai", at=site.now + timedelta(seconds=40)
    )
    site.now += timedelta(minutes=5)
    form = {"day": "2026-11-03", "time": "19:00", "reason": "quên"}
    site.signed_in().post(f"/meetings/{with_check_out.id}/members/2/leaving", form)
    assert row(site, with_check_out, 2).stayed == timedelta(0)


def test_who_is_not_here_or_a_meeting_without_check_out_has_no_leaving(site, meeting, with_check_out):
    browser = site.signed_in()
    for which, member in ((with_check_out, 2), (meeting, 1)):
        assert browser.get(f"/meetings/{which.id}/members/{member}/leaving").location == f"/meetings/{which.id}"
        assert "Chỉ ghi giờ về" in page(browser, which)


def test_a_home_visit_begins_and_ends_and_is_shown_meanwhile(site, meeting):
    browser = site.signed_in()
    browser.post(f"/meetings/{meeting.id}/home-visit", {"place": "Số 4 ngõ Mẫu"})
    assert site.services.home_visits.current().officer == "Cán bộ bithu (bithu)"
    assert "Đang ghi tại: Số 4 ngõ Mẫu" in page(browser, meeting)
    assert 'value="Số 4 ngõ Mẫu"' in page(browser, meeting, "/by-hand/1")
    browser.post(f"/meetings/{meeting.id}/home-visit", {"place": "Số 5"})
    assert "chưa kết thúc" in page(browser, meeting)
    browser.post(f"/meetings/{meeting.id}/home-visit/end")
    assert site.services.home_visits.current() is None


def test_a_planned_meeting_has_no_home_visit(site, meeting):
    planned, browser = site.plan("Sau này"), site.signed_in()
    browser.post(f"/meetings/{planned.id}/home-visit", {"place": "Số 4"})
    assert site.services.home_visits.current() is None
    assert "Cuộc họp này không mở" in page(browser, planned)


def test_at_an_event_that_counts_one_more_is_counted_by_two_officers_and_taken_out_again(site, meeting):
    browser = site.signed_in()
    browser.post(f"/meetings/{meeting.id}/close")
    event = site.event(MeetingMode.COUNTS)
    browser.post(f"/meetings/{event.id}/count", CONFIRMED | {"reason": "thẻ hỏng"})
    assert attendance(site, event).figures.counted == 1
    assert "sự kiện này không lưu tên" in page(browser, event)
    path = f"/meetings/{event.id}/entries/{site.services.ledger.entries()[-1].sequence}/correct"
    assert path in page(browser, event, "/counted")
    browser.post(path, CONFIRMED | {"reason": "đếm hai lần"})
    assert path not in page(browser, event, "/counted")
    assert attendance(site, event).figures.counted == 0
    for path in ("/guests", "/visitors", "/members/1", "/members/1/absence"):
        assert browser.get(f"/meetings/{event.id}{path}").location == f"/meetings/{event.id}"


# --- planning and closing ---------------------------------------------------------------------------------------------

EVENT = {"kind": "event", "title": "Hội nghị", "place": "x", "day": "2026-11-03", "time": "19:00", "late_after": "15"}


def test_an_event_is_planned_with_a_rule_for_who_may_enter(site):
    rule = {
        "mode": "names",
        "classes": "official",
        "by_list": "y",
        "profiles": "party-card",
        "issuing_states": "VNM, LAO",
    }
    site.signed_in().post("/meetings/new", EVENT | rule)
    (event,) = site.services.meetings.all()
    assert (event.mode, event.kind) == (MeetingMode.NAMES, MeetingKind.EVENT)
    assert event.admission.as_body() == {
        "profiles": ["party-card"],
        "issuing_states": ["LAO", "VNM"],
        "classes": ["official"],
        "by_list": True,
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "regular", "mode": "names"},
        {"mode": "roster", "by_list": "y"},
        {"mode": "counts", "check_out": "y"},
        {"mode": "names", "issuing_states": "Vietnam"},
        {"mode": "names", "profiles": "Party Card"},
        {"mode": "names", "classes": "nobody"},
        {"mode": "x"},
    ],
    ids=str,
)
def test_what_does_not_fit_together_is_not_planned_and_the_form_says_why(site, wrong):
    answer = site.signed_in().post("/meetings/new", EVENT | wrong)
    assert (answer.status_code, "field-error" in answer.text) == (200, True)
    assert site.services.meetings.all() == ()


def test_the_minutes_name_chair_and_secretary(site, meeting):
    browser = site.signed_in()
    browser.post(f"/meetings/{meeting.id}/close", {"chair": "x" * 201})
    assert "Cuộc họp vẫn mở" in page(browser, meeting)
    browser.post(f"/meetings/{meeting.id}/close", {"chair": " Mẫu Thị Sen ", "secretary": ""})
    listed = attendance(site, meeting)
    assert (listed.chair, listed.secretary) == ("Mẫu Thị Sen", None)
    assert "Chủ trì: Mẫu Thị Sen" in page(browser, meeting)
