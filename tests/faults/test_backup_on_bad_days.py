"""Backups while taps are recorded, on sticks that are full, pulled or read-only, and processes that are killed."""

import errno
import os
import signal
import stat
import subprocess
import sys
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pyrage
import pytest
from lists_world.full_disk import Room, disk_with

from appliance.backup.making import make_backup
from appliance.backup.restoring import restore
from appliance.config import Config
from appliance.errors import BackupError, BackupNotWritten, StorageError
from appliance.ledger import EntryKind, NewEntry
from appliance.meetings import MeetingKind
from appliance.services import Services

PASSPHRASE = "sáu từ chọn ngẫu nhiên cho thẻ"
AT = datetime(2026, 11, 3, 12, tzinfo=UTC)
WRITER = Path(__file__).with_name("ledger_writer.py")


class Appliance:
    def __init__(self, state: Path) -> None:
        state.mkdir(exist_ok=True)
        self.settings = state / "appliance.toml"
        if not self.settings.exists():
            self.settings.write_text('state_directory = "."\n')
        self.config = Config.load(self.settings)
        self.services = Services.open(self.config)

    def back_up(self, target: Path, **more: object) -> Path:
        return make_backup(self.config, self.services.keys, self.settings, target, PASSPHRASE, at=AT, **more).path

    def fill(self, entries: int) -> None:
        services = self.services
        meeting = services.meetings.create(kind=MeetingKind.EVENT, title="Thử", place="Thử", starts_at=AT)
        services.meetings.open(meeting.id, at=AT, officer="an")
        entry = NewEntry(EntryKind.REFUSED, meeting.id, body={"reason": "card-revoked" + "." * 2000})
        with services.database.writing() as writer:
            for _ in range(entries):
                services.ledger.append(entry, at=AT, connection=writer)


@pytest.fixture
def appliance(tmp_path):
    appliance = Appliance(tmp_path / "old")
    yield appliance
    appliance.services.database.close()


@pytest.fixture
def stick(tmp_path):
    """A stick with an older backup on it."""
    stick = tmp_path / "stick"
    stick.mkdir()
    (stick / "thechip-20260101-000000.backup").write_bytes(b"the older one")
    yield stick
    stick.chmod(0o700)


@pytest.fixture
def quick(monkeypatch):
    """Backups that end before anybody opens them: no second for the passphrase."""
    monkeypatch.setattr("pyrage.passphrase.encrypt", lambda plain, _: plain)


def is_untouched(stick):
    (older,) = stick.iterdir()
    return older.read_bytes() == b"the older one"


def leftovers(appliance):
    return list(appliance.config.state_directory.glob(".backup-*"))


