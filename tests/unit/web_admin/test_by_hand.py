"""A member without a card, on the word of two officers."""

from datetime import UTC, datetime, timedelta

import pytest

from appliance.accounts import Role
from appliance.meetings import MeetingMode
from appliance.roster import MemberClass

PASSWORD = "bốn từ dễ nhớ"
START = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
RIGHT = {"reason": "probationary", "details": "", "username": "canbo", "password": PASSWORD}


@pytest.fixture
def meeting(site):
    site.account("bithu")
    site.account("canbo", Role.OFFICER)
    site.members()
    return site.open_meeting()


def attendance(site, meeting):
    return site.app.extensions["thechip-attendance"].attendance_of(meeting.id)


def here(site, meeting) -> list[str]:
    return [row.name for row in attendance(site, meeting).rows if row.state.is_here]


def test_two_officers_and_a_reason_put_a_member_on_the_list(site, meeting):
    browser = site.signed_in()
    assert browser.post(f"/meetings/{meeting.id}/by-hand/3", RIGHT).location == f"/meetings/{meeting.id}"
    assert here(site, meeting) == ["Mẫu Thị Ổi"]
    page = browser.get(f"/meetings/{meeting.id}").text
    assert "Đảng viên dự bị, chưa có thẻ" in page
    entry = site.services.ledger.entry(2)
    assert entry.body["recorded_by"] == "Cán bộ bithu (bithu)"
    assert entry.body["confirmed_by"] == "Cán bộ canbo (canbo)"


@pytest.mark.parametrize(
    "wrong",
    [
        {"username": "bithu"},
        {"username": " BITHU "},
        {"password": "sai mật khẩu"},
        {"username": "nobody"},
        {"password": ""},
        {"reason": ""},
        {"reason": "invented"},
        {"reason": "other", "details": "  "},
        {"details": "x" * 201},
    ],
    ids=str,
)
def test_nobody_is_recorded_without_a_reason_and_another_officers_own_password(site, meeting, wrong):
    answer = site.signed_in().post(f"/meetings/{meeting.id}/by-hand/3", RIGHT | wrong)
    assert answer.status_code == 200
    assert "field-error" in answer.text
    assert here(site, meeting) == []


def test_an_invited_officer_who_has_not_come_yet_confirms_nothing(site, meeting):
    site.services.accounts.invite(username="moi", display_name="Mới", role=Role.OFFICER, invited_by=1, at=site.now)
    site.signed_in().post(f"/meetings/{meeting.id}/by-hand/3", RIGHT | {"username": "moi"})
    assert here(site, meeting) == []


def test_the_reason_is_kept_in_vietnamese_whichever_language_the_officer_reads(site, meeting):
    browser = site.signed_in()
    browser.post("/language", {"language": "en"})
    browser.post(f"/meetings/{meeting.id}/by-hand/1", RIGHT | {"reason": "forgotten", "details": "để ở nhà"})
    assert site.services.ledger.entry(2).body["reason"] == "Quên thẻ: để ở nhà"
    assert "Forgot the card: để ở nhà" in browser.get(f"/meetings/{meeting.id}").text
    assert "Forgot the card: để ở nhà" in browser.get(f"/meetings/{meeting.id}/events").text
    browser.post("/language", {"language": "vi"})
    assert "Quên thẻ: để ở nhà" in browser.get(f"/meetings/{meeting.id}").text


def test_somebody_who_is_here_already_is_left_as_they_are(site, meeting):
    site.record(3)
    browser = site.signed_in()
    browser.post(f"/meetings/{meeting.id}/by-hand/3", RIGHT)
    assert "đã có trong danh sách" in browser.get(f"/meetings/{meeting.id}").text
    assert site.services.ledger.verify().entries == 2


def test_a_meeting_that_was_never_opened_records_nobody(site, meeting):
    planned = site.plan("Sau này")
    browser = site.signed_in()
    browser.post(f"/meetings/{planned.id}/by-hand/3", RIGHT)
    assert "chưa mở" in browser.get(f"/meetings/{planned.id}").text


def test_the_search_finds_names_without_accents_among_those_who_are_missing(site, meeting):
    site.record(1)
    browser = site.signed_in()
    page = browser.get(f"/meetings/{meeting.id}/by-hand?q=mau+van+tre").text
    assert "Mẫu Văn Tre" in page
    assert "Mẫu Thị Ổi" not in page
    assert "Mẫu Thị Sen" not in browser.get(f"/meetings/{meeting.id}/by-hand").text
    assert "Không có ai tên như vậy" in browser.get(f"/meetings/{meeting.id}/by-hand?q=sen").text


