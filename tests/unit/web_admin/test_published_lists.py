"""What signed lists changed, as the page shows it: who left is not offered, and rules fill in the form."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from appliance.accounts import Role
from appliance.list_keeping.received import SealedRoster, take_over_roster, take_over_rules
from appliance.lists.identity import RosterIdentity
from appliance.lists.roster_document import PublishedMember, RosterDocument
from appliance.lists.roster_envelope import seal_roster
from appliance.lists.rules_document import encode_rules
from appliance.rules import BUILT_IN
from appliance.storage.members import MemberClass, MemberStatus

SEN = PublishedMember("DV-1", "Mẫu Thị Sen", MemberClass.OFFICIAL, MemberStatus.ACTIVE)
TRE = PublishedMember("DV-2", "Mẫu Văn Tre", MemberClass.OFFICIAL, MemberStatus.ACTIVE)


@pytest.fixture
def publish(site):
    def publish(*people: PublishedMember) -> None:
        document = RosterDocument("01", "mau", "Chi bộ Mẫu", b"k" * 32, people)
        recipient = RosterIdentity.load_or_create(site.services.config.keys_directory).recipient
        roster = SealedRoster("01", "mau", seal_roster(document, [recipient]))
        take_over_roster(site.services, roster, at=site.now)

    return publish


@pytest.fixture
def minutes(site, publish):
    """A closed meeting at which Mẫu Văn Tre was still a member; he has left since."""
    site.account("bithu")
    publish(SEN, TRE)
    meeting = site.open_meeting()
    site.services.meetings.close(meeting.id, at=site.now, officer="bithu")
    publish(SEN)
    return meeting


def test_who_left_is_on_no_page_of_a_new_meeting(site, minutes):
    site.account("canbo", Role.OFFICER)
    browser = site.signed_in()
    meeting = site.open_meeting()
    for page in ("", "/by-hand", "/by-hand?q=tre", "/attendance.csv"):
        shown = browser.get(f"/meetings/{meeting.id}{page}").text
        assert "Mẫu Văn Tre" not in shown
    by_hand = {"reason": "probationary", "details": "", "username": "canbo", "password": "bốn từ dễ nhớ"}
    assert browser.post(f"/meetings/{meeting.id}/by-hand/2", by_hand).status_code == 302
    assert "không còn trong danh sách" in browser.get(f"/meetings/{meeting.id}").text
    assert browser.post(f"/meetings/{meeting.id}/by-hand/1", by_hand).status_code == 302


def test_who_left_is_still_found_in_old_minutes(site, minutes):
    browser = site.signed_in()
    for page in ("", "/by-hand", "/by-hand?q=tre", "/attendance.csv"):
        assert "Mẫu Văn Tre" in browser.get(f"/meetings/{minutes.id}{page}").text
    assert "Mẫu Thị Sen" not in browser.get(f"/meetings/{minutes.id}/by-hand?q=tre").text


def test_the_page_of_the_lists_says_which_roster_and_which_rules_are_in_use(pinned, publications, publish):
    site = pinned.site
    pinned.plug_in(publications.folders[0])
    pinned.take_up()
    page = pinned.page()
    assert "chưa có danh sách nào được phát hành cho máy này" in page
    assert "có sẵn trong chương trình" in page
    publish(SEN, TRE)
    today = site.now.date()
    rules = replace(BUILT_IN, version="2026-2", in_force_from=today - timedelta(days=1))
    later = replace(BUILT_IN, version="2027-1", in_force_from=today + timedelta(days=30))
    documents = {one.version: encode_rules(one) for one in (rules, later)}
    take_over_rules(site.services, documents, at=site.now)
    page = pinned.page()
    assert "<dd>2 đảng viên<br><small>của mau, tỉnh 01, nhận lúc " in page
    assert f"<dd>2026-2 · có hiệu lực từ {rules.in_force_from:%d/%m/%Y}</dd>" in page
    assert "Mẫu" not in page


def test_a_new_meeting_begins_with_what_the_rules_of_today_say(site):
    site.account("bithu")
    browser = site.signed_in()
    assert 'value="15"' in browser.get("/meetings/new").text
    rules = replace(BUILT_IN, version="2026-2", late_after=timedelta(minutes=7), in_force_from=date(2026, 11, 3))
    take_over_rules(site.services, {"2026-2": encode_rules(rules)}, at=site.now)
    page = browser.get("/meetings/new").text
    assert 'value="7"' in page
    assert 'value="15"' not in page
