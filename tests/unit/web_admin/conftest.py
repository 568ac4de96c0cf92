"""The page over real services in a fresh state directory, with a clock that tests set."""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from appliance.accounts import Account, Role
from appliance.config import Config
from appliance.meetings import Meeting, MeetingKind
from appliance.roster import MemberClass
from appliance.services import Services
from web_admin.app import create_app
from web_admin.live import LiveHub, Pace, hub
from web_admin.signin import hashed

START = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
PASSWORD = "bốn từ dễ nhớ"
NAMES = ("Mẫu Thị Sen", "Mẫu Văn Tre", "Mẫu Thị Ổi")


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
    services = Services.open(Config.for_state(state))
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
            Config.for_state(tmp_path / "state"), clock=lambda: site[0].now, **{"pace": pace, "demo": True} | options
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
