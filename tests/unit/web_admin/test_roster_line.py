"""The roster line on the touch screen: for an officer who has signed in, and only until they have chosen."""

import re
from dataclasses import replace

import pytest

from appliance.config import ReaderConfig
from appliance.kiosk.board import CHOOSE_MEMBER
from appliance.persons import Look
from appliance.roster import MemberClass
from verifier.sdk import CanPassword

NAME = "Mẫu Văn Tùng"
LIST = "/touch/roster"


@pytest.fixture
def member(site) -> int:
    """One whose card opens to what the roster keeps; three others are on the roster."""
    site.members()
    return site.services.roster.add(NAME, MemberClass.OFFICIAL, password=CanPassword("700012")).id


def test_nobody_sees_the_list_without_signing_in(site, member):
    site.open_meeting()
    browser = site.browser()
    assert browser.get(LIST).location == "/login?next=/touch/roster"
    assert browser.post(f"{LIST}/{member}").location == "/login"
    assert site.services.board.take_requests() == []


def test_an_officer_sees_who_is_missing_and_can_be_read_and_nobody_else(site, member):
    site.open_meeting()
    page = site.signed_in().get(LIST).text
    assert re.findall(r'formaction="([^"]+)">([^<]+)<', page) == [(f"{LIST}/{member}", NAME)]
    assert "Mẫu Thị Sen" not in page
    site.record(member)
    assert NAME not in site.signed_in().get(LIST).text


def test_the_choice_reaches_the_station_and_signs_the_officer_out(site, member):
    site.open_meeting()
    browser = site.signed_in()
    assert browser.client.post(f"{LIST}/{member}", data={"csrf_token": token_on(browser)}).location == "/kiosk"
    (request,) = site.services.board.take_requests()
    assert (request.kind, request.payload["member"]) == (CHOOSE_MEMBER, str(member))
    assert browser.get(LIST).location.startswith("/login")
    assert NAME not in browser.get("/kiosk").text


def test_the_list_and_the_choice_are_looks_on_record(site, member):
    meeting = site.open_meeting()
    browser = site.signed_in()
    browser.client.post(f"{LIST}/{member}", data={"csrf_token": token_on(browser)})
    account, log = site.services.accounts.by_username("bithu"), site.services.access_log
    assert [(line.account_id, line.what, line.meeting_id, line.subject) for line in log.lines()] == [
        (account.id, Look.LIST, meeting.id, None),
        (account.id, Look.PERSON, meeting.id, log.tag_of(f"member:{member}")),
    ]


def test_no_list_and_no_choice_leave_no_look(site, member):
    browser = site.signed_in()
    browser.client.post(f"{LIST}/{member}", data={"csrf_token": token_on(browser)})
    assert site.services.access_log.lines() == ()


def test_leaving_signs_the_officer_out_and_asks_nothing(site, member):
    site.open_meeting()
    browser = site.signed_in()
    assert browser.client.post("/touch/leave", data={"csrf_token": token_on(browser)}).location == "/kiosk"
    assert browser.get(LIST).location.startswith("/login")
    assert site.services.board.take_requests() == []


def test_whoever_cannot_be_read_is_not_asked_for(site, member):
    site.open_meeting()
    site.record(member)
    for chosen in (1, member, 99):
        browser = site.signed_in()
        answer = browser.client.post(f"{LIST}/{chosen}", data={"csrf_token": token_on(browser)})
        assert answer.status_code == 404
    assert site.services.board.take_requests() == []


def test_without_an_open_meeting_there_is_no_list(site, member):
    browser = site.signed_in()
    page = browser.get(LIST).text
    assert NAME not in page
    assert "Chưa mở cuộc họp nào" in page
    assert browser.client.post(f"{LIST}/{member}", data={"csrf_token": token_on(browser)}).status_code == 404


def test_with_two_doors_the_officer_says_at_which_one(site, member):
    readers = (ReaderConfig(device="/dev/ttyUSB0"), ReaderConfig(device="/dev/ttyUSB1", name="cua-2"))
    object.__setattr__(site.services, "config", replace(site.services.config, readers=readers))
    site.open_meeting()
    browser = site.signed_in()
    token = token_on(browser)
    assert browser.client.post(f"{LIST}/{member}", data={"csrf_token": token, "reader": "3"}).status_code == 404
    assert re.findall(r'value="([\w-]+)" checked', browser.get(f"{LIST}?screen=cua-2").text) == ["cua-2"]
    chosen = {"csrf_token": token, "reader": "cua-2", "screen": "cua-2"}
    assert browser.client.post(f"{LIST}/{member}", data=chosen).location == "/kiosk/cua-2"
    assert site.services.board.take_requests("1", "") == []
    assert len(site.services.board.take_requests("cua-2")) == 1


@pytest.mark.parametrize("screen", ["", "3", "//example.org", "../meetings"])
def test_leaving_leads_to_a_screen_of_this_appliance_and_nowhere_else(site, screen):
    browser = site.signed_in()
    data = {"csrf_token": token_on(browser), "screen": screen}
    assert browser.client.post("/touch/leave", data=data).location == "/kiosk"


def test_a_sign_in_at_the_touch_screen_has_a_way_back_to_the_kiosk_and_others_have_none(site):
    site.account("bithu")
    browser = site.browser()
    page = browser.get("/login?next=/touch/roster").text
    assert 'href="/kiosk" data-back' in page
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
    wrong = {"csrf_token": token, "username": "bithu", "password": "sai rồi sai", "next": "/touch/roster"}
    assert "data-back" in browser.client.post("/login", data=wrong).text
    assert "data-back" not in browser.get("/login").text


def test_a_long_list_is_found_by_the_first_letter_of_the_given_name(site):
    for number in range(1, 31):
        name = f"Mẫu Thị {'Đậu' if number % 2 else 'Ấn'}{chr(96 + number % 26 + 1)}"
        site.services.roster.add(name, MemberClass.OFFICIAL, password=CanPassword(f"{number:06d}"))
    site.open_meeting()
    browser = site.signed_in()
    page = browser.get(LIST).text
    assert re.findall(r"letter=(\w)", page) == ["A", "D"]
    assert "formaction" not in page
    assert browser.get(f"{LIST}?letter=D").text.count("formaction") == 15
    assert browser.get(f"{LIST}?letter=%00").status_code == 200


def token_on(browser) -> str:
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get(LIST).text)[1]
