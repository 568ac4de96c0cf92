"""What several doors' screens show, a member's own year on them, and the number that is typed on one."""

import json
import re
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from appliance.config import ReaderConfig
from appliance.firmware_host.indicator import NullIndicator
from appliance.kiosk.board import TYPE_CAN, Board
from appliance.kiosk.display import Display, DisplayState, OwnYear
from appliance.kiosk.phrases import STATES
from appliance.lists.freshness import Light, ListsAge
from appliance.station.screen import Screen
from web_admin.kiosk.shown import shown_version

NAME = "Mẫu Thị Sen"
YEAR = OwnYear(year=2026, meetings=41, present=42, late=43, excused=44, absent=45)
READERS = (ReaderConfig(device="/dev/ttyUSB0"), ReaderConfig(device="/dev/ttyUSB1", name="cua-2"))


@pytest.fixture
def doors(make_site):
    """A site whose appliance has two readers, «1» and «cua-2»."""
    site = make_site()
    services = site.services
    object.__setattr__(services, "config", replace(services.config, readers=READERS))
    return site


def show(site, state, *, reader="1", name=None, year=None):
    phrase = STATES[state]
    site.services.board.post(Display(state, phrase.vi, phrase.en, site.now, reader=reader, name=name))
    if year is not None:
        site.services.board.post_own_year(reader, year, at=site.now)


def told(site, path="/kiosk/events") -> dict:
    """What a stream says first."""
    with site.browser().get(path, buffered=False) as answer:  # leaving gives the stream's place back
        event = next(part.decode() for part in answer.response if b"data: " in part)
    return json.loads(event.split("data: ")[1])


def everything_on(site, *paths: str) -> str:
    """Pages and streams."""
    browser = site.browser()
    pages = "".join(browser.get(path).text for path in ("/kiosk", "/demo", *paths))
    streams = [told(site, "/kiosk/events"), *(told(site, f"{path}/events") for path in paths)]
    return pages + json.dumps(streams, ensure_ascii=False)


def figures_on(site, *paths: str) -> list[str]:
    everything = everything_on(site, *paths)
    return re.findall(r'data-figure="\w+">(\d+)<', everything) + re.findall(r'"(?:meetings|late)": (\d+)', everything)


# --- a station that is no more ---------------------------------------------------------------------------------------


def sign_of_life(site, seconds_ago):
    """What a station of this machine told the board so long ago."""
    Board(site.services.config.board_path, steady_clock=lambda: time.monotonic() - seconds_ago).tell_alive("1")


def test_what_a_killed_station_showed_last_makes_place_for_the_officer(doors):
    show(doors, DisplayState.READY)
    sign_of_life(doors, 40)  # a card may be held for long
    assert told(doors)["state"] == "ready"
    sign_of_life(doors, 42)
    for path in ("/kiosk/events", "/kiosk/1/events"):
        said = told(doors, path)
        assert (said["state"], said["sequence"]) == ("see-officer", 0)
    assert STATES[DisplayState.SEE_OFFICER].vi in doors.browser().get("/kiosk").text
    sign_of_life(doors, 0)
    assert told(doors)["state"] == "ready"


def test_a_stream_changes_when_the_station_falls_silent(site):
    show(site, DisplayState.READY)
    services, lists = site.services, ListsAge(Light.NONE)
    before = shown_version(services, lists, at=site.now)
    sign_of_life(site, 42)
    assert shown_version(services, lists, at=site.now) != before


# --- a member's own year ---------------------------------------------------------------------------------------------


def test_a_member_sees_their_own_year_after_their_own_tap(site):
    show(site, DisplayState.PRESENT, name=NAME, year=YEAR)
    page = site.browser().get("/kiosk").text
    assert [re.search(rf'data-figure="{name}">(\d+)<', page)[1] for name in ("meetings", "present", "late")] == [
        "41", "42", "43",
    ]  # fmt: skip
    assert told(site)["own_year"] == {
        "year": 2026, "meetings": 41, "present": 42, "late": 43, "excused": 44, "absent": 45, "away": 0,
    }  # fmt: skip


def test_it_goes_on_beside_the_invitation_without_the_name_and_ends_after_ten_seconds(site):
    show(site, DisplayState.PRESENT, name=NAME, year=YEAR)
    site.now += timedelta(seconds=3)
    show(site, DisplayState.READY)
    assert set(figures_on(site)) > {"41", "43"}
    assert NAME not in everything_on(site)
    site.now += timedelta(seconds=7)
    assert figures_on(site) == []
    assert site.services.board.latest().own_year is None  # nor is it left on the board


def test_it_ends_after_ten_seconds_while_the_card_lies_there_and_the_name_is_still_shown(site):
    show(site, DisplayState.PRESENT, name=NAME, year=YEAR)
    site.now += timedelta(seconds=10)
    assert figures_on(site) == []
    assert NAME in everything_on(site)


