"""Set-up, invitation, signing in and out, as a browser does it."""

import logging
from datetime import timedelta

import pytest
from sqlalchemy import update

from appliance.accounts import AccountState, Role
from appliance.storage.accounts import accounts

PASSWORD = "bốn từ dễ nhớ"
FILLED = {"display_name": "Mẫu Thị Sen", "username": "bithu", "password": PASSWORD, "again": PASSWORD}


def test_the_first_start_leads_from_the_link_to_the_sign_in(site):
    code = site.services.accounts.issue_setup_token(at=site.now)
    browser = site.browser()
    assert code in browser.get(f"/setup/{code}").text
    assert browser.post("/setup", {**FILLED, "code": code.lower()}).location == "/login"
    answer = browser.post("/login", {"username": " BíThư".replace("í", "i").replace("ư", "u"), "password": PASSWORD})
    assert answer.location == "/"
    assert browser.get("/", follow_redirects=True).status_code == 200


def test_after_the_set_up_its_page_only_leads_to_the_sign_in(site):
    code = site.services.accounts.issue_setup_token(at=site.now)
    browser = site.browser()
    browser.post("/setup", {**FILLED, "code": code})
    browser.get("/login")
    assert browser.get(f"/setup/{code}").location == "/login"
    assert "Máy đã cài đặt xong; mã này không dùng nữa." in browser.get("/login").text
    assert browser.post("/setup", {**FILLED, "username": "other", "code": code}).location == "/login"
    assert len(site.services.accounts.all()) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "0000-0000-0000-0000"},
        {"password": "ngắn", "again": "ngắn"},
        {"again": "một mật khẩu khác"},
        {"username": "có dấu cách"},
        {"display_name": ""},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_set_up_that_is_not_right_creates_nobody_and_keeps_the_code(site, wrong):
    code = site.services.accounts.issue_setup_token(at=site.now)
    answer = site.browser().post("/setup", {**FILLED, "code": code, **wrong})
    assert answer.status_code == 200
    assert "field-error" in answer.text
    assert site.services.accounts.needs_set_up()
    assert site.browser().post("/setup", {**FILLED, "code": code}).status_code == 302


def test_a_set_up_link_is_too_old_after_a_day(site):
    code = site.services.accounts.issue_setup_token(at=site.now)
    site.now += timedelta(hours=25)
    assert site.browser().post("/setup", {**FILLED, "code": code}).status_code == 200
    assert site.services.accounts.needs_set_up()


def test_an_invited_officer_chooses_a_password_that_the_administrator_never_sees(site):
    admin = site.signed_in()
    page = admin.post("/officers", {"display_name": "Mẫu Văn Tre", "username": "canbo", "role": "officer"}).text
    code = page.split('class="code">')[1].split("<")[0]
    officer = site.browser()
    assert f'href="/join/{code}"' in page
    assert "http://localhost/join</strong>" in page
    assert 'href="/join"' in officer.get("/login").text
    assert "Có mã dùng một lần?" in officer.get("/login").text
    assert "Mẫu Văn Tre" in officer.get(f"/join/{code}").text
    assert officer.post("/login", {"username": "canbo", "password": ""}).status_code == 200
    assert officer.post("/join", {"code": code, "password": PASSWORD, "again": PASSWORD}).location == "/login"
    assert officer.post("/join", {"code": code, "password": PASSWORD, "again": PASSWORD}).status_code == 200
    assert officer.post("/login", {"username": "canbo", "password": PASSWORD}).location == "/"
    assert officer.get("/officers").status_code == 403


def test_joining_at_the_administrators_screen_signs_the_administrator_out(site):
    admin = site.signed_in()
    _, code = site.services.accounts.invite(
        username="canbo", display_name="B", role=Role.OFFICER, invited_by=1, at=site.now
    )
    admin.client.get("/meetings")
    token = admin.get(f"/join/{code}").text.split('name="csrf_token" type="hidden" value="')[1].split('"')[0]
    admin.client.post("/join", data={"csrf_token": token, "code": code, "password": PASSWORD, "again": PASSWORD})
    assert admin.get("/meetings").status_code == 302


