"""The page over real services in a fresh state directory, with a clock that tests set."""

import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from appliance.accounts import Account, Role
from appliance.config import Config
from appliance.config.clock import ClockConfig
from appliance.meetings import Meeting, MeetingKind, MeetingMode
from appliance.roster import MemberClass
from appliance.services import Services
from publisher.desk import Desk
from publisher.passphrases import GivenPassphrases
from verifier.sdk.testing import SyntheticPki
from web_admin.app import create_app
from web_admin.lists.room import ListsRoom
from web_admin.live import LiveHub, Pace, hub
from web_admin.signin import hashed

START = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
PASSWORD = "bốn từ dễ nhớ"
STICK = "USB của Mẫu Thị Sen"
"""Where a stick is mounted may say whose it is."""
PATIENCE_SECONDS = 20.0
NAMES = ("Mẫu Thị Sen", "Mẫu Văn Tre", "Mẫu Thị Ổi")


def settled(state: Path) -> Config:
    """The defaults, on a machine whose clock is right."""
    return replace(Config.for_state(state), clock=ClockConfig(trust="system"))


@dataclass
class Site:
    """A running page: the application, its services, and what a test does all the time."""

    app: Flask
    services: Services
    now: datetime = START
    _hash: str = ""
    _clients: list[FlaskClient] = field(default_factory=list)

    def browser(self) -> "Browser":
        return Browser(self.app.test_client())

    def account(self, username: str, role: Role = Role.OFFICER, name: str = "") -> Account:
        """An account that can sign in with ``PASSWORD``."""
        accounts = self.services.accounts
        with self.app.app_context():
            self._hash = self._hash or hashed(PASSWORD)
        who = {"username": username, "display_name": name or f"Cán bộ {username}"}
        if accounts.needs_set_up():
            code = accounts.issue_setup_token(at=self.now)
            return accounts.set_up(code, **who, password_hash=self._hash, at=self.now)
        _, code = accounts.invite(**who, role=role, invited_by=1, at=self.now)
        return accounts.accept(code, password_hash=self._hash, at=self.now)

    def signed_in(self, username: str = "bithu", role: Role = Role.ADMINISTRATOR) -> "Browser":
        if self.services.accounts.by_username(username) is None:
            self.account(username, role)
        browser = self.browser()
        answer = browser.post("/login", {"username": username, "password": PASSWORD})
        assert answer.status_code == 302, answer.text
        return browser

    def members(self) -> list[int]:
        classes = (MemberClass.OFFICIAL, MemberClass.OFFICIAL, MemberClass.PROBATIONARY)
        return [self.services.roster.add(name, kind).id for name, kind in zip(NAMES, classes, strict=True)]

    def plan(self, title: str = "Sinh hoạt tháng 11") -> Meeting:
        return self.services.meetings.create(
            kind=MeetingKind.REGULAR, title=title, place="Nhà văn hóa", starts_at=self.now
        )

    def open_meeting(self) -> Meeting:
        return self.services.meetings.open(self.plan().id, at=self.now, officer="bithu")

    def event(self, mode: MeetingMode, **details: Any) -> Meeting:
        """An open event that expects nobody."""
        planned = self.services.meetings.create(
            kind=MeetingKind.EVENT, title="Hội nghị", place="Sân", starts_at=self.now, mode=mode, **details
        )
        return self.services.meetings.open(planned.id, at=self.now, officer="bithu")

    def record(self, member_id: int, minutes: int = 0) -> None:
        self.services.checkins.record_by_hand(
            member_id,
            reason="Quên thẻ",
            recorded_by="một",
            confirmed_by="hai",
            at=self.now + timedelta(minutes=minutes),
        )

    @property
    def hub(self) -> LiveHub:
        with self.app.app_context():
            return hub()


@dataclass
class Browser:
    """A client that fills in the CSRF token as a browser's form does."""

    client: FlaskClient

    def get(self, path: str, **how: Any) -> TestResponse:
        return self.client.get(path, **how)

    def token(self) -> str:
        page = self.client.get("/login", follow_redirects=True).text
        return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]

    def post(self, path: str, data: dict[str, str] | None = None, **how: Any) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.token(), **(data or {})}, **how)


