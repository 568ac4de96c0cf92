"""What an outsider, an officer, or somebody at the kiosk might try."""

import re
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import event

from appliance.accounts import Role
from appliance.errors import RuleViolation
from appliance.kiosk.display import Display, DisplayState
from appliance.kiosk.phrases import STATES
from appliance.roster import MemberClass
from web_admin.access import ADMINISTRATORS, AT_THE_DEVICE, OFFICERS, PUBLIC

PASSWORD = "bốn từ dễ nhớ"
NAME = "Mẫu Thị Sen"
LAN = {"REMOTE_ADDR": "192.0.2.7"}


# --- roles -----------------------------------------------------------------------------------------------------------


def test_every_endpoint_stands_in_exactly_one_row_of_the_table_of_roles(site):
    tables = (PUBLIC, AT_THE_DEVICE, OFFICERS, ADMINISTRATORS)
    known = {rule.endpoint for rule in site.app.url_map.iter_rules()}
    assert {endpoint: sum(endpoint in table for table in tables) for endpoint in known} == dict.fromkeys(known, 1)
    assert set().union(*tables) == known


def test_an_endpoint_that_nobody_thought_of_is_nobodys(site):
    site.app.add_url_rule("/new", endpoint="new.page", view_func=lambda: "secret")
    assert site.signed_in().get("/new").status_code == 403
    assert site.browser().get("/new").status_code == 302


# --- sessions --------------------------------------------------------------------------------------------------------


def session_of(browser) -> str:
    return browser.client.get_cookie("thechip_session").value


def test_a_cookie_copied_from_a_session_ends_with_it(site):
    browser, thief = site.signed_in(), site.browser()
    thief.client.set_cookie("thechip_session", session_of(browser))
    assert thief.get("/meetings").status_code == 200
    browser.client.post("/logout", data={"csrf_token": token_on(browser, "/meetings")})
    assert thief.get("/meetings").status_code == 302


def test_a_session_ends_by_itself_after_a_night(site, monkeypatch):
    browser = site.signed_in()
    monkeypatch.setitem(site.app.config, "PERMANENT_SESSION_LIFETIME", timedelta(seconds=-1))
    assert browser.get("/meetings").status_code == 302


def test_what_was_known_of_a_session_before_signing_in_is_worth_nothing_after(site):
    site.account("bithu")
    browser = site.browser()
    before = browser.token()
    browser.client.post("/login", data={"csrf_token": before, "username": "bithu", "password": PASSWORD})
    assert browser.get("/meetings").status_code == 200
    assert browser.client.post("/language", data={"csrf_token": before, "language": "en"}).status_code == 400
    assert browser.client.post("/language", data={"csrf_token": token_on(browser, "/meetings")}).status_code == 302


def test_a_session_signed_by_another_device_is_no_session(make_site):
    site = make_site()
    cookie = session_of(site.signed_in())
    site.app.config["SECRET_KEY"] = b"another device's key, 32 octets.."
    stranger = site.browser()
    stranger.client.set_cookie("thechip_session", cookie)
    assert stranger.get("/meetings").status_code == 302


def test_the_session_survives_a_restart_of_the_page(make_site):
    cookie = session_of(make_site().signed_in())
    again = make_site().browser()
    again.client.set_cookie("thechip_session", cookie)
    assert again.get("/meetings").status_code == 200


def test_nobody_signs_in_by_a_token_in_header_query_or_body(site):
    browser = site.signed_in()
    with site.app.app_context():
        officer = site.app.extensions["security"].datastore.find_user(username="bithu")
        token = officer.get_auth_token()
    for how in ({"headers": {"Authentication-Token": token}}, {"query_string": {"auth_token": token}}):
        assert site.browser().get("/meetings", **how).status_code == 302
    assert browser.get("/meetings").status_code == 200


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_cookie_is_for_encrypted_connections_where_there_is_one_and_forms_work_there(site, scheme):
    site.account("bithu")
    browser, base = site.browser(), f"{scheme}://localhost"
    page = browser.get("/login", base_url=base)
    assert ("Secure" in page.headers["Set-Cookie"]) == (scheme == "https")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)[1]
    data = {"csrf_token": token, "username": "bithu", "password": PASSWORD}
    referrer = {"Referer": f"{base}/login"}  # as browsers send it under our Referrer-Policy
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert browser.client.post("/login", data=data, base_url=base, headers=referrer).location == "/"


def token_on(browser, path) -> str:
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get(path).text)[1]


# --- guessing --------------------------------------------------------------------------------------------------------


def guesses(site, address: str, count: int) -> list[int]:
    browser = site.browser()
    token = browser.token()
    data = {"csrf_token": token, "username": "bithu", "password": "sai rồi sai"}
    return [
        browser.client.post("/login", data=data, environ_base={"REMOTE_ADDR": address}).status_code
        for _ in range(count)
    ]


