"""Planning, opening, watching, closing a meeting, and taking its list away."""

import csv
import io

from appliance.meetings import MeetingState
from appliance.roster import MemberClass, MemberStatus

PLANNED = {
    "kind": "regular",
    "title": "Sinh hoạt tháng 11",
    "place": "Nhà văn hóa",
    "day": "2026-11-03",
    "time": "19:00",
    "late_after": "15",
}


def test_a_meeting_is_planned_in_local_time_opened_and_closed(site):
    browser = site.signed_in()
    page = browser.post("/meetings/new", PLANNED)
    assert page.location == "/meetings/1"
    meeting = site.services.meetings.get(1)
    assert meeting.starts_at == site.now  # 19:00 in Hà Nội
    assert "Mở cuộc họp" in browser.get("/meetings/1").text
    browser.post("/meetings/1/open")
    assert site.services.meetings.get(1).state is MeetingState.OPEN
    assert "Đang mở" in browser.get("/meetings").text
    browser.post("/meetings/1/close")
    assert site.services.meetings.get(1).state is MeetingState.CLOSED
    assert browser.get("/meetings/1").status_code == 200


def test_a_form_that_is_not_right_says_so_in_vietnamese_and_plans_nothing(site):
    browser = site.signed_in()
    page = browser.post("/meetings/new", PLANNED | {"title": "", "day": "30/02", "late_after": "-1"}).text
    assert "Xin nhập tên cuộc họp" in page
    assert "Từ 0 đến 240" in page
    assert "Not a valid" not in page
    assert site.services.meetings.all() == ()


def test_a_meeting_whose_day_is_over_is_planned_only_when_that_is_meant(site):
    browser = site.signed_in()
    yesterday = PLANNED | {"day": "2026-11-02"}
    page = browser.post("/meetings/new", yesterday).text
    assert "Ngày này đã qua. Vẫn lập?" in page
    assert 'name="past"' in page
    assert site.services.meetings.all() == ()
    assert browser.post("/meetings/new", yesterday | {"past": "y"}).status_code == 302
    assert 'name="past"' not in browser.get("/meetings/new").text


def test_today_is_the_day_where_the_meeting_is(site):
    site.now = site.now.replace(hour=18)  # past midnight in Hà Nội
    browser = site.signed_in()
    assert "Ngày này đã qua" in browser.post("/meetings/new", PLANNED).text
    assert browser.post("/meetings/new", PLANNED | {"day": "2026-11-04"}).status_code == 302


def test_forms_that_hold_no_password_leave_it_to_the_page_to_say_what_is_missing(site):
    browser = site.signed_in()
    for path, action in (("/meetings/new", "/meetings/new"), ("/officers", "/officers")):
        assert f'action="{action}" novalidate' in browser.get(path).text
    assert "novalidate" not in site.browser().get("/login").text
    page = browser.post("/officers", {"display_name": "", "username": "x"}).text
    assert page.count("field-error") >= 2


def test_a_second_meeting_cannot_be_opened_and_the_page_says_why(site):
    site.open_meeting()
    second = site.plan("Chuyên đề")
    browser = site.signed_in()
    browser.post(f"/meetings/{second.id}/open")
    assert "đang có cuộc họp khác mở" in browser.get(f"/meetings/{second.id}").text


def test_the_page_shows_without_any_script_who_is_here_who_is_not_and_the_denominator(site):
    sen, tre, _ = site.members()
    site.services.roster.add("Mẫu Văn Cau", MemberClass.OFFICIAL, status=MemberStatus.EXEMPT)
    meeting = site.open_meeting()
    site.record(sen)
    site.record(tre, minutes=20)
    page = site.signed_in().get(f"/meetings/{meeting.id}").text
    assert "2 / 3 = 66,7 %" in page
    assert "4 đảng viên − 1 miễn sinh hoạt = 3" in " ".join(page.split())
    assert page.index("Mẫu Văn Tre") < page.index("Mẫu Thị Sen") < page.index("Mẫu Thị Ổi") < page.index("Mẫu Văn Cau")
    assert "Đến muộn" in page


def test_a_meeting_without_members_divides_by_nothing(site):
    meeting = site.open_meeting()
    assert "0 / 0" in site.signed_in().get(f"/meetings/{meeting.id}").text


