"""Closing a meeting before it began, or while another appliance's part or a second officer's word is missing.

What is missing is told by its name, and the meeting is closed deliberately or not.
"""

from datetime import timedelta

import pytest

from appliance.checkin.officers import Officer
from appliance.meetings import MeetingMode, MeetingState
from appliance.services import Services


@pytest.fixture
def other(tmp_path, site):
    """Another appliance, paired with the site's."""
    services = Services.open(site.services.config.for_state(tmp_path / "other"))
    site.services.bundles.pairing.add(services.bundles.pairing.own_card("Cửa B"), at=site.now)
    services.bundles.pairing.add(site.services.bundles.pairing.own_card("Cửa A"), at=site.now)
    yield services
    services.database.close()


@pytest.fixture
def meeting(site, other):
    """A meeting that is open at both doors."""
    planned = site.plan()
    other.bundles.receive(site.services.bundles.export(planned.id, "Cửa B", at=site.now), at=site.now)
    other.meetings.open(1, at=site.now, officer="bình")
    return site.services.meetings.open(planned.id, at=site.now, officer="bithu")


def state(site):
    return site.services.meetings.get(1).state


def brought(site, other, minutes):
    at = site.now + timedelta(minutes=minutes)
    site.services.bundles.receive(other.bundles.export(1, "Cửa A", at=at), at=at)


def test_what_is_missing_is_told_before_the_meeting_is_closed_and_whoever_goes_on_closes_it(site, meeting, other):
    browser = site.signed_in()
    page = browser.post("/meetings/1/close", {"chair": "Mẫu Thị Sen", "secretary": ""})
    assert page.status_code == 200
    assert "Cửa B" in page.text
    assert "chưa nhận được gì" in page.text
    assert state(site) is MeetingState.OPEN
    assert 'name="chair" value="Mẫu Thị Sen"' in page.text
    assert browser.post("/meetings/1/close", {"chair": "Mẫu Thị Sen", "without": "yes"}).status_code == 302
    assert state(site) is MeetingState.CLOSED


def test_the_time_of_the_last_bundle_is_told_in_local_time(site, meeting, other):
    brought(site, other, 5)
    page = site.signed_in().post("/meetings/1/close")
    assert "19:05" in page.text, "12:05 UTC in Hà Nội"
    assert state(site) is MeetingState.OPEN


def test_nothing_is_asked_once_the_other_closing_came(site, meeting, other):
    other.meetings.close(1, at=site.now, officer="bình")
    brought(site, other, 5)
    assert site.signed_in().post("/meetings/1/close").status_code == 302
    assert state(site) is MeetingState.CLOSED


def test_nothing_is_asked_of_a_meeting_at_one_door(site, other):
    site.open_meeting()
    assert site.signed_in().post("/meetings/1/close").status_code == 302
    assert state(site) is MeetingState.CLOSED


def test_a_meeting_that_was_closed_is_not_asked_about_again(site, meeting, other):
    browser = site.signed_in()
    browser.post("/meetings/1/close", {"without": "yes"})
    assert browser.post("/meetings/1/close").status_code == 302


def test_whoever_waits_for_a_second_officer_is_named_before_the_meeting_is_closed(site):
    sen, tre, _ = site.members()
    site.open_meeting()
    site.record(tre)
    site.services.proposals.propose(sen, reason="Quên thẻ", by=Officer(1, "an"), at=site.now)
    browser = site.signed_in()
    page = browser.post("/meetings/1/close", {"chair": "Mẫu Văn Chủ"})
    assert page.status_code == 200
    assert "1 người chờ xác nhận sẽ bị ghi vắng." in page.text
    assert "Mẫu Thị Sen" in page.text
    assert "1 / 3 = 33,3 %" in page.text
    assert "2 vắng không lý do" in page.text
    assert "máy khác" not in page.text
    assert state(site) is MeetingState.OPEN
    assert browser.post("/meetings/1/close", {"chair": "Mẫu Văn Chủ", "without": "yes"}).status_code == 302
    assert state(site) is MeetingState.CLOSED


def test_who_is_only_proposed_at_an_event_without_a_roll_is_not_called_absent(site):
    sen, *_ = site.members()
    site.event(MeetingMode.NAMES)
    site.services.proposals.propose(sen, reason="Quên thẻ", by=Officer(1, "an"), at=site.now)
    page = site.signed_in().post("/meetings/1/close").text
    assert "1 người chờ xác nhận sẽ không được tính." in page
    assert "bị ghi vắng" not in page


def test_a_meeting_is_closed_before_its_start_only_when_that_is_meant(site):
    site.members()
    site.open_meeting()
    site.now -= timedelta(minutes=30)
    browser = site.signed_in()
    page = browser.post("/meetings/1/close").text
    assert "19:00" in page
    assert "0 / 3 = 0,0 %" in page
    assert state(site) is MeetingState.OPEN
    assert browser.post("/meetings/1/close", {"without": "yes"}).status_code == 302
    assert state(site) is MeetingState.CLOSED
