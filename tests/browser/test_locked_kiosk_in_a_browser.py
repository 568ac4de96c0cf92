"""The kiosk after power-on, before anybody has unlocked the keys, and how it goes over to the usual one by itself."""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from appliance.kiosk.phrases import REASONS, STATES, DisplayState
from tests.browser.conftest import Site, free_port, start_page
from tests.browser.test_kiosk_in_a_browser import what_does_not_fit

pytestmark = pytest.mark.browser

SETTINGS = """
state_directory = "."
run_directory = "{memory}"
[[readers]]
device = "/dev/thechip-none-1"
[[readers]]
device = "/dev/thechip-none-2"
name = "cua-sau"
[protection]
kind = "passphrase"
[clock]
trust = "system"
"""


def command(site: Site, *arguments: str) -> None:
    config = str(site.state / "appliance.toml")
    subprocess.run([sys.executable, "-m", "appliance", *arguments, "--config", config], check=True, capture_output=True)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """An appliance under a passphrase, just switched on: its page, and no station yet."""
    site = Site(tmp_path / "state", f"http://127.0.0.1:{free_port()}")
    site.state.mkdir()
    (site.state / "passphrase").write_text("sáu từ ngẫu nhiên\n", encoding="utf-8")
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="thechip-test-") as memory:
        (site.state / "appliance.toml").write_text(SETTINGS.format(memory=memory), encoding="utf-8")
        command(site, "protect", "--passphrase-file", str(site.state / "passphrase"))
        command(site, "lock")
        try:
            start_page(site)
            yield site
        finally:
            for process in site.processes:
                process.terminate()
                process.wait(timeout=20)


@pytest.mark.parametrize(("width", "height"), [(800, 480), (1280, 720), (480, 800)])
def test_the_locked_screen_fits_and_becomes_the_usual_one_once_unlocked(
    site: Site, visit, picture: Callable[..., None], width: int, height: int
):
    page = visit(width, height, has_touch=True).page()
    page.goto("/kiosk")
    screen, opener = page.locator(".screen"), page.locator("[data-open-keypad]")
    expect(screen).to_have_attribute("data-state", "locked")
    expect(page.locator('[data-text="vi"]')).to_have_text(STATES[DisplayState.LOCKED].vi)
    expect(page.locator('[data-text="detail_vi"]')).to_have_text(REASONS["locked"].vi)
    expect(opener).to_have_count(0)
    page.wait_for_timeout(300)
    picture(page, "kiosk-locked" if width == 800 else f"kiosk-locked-{width}", for_readme=width == 800)
    assert what_does_not_fit(page) == []

    command(site, "unlock", "--passphrase-file", str(site.state / "passphrase"))
    expect(screen).to_have_attribute("data-state", "starting")
    expect(opener).to_be_visible()
    picture(page, f"kiosk-unlocked-{width}")
    assert what_does_not_fit(page) == []


def test_a_usual_screen_whose_page_starts_again_locked_says_so_and_comes_back(site: Site, visit):
    command(site, "unlock", "--passphrase-file", str(site.state / "passphrase"))
    visitor = visit(800, 480, has_touch=True)
    page = visitor.page()
    page.goto("/kiosk")
    screen = page.locator(".screen")
    expect(screen).to_have_attribute("data-state", "starting")
    command(site, "lock")
    server = site.processes.pop()
    server.terminate()
    server.wait(timeout=20)
    start_page(site)
    expect(screen).to_have_attribute("data-state", "locked")
    expect(page.locator("[data-open-keypad]")).to_have_count(0)
    command(site, "unlock", "--passphrase-file", str(site.state / "passphrase"))
    expect(screen).to_have_attribute("data-state", "starting")
    expect(page.locator("[data-open-keypad]")).to_be_visible()
    visitor.complaints.clear()  # the line was down in between
