"""What everybody sees of the lists: their age on the kiosk and on a meeting's page, and in its record."""

import shutil
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from appliance import errors
from appliance.kiosk.board import StationLists
from appliance.kiosk.display import Display, DisplayState
from appliance.kiosk.phrases import STATES
from appliance.lists.freshness import Light, ListsAge
from appliance.lists.history import Outcome
from appliance.lists.sealed_set import current_set
from appliance.roster import MemberClass
from verifier.sdk import Holder, Report
from verifier.sdk import Outcome as Verified
from verifier.sdk.testing import SyntheticCardStatus
from web_admin.lists import words
from web_admin.lists.in_use import ListsInUse

NOT_OF_LISTS = (
    *(errors.StationRuns, errors.RuleViolation, errors.NotFound, errors.FormSentBefore),
    *(errors.BackupError, errors.BundleRefused, errors.BundleNotSent, errors.CheckpointRefused, errors.PlanRefused),
    *(errors.BoardUnknown, errors.KeyLocked, errors.KeysNotProtected, errors.WrongSecret),  # there is no page then
    errors.StillOpening,
)
DAY = timedelta(days=1)


def every_error(kind: type[errors.ApplianceError] = errors.ApplianceError) -> set[type[errors.ApplianceError]]:
    return {kind}.union(*(every_error(below) for below in kind.__subclasses__()))


def test_every_reason_that_can_come_up_has_a_sentence_and_no_other_has():
    defined_there = {kind for kind in every_error() if kind.__module__ == errors.__name__}
    assert set(words.REASONS) == {kind.reason for kind in defined_there if not issubclass(kind, NOT_OF_LISTS)}


def test_every_light_and_every_outcome_has_a_shape_of_its_own_and_words(site):
    shapes = site.browser().get("/kiosk").text
    looks = [words.LOOKS[light] for light in Light]
    assert len({look.shape for look in looks}) == len({str(look.word) for look in looks}) == len(looks)
    for shape in (*(look.shape for look in looks), *(shape for _, shape in words.OUTCOME_BADGES.values())):
        assert f'<symbol id="shape-{shape}"' in shapes
    assert set(words.OUTCOMES) == set(words.OUTCOME_BADGES) == set(Outcome)


@pytest.mark.parametrize(
    ("age", "vi", "en"),
    [
        (ListsAge(Light.NONE), "Chưa có danh sách", "No lists"),
        (ListsAge(Light.NONE, issued=datetime.max), "Danh sách: xem lại giờ của máy", "Lists: check the clock"),
        (ListsAge(Light.GREEN, 0, datetime.max), "Danh sách: hôm nay", "Lists: today’s"),
        (ListsAge(Light.GREEN, 1, datetime.max), "Danh sách: 1 ngày trước", "Lists: 1 day old"),
        (ListsAge(Light.AMBER, 9, datetime.max), "Danh sách: 9 ngày trước", "Lists: 9 days old"),
        (ListsAge(Light.RED, 45, datetime.max), "Danh sách quá cũ: 45 ngày", "Lists too old: 45 days"),
    ],
)
def test_an_age_is_said_in_both_languages(age, vi, en):
    assert words.age_in_both(replace(age, timestamp=7)) == (vi, en)


@pytest.mark.parametrize(
    ("light", "days", "vi", "en"),
    [
        (Light.GREEN, 0, "Danh sách: chưa rõ tuổi", "Lists: age unknown"),
        (Light.GREEN, 1, "Danh sách: ít nhất 1 ngày trước", "Lists: at least 1 day old"),
        (Light.AMBER, 9, "Danh sách: ít nhất 9 ngày trước", "Lists: at least 9 days old"),
        (Light.RED, 45, "Danh sách quá cũ: ít nhất 45 ngày", "Lists too old: at least 45 days"),
    ],
)
def test_by_a_clock_that_is_not_trusted_an_age_is_the_least_and_only_red_is_certain(light, days, vi, en):
    age = ListsAge(light, days, datetime.max, timestamp=7).by_clock(trusted=False)
    assert words.age_in_both(age) == (vi, en)
    assert age.light is (Light.RED if light is Light.RED else Light.NONE)


@pytest.mark.parametrize(
    ("age", "vi", "en"),
    [
        (ListsAge(Light.GREEN, 0, datetime.max), "Danh sách chép tay: hôm nay", "Unsigned lists: today’s"),
        (ListsAge(Light.RED, 9, datetime.max), "Danh sách chép tay quá cũ: 9 ngày", "Unsigned lists too old: 9 days"),
    ],
)
def test_lists_that_nobody_signed_are_called_so_and_never_look_good(age, vi, en):
    assert words.age_in_both(age) == (vi, en)
    assert words.look_of(age).tone != "good"
    assert words.look_of(age).light is not Light.GREEN


# --- the kiosk -------------------------------------------------------------------------------------------------------