def test_the_only_officer_is_told_where_a_second_one_is_invited(site):
    site.members()
    meeting = site.open_meeting()
    browser = site.signed_in()
    hint = "Chưa có cán bộ thứ hai"
    page = browser.get(f"/meetings/{meeting.id}/by-hand/3").text
    assert hint in page
    assert 'href="/officers"' in page.split(hint)[1].split("</p>")[0]
    site.services.accounts.invite(username="moi", display_name="Mới", role=Role.OFFICER, invited_by=1, at=site.now)
    assert hint in browser.get(f"/meetings/{meeting.id}/by-hand/3").text
    site.account("canbo", Role.OFFICER)
    assert hint not in browser.get(f"/meetings/{meeting.id}/by-hand/3").text


def test_two_officers_of_one_name_are_two_where_their_accounts_are(site, meeting):
    site.account("canbo2", Role.OFFICER, name="Cán bộ bithu")
    browser = site.signed_in()
    browser.post(f"/meetings/{meeting.id}/by-hand/3", RIGHT | {"username": "canbo2"})
    assert "Đã ghi tay: Mẫu Thị Ổi có mặt" in browser.get(f"/meetings/{meeting.id}").text
    entry = site.services.ledger.entry(2)
    assert (entry.body["recorded_by"], entry.body["confirmed_by"]) == ("Cán bộ bithu (bithu)", "Cán bộ bithu (canbo2)")


def test_one_account_twice_is_told_so(site, meeting):
    page = site.signed_in().post(f"/meetings/{meeting.id}/by-hand/3", RIGHT | {"username": "bithu"}).text
    assert "Không thể tự xác nhận" in page
    assert "chưa mở" not in page


def told(browser, meeting, path, data=RIGHT) -> str:
    """What an officer reads on the meeting's page after a form was refused."""
    assert browser.post(f"/meetings/{meeting.id}{path}", data).location == f"/meetings/{meeting.id}"
    return browser.get(f"/meetings/{meeting.id}").text


@pytest.mark.parametrize("path", ["/by-hand/4", "/members/4/absence", "/members/4/leaving"])
def test_of_a_member_off_the_closed_roll_an_officer_reads_why_nothing_is_recorded(site, meeting, path):
    browser = site.signed_in()
    browser.post(f"/meetings/{meeting.id}/close")
    site.services.roster.add("Mẫu Thị Hạnh", MemberClass.OFFICIAL)
    entries = site.services.ledger.verify().entries
    assert browser.get(f"/meetings/{meeting.id}{path}").location == f"/meetings/{meeting.id}"
    assert "không có trong danh sách khi cuộc họp kết thúc" in told(browser, meeting, path)
    assert site.services.ledger.verify().entries == entries


def test_a_member_on_the_closed_roll_is_added_and_the_page_says_what_the_minutes_have(site, meeting):
    browser = site.signed_in()
    browser.post(f"/meetings/{meeting.id}/close")
    browser.post(f"/meetings/{meeting.id}/by-hand/3", RIGHT)
    page = browser.get(f"/meetings/{meeting.id}").text
    assert "Trong biên bản: 0 trên 3" in page
    assert "Trong biên bản:" in page.split("Mẫu Thị Ổi")[2]


def test_at_an_event_that_only_counts_nobody_is_recorded_by_name_and_the_page_says_so(site, meeting):
    browser = site.signed_in()
    browser.post(f"/meetings/{meeting.id}/close")
    event = site.event(MeetingMode.COUNTS)
    assert "chỉ đếm người đến" in told(browser, event, "/by-hand/3")
    assert browser.get(f"/meetings/{event.id}/by-hand").location == f"/meetings/{event.id}/count"


def test_at_an_event_that_expects_nobody_every_member_can_be_chosen(site, meeting):
    browser = site.signed_in()
    browser.post(f"/meetings/{meeting.id}/close")
    event = site.event(MeetingMode.NAMES)
    assert "Mẫu Văn Tre" in browser.get(f"/meetings/{event.id}/by-hand?q=tre").text
    browser.post(f"/meetings/{event.id}/by-hand/2", RIGHT)
    assert here(site, event) == ["Mẫu Văn Tre"]
    assert f"/meetings/{event.id}/by-hand/2" not in browser.get(f"/meetings/{event.id}/by-hand").text


@pytest.mark.parametrize(
    "details", ["a\u202eb", "\u200b", "\x07", "x" * 161], ids=["turns", "invisible", "control", "long"]
)
def test_words_that_the_records_refuse_are_refused_by_the_form(site, meeting, details):
    answer = site.signed_in().post(
        f"/meetings/{meeting.id}/by-hand/3", RIGHT | {"reason": "broken", "details": details}
    )
    assert (answer.status_code, "field-error" in answer.text) == (200, True)
    assert here(site, meeting) == []