def test_changing_the_address_within_a_network_of_ones_own_gives_no_more_guesses(site):
    site.account("bithu")
    assert guesses(site, "2001:db8::1", 10) == [200] * 10
    assert guesses(site, "2001:db8::ffff:2", 1) == [429]
    assert guesses(site, "2001:db8:0:1::2", 1) == [200]
    assert guesses(site, "192.0.2.7", 1) == [200]


def test_right_passwords_are_not_counted_so_that_a_busy_officer_can_go_on(site):
    site.account("bithu")
    site.account("canbo", Role.OFFICER)
    meeting = site.open_meeting()
    browser = site.signed_in()
    for number in range(12):
        member = site.services.roster.add(f"Mẫu {number}", MemberClass.PROBATIONARY)
        right = {"reason": "probationary", "details": "", "username": "canbo", "password": PASSWORD}
        assert browser.post(f"/meetings/{meeting.id}/by-hand/{member.id}", right).status_code == 302


# --- the kiosk -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_a_proxy_on_this_machine_does_not_show_the_kiosk_to_the_network(site, header):
    for path in ("/kiosk", "/kiosk/events", "/demo"):
        assert site.browser().get(path, headers={header: "192.0.2.7"}).status_code == 403


@pytest.mark.parametrize("address", ["", "::ffff:192.0.2.7", "192.0.2.7", "fe80::1%eth0", "x"])
def test_only_this_machine_sees_the_kiosk(site, address):
    assert site.browser().get("/kiosk", environ_base={"REMOTE_ADDR": address}).status_code == 403


def test_a_clock_that_is_set_back_does_not_keep_a_name_on_the_screen(make_site):
    seconds = [1000.0]
    site = make_site()
    object.__setattr__(site.services.board, "_steady_clock", lambda: seconds[0])
    site.services.board.post(
        Display(DisplayState.PRESENT, STATES[DisplayState.PRESENT].vi, "", site.now + timedelta(hours=1), name=NAME)
    )
    assert NAME in site.browser().get("/kiosk").text
    seconds[0] += 16
    assert NAME not in site.browser().get("/kiosk").text
    seconds[0] = 3.0  # the machine was started anew
    assert NAME not in site.browser().get("/kiosk").text


def test_nobody_reads_the_roster_without_signing_in(site):
    site.members()
    meeting = site.open_meeting()
    for path in ("", "/events", "/attendance.csv", "/by-hand", "/by-hand?q=sen", "/by-hand/1"):
        for how in ({}, {"environ_base": LAN}):
            there, nowhere = (site.browser().get(f"/meetings/{number}{path}", **how) for number in (meeting.id, 99))
            assert there.status_code == nowhere.status_code == 302
            assert there.text.replace(f"meetings/{meeting.id}", "") == nowhere.text.replace("meetings/99", "")


def test_windows_that_watch_a_meeting_leave_the_kiosk_its_streams(site):
    meeting = site.open_meeting()
    browser = site.signed_in()
    streams = [browser.client.get(f"/meetings/{meeting.id}/events", buffered=False) for _ in range(3)]
    assert browser.get(f"/meetings/{meeting.id}/events").status_code == 503
    assert site.browser().get("/kiosk/events").status_code == 200
    for stream in streams:
        stream.close()


# --- what people typed -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Sen\x07", "\u202egnp.neS", "Sen\u2066", "\x00", "\u2028"])
def test_an_officers_name_that_could_not_stand_in_the_records_is_refused_at_once(site, name):
    site.account("bithu")
    with pytest.raises(RuleViolation):
        site.services.accounts.invite(username="x", display_name=name, role=Role.OFFICER, invited_by=1, at=site.now)
    answer = site.signed_in().post("/officers", {"display_name": name, "username": "moi", "role": "officer"})
    assert answer.status_code == 422
    assert "field-error" in answer.text
    assert len(site.services.accounts.all()) == 1


def test_a_name_with_a_sign_of_markup_is_told_to_screen_readers_as_it_is_written(site):
    member = site.services.roster.add("Mẫu O'Sen & <b>", MemberClass.OFFICIAL)
    meeting = site.open_meeting()
    site.record(member.id)
    stream = site.signed_in().get(f"/meetings/{meeting.id}/events").text
    assert '"arrived": "Mẫu O\'Sen & <b>, ' in stream  # put into the page as text
    assert "Mẫu O&#39;Sen &amp; &lt;b&gt;" in stream