def test_what_people_typed_is_shown_as_text_never_as_markup(site):
    attack = "<img src=x onerror=alert(1)>"
    site.services.roster.add(f"Mẫu {attack}", MemberClass.OFFICIAL)
    meeting = site.services.meetings.open(site.plan(attack).id, at=site.now, officer="bithu")
    browser = site.signed_in()
    stream = browser.get(f"/meetings/{meeting.id}/events").text
    for page in (browser.get(f"/meetings/{meeting.id}").text, browser.get("/meetings").text, stream):
        assert "<img" not in page
        assert "&lt;img" in page


def test_the_list_is_downloaded_as_csv_that_spreadsheets_read(site):
    sen, *_ = site.members()
    meeting = site.open_meeting()
    site.record(sen, minutes=1)
    answer = site.signed_in().get(f"/meetings/{meeting.id}/attendance.csv")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="diem-danh-2026-11-03-1-tam-tinh.csv"'
    assert answer.headers["Cache-Control"] == "no-store"
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [row[1] for row in rows[1:]] == ["Mẫu Thị Sen", "Mẫu Văn Tre", "Mẫu Thị Ổi"]
    assert "2026-11-03 19:01:00" in rows[1]


def test_page_and_csv_say_the_same_of_whoever_has_not_come_before_the_end_and_after_it(site):
    site.members()
    meeting = site.open_meeting()
    browser = site.signed_in()
    page, listed = browser.get(f"/meetings/{meeting.id}"), browser.get(f"/meetings/{meeting.id}/attendance.csv")
    assert "Chưa đến (3)" in page.text
    assert "Vắng không lý do" not in page.text + listed.text
    assert listed.text.count("Chưa đến") == 3
    assert "-tam-tinh.csv" in listed.headers["Content-Disposition"]
    browser.post(f"/meetings/{meeting.id}/close")
    page, listed = browser.get(f"/meetings/{meeting.id}"), browser.get(f"/meetings/{meeting.id}/attendance.csv")
    assert "Vắng không lý do (3)" in page.text
    assert "hưa đến" not in page.text + listed.text
    assert listed.text.count("Vắng không lý do") == 3
    assert listed.headers["Content-Disposition"] == 'attachment; filename="diem-danh-2026-11-03-1.csv"'


def test_an_unknown_meeting_is_an_ordinary_error_page(site):
    browser = site.signed_in()
    for path in ("", "/events", "/attendance.csv", "/by-hand", "/by-hand/1"):
        answer = browser.get(f"/meetings/99{path}")
        assert answer.status_code == 404
        assert "Không có trang này" in answer.text
    assert browser.post("/meetings/99/open").status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_list(site):
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    browser = site.signed_in()
    meeting = site.open_meeting()
    browser.get(f"/meetings/{meeting.id}")  # the first look of a minute is put on record
    counted: list[int] = []
    for people in (1, 60):
        for number in range(people):
            member = site.services.roster.add(f"Mẫu {people} {number}", MemberClass.OFFICIAL)
            site.record(member.id)
        statements: list[str] = []

        def note(_connection, _cursor, statement, *_rest, into=statements):
            into.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        browser.get(f"/meetings/{meeting.id}")
        event.remove(Engine, "before_cursor_execute", note)
        counted.append(len(statements))
    assert counted[0] == counted[1] <= 21


def test_a_chair_that_cannot_be_recorded_is_told_by_the_field_and_only_while_the_meeting_is_open(site):
    meeting, browser = site.plan(), site.signed_in()
    for step, sentence in (
        ("", "Cuộc họp này không mở"),
        ("/open", "Cuộc họp vẫn mở. Chủ trì: Nhiều nhất 200"),
        ("/close", "Cuộc họp này không mở"),
    ):
        if step:
            browser.post(f"/meetings/{meeting.id}{step}")
        browser.post(f"/meetings/{meeting.id}/close", {"chair": "a" * 201})
        assert sentence in browser.get(f"/meetings/{meeting.id}").text


def test_the_sentence_about_meetings_without_a_roll_names_the_choice_as_the_form_does(site):
    page = site.signed_in().post("/meetings/new", PLANNED | {"mode": "names"}).text
    assert "Chỉ “Hoạt động khác” mới có thể không theo danh sách" in page
    assert ">Hoạt động khác</option>" in page