@pytest.mark.parametrize("reason", ["probationary", "forgotten", "broken", "other"])
def test_the_longest_words_fit_into_the_records_with_every_reason(site, meeting, reason):
    browser = site.signed_in()
    browser.post(f"/meetings/{meeting.id}/by-hand/3", RIGHT | {"reason": reason, "details": "ế" * 160})
    assert here(site, meeting) == ["Mẫu Thị Ổi"]


def test_the_same_form_in_two_tabs_records_once_and_the_second_is_told(site, meeting):
    one, other = site.signed_in(), site.signed_in("canbo")
    one.post(f"/meetings/{meeting.id}/by-hand/3", RIGHT)
    assert "đã có trong danh sách" in told(other, meeting, "/by-hand/3", RIGHT | {"username": "bithu"})
    assert site.services.ledger.verify().entries == 2


def test_whoever_is_at_home_is_recorded_with_the_place(site, meeting):
    browser = site.signed_in()
    browser.post(f"/meetings/{meeting.id}/by-hand/3", RIGHT | {"place": "Số 4 ngõ Mẫu"})
    assert site.services.ledger.entry(2).body["place"] == "Số 4 ngõ Mẫu"
    assert "Tại nhà: Số 4 ngõ Mẫu" in browser.get(f"/meetings/{meeting.id}").text


@pytest.mark.parametrize("how", [{"username": "canbo", "password": PASSWORD}, {"later": "1"}], ids=["two", "one"])
@pytest.mark.parametrize(("time", "state"), [("19:05", "present"), ("19:20", "late"), ("", "late")])
def test_when_somebody_came_is_stated_by_hand_and_tells_whether_they_were_late(site, meeting, how, time, state):
    """Who was recorded in time, corrected and recorded anew is not late for that."""
    site.now += timedelta(minutes=40)
    site.signed_in().post(
        f"/meetings/{meeting.id}/by-hand/3", {"reason": "broken", "details": "", "came_at": time, **how}
    )
    if "later" in how:
        site.signed_in("canbo").post(f"/meetings/{meeting.id}/entries/2/confirm")
    row = next(row for row in attendance(site, meeting).rows if row.member_id == 3)
    hour, minute = (time or "19:40").split(":")
    assert (row.state, row.at) == (state, START.replace(hour=int(hour) - 7, minute=int(minute)))


def test_nobody_came_in_the_future_or_after_the_closing(site, meeting):
    browser, path = site.signed_in(), f"/meetings/{meeting.id}/by-hand/3"
    assert "field-error" in browser.post(path, RIGHT | {"came_at": "19:01"}).text
    assert "field-error" in browser.post(path, RIGHT | {"came_at": "25:01"}).text
    browser.post(f"/meetings/{meeting.id}/close")
    site.now += timedelta(hours=1)
    assert "trước khi cuộc họp kết thúc" in browser.post(path, RIGHT | {"came_at": "19:01"}).text
    assert here(site, meeting) == []
    assert browser.post(path, RIGHT | {"came_at": "18:55"}).status_code == 302
    assert here(site, meeting) == ["Mẫu Thị Ổi"]


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/guests", {"name": "\u0958" * 101, "organisation": "x", "invited_by": "y"}),
        ("/members/1/absence", {"reason": "x" * 199 + "\u0958"}),
        ("/by-hand/3", RIGHT | {"reason": "broken", "details": "\u0958" * 81}),
        ("/home-visit", {"place": "\u0958" * 150}),
    ],
    ids=["name", "reason", "details", "place"],
)
def test_a_text_that_the_records_would_make_longer_is_told_by_its_own_field(site, meeting, path, data):
    answer = site.signed_in().post(f"/meetings/{meeting.id}{path}", data)
    assert (answer.status_code, "Nhiều nhất" in answer.text) == (200, True)
    assert site.services.ledger.verify().entries == 1


def test_a_page_left_open_ends_no_other_meetings_home_visit(site, meeting):
    browser = site.signed_in()
    browser.post(f"/meetings/{meeting.id}/close")
    other = site.open_meeting()
    browser.post(f"/meetings/{other.id}/home-visit", {"place": "Số 4"})
    assert "Không có chuyến đến nhà nào đang diễn ra" in told(browser, meeting, "/home-visit/end", {})
    assert site.services.home_visits.current().meeting_id == other.id


def test_a_form_sent_after_the_session_ended_elsewhere_is_told_that_nothing_was_recorded(site, meeting):
    browser, other = site.signed_in(), site.signed_in()
    token = browser.token()
    other.post("/logout")
    answer = browser.client.post(f"/meetings/{meeting.id}/by-hand/3", data=RIGHT | {"csrf_token": token})
    assert answer.location == "/login"
    assert "Chưa ghi gì" in browser.get("/login").text
    assert here(site, meeting) == []
