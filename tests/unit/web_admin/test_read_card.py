"""The chosen roster line: an officer lets the station read a member's card without a scan."""

import re
from dataclasses import replace

import pytest

from appliance.config import ReaderConfig
from appliance.kiosk.board import CHOOSE_MEMBER
from appliance.meetings import MeetingKind
from appliance.persons import Look
from appliance.roster import MemberClass
from appliance.storage.meetings import MeetingMode
from verifier.sdk import CanPassword

NAME = "Mẫu Văn Tùng"


@pytest.fixture
def meeting(site):
    site.members()
    member = site.services.roster.add(NAME, MemberClass.OFFICIAL, password=CanPassword("700012"))
    assert member.id == 4
    return site.open_meeting()


def press(browser, meeting, member):
    return browser.post(f"/meetings/{meeting.id}/members/{member}/read-card")


def test_the_station_is_asked_for_the_chosen_member_and_the_officer_told_what_to_do(site, meeting):
    browser = site.signed_in()
    assert press(browser, meeting, 4).location == f"/meetings/{meeting.id}"
    (request,) = site.services.board.take_requests()
    assert (request.kind, dict(request.payload)) == (CHOOSE_MEMBER, {"member": "4"})
    assert f"Mời {NAME} đưa thẻ lên đầu đọc" in browser.get(f"/meetings/{meeting.id}").text


def test_only_members_whose_code_the_roster_keeps_and_who_are_not_here_can_be_chosen(site, meeting):
    browser = site.signed_in()
    page = browser.get(f"/meetings/{meeting.id}").text
    assert page.count("Đọc thẻ</button>") == 1
    assert f"/meetings/{meeting.id}/members/4/read-card" in page
    site.record(4)
    assert "Đọc thẻ</button>" not in browser.get(f"/meetings/{meeting.id}").text


@pytest.mark.parametrize("member", [1, 99])
def test_nobody_else_can_be_chosen_by_hand_made_requests(site, meeting, member):
    answer = press(site.signed_in(), meeting, member)
    assert answer.status_code == (302 if member == 1 else 404)
    assert site.services.board.take_requests() == []


def test_a_meeting_that_is_not_open_reads_nobodys_card(site, meeting):
    browser = site.signed_in()
    planned = site.plan("Sau này")
    press(browser, planned, 4)
    browser.post(f"/meetings/{meeting.id}/close")
    press(browser, meeting, 4)
    assert site.services.board.take_requests() == []
    assert "Đọc thẻ</button>" not in browser.get(f"/meetings/{meeting.id}").text


def test_at_an_event_that_only_counts_nobody_is_chosen_and_no_look_says_who_came(site, meeting):
    browser = site.signed_in()
    browser.post(f"/meetings/{meeting.id}/close")
    event = site.services.meetings.create(
        kind=MeetingKind.EVENT, title="Hội nghị", place="x", starts_at=site.now, mode=MeetingMode.COUNTS
    )
    site.services.meetings.open(event.id, at=site.now, officer="bithu")
    assert press(browser, event, 4).location == f"/meetings/{event.id}"
    assert site.services.board.take_requests() == []
    assert Look.PERSON not in {line.what for line in site.services.access_log.lines()}
    assert "chỉ đếm người đến" in browser.get(f"/meetings/{event.id}").text


def test_the_live_part_holds_no_token_since_every_officer_gets_the_same(site, meeting):
    browser = site.signed_in()
    stream = browser.get(f"/meetings/{meeting.id}/events").text
    assert "Đọc thẻ" in stream
    assert "csrf" not in stream


def test_the_password_itself_is_on_no_page_and_not_on_the_board(site, meeting):
    browser = site.signed_in()
    press(browser, meeting, 4)
    (request,) = site.services.board.take_requests()
    pages = [browser.get(f"/meetings/{meeting.id}{path}").text for path in ("", "/events", "/by-hand", "/by-hand/4")]
    assert not any("700012" in text for text in (*pages, str(dict(request.payload))))


def doors(site, *names):
    readers = tuple(ReaderConfig(device=f"/dev/ttyUSB{number}", name=name) for number, name in enumerate(names))
    object.__setattr__(site.services, "config", replace(site.services.config, readers=readers))


def test_with_one_door_the_officer_is_asked_for_none(site, meeting):
    doors(site, "cửa-a")
    assert 'name="reader"' not in site.signed_in().get(f"/meetings/{meeting.id}").text


def test_with_several_doors_the_officer_chooses_one_by_its_name_and_it_stays_chosen(site, meeting):
    doors(site, "cửa-a", "cửa-b")
    browser = site.signed_in()
    assert re.findall(r"<option\s*>([^<]+)<", browser.get(f"/meetings/{meeting.id}").text) == ["cửa-a", "cửa-b"]
    answer = browser.post(f"/meetings/{meeting.id}/members/4/read-card", {"reader": "cửa-b"})
    (request,) = site.services.board.take_requests("cửa-b")
    assert (request.kind, request.payload["member"]) == (CHOOSE_MEMBER, "4")
    page = browser.get(answer.location).text
    assert f"Mời {NAME} đưa thẻ lên đầu đọc “cửa-b”" in page
    assert "<option selected>cửa-b<" in page


def test_a_door_that_does_not_exist_is_asked_for_nothing(site, meeting):
    doors(site, "cửa-a", "cửa-b")
    answer = site.signed_in().post(f"/meetings/{meeting.id}/members/4/read-card", {"reader": "cửa-c"})
    assert answer.status_code == 404
    assert site.services.board.take_requests() == []
