"""An appliance with a settings file, people, a meeting under way, and everything else that a backup carries."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pyrage
import pytest

from appliance.backup.making import Backup, make_backup
from appliance.config import Config
from appliance.keys import Keys
from appliance.lists.identity import RosterIdentity
from appliance.meetings import MeetingKind
from appliance.roster import MemberClass
from appliance.services import Services

PASSPHRASE = "sáu từ chọn ngẫu nhiên cho thẻ"
MADE_AT = datetime(2026, 11, 29, 12, 3, 5, tzinfo=UTC)


@dataclass
class Appliance:
    """A state directory and its services."""

    settings: Path
    config: Config
    services: Services

    @classmethod
    def at(cls, state: Path) -> "Appliance":
        settings = state / "appliance.toml"
        config = Config.load(settings)
        return cls(settings, config, Services.open(config))

    def back_up(self, target: Path, **more: object) -> Backup:
        keys = Keys.load_or_create(self.config.keys_directory)
        return make_backup(
            self.config, keys, self.settings, target, PASSPHRASE, at=MADE_AT, generate=lambda: IDENTITY, **more
        )

    def names(self) -> list[str]:
        return [member.name for member in self.services.roster.members()]


IDENTITY = pyrage.x25519.Identity.generate()


@pytest.fixture
def appliance(tmp_path: Path) -> Iterator[Appliance]:
    one = set_up(tmp_path / "old")
    yield one
    one.services.database.close()


def set_up(state: Path) -> Appliance:
    state.mkdir()
    settings = f'# the first one\nstate_directory = "{state}"  # here\n\n[clock]\ntrust = "system"\n'
    (state / "appliance.toml").write_text(settings, encoding="utf-8")
    one = Appliance.at(state)
    (state / "trust" / "deep").mkdir(parents=True)
    (state / "trust" / "deep" / ("Gốc " + "x" * 120 + ".cer")).write_bytes(b"root")
    (state / "card-status.key").write_bytes(b"k" * 32)
    (state / "lists").mkdir()
    (state / "lists" / "root.json").write_bytes(b"{}")
    (state / "lists" / "history.jsonl").write_bytes(b"{}")
    RosterIdentity.load_or_create(one.config.keys_directory)
    services = one.services
    for name, number in (("Mẫu Thị Sen", "A1"), ("Mẫu Văn Tre", "A2")):
        services.roster.add(name, MemberClass.OFFICIAL, number)
    meeting = services.meetings.create(kind=MeetingKind.REGULAR, title="Mẫu", place="Mẫu", starts_at=MADE_AT)
    services.meetings.open(meeting.id, at=MADE_AT, officer="an")
    return one


@pytest.fixture
def backup(appliance: Appliance, tmp_path: Path) -> Path:
    """One backup on a stick."""
    (tmp_path / "stick").mkdir()
    return appliance.back_up(tmp_path / "stick").path


@pytest.fixture(autouse=True)
def remembered_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let age work a second on each passphrase once, and not again for the same question."""
    monkeypatch.setattr("pyrage.passphrase.decrypt", _DECRYPT)
    monkeypatch.setattr("pyrage.passphrase.encrypt", _ENCRYPT)


_DECRYPT, _ENCRYPT = cache(pyrage.passphrase.decrypt), cache(pyrage.passphrase.encrypt)
