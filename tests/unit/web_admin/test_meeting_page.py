"""The page of a meeting: figures that name their rules, people who are gone, where changes came from, who may enter."""

from datetime import datetime, timedelta

import pytest

from appliance.checkin.erasure import ErasureService
from appliance.checkin.officers import Officer
from appliance.ledger import EntryKind, NewEntry
from appliance.lists.freshness import Light, ListsAge
from appliance.meetings import Admission, MeetingMode
from appliance.roster import MemberClass
from appliance.standing.entries import FROM
from web_admin.lists.words import card_data_words

THERE = {"name": "Cửa B", "device": "ab" * 32, "sequence": 7, "at": "2026-11-03T12:05:00.000000Z"}


def text_of(browser, meeting):
    return " ".join(browser.get(f"/meetings/{meeting.id}").text.split())


def closed(site, meeting, minutes=60):
    site.services.meetings.close(meeting.id, at=site.now + timedelta(minutes=minutes), officer="bithu")


def test_while_somebody_is_absent_with_a_reason_nobody_says_that_everybody_came(site):
    sen, tre, oi = site.members()
    meeting = site.open_meeting()
    site.record(sen)
    site.record(tre)
    site.services.checkins.excuse(oi, reason="ốm", recorded_by="an", at=site.now)
    browser = site.signed_in()
    assert "Không ai vắng mà không có lý do." in text_of(browser, meeting)
    closed(site, meeting)
    page = text_of(browser, meeting)
    assert "2 / 3 = 66,7 %" in page
    assert "Không ai vắng mà không có lý do." in page
    assert "đều đã có mặt" not in page


def test_the_figures_name_the_rules_and_are_told_by_class(site):
    sen, _, oi = site.members()
    meeting = site.open_meeting()
    site.record(sen)
    site.record(oi)
    page = text_of(site.signed_in(), meeting)
    assert "Theo quy định phiên bản built-in-2" in page
    numbers = '<td class="numbers">{}</td><td class="numbers">{}</td>'
    assert "Đảng viên chính thức</td>" + numbers.format(2, 1) in page
    assert "Đảng viên dự bị</td>" + numbers.format(1, 1) in page
    assert "Cộng</th>" + numbers.format(3, 2) in page


def test_whoever_was_erased_is_spoken_of_by_number_and_the_figures_stay(site):
    sen, tre, oi = site.members()
    meeting = site.open_meeting()
    for member_id in (sen, tre):
        site.record(member_id)
    guest = site.services.guests.record_guest(
        "Mẫu Khách", organisation="Đảng ủy", invited_by="Bí thư", recorded_by="an", at=site.now
    )
    closed(site, meeting)
    browser = site.signed_in()
    assert "không còn trong danh sách" not in text_of(browser, meeting)
    services = site.services
    erasure = ErasureService(services.database, services.ledger, services.roster)
    erasure.erase_member(oi, at=site.now, officer="bithu")
    erasure.erase_guest(guest, at=site.now, officer="bithu")
    page = text_of(browser, meeting)
    assert "2 / 3 = 66,7 %" in page
    assert "2 người không còn trong danh sách" in page
    assert "Không còn ai trong số này trong danh sách." in page
    assert "Không ai vắng" not in page


def test_what_another_appliance_sent_after_the_closing_is_not_called_a_correction(site):
    sen, tre, _ = site.members()
    meeting = site.open_meeting()
    closed(site, meeting)
    late = NewEntry(EntryKind.CHECK_IN, meeting.id, subject=f"member:{sen}", body={"late": False, FROM: THERE})
    site.services.ledger.append(late, at=site.now + timedelta(hours=2))
    browser = site.signed_in()
    page = text_of(browser, meeting)
    assert "Thay đổi sau khi kết thúc (máy Cửa B gửi đến sau). Trong biên bản: 0 trên 3." in page
    assert "Đã đính chính" not in page
    site.services.checkins.record_by_hand(
        tre, reason="Quên thẻ", recorded_by="an", confirmed_by="hai", at=site.now, meeting_id=meeting.id
    )
    assert "máy Cửa B gửi đến sau, và đính chính tại máy này" in text_of(browser, meeting)


def test_a_correction_here_is_called_one(site):
    sen, *_ = site.members()
    meeting = site.open_meeting()
    closed(site, meeting)
    site.services.checkins.record_by_hand(
        sen, reason="Quên thẻ", recorded_by="an", confirmed_by="hai", at=site.now, meeting_id=meeting.id
    )
    assert "Đã đính chính sau khi kết thúc. Trong biên bản: 0 trên 3." in text_of(site.signed_in(), meeting)