@pytest.fixture(scope="session")
def fresh_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state directory whose tables are made already; each test gets a copy."""
    state = tmp_path_factory.mktemp("fresh") / "state"
    services = Services.open(settled(state))
    services.database.forget()
    services.database.close()
    return state


@pytest.fixture
def make_site(tmp_path: Path, fresh_state: Path) -> Iterator[Callable[..., Site]]:
    made: list[Site] = []
    shutil.copytree(fresh_state, tmp_path / "state")

    def make(**options: Any) -> Site:
        site: list[Site] = []
        pace = Pace(poll=0.01, heartbeat=0.05, lifetime=0.5, max_streams=3)
        app = create_app(
            settled(tmp_path / "state"), clock=lambda: site[0].now, **{"pace": pace, "demo": True} | options
        )
        app.extensions["security"].pwd_context.update(argon2__time_cost=1, argon2__memory_cost=64)  # as real, but quick
        site.append(Site(app, app.extensions["thechip-services"]))
        made.append(site[0])
        return site[0]

    yield make
    for one in made:
        one.services.database.close()


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    return make_site()


@dataclass(frozen=True)
class Publications:
    """What a real publisher published, as often as it did: a folder for each age in days, and the root of all."""

    folders: dict[int, Path]
    root: bytes


@pytest.fixture(scope="session")
def publications(tmp_path_factory: pytest.TempPathFactory) -> Publications:
    """Publications signed 60, 40, 10, 3 and 0 days ago; signatures of the first have run out."""
    folder, now = tmp_path_factory.mktemp("publisher"), datetime.now(UTC) - timedelta(hours=1)
    desk = Desk.found(
        folder / "desk", at=now - timedelta(days=61), passphrases=GivenPassphrases(others=b"an invented passphrase")
    )
    SyntheticPki(at=now - timedelta(days=100)).write_to(folder / "pki")
    desk.add_trust(sorted((folder / "pki").iterdir()), at=now - timedelta(days=61))
    folders = {}
    for number, days in enumerate((60, 40, 10, 3, 0)):
        rows = [f"{card + 1:032x}{0:032x},lost,2026-03-01," for card in range(100 + number)]
        (folder / "cards.csv").write_text("\n".join(["hash,state,since,reason", *rows, ""]))
        desk.add_card_status(folder / "cards.csv", at=now - timedelta(days=days), next_update_days=300)
        desk.publish(at=now - timedelta(days=days))
        folders[days] = Path(shutil.copytree(desk.public, folder / f"signed-{days}-days-ago"))
    return Publications(folders, desk.first_root)


@dataclass
class ListsDevice:
    """A site with an administrator before it, and sticks that a test plugs in."""

    site: Site
    room: ListsRoom
    browser: Browser
    folder: Path
    root: bytes

    def plug_in(self, publication: Path, name: str = STICK) -> Path:
        stick = self.folder / name
        shutil.rmtree(stick, ignore_errors=True)
        shutil.copytree(publication, stick / "thechip-lists")
        self.room.keeper.sticks = lambda: (stick,)
        return stick

    def pin(self) -> None:
        self.room.keeper.pin(self.root)

    def upload(self, content: bytes, name: str = "1.root.json") -> TestResponse:
        files = {"csrf_token": self.browser.token(), "root": (BytesIO(content), name)}
        return self.browser.client.post("/lists/root", data=files, content_type="multipart/form-data")

    def look(self, number: str = "0") -> TestResponse:
        return self.browser.post("/lists/sticks/look", {"stick": number})

    def take_up(self, **fields: str) -> TestResponse:
        seen = re.search(r'name="seen" value="([0-9a-f]{64})"', self.look().text)
        answer = self.browser.post("/lists/sticks/take-up", {"stick": "0", "seen": seen[1]} | fields)
        self.wait()
        return answer

    def wait(self) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while self.room.background.work.is_running:
            assert time.monotonic() < until
            time.sleep(0.01)

    def page(self) -> str:
        return " ".join(self.browser.get("/lists").text.split())

    @staticmethod
    def is_discreet(page: str) -> bool:
        """Whether a page tells no path, and nobody whose stick it is."""
        return not re.search(r"Mẫu Thị Sen|thechip-lists|/tmp|/media|pytest", page)

    @property
    def number(self) -> int | None:
        sealed = self.room.keeper.status().sealed
        return None if sealed is None else sealed.timestamp_version


@pytest.fixture
def device(site: Site, tmp_path: Path, publications: Publications) -> ListsDevice:
    room: ListsRoom = site.app.extensions["thechip-lists"]
    site.now = site.services.clock.now()
    room.keeper.sticks = lambda: ()
    return ListsDevice(site, room, site.signed_in(), tmp_path, publications.root)


@pytest.fixture
def pinned(device: ListsDevice) -> ListsDevice:
    device.pin()
    return device
