"""A real station with the simulated PN532, the real page under gunicorn, and a real Chromium."""

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_SECONDS = 60.0


@dataclass
class Site:
    """The demo as ``scripts/run`` starts it: two processes over one state directory."""

    state: Path
    address: str
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def setup_link(self) -> str:
        """The one-time link that the first start prints."""
        command = [sys.executable, "-m", "appliance", "setup-link", "--config", str(self.state / "appliance.toml")]
        said = subprocess.run([*command, "--address", self.address], check=True, capture_output=True, text=True)
        return re.search(r"http\S+", said.stdout)[0]

    def start(self, *command: str, **environment: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, "-m", *command], env=os.environ | environment)
        self.processes.append(process)
        return process


def wait_until(happened: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert process.poll() is None, f"{process.args} ended with {process.returncode}"
        assert time.monotonic() < until, f"{process.args} was not ready within {PATIENCE_SECONDS:.0f} s"
        time.sleep(0.05)


def answers(address: str) -> bool:
    host, port = address.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=5)
    try:
        connection.request("GET", "/kiosk")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_page(site: Site, application: str = "web_admin.wsgi:app", **environment: str) -> subprocess.Popen[bytes]:
    page = site.start(
        "gunicorn",
        "--config=python:web_admin.gunicorn_settings",
        f"--bind={site.address.removeprefix('http://')}",
        application,
        THECHIP_CONFIG=str(site.state / "appliance.toml"),
        THECHIP_DEMO="1",
        **environment,
    )
    wait_until(lambda: answers(site.address), page)
    return page


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path / "state", f"http://127.0.0.1:{free_port()}")
    ready = tmp_path / "ready"
    try:
        station = site.start("appliance", "demo", "--state", str(site.state), "--ready-file", str(ready))
        wait_until(ready.exists, station)
        start_page(site)
        yield site
    finally:
        for process in reversed(site.processes):
            process.terminate()
        for process in site.processes:
            process.wait(timeout=20)


@pytest.fixture
def serve(site: Site) -> Callable[..., None]:
    """Serve another application in the page's place, with settings from its environment."""

    def instead(application: str, **environment: str) -> None:
        page = site.processes.pop()
        page.terminate()
        page.wait(timeout=20)
        start_page(site, application, PYTHONPATH=str(Path(__file__).parent), **environment)

    return instead


@pytest.fixture(scope="module")  # playwright’s event loop must not run on under the tests of other files
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        # scripts/test installs it where apt may be used; who may not still runs the rest. In CI a skip is a failure.
        pytest.skip(f"{CHROMIUM} is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(ARGUMENTS))
        yield browser
        browser.close()


@dataclass
class Visitor:
    """A browser window, and whatever it complained about: a blocked script or style is a complaint."""

    context: BrowserContext
    complaints: list[str] = field(default_factory=list)

    def page(self) -> Page:
        page = self.context.new_page()
        page.set_default_timeout(60_000)
        page.on("console", lambda message: self._hear(message.type, message.text))
        page.on("pageerror", lambda error: self._hear("error", str(error)))
        return page

    def _hear(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.complaints.append(text)


@pytest.fixture
def visit(chromium: Browser, site: Site) -> Iterator[Callable[..., Visitor]]:
    visitors: list[Visitor] = []

    def open_window(width: int = 1280, height: int = 800, **options: Any) -> Visitor:
        size = {"width": width, "height": height}
        context = chromium.new_context(base_url=site.address, viewport=size, locale="vi-VN", **options)
        visitors.append(Visitor(context))
        return visitors[-1]

    yield open_window
    for visitor in visitors:
        visitor.context.close()
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []


@pytest.fixture
def picture(tmp_path: Path) -> Callable[..., None]:
    """Keep a screenshot with the test's other files; those for the README also in ``THECHIP_SCREENSHOTS``, if set."""
    own = tmp_path / "screenshots"
    readme = Path(os.environ.get("THECHIP_SCREENSHOTS") or own)

    def take(page: Page, name: str, *, for_readme: bool = False) -> None:
        page.evaluate("scrollTo(0, 0)")
        folder = readme if for_readme else own
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{name}.png")

    return take