def test_a_proposal_from_another_appliance_has_its_own_time_and_place_and_counts_from_then(site):
    sen, *_ = site.members()
    meeting = site.open_meeting()
    body = {
        "late": False, "reason": "Quên thẻ", "recorded_by": "Mẫu Văn Ở Đó", "recorded_by_account": None, FROM: THERE,
    }  # fmt: skip
    proposal = NewEntry(EntryKind.PROPOSED, meeting.id, subject=f"member:{sen}", body=body)
    sequence = site.services.ledger.append(proposal, at=site.now + timedelta(hours=2))
    browser = site.signed_in()
    page = text_of(browser, meeting)
    assert '<td class="numbers">19:05</td>' in page
    assert "Điểm danh tại máy Cửa B" in page
    person = browser.get(f"/meetings/{meeting.id}/members/{sen}").text
    assert "19:05" in person
    assert "Điểm danh tại máy Cửa B" in person
    site.services.proposals.confirm(sequence, by=Officer(1, "hai"), at=site.now + timedelta(hours=3))
    assert '<td class="numbers">19:05</td>' in text_of(browser, meeting)


def test_who_is_proposed_is_not_among_those_who_have_not_come_in_the_tile_either(site):
    sen, tre, _ = site.members()
    meeting = site.open_meeting()
    for member_id in (sen, tre):
        site.services.proposals.propose(member_id, reason="Quên thẻ", by=Officer(1, "an"), at=site.now)
    browser = site.signed_in()
    page = text_of(browser, meeting)
    assert '<div class="figure"><b>1</b>chưa đến</div>' in page
    assert "Chưa đến (1)" in page
    closed(site, meeting)
    page = text_of(browser, meeting)
    assert "<b>3</b>vắng không lý do, trong đó 2 người chưa được xác nhận" in page
    assert "Vắng không lý do (1)" in page


def test_a_home_visit_that_is_on_is_told_to_every_officer_live_and_in_the_form(site):
    sen, *_ = site.members()
    meeting = site.open_meeting()
    browser = site.signed_in()
    assert "Đang ghi tại" not in text_of(browser, meeting)
    site.services.home_visits.begin(place="Số 3 ngõ Mẫu", officer="an", at=site.now)
    assert "<strong>Đang ghi tại: Số 3 ngõ Mẫu</strong>" in text_of(browser, meeting)
    assert "Số 3 ngõ Mẫu" in browser.get(f"/meetings/{meeting.id}/events").text
    form = browser.get(f"/meetings/{meeting.id}/by-hand/{sen}").text
    assert 'name="place" type="text" value="Số 3 ngõ Mẫu"' in form
    browser.post(f"/meetings/{meeting.id}/home-visit/end")
    assert "Đang ghi tại" not in text_of(browser, meeting)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (None, "Ai được vào: ai có thẻ thật."),
        (Admission(issuing_states=frozenset({"VNM"})), "Ai được vào: thẻ do VNM cấp."),
        (
            Admission(profiles=frozenset({"party-card"}), classes=frozenset({MemberClass.OFFICIAL}), by_list=True),
            "thẻ thuộc loại party-card; Đảng viên chính thức hoặc người có số trong danh sách số thẻ.",
        ),
    ],
)
def test_an_event_says_who_may_enter(site, rule, words):
    meeting = site.event(MeetingMode.NAMES, admission=rule)
    assert words in text_of(site.signed_in(), meeting)


def test_an_event_says_how_many_numbers_are_on_its_list_and_warns_of_an_empty_one(site):
    meeting = site.event(MeetingMode.COUNTS, admission=Admission(by_list=True))
    browser = site.signed_in()
    page = text_of(browser, meeting)
    assert "Danh sách có 0 số." in page
    assert "Danh sách số còn trống" in page
    site.services.events.admit_numbers(meeting.id, ["001090000001", "001090000002"])
    page = text_of(browser, meeting)
    assert "Danh sách có 2 số." in page
    assert "còn trống" not in page


def test_a_meeting_with_a_roll_has_no_rule_for_who_may_enter(site):
    assert "Ai được vào" not in text_of(site.signed_in(), site.open_meeting())


def test_the_data_that_cards_are_checked_against_are_not_called_a_list_there(site):
    meeting = site.open_meeting()
    assert "Dữ liệu kiểm tra thẻ: chưa có" in text_of(site.signed_in(), meeting)


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (ListsAge(Light.GREEN, 0, datetime.max, timestamp=7), "Dữ liệu kiểm tra thẻ: hôm nay"),
        (ListsAge(Light.AMBER, 9, datetime.max, timestamp=7), "Dữ liệu kiểm tra thẻ: 9 ngày trước"),
        (ListsAge(Light.NONE, None, datetime.max, timestamp=7), "Dữ liệu kiểm tra thẻ: ký sau giờ của máy"),
        (ListsAge(Light.RED, 45, datetime.max, 7, at_least=True), "Dữ liệu kiểm tra thẻ: ít nhất 45 ngày trước"),
        (ListsAge(Light.NONE, 0, datetime.max, 7, at_least=True), "Dữ liệu kiểm tra thẻ: không rõ tuổi"),
        (ListsAge(Light.GREEN, 0, datetime.max), "Dữ liệu kiểm tra thẻ chép tay, không có chữ ký: hôm nay"),
    ],
)
def test_their_age_is_told_in_days_and_whether_anybody_signed_them(site, age, words):
    with site.app.test_request_context():
        assert card_data_words(age) == words
