"""A form that is sent twice, by a double click or from the page before, is recorded once, also after a restart."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from appliance.accounts import Role
from appliance.meetings import MeetingKind, MeetingMode
from appliance.storage.sent_forms import sent_forms

PASSWORD = "bốn từ dễ nhớ"
SECOND = {"username": "canbo", "password": PASSWORD}
GUEST = {"name": "Mẫu Thị Khách", "organisation": "Xã bên", "invited_by": "Chi ủy"}
VISITOR = {"name": "Mẫu Văn Thăm", "origin": "Chi bộ bên", "reason": "Quên thẻ"}
PLANNED = {
    "kind": "regular",
    "title": "Sinh hoạt",
    "place": "Nhà văn hóa",
    "day": "2026-11-03",
    "time": "19:00",
    "late_after": "15",
    "mode": "roster",
}
AT_ONCE = 4
PATIENCE_SECONDS = 20.0
AGAIN = "Đã ghi rồi"


@pytest.fixture
def meeting(site):
    site.account("bithu")
    site.account("canbo", Role.OFFICER)
    site.members()
    planned = site.services.meetings.create(
        kind=MeetingKind.REGULAR, title="Sinh hoạt", place="Nhà văn hóa", starts_at=site.now, check_out=True
    )
    return site.services.meetings.open(planned.id, at=site.now, officer="bithu")


def filled(browser, path, data):
    """A form as the page gives it, with what somebody entered."""
    page = browser.get(path).text.split("</nav>")[-1]
    hidden = dict(re.findall(r'name="(csrf_token|number)" type="hidden" value="([^"]+)"', page))
    assert set(hidden) == {"csrf_token", "number"}
    return hidden | data


def sent_at_once(site, browser, path, form):
    cookie = browser.client.get_cookie("thechip_session").value
    together = threading.Barrier(AT_ONCE)

    def send(_number):
        client = site.app.test_client()
        client.set_cookie("thechip_session", cookie)
        together.wait(PATIENCE_SECONDS)
        return client.post(path, data=form).status_code

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(send, range(AT_ONCE)))


def entries(site) -> int:
    return site.services.ledger.verify().entries


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/guests", GUEST),
        ("/visitors", VISITOR),
        ("/members/1/absence", {"reason": "ốm"}),
        ("/by-hand/2", {"reason": "forgotten", "later": "1"}),
        ("/by-hand/2", {"reason": "forgotten", **SECOND}),
    ],
    ids=["guest", "visitor", "reason", "proposal", "presence"],
)
def test_a_form_sent_at_the_same_moment_is_one_entry(site, meeting, path, data):
    browser, path = site.signed_in(), f"/meetings/{meeting.id}{path}"
    form, before = filled(browser, path, data), entries(site)
    assert sent_at_once(site, browser, path, form) == [302] * AT_ONCE
    assert entries(site) == before + 1


def test_one_who_is_counted_is_counted_once_at_the_same_moment_and_from_the_page_before(site, meeting):
    site.services.meetings.close(meeting.id, at=site.now, officer="bithu")
    event, browser = site.event(MeetingMode.COUNTS), site.signed_in()
    path = f"/meetings/{event.id}/count"
    form = filled(browser, path, {"reason": "Quên thẻ", **SECOND})
    assert sent_at_once(site, browser, path, form) == [302] * AT_ONCE
    browser.client.post(path, data=form)
    assert AGAIN in browser.get(f"/meetings/{event.id}").text
    assert site.app.extensions["thechip-attendance"].attendance_of(event.id).figures.counted == 1
    browser.client.post(path, data=filled(browser, path, {"reason": "Quên thẻ", **SECOND}))
    assert site.app.extensions["thechip-attendance"].attendance_of(event.id).figures.counted == 2


def test_a_meeting_is_planned_once(site, meeting):
    browser = site.signed_in()
    form = filled(browser, "/meetings/new", PLANNED)
    assert sent_at_once(site, browser, "/meetings/new", form) == [302] * AT_ONCE
    assert browser.client.post("/meetings/new", data=form).location == "/meetings/2"
    assert AGAIN in browser.get("/meetings/2").text
    assert len(site.services.meetings.all()) == 2


def test_a_browser_that_goes_back_and_fills_the_same_into_a_new_form_records_nothing_twice(site, meeting):
    site.record(1)
    site.now += timedelta(minutes=30)
    browser, here = site.signed_in(), f"/meetings/{meeting.id}"
    for path, data in (
        ("/meetings/new", PLANNED),
        (f"{here}/guests", GUEST),
        (f"{here}/visitors", VISITOR),
        (f"{here}/members/2/absence", {"reason": "ốm"}),
        (f"{here}/members/1/leaving", {"day": "2026-11-03", "time": "19:10", "reason": "quên"}),
    ):
        recorded = []
        for _ in range(2):
            assert browser.client.post(path, data=filled(browser, path, data)).status_code == 302
            recorded.append((entries(site), len(site.services.meetings.all())))
        assert recorded[0] == recorded[1]


def test_a_leaving_a_correction_and_a_withdrawal_sent_again_say_that_they_are_on_record(site, meeting):
    site.record(1)
    site.now += timedelta(minutes=30)
    browser, here = site.signed_in(), f"/meetings/{meeting.id}"
    reason = site.services.checkins.excuse(3, reason="ốm", recorded_by="một", at=site.now)
    for path, data in (
        ("/members/1/leaving", {"day": "2026-11-03", "time": "19:10", "reason": "quên"}),
        ("/entries/2/correct", {"reason": "nhầm người", **SECOND}),
        (f"/entries/{reason}/withdraw", {"reason": "đã khỏi"}),
    ):
        form, before = filled(browser, here + path, data), entries(site)
        for _ in range(2):
            assert browser.client.post(here + path, data=form).location == here
        assert AGAIN in browser.get(here).text
        assert entries(site) == before + 1


def test_a_form_is_spent_also_for_the_page_that_was_started_anew(make_site):
    site = make_site()
    site.account("bithu")
    meeting, browser = site.open_meeting(), site.signed_in()
    path = f"/meetings/{meeting.id}/guests"
    form = filled(browser, path, GUEST)
    browser.client.post(path, data=form)
    cookie = browser.client.get_cookie("thechip_session").value
    again = make_site().browser()
    again.client.set_cookie("thechip_session", cookie)
    again.client.post(path, data=form | {"name": "Mẫu Thị Khác"})
    assert AGAIN in again.get(f"/meetings/{meeting.id}").text
    assert entries(site) == 2


def test_a_form_that_was_refused_is_not_spent_and_is_recorded_once_it_is_right(site, meeting):
    browser, path = site.signed_in(), f"/meetings/{meeting.id}/members/1/leaving"
    site.record(1)
    site.now += timedelta(minutes=30)
    form = filled(browser, path, {"day": "2026-11-03", "time": "23:00", "reason": "quên"})
    assert "field-error" in browser.client.post(path, data=form).text
    assert form["number"] in browser.client.post(path, data=form).text
    assert browser.client.post(path, data=form | {"time": "19:10"}).status_code == 302
    assert entries(site) == 3


def test_numbers_of_forms_are_forgotten_after_a_day(site, meeting):
    browser, path = site.signed_in(), f"/meetings/{meeting.id}/guests"
    browser.client.post(path, data=filled(browser, path, GUEST))
    site.now += timedelta(days=2)
    browser.client.post(path, data=filled(browser, path, GUEST | {"name": "Mẫu Thị Khác"}))
    with site.services.database.reading() as reader:
        assert reader.scalar(select(func.count()).select_from(sent_forms)) == 1