def test_a_year_that_no_calendar_here_has_is_a_sentence(site):
    browser = site.signed_in()
    for day in ("0001-01-01", "9999-12-31", "1026-11-03"):
        filled = {"kind": "regular", "title": "T", "place": "P", "day": day, "time": "00:00", "late_after": "15"}
        assert "kiểm tra lại năm" in browser.post("/meetings/new", filled).text
    assert site.services.meetings.all() == ()


# --- races -----------------------------------------------------------------------------------------------------------


def test_of_two_officers_who_open_two_meetings_at_once_one_succeeds(site):
    meetings = [site.plan(f"Cuộc {number}") for number in range(6)]
    browsers = [site.signed_in() for _ in meetings]
    tokens = [browser.token() for browser in browsers]

    def open_it(number: int) -> int:
        path, data = f"/meetings/{meetings[number].id}/open", {"csrf_token": tokens[number]}
        return browsers[number].client.post(path, data=data).status_code

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(open_it, range(6))) == {302}
    states = sorted(site.services.meetings.get(meeting.id).state for meeting in meetings)
    assert states == ["open", *["planned"] * 5]
    assert site.services.ledger.verify().ok


def test_a_form_that_is_sent_twice_is_recorded_once(site):
    meeting = site.plan()
    browser = site.signed_in()
    for action in ("open", "open", "close", "close"):
        browser.post(f"/meetings/{meeting.id}/{action}")
    assert site.services.ledger.verify().entries == 2


# --- the store and the error pages -----------------------------------------------------------------------------------


def with_pragma(site, pragma: str) -> None:
    """Let the page's next connection for writing begin with a pragma."""
    database = site.services.database
    database.close()
    event.listen(database._writer, "connect", lambda raw, _: raw.execute(f"PRAGMA {pragma}").close())


def test_a_store_that_another_process_holds_is_a_sentence(site):
    browser, meeting = site.signed_in(), site.plan()
    with_pragma(site, "busy_timeout = 50")
    with closing(sqlite3.connect(site.services.database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = browser.post(f"/meetings/{meeting.id}/open")
    assert answer.status_code == 503
    assert "Máy hiện không đọc hoặc ghi được sổ" in answer.text
    assert site.services.meetings.current() is None


def test_a_store_that_is_full_is_a_sentence_and_nothing_is_half_done(site):
    site.account("canbo", Role.OFFICER)
    browser, meeting = site.signed_in(), site.open_meeting()
    member = site.members()[0]
    with_pragma(site, "max_page_count = 1")
    right = {"reason": "other", "details": "x" * 200, "username": "canbo", "password": PASSWORD}
    invited = {"display_name": "N" * 100, "role": "officer"}
    answers = [
        browser.post(f"/meetings/{meeting.id}/by-hand/{member}", right),
        *[browser.post("/officers", {**invited, "username": f"canbo{number}"}) for number in range(60)],
    ]
    assert {answer.status_code for answer in answers[-10:]} == {503}
    assert {answer.status_code for answer in answers} <= {200, 302, 503}
    assert site.services.ledger.verify().ok


def test_a_store_that_cannot_even_be_read_is_a_sentence_too(site):
    browser = site.signed_in()
    site.services.database.close()
    for file in site.services.database.path.parent.glob("thechip.sqlite3*"):
        file.unlink()
    site.services.database.path.write_bytes(b"not a database" * 1000)
    for path in ("/meetings", "/meetings/1", "/login", "/", "/kiosk", "/nowhere"):
        answer = browser.get(path)
        assert answer.status_code == 503, path
        assert "Máy hiện không đọc hoặc ghi được sổ" in answer.text


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_error_page_is_a_sentence_in_either_language_without_a_trace(site, language):
    site.app.add_url_rule("/bug", endpoint="home.bug", view_func=lambda: 1 // 0)
    site.account("bithu")
    browser = site.signed_in("canbo", Role.OFFICER)
    browser.post("/language", {"language": language})
    token = browser.token()
    answers = {
        400: browser.client.post("/language"),
        403: browser.get("/officers"),
        404: browser.get("/nowhere"),
        405: browser.client.post("/meetings", data={"csrf_token": token}),
        413: browser.client.post("/language", data={"csrf_token": token, "x": "x" * 70_000}),
        415: browser.client.post("/language", data=b"{}", content_type="application/json"),
        421: browser.get("/meetings", headers={"Host": "evil.example"}),
    }
    sentences = set()
    for status, answer in answers.items():
        assert answer.status_code == status
        assert f'<html lang="{language}">' in answer.text or status == 421  # no cookie is sent to another host
        assert not re.search(r"Traceback|werkzeug|File &#34;|web_admin/", answer.text)
        assert answer.headers["Cache-Control"] == "no-store"
        sentences.add(re.search(r'role="alert">([^<]+)<', answer.text)[1])
    assert len(sentences) >= 6
    assert "GET" in answers[405].headers["Allow"]