@pytest.mark.parametrize("state", sorted(set(DisplayState) - {DisplayState.READY}))
def test_the_next_tap_takes_it_away_at_once_and_the_next_person_sees_nothing_of_it(site, state):
    show(site, DisplayState.PRESENT, name=NAME, year=YEAR)
    show(site, state)
    assert figures_on(site) == []
    show(site, DisplayState.READY)
    assert figures_on(site) == []
    assert NAME not in everything_on(site)


def test_a_clock_that_is_set_back_keeps_no_year_on_the_screen(site):
    seconds = [1000.0]
    object.__setattr__(site.services.board, "_steady_clock", lambda: seconds[0])
    site.now += timedelta(hours=1)
    show(site, DisplayState.PRESENT, name=NAME, year=YEAR)
    site.now -= timedelta(hours=1)
    assert figures_on(site) != []
    seconds[0] += 10
    assert figures_on(site) == []


def test_a_year_from_before_the_machine_started_anew_is_not_shown(site):
    seconds = [1000.0]
    object.__setattr__(site.services.board, "_steady_clock", lambda: seconds[0])
    show(site, DisplayState.PRESENT, year=YEAR)
    seconds[0] = 3.0
    assert figures_on(site) == []


def test_the_stream_says_when_the_ten_seconds_are_over(make_site):
    site = make_site()
    show(site, DisplayState.PRESENT, year=YEAR)
    first = site.browser().get("/kiosk/events").text
    site.now += timedelta(seconds=10)
    (line,) = re.findall(r"^id: (.*)$", first, re.MULTILINE)
    again = site.browser().get("/kiosk/events", headers={"Last-Event-ID": line}).text
    assert '"own_year": null' in again


def test_on_a_shared_screen_a_year_ends_with_the_next_persons_tap_at_any_door(doors):
    show(doors, DisplayState.PRESENT, year=YEAR)
    show(doors, DisplayState.READING, reader="cua-2")
    show(doors, DisplayState.READY)
    assert figures_on(doors) == []
    assert set(figures_on(doors, "/kiosk/1")) > {"41"}  # at the member's own door it goes on
    assert figures_on(doors, "/kiosk/cua-2") == []


# --- privacy ---------------------------------------------------------------------------------------------------------


def test_a_private_screen_shows_initials_and_the_next_person_sees_none_of_them(site):
    door = Screen("1", site.services.board, NullIndicator(), lambda: site.now, is_private=True)
    door.show(DisplayState.PRESENT, "present", NAME, own_year=YEAR)
    everything = everything_on(site)
    assert "M. T. S." in everything
    assert NAME not in everything
    assert figures_on(site) == []
    for state in (DisplayState.READY, DisplayState.READING):
        door.forget()
        door.show(state)
        assert "M. T. S." not in everything_on(site)


def test_initials_leave_the_screen_even_when_the_station_falls_silent(site):
    door = Screen("1", site.services.board, NullIndicator(), lambda: site.now, is_private=True)
    door.show(DisplayState.PRESENT, "present", NAME)
    site.now += timedelta(seconds=16)
    assert "M. T. S." not in everything_on(site)


# --- two doors -------------------------------------------------------------------------------------------------------


def test_the_shared_screen_shows_the_newest_and_each_door_its_own(doors):
    show(doors, DisplayState.PRESENT, name=NAME)
    show(doors, DisplayState.REFUSED, reader="cua-2")
    assert (told(doors)["state"], told(doors)["reader"]) == ("refused", "cua-2")
    first, second = told(doors, "/kiosk/1/events"), told(doors, "/kiosk/cua-2/events")
    assert (first["state"], first["name"], second["state"], second["name"]) == ("present", NAME, "refused", None)
    assert NAME not in doors.browser().get("/kiosk/cua-2").text
    assert 'data-events="/kiosk/1/events"' in doors.browser().get("/kiosk/1").text


def test_an_answer_is_not_covered_at_once_by_what_another_door_is_about(doors):
    show(doors, DisplayState.PRESENT, name=NAME)
    for state in (DisplayState.READING, DisplayState.READY):
        show(doors, state, reader="cua-2")
        assert told(doors)["state"] == "present"
    doors.now += timedelta(seconds=2)
    assert told(doors)["state"] == "ready"
    assert told(doors, "/kiosk/1/events")["state"] == "present"


def test_a_newer_answer_covers_an_older_one(doors):
    show(doors, DisplayState.PRESENT, name=NAME)
    show(doors, DisplayState.LATE, reader="cua-2")
    assert told(doors)["state"] == "late"


def test_a_reader_that_is_gone_is_a_line_below_while_another_one_serves(doors):
    show(doors, DisplayState.READY)
    show(doors, DisplayState.READER_GONE, reader="cua-2")
    assert (told(doors)["state"], told(doors)["gone"]) == ("ready", "«cua-2»")
    page = " ".join(doors.browser().get("/kiosk").text.split())
    assert re.search(r'data-gone ?><span class="lost">Mất đầu đọc <b data-text="gone">«cua-2»</b>', page)
    assert told(doors, "/kiosk/cua-2/events")["state"] == "reader-gone"
    assert told(doors, "/kiosk/1/events")["gone"] == ""
    show(doors, DisplayState.READY, reader="cua-2")
    assert told(doors)["gone"] == ""
    assert re.search(r"data-gone hidden", doors.browser().get("/kiosk").text)