def test_taps_are_recorded_while_it_is_made_and_it_is_one_moment_of_the_store(appliance, tmp_path):
    """Between any two steps of the copy two taps must be acknowledged; it ends all the same."""
    appliance.fill(1500)
    arguments = [sys.executable, str(WRITER), str(appliance.config.state_directory)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as writer:
        writer.stdin.write("1 3600\n")
        first = int(writer.stdout.readline().split()[0])
        steps, acknowledged = [], [first]

        def wait_for_taps(what, done, total):
            if what == "store":
                steps.append((done, total))
                acknowledged.extend(int(writer.stdout.readline().split()[0]) for _ in range(2))

        try:
            path = appliance.back_up(tmp_path / "a.backup", progress=wait_for_taps)
        finally:
            os.kill(_child_of(writer.pid), signal.SIGKILL)
            writer.kill()
    assert len(steps) > 3
    assert [total for _, total in steps] == [steps[0][1]] * len(steps)
    verdict = restore(path, PASSPHRASE, tmp_path / "new").verdict
    assert verdict.ok
    assert first <= verdict.entries < max(acknowledged)
    new = Appliance(tmp_path / "new")
    last = new.services.ledger.entry(verdict.entries)
    assert last == appliance.services.ledger.entry(verdict.entries)
    assert new.services.ledger.append(NewEntry(EntryKind.REFUSED, 1), at=AT) == verdict.entries + 1
    assert new.services.ledger.verify().ok
    new.services.database.close()


def _child_of(pid):
    (task,) = Path(f"/proc/{pid}/task").iterdir()
    return int((task / "children").read_text().split()[0])


def test_a_stick_without_room_from_any_call_on_keeps_its_older_backup_and_no_half(appliance, stick, quick):
    counted = Room()
    with disk_with(counted):
        appliance.back_up(stick / "new.backup").unlink()
    assert counted.calls > 5
    for turn in range(counted.calls):
        with disk_with(Room(turn)):
            try:
                appliance.back_up(stick / "new.backup").unlink()
            except (BackupNotWritten, StorageError):
                assert is_untouched(stick)
            else:
                assert turn > counted.calls - 3  # what is left is to tidy up
        assert is_untouched(stick)
        assert leftovers(appliance) == []


def test_a_stick_that_is_too_small_is_told_before_anything_is_written(appliance, stick, monkeypatch):
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    with pytest.raises(BackupNotWritten, match=r"needs \d+ MB, and .* has 1 MB left"):
        appliance.back_up(stick)
    assert is_untouched(stick)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("number", "said"), [(errno.EIO, "went away"), (errno.EROFS, "only be read"), (errno.EFBIG, "another file system")]
)
def test_what_a_stick_says_is_told_in_words(appliance, stick, monkeypatch, number, said):
    def fails(_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("os.fsync", fails)
    with pytest.raises(BackupNotWritten, match=said):
        appliance.back_up(stick)
    assert is_untouched(stick)


def test_a_folder_that_is_none_is_told_in_words(appliance, tmp_path):
    with pytest.raises(BackupNotWritten, match="could not be written: No such file or directory"):
        appliance.back_up(tmp_path / "none" / "a.backup")


def test_a_backup_that_is_killed_leaves_nothing_that_could_be_taken_for_one(appliance, stick):
    appliance.fill(3000)
    (stick.parent / "passphrase").write_text(PASSPHRASE)
    command = [
        "backup",
        "make",
        stick,
        "--config",
        appliance.settings,
        "--passphrase-file",
        stick.parent / "passphrase",
    ]
    with subprocess.Popen([sys.executable, "-m", "appliance", *command], stderr=subprocess.PIPE, text=True) as process:
        next(line for line in process.stderr if "backup: " in line)
        process.kill()
    names = {path.name for path in stick.iterdir()}
    assert all(name.startswith((".unfinished-", "thechip-20260101")) for name in names)
    assert appliance.back_up(stick).name == "thechip-20261103-120000.backup"
    assert {path.name for path in stick.iterdir()} == {
        "thechip-20260101-000000.backup",
        "thechip-20261103-120000.backup",
    }
    assert leftovers(appliance) == []


def test_a_restore_without_room_from_any_call_on_leaves_nothing(appliance, tmp_path, monkeypatch):
    path = appliance.back_up(tmp_path / "a.backup")
    monkeypatch.setattr("pyrage.passphrase.decrypt", cache(pyrage.passphrase.decrypt))
    counted = Room()
    with disk_with(counted):
        restore(path, PASSPHRASE, tmp_path / "counted")
    assert counted.calls > 10
    for turn in range(0, counted.calls, 3):
        with disk_with(Room(turn)):
            try:
                restore(path, PASSPHRASE, tmp_path / "new")
            except (BackupError, StorageError):
                assert not (tmp_path / "new").exists()
            else:
                assert turn > counted.calls - 3
        assert {one.name for one in tmp_path.iterdir()} <= {"old", "a.backup", "counted", "new"}


def test_a_restore_that_was_killed_is_cleared_by_the_next_one(appliance, tmp_path):
    path = appliance.back_up(tmp_path / "a.backup")
    (tmp_path / ".new.restore-abc" / "keys").mkdir(parents=True)
    assert restore(path, PASSPHRASE, tmp_path / "new").verdict.ok
    assert {one.name for one in tmp_path.iterdir()} == {"old", "a.backup", "new"}
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
