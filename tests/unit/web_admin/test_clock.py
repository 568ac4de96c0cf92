"""Every page asks an officer for the time while nothing else vouches for it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from appliance.accounts import Role
from appliance.clock import TrustedClock
from appliance.config.clock import ClockConfig

AT = datetime(2026, 11, 29, 12, 3, 20, tzinfo=UTC)  # 19:03 in Hanoi, a Sunday
FLOOR = datetime(2026, 11, 20, tzinfo=UTC)
IN_1970 = datetime(1970, 1, 1, 0, 5, tzinfo=UTC)
DOUBT = "time is not certain"
QUESTION = "Is it 19:03 on Sunday, 29 November 2026?"


@dataclass
class Unkept:
    """A machine without a time server and without a battery."""

    at: datetime = AT
    uptime: float = 60.0

    def wall(self) -> datetime:
        return self.at

    def boottime(self) -> float:
        return self.uptime

    def boot_id(self) -> str:
        return "boot"

    def is_synchronised(self) -> bool:
        return False

    def hardware_clocks(self) -> tuple[datetime, ...]:
        return ()

    def passes(self, **time: float) -> None:
        self.at += timedelta(**time)
        self.uptime += timedelta(**time).total_seconds()


@dataclass
class Evening:
    """A page on that machine, in English, and the officer at it."""

    site: Any
    machine: Unkept
    browser: Any

    @property
    def clock(self) -> TrustedClock:
        return self.site.services.clock

    def shown(self, path: str = "/meetings") -> str:
        return self.browser.get(path).text

    def answer(self, **changes: str) -> Any:
        """Click «yes, that is right» as the page has it."""
        page = self.shown()
        fields = {name: re.search(rf'name="{name}" value="([^"]*)"', page)[1] for name in ("shown", "next")}
        return self.browser.post("/clock/confirm", fields | changes)


@pytest.fixture
def evening(make_site: Callable[..., Any], tmp_path: Path) -> Evening:
    site, machine = make_site(), Unkept()
    clock = TrustedClock(tmp_path / "clock.json", ClockConfig(), machine=machine)
    clock.saw_signed_time(FLOOR, "lists")
    site.services = site.app.extensions["thechip-services"] = replace(site.services, clock=clock)
    site.app.extensions["thechip-clock"] = clock.now
    site.now = AT
    site.account("bithu")
    browser = site.signed_in("canbo", Role.OFFICER)
    browser.post("/language", {"language": "en", "next": "/"})
    return Evening(site, machine, browser)


def test_every_page_of_an_officer_asks_and_nobody_elses(evening):
    evening.site.members()
    meeting = evening.site.open_meeting()
    for path in ("/meetings", "/meetings/new", f"/meetings/{meeting.id}", f"/meetings/{meeting.id}/by-hand", "/none"):
        page = evening.shown(path)
        assert DOUBT in page, path
        assert QUESTION in page, path
    assert DOUBT not in evening.shown("/clock"), "the page that asks it itself"
    for path in ("/login", "/kiosk", "/demo", "/setup"):
        assert "Is it" not in evening.site.browser().get(path, follow_redirects=True).text
        assert "chưa chắc chắn" not in evening.site.browser().get(path, follow_redirects=True).text


def test_neither_kiosk_nor_page_shows_lists_green_while_the_time_is_not_certain(evening, publications):
    """Restarted in 1970, the lists in use seem to be of this very moment, however old they are."""
    room = evening.site.app.extensions["thechip-lists"]
    room.services = evening.site.services
    room.keeper.__init__(evening.site.services)
    room.keeper.pin(publications.root)
    room.keeper.import_from(publications.folders[0])
    evening.machine.at = IN_1970
    assert not evening.clock.read().trusted
    kiosk = evening.site.browser().get("/kiosk").text
    assert 'data-lists="none"' in kiosk
    assert "Danh sách: chưa rõ tuổi" in kiosk
    page = evening.shown("/lists")
    assert 'class="standing none"' in page
    assert "Lists of unknown age" in page
    assert "The device’s time must be confirmed" in page
    meeting = evening.site.open_meeting()
    assert "Card check data: age unknown" in evening.shown(f"/meetings/{meeting.id}")
    evening.clock.confirm(evening.clock.read().floor + timedelta(days=3), by="an officer")
    assert 'data-lists="green"' in evening.site.browser().get("/kiosk").text
    assert "Lists 3 days old" in evening.shown("/lists")


def test_yes_makes_it_certain_for_every_process_and_leads_back(evening):
    evening.machine.passes(minutes=2)
    answer = evening.answer()
    assert (answer.status_code, answer.location) == (302, "/meetings")
    page = evening.shown()
    assert DOUBT not in page
    assert "The time is confirmed." in page
    station = TrustedClock(evening.clock._file._path, ClockConfig(), machine=evening.machine)
    assert (station.read().at, station.read().trusted, station.read().source) == (evening.machine.at, True, "officer")


def test_yes_is_about_the_time_that_was_shown(evening):
    for shown in ("", "x", "-1", "9" * 40, str(int(AT.timestamp()) - 3600), str(int(AT.timestamp()) + 60), "١٢٣"):
        evening.answer(shown=shown)
        assert "Please look at the time once more" in evening.shown(), shown
        assert not evening.clock.read().trusted
    assert evening.answer(next="//evil.example").location == "/"


def test_a_page_that_lay_open_asks_again(evening):
    shown = str(int(evening.clock.read().at.timestamp()))
    evening.machine.passes(minutes=11)
    evening.answer(shown=shown)
    assert not evening.clock.read().trusted


def test_a_time_that_cannot_be_is_not_offered_and_not_taken(evening):
    evening.machine.at = IN_1970
    page = evening.shown()
    assert "The time that it shows cannot be." in page
    assert "Yes, that is right" not in page
    evening.browser.post("/clock/confirm", {"shown": str(int(FLOOR.timestamp())), "next": "/meetings"})
    assert not evening.clock.read().trusted


def test_the_right_time_is_entered_in_local_time(evening):
    page = evening.shown("/clock")
    assert 'value="2026-11-29"' in page
    assert 'value="19:03"' in page
    answer = evening.browser.post("/clock", {"day": "2026-11-30", "time": "08:15"})
    assert answer.status_code == 302
    assert evening.clock.read().at == datetime(2026, 11, 30, 1, 15, tzinfo=UTC)
    assert evening.clock.read().trusted


@pytest.mark.parametrize(
    ("day", "time", "said"),
    [
        ("2026-11-01", "08:15", "07:00, 20/11/2026 has certainly passed"),
        ("2028-11-30", "08:15", "more than 400 days after"),
        ("0001-01-01", "00:00", "Please check the year."),
        ("9999-12-31", "23:59", "Please check the year."),
        ("2026-13-31", "08:15", "Not a valid date value."),
        ("2026-11-30", "27:15", "Not a valid time value."),
        ("", "", "Please enter the day."),
    ],
)
def test_a_time_that_cannot_be_is_refused_at_the_form(evening, day, time, said):
    answer = evening.browser.post("/clock", {"day": day, "time": time})
    assert answer.status_code == 200
    assert said in answer.text
    assert not evening.clock.read().trusted


def test_after_years_in_a_cupboard_a_tick_says_that_it_is_so(evening):
    when = {"day": "2028-11-30", "time": "08:15"}
    assert "switched off for that long" not in evening.shown("/clock")
    assert "switched off for that long" in evening.browser.post("/clock", when).text
    assert evening.browser.post("/clock", when | {"far_ahead": "y"}).status_code == 302
    assert evening.clock.read().at.year == 2028


def test_a_certain_time_is_nobodys_to_change(evening):
    evening.clock.confirm(AT, by="an")
    before = evening.clock.memory()
    for path, fields in (("/clock/confirm", {"shown": "1"}), ("/clock", {"day": "2026-12-01", "time": "10:00"})):
        assert evening.browser.post(path, fields).location == "/"
    assert evening.browser.get("/clock").location == "/"
    assert "nothing to confirm" in evening.shown()
    assert evening.clock.memory() == before


def test_a_disk_that_is_full_is_said_and_nothing_is_certain(evening, monkeypatch):
    def full(path, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("appliance.clock.memory_file.write_atomically", full)
    assert evening.answer().status_code == 503
    assert not evening.clock.read().trusted


def test_the_page_speaks_vietnamese_about_it(evening):
    evening.browser.post("/language", {"language": "vi", "next": "/"})
    page = evening.shown()
    assert "Giờ của máy chưa chắc chắn đúng." in page
    assert "Bây giờ có phải là 19:03, Chủ Nhật, ngày 29 tháng 11 năm 2026 không?" in page


@pytest.mark.parametrize("path", ["/clock", "/clock/confirm"])
def test_no_form_is_too_strange(evening, path):
    headers = {"X-CSRFToken": evening.browser.token()}
    for fields in ({"day": "\0", "time": "\ud7ff"}, {"shown": "\0", "next": "\0"}, {"far_ahead": "y" * 1000}, {}):
        answer = evening.browser.client.post(path, data=fields, headers=headers)
        assert answer.status_code in {200, 302}, fields
    for body in (b"", b"\xff" * 100, b"--x"):
        for kind in ("multipart/form-data; boundary=x", "application/json", "application/x-www-form-urlencoded"):
            answer = evening.browser.client.post(path, data=body, headers=headers | {"Content-Type": kind})
            assert answer.status_code in {200, 302, 400, 415}, (body, kind)
    assert not evening.clock.read().trusted
