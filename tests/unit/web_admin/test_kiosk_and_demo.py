"""The screen without a login, and the tray beside it."""

import json
from datetime import timedelta

import pytest

from appliance.kiosk.board import TrayCard
from appliance.kiosk.display import Display, DisplayState
from appliance.kiosk.phrases import STATES

NAME = "Mẫu Thị Sen"


def show(site, state=DisplayState.PRESENT, name=NAME):
    site.services.board.post(Display(state, STATES[state].vi, STATES[state].en, site.now, name=name))


def everything_on(site) -> str:
    browser = site.browser()
    return browser.get("/kiosk").text + browser.get("/kiosk/events").text + browser.get("/demo").text


def test_the_screen_says_what_the_station_says_in_both_languages(site):
    show(site)
    page = site.browser().get("/kiosk").text
    assert 'data-state="present"' in page
    assert NAME in page
    assert page.index("Có mặt") < page.index("Present")


def test_a_name_leaves_the_screen_even_when_the_station_falls_silent(site):
    show(site)
    site.now += timedelta(seconds=16)
    page = everything_on(site)
    assert NAME not in page
    assert "Mời đưa thẻ" in page


def test_the_screen_knows_of_nobody_but_the_person_at_the_reader(site):
    sen, tre, _ = site.members()
    site.open_meeting()
    site.record(sen)
    site.record(tre)
    show(site)
    show(site, DisplayState.READY, name=None)
    page = everything_on(site)
    for name in ("Mẫu Thị Sen", "Mẫu Văn Tre", "Mẫu Thị Ổi"):
        assert name not in page
    assert "Sinh hoạt tháng 11" in page


@pytest.mark.parametrize("state", DisplayState)
def test_every_state_has_a_shape_and_not_only_a_colour(site, state):
    show(site, state, name=None)
    page = site.browser().get("/kiosk").text
    assert f'<symbol id="shape-{state.value}"' in page
    assert f'href="#shape-{state.value}"' in page


def test_before_the_station_said_anything_the_screen_is_starting(site):
    assert 'data-state="starting"' in site.browser().get("/kiosk").text


def test_a_card_of_the_tray_is_put_on_the_board_for_the_station(site):
    site.services.board.lay_out([TrayCard("genuine", "Thẻ thật", "Genuine", "present-late")])
    browser = site.browser()
    assert "Có mặt – đến muộn" in browser.get("/demo").text
    assert browser.post("/demo/tap", {"card": "genuine"}).location == "/demo"
    (request,) = site.services.board.take_requests()
    assert (request.kind, dict(request.payload)) == ("tap", {"card": "genuine"})


def test_a_click_while_no_meeting_is_open_says_so_with_and_without_a_script(site):
    said = "Chưa mở cuộc họp: thẻ chưa được nhận."
    site.services.board.lay_out([TrayCard("genuine", "Thẻ thật", "Genuine", "present")])
    browser = site.browser()
    browser.post("/demo/tap", {"card": "genuine"})
    assert said in browser.get("/demo").text
    script = {"Accept": "text/plain"}
    assert browser.post("/demo/tap", {"card": "genuine"}, headers=script).text == said
    site.open_meeting()
    assert browser.post("/demo/tap", {"card": "genuine"}, headers=script).text == ""
    browser.post("/demo/tap", {"card": "genuine"})
    assert said not in browser.get("/demo").text


def test_a_cards_title_in_the_pages_language_stands_first(site):
    site.services.board.lay_out([TrayCard("genuine", "Thẻ thật", "Genuine card", "present")])
    browser = site.browser()
    page = browser.get("/demo").text
    assert page.index('<span data-title lang="vi">Thẻ thật') < page.index('<span class="other" lang="en">Genuine card')
    browser.post("/language", {"language": "en"})
    page = browser.get("/demo").text
    assert page.index('<span data-title lang="en">Genuine card') < page.index('<span class="other" lang="vi">Thẻ thật')


def test_a_card_that_is_not_in_the_tray_is_not_asked_for(site):
    assert site.browser().post("/demo/tap", {"card": "../../etc"}).status_code == 404
    assert site.services.board.take_requests() == []


def test_a_station_that_does_not_answer_is_an_ordinary_error_page(site):
    site.services.board.lay_out([TrayCard("genuine", "Thẻ thật", "Genuine", "present")])
    for _ in range(100):
        site.services.board.request("tap", {"card": "genuine"})
    assert site.browser().post("/demo/tap", {"card": "genuine"}).status_code == 503


def test_the_stream_sends_texts_only(site):
    show(site, name="<b>Sen</b>")
    line = next(line for line in site.browser().get("/kiosk/events").text.splitlines() if line.startswith("data:"))
    assert json.loads(line.removeprefix("data: "))["name"] == "<b>Sen</b>"
    assert "<b>Sen</b>" not in site.browser().get("/kiosk").text