def test_where_every_reader_is_gone_the_screen_says_so(doors):
    show(doors, DisplayState.READER_GONE, reader="cua-2")
    show(doors, DisplayState.READER_GONE)
    assert (told(doors)["state"], told(doors)["gone"]) == ("reader-gone", "")


def test_a_reader_that_is_not_configured_any_more_is_not_shown(doors):
    show(doors, DisplayState.READY)
    show(doors, DisplayState.READER_GONE, reader="an old one")
    show(doors, DisplayState.PRESENT, reader="an older one", name=NAME)
    assert (told(doors)["state"], told(doors)["gone"], told(doors)["name"]) == ("ready", "", None)


def test_a_door_that_has_said_nothing_yet_is_starting_and_one_that_does_not_exist_is_not_found(doors):
    assert told(doors, "/kiosk/1/events")["state"] == "starting"
    for path in ("/kiosk/3", "/kiosk/3/events"):
        assert doors.browser().get(path).status_code == 404


def test_with_one_reader_nobody_is_told_its_name(site):
    show(site, DisplayState.READY)
    assert told(site)["reader"] == ""


def test_doors_and_keypad_answer_this_machine_only(doors):
    lan = {"environ_base": {"REMOTE_ADDR": "192.0.2.7"}}
    browser = doors.browser()
    for path in ("/kiosk/1", "/kiosk/1/events", "/kiosk/keypad"):
        assert browser.get(path, **lan).status_code == 403
    assert browser.post("/kiosk/can", {"digits": "123456"}, **lan).status_code == 403
    assert doors.services.board.take_requests() == []


# --- the number that is typed ----------------------------------------------------------------------------------------


def test_a_typed_number_reaches_the_station_and_nothing_else(site, caplog):
    browser = site.browser()
    token = browser.get("/kiosk/keypad").json["token"]
    answer = browser.client.post("/kiosk/can", data={"csrf_token": token, "digits": "424344", "reader": ""})
    assert (answer.status_code, answer.data) == (204, b"")
    (request,) = site.services.board.take_requests()
    assert (request.kind, request.payload["digits"]) == (TYPE_CAN, "424344")
    assert "424344" not in repr(request) + caplog.text + str(answer.headers) + everything_on(site)


def test_it_is_for_one_door_where_the_screen_is_one_doors(doors):
    assert 'data-reader="cua-2"' in doors.browser().get("/kiosk/cua-2").text
    browser = doors.browser()
    assert browser.post("/kiosk/can", {"digits": "424344", "reader": "cua-2"}).status_code == 204
    assert doors.services.board.take_requests("1", "") == []
    assert len(doors.services.board.take_requests("cua-2")) == 1
    assert browser.post("/kiosk/can", {"digits": "424344", "reader": "3"}).status_code == 404


def test_on_a_shared_screen_one_chooses_the_door(doors):
    page = doors.browser().get("/kiosk").text
    assert re.findall(r'name="keypad-reader" value="([^"]+)"', page) == ["1", "cua-2"]
    assert "keypad-reader" not in doors.browser().get("/kiosk/1").text


@pytest.mark.parametrize("digits", ["", "12345", "1234567", "12345x", "१२३४५६", "123456\n", "-12345", "1 2 3 4 5 6"])
def test_what_is_no_card_access_number_is_refused_and_not_repeated(site, digits):
    answer = site.browser().post("/kiosk/can", {"digits": digits})
    assert answer.status_code == 400
    assert digits == "" or digits not in answer.text
    assert site.services.board.take_requests() == []


def test_a_number_without_the_pages_token_is_refused(site):
    assert site.browser().client.post("/kiosk/can", data={"digits": "123456"}).status_code == 400
    assert site.browser().get("/kiosk/can?digits=123456").status_code in {404, 405}
    assert site.services.board.take_requests() == []


def test_whoever_tries_number_after_number_is_slowed_down(site):
    browser = site.browser()
    data = {"csrf_token": browser.get("/kiosk/keypad").json["token"], "digits": "123456"}
    answers = []
    for _ in range(25):
        answers.append(browser.client.post("/kiosk/can", data=data).status_code)
        site.services.board.take_requests()
    assert answers == [204] * 20 + [429] * 5


def test_the_tray_of_the_demo_has_no_keypad_and_the_kiosk_lists_nobody(site):
    site.members()
    site.open_meeting()
    assert "data-keypad" not in site.browser().get("/demo").text
    page = site.browser().get("/kiosk").text
    assert "data-keypad" in page
    assert "Mẫu" not in page
