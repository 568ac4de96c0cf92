"""Who looks at persons on the page is on record before anything is shown."""

import pytest

from appliance.accounts import Role
from appliance.errors import StorageFull
from appliance.persons import Look


@pytest.fixture
def meeting(site):
    site.members()
    return site.open_meeting()


def looks(site):
    return [(line.account_id, line.what, line.meeting_id) for line in site.services.access_log.lines()]


@pytest.mark.parametrize(
    ("path", "what", "is_about"),
    [
        ("", Look.LIST, None),
        ("/events", Look.LIST, None),
        ("/attendance.csv", Look.EXPORT, None),
        ("/by-hand", Look.LIST, None),
        ("/by-hand/1", Look.PERSON, "member:1"),
        ("/members/1", Look.PERSON, "member:1"),
        ("/members/1/absence", Look.PERSON, "member:1"),
    ],
)
def test_a_page_with_persons_leaves_one_line(site, meeting, path, what, is_about):
    browser = site.signed_in()
    account = site.services.accounts.by_username("bithu")
    for _ in range(3):
        assert browser.get(f"/meetings/{meeting.id}{path}").status_code == 200
    (line,) = site.services.access_log.lines()
    assert (line.account_id, line.what, line.meeting_id, line.at) == (account.id, what, meeting.id, site.now)
    assert line.subject == (None if is_about is None else site.services.access_log.tag_of(is_about))


def test_each_officer_has_lines_of_their_own(site, meeting):
    site.signed_in().get(f"/meetings/{meeting.id}")
    site.signed_in("canbo", Role.OFFICER).get(f"/meetings/{meeting.id}")
    assert len({account for account, *_ in looks(site)}) == 2


def test_who_is_not_signed_in_sees_nothing_and_leaves_no_line(site, meeting):
    for path in ("", "/events", "/attendance.csv", "/by-hand", "/by-hand/1"):
        assert site.browser().get(f"/meetings/{meeting.id}{path}").status_code == 302
    assert looks(site) == []


def test_pages_without_persons_leave_none(site, meeting):
    browser = site.signed_in()
    for path in ("/", "/meetings", "/meetings/new", "/lists", f"/meetings/{meeting.id + 1}"):
        browser.get(path)
    assert looks(site) == []


def test_a_full_store_still_shows_who_is_here_and_lets_no_file_out(site, meeting, monkeypatch, caplog):
    def full(*_, **__):
        msg = "no room is left in the store; nothing was recorded"
        raise StorageFull(msg)

    browser = site.signed_in()
    monkeypatch.setattr(type(site.services.access_log), "looked", full)
    assert "Mẫu" in browser.get(f"/meetings/{meeting.id}").text
    assert "a look of account 1 could not be recorded: storage-full" in caplog.text
    assert browser.get(f"/meetings/{meeting.id}/attendance.csv").status_code >= 500