def take_up(site, publications, days: int) -> None:
    keeper = site.app.extensions["thechip-lists"].keeper
    site.now = site.services.clock.now()
    keeper.pin(publications.root)
    keeper.import_from(publications.folders[days])


@pytest.mark.parametrize(
    ("days", "light", "said"),
    [(0, "green", "Danh sách: hôm nay"), (10, "amber", "Danh sách: 10 ngày"), (40, "red", "Danh sách quá cũ: 40 ngày")],
)
def test_the_kiosk_says_how_old_the_lists_are_by_colour_shape_and_words(site, publications, days, light, said):
    take_up(site, publications, days)
    browser = site.browser()
    page, stream, demo = (browser.get(path).text for path in ("/kiosk", "/kiosk/events", "/demo"))
    for text in (page, demo):
        assert f'data-lists="{light}"' in text
        assert f'href="#shape-{words.LOOKS[Light(light)].shape}"' in text
        assert said in text
    assert f'"lists": "{light}"' in stream
    assert said in stream


def test_the_kiosk_without_lists_says_so(site):
    page = site.browser().get("/kiosk").text
    assert 'data-lists="none"' in page
    assert "Chưa có danh sách" in page


def test_the_kiosk_follows_a_set_that_is_switched_to_and_the_days_that_pass(site, publications):
    take_up(site, publications, 10)
    browser = site.browser()
    assert "10 ngày trước" in browser.get("/kiosk").text
    site.now += DAY
    assert "11 ngày trước" in browser.get("/kiosk").text
    take_up(site, publications, 3)
    assert "3 ngày trước" in browser.get("/kiosk").text


def test_lists_that_were_placed_by_hand_are_as_old_as_the_card_status_list(site):
    config, publisher = site.services.config, SyntheticCardStatus()
    config.card_status_path.write_bytes(publisher.issue(at=site.now - 9 * DAY))
    config.card_status_key_path.write_bytes(publisher.public_key)
    assert "9 ngày trước" in site.browser().get("/kiosk").text
    config.card_status_path.write_bytes(b"damaged")
    assert 'data-lists="amber"' in site.browser().get("/kiosk").text
    assert "Danh sách chép tay: 9 ngày trước" in site.browser().get("/kiosk").text  # the station, too, keeps the last
    config.card_status_path.write_bytes(publisher.issue(at=site.now))
    assert "hôm nay" in site.browser().get("/kiosk").text
    page = site.signed_in().get("/lists").text
    assert "được chép vào máy bằng tay" in page
    assert 'class="standing warn"' in page, "no green light above «not set up»"
    assert "Chép tay, không có chữ ký" in page


def test_once_a_root_is_pinned_what_was_placed_by_hand_counts_for_nothing(site, publications):
    config, publisher = site.services.config, SyntheticCardStatus()
    config.card_status_path.write_bytes(publisher.issue(at=site.now))
    config.card_status_key_path.write_bytes(publisher.public_key)
    assert "hôm nay" in site.browser().get("/kiosk").text
    site.app.extensions["thechip-lists"].keeper.pin(publications.root)
    assert "Chưa có danh sách" in site.browser().get("/kiosk").text


def test_to_ask_again_reads_nothing(site, publications, monkeypatch):
    take_up(site, publications, 3)
    in_use = ListsInUse(site.services.config, site.services.board)
    first = in_use.age(site.now)
    monkeypatch.setattr("web_admin.lists.in_use.current_set", None)
    assert in_use.age(site.now) == first
    assert first.age_days == 3
    assert first.content == site.app.extensions["thechip-lists"].keeper.status().sealed.content


def test_a_set_that_cannot_be_read_leaves_the_age_of_the_last_one(site, publications):
    take_up(site, publications, 3)
    folder = site.app.extensions["thechip-lists"].keeper.folder
    in_use = site.app.extensions["thechip-lists"].in_use
    assert in_use.age(site.now).age_days == 3
    shutil.copytree(folder.current, folder.sets / "00000099", symlinks=True)
    (folder.sets / "00000099" / "set.json").chmod(0o600)
    (folder.sets / "00000099" / "set.json").write_bytes(b"{}")
    folder.current.unlink()
    folder.current.symlink_to("sets/00000099")
    assert in_use.age(site.now).age_days == 3


def test_the_kiosk_says_how_old_the_lists_are_that_the_station_uses_and_not_those_that_it_refused(site, publications):
    take_up(site, publications, 10)
    in_use = current_set(site.app.extensions["thechip-lists"].keeper.folder)
    used = StationLists(in_use.issued, in_use.timestamp_version, in_use.card_status_sequence, in_use.content)
    site.services.board.tell_lists(used)
    take_up(site, publications, 3)  # and the station cannot open them
    browser = site.signed_in()
    assert "10 ngày trước" in browser.get("/kiosk").text
    page = browser.get("/lists").text
    assert "Danh sách của 3 ngày trước" in page
    assert f"thẻ vẫn được kiểm tra theo danh sách số {in_use.timestamp_version}." in page
    newer = current_set(site.app.extensions["thechip-lists"].keeper.folder)
    site.services.board.tell_lists(replace(used, issued=newer.issued, timestamp=3, content=newer.content))
    assert "3 ngày trước" in browser.get("/kiosk").text
    assert "Máy đọc thẻ chưa dùng" not in browser.get("/lists").text