def test_a_wrong_username_and_a_wrong_password_look_the_same(site):
    site.account("bithu")
    browser = site.browser()
    answers = [
        browser.post("/login", {"username": name, "password": password})
        for name, password in (("bithu", "sai mật khẩu"), ("nobody", PASSWORD))
    ]
    assert {answer.status_code for answer in answers} == {200}
    without_names = {
        answer.text.replace("nobody", "bithu").split("<form")[-1].split("csrf_token")[0] for answer in answers
    }
    assert len(without_names) == 1
    assert all("không khớp" in answer.text for answer in answers)


def test_guessing_is_slowed_down_for_every_page_that_checks_a_password_or_a_code(site):
    site.account("bithu")
    browser = site.browser()
    for _ in range(5):
        assert browser.post("/login", {"username": "bithu", "password": "sai rồi sai"}).status_code == 200
        assert browser.post("/join", {"code": "x", "password": PASSWORD, "again": PASSWORD}).status_code == 200
    token = browser.token()
    for path in ("/login", "/join"):
        filled = {"csrf_token": token, "username": "bithu", "code": "x", "password": PASSWORD, "again": PASSWORD}
        answer = browser.client.post(path, data=filled)
        assert answer.status_code == 429
        assert "Xin đợi 1 phút" in answer.text
        assert 0 < int(answer.headers["Retry-After"]) <= 60


def test_signing_in_leads_back_to_the_page_that_was_asked_for_and_never_elsewhere(site):
    site.account("bithu")
    for asked, led in (("/officers", "/officers"), ("https://evil.example/", "/"), ("//evil.example", "/")):
        browser = site.browser()
        answer = browser.post("/login", {"username": "bithu", "password": PASSWORD, "next": asked})
        assert answer.location == led


def test_signing_out_ends_the_session_and_needs_a_form(site):
    browser = site.signed_in()
    assert browser.get("/logout").status_code == 405
    browser.client.post("/logout")
    assert browser.get("/meetings").status_code == 200
    page = browser.get("/meetings").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    browser.client.post("/logout", data={"csrf_token": token})
    assert browser.get("/meetings").status_code == 302


def test_a_disabled_accounts_open_session_is_worth_nothing(site):
    browser = site.signed_in()
    with site.services.database.writing() as connection:
        connection.execute(update(accounts).values(state=AccountState.DISABLED))
    assert browser.get("/meetings").status_code == 302


def test_a_new_session_key_signs_out_everywhere(site):
    browser = site.signed_in()
    with site.services.database.writing() as connection:
        connection.execute(update(accounts).values(session_key="another"))
    assert browser.get("/meetings").status_code == 302


def test_logs_tell_of_no_person_no_password_and_no_code(site, caplog):
    caplog.set_level(logging.DEBUG)
    code = site.services.accounts.issue_setup_token(at=site.now)
    browser = site.browser()
    browser.post("/setup", {**FILLED, "code": code})
    browser.post("/login", {"username": "bithu", "password": "sai mật khẩu"})
    browser.post("/login", {"username": "bithu", "password": PASSWORD})
    member = site.members()[0]
    meeting = site.open_meeting()
    browser.get(f"/meetings/{meeting.id}/by-hand?q=sen")
    browser.get(f"/meetings/{meeting.id}/by-hand/{member}")
    for hidden in ("Sen", "sen", "bithu", PASSWORD, "mật khẩu", code):
        assert hidden not in caplog.text


def test_a_hint_stands_above_its_field_where_no_bubble_of_the_browser_covers_it(site):
    page = site.browser().get("/setup").text
    assert page.index('id="password-hint"') < page.index('name="password"')