def test_a_station_that_goes_on_with_lists_placed_by_hand_or_with_none_is_told_of(site, publications):
    take_up(site, publications, 3)
    browser = site.signed_in()
    for used, said in ((StationLists(issued=site.now), "chép tay"), (StationLists(), "nó chưa có danh sách nào")):
        site.services.board.tell_lists(used)
        assert said in browser.get("/lists").text


def test_a_board_that_cannot_be_read_leaves_what_lies_on_the_device(site, publications):
    take_up(site, publications, 3)
    in_use = ListsInUse(site.services.config, site.services.board)
    site.services.config.board_path.write_bytes(b"no board at all" * 100)
    assert in_use.age(site.now).age_days == 3


def test_lists_from_the_future_have_no_age(site, publications):
    take_up(site, publications, 0)
    site.now -= 30 * DAY
    page = site.browser().get("/kiosk").text
    assert 'data-lists="none"' in page
    assert "Danh sách: xem lại giờ của máy" in page


def test_the_kiosk_says_nothing_else_of_the_lists(site, publications):
    take_up(site, publications, 3)
    site.services.board.post(Display(DisplayState.READY, STATES[DisplayState.READY].vi, "", site.now))
    sealed = site.app.extensions["thechip-lists"].keeper.status().sealed
    stream = site.browser().get("/kiosk/events").text
    for secret in (sealed.content[:16], sealed.source, "card_status", "issued"):
        assert secret not in stream


# --- a meeting -------------------------------------------------------------------------------------------------------


def admit(site, number: int, lists: ListsAge | None) -> None:
    report = Report(Verified.PASSED, "verified", "", "party-card", site.now, results=(), holder=HOLDER)
    site.services.roster.add(f"Mẫu Thị {number}", MemberClass.OFFICIAL, identifier=f"A{number}")
    site.services.checkins.admit(report, identifier=f"A{number}", at=site.now, lists=lists)


HOLDER = Holder(
    surname="MAU",
    given_names="THI KHACH",
    document_number="012345678",
    personal_number=None,
    issuing_state="VNM",
    nationality="VNM",
    date_of_birth="700101",
    sex="M",
    date_of_expiry=None,
    document_type="ID",
)


def test_a_meetings_page_says_against_which_lists_cards_were_checked_while_it_runs_and_afterwards(site):
    meeting = site.open_meeting()
    admit(site, 1, ListsAge(Light.GREEN, 2, timestamp=12, card_status=40))
    admit(site, 2, ListsAge(Light.AMBER, 8, timestamp=11, card_status=39))
    browser = site.signed_in()
    stream = browser.get(f"/meetings/{meeting.id}/events").text
    page = browser.get(f"/meetings/{meeting.id}").text
    browser.post(f"/meetings/{meeting.id}/close")
    for text in (page, stream, browser.get(f"/meetings/{meeting.id}").text):
        assert "Thẻ được kiểm tra theo danh sách số 11–12." in text
        assert "cũ nhất 8 ngày" in text
    assert '<span class="badge warn"><svg aria-hidden="true" focusable="false" viewBox="0 0 100 100">' in page


@pytest.mark.parametrize(
    ("lists", "said"),
    [
        (ListsAge(Light.GREEN, 0, timestamp=12), ("danh sách số 12.", "chưa đến một ngày")),
        (ListsAge(Light.GREEN, 1, card_status=7), ("danh sách trạng thái thẻ số 7.", "cũ nhất 1 ngày")),
        (ListsAge(Light.NONE), ("khi chưa có danh sách.", "không rõ tuổi")),
    ],
)
def test_the_record_is_told_in_words_whatever_it_holds(site, lists, said):
    meeting = site.open_meeting()
    admit(site, 1, lists)
    page = site.signed_in().get(f"/meetings/{meeting.id}").text
    for sentence in said:
        assert sentence in page


def test_a_record_without_lists_is_told_of_by_no_sentence(site):
    meeting = site.open_meeting()
    admit(site, 1, None)
    assert "Thẻ được kiểm tra" not in site.signed_in().get(f"/meetings/{meeting.id}").text


def test_officers_see_the_age_of_the_lists_before_and_while_a_meeting_runs_and_not_of_one_that_is_over(
    site, publications
):
    take_up(site, publications, 3)
    meeting = site.plan()
    browser = site.signed_in()
    for action in ("open", "close"):
        assert "Dữ liệu kiểm tra thẻ: 3 ngày trước" in browser.get(f"/meetings/{meeting.id}").text
        browser.post(f"/meetings/{meeting.id}/{action}")
    assert "Dữ liệu kiểm tra thẻ: 3 ngày trước" not in browser.get(f"/meetings/{meeting.id}").text
