"""The appliance's age identity: made once, never replaced in silence."""

import stat
import subprocess
import sys

import pyrage
import pytest

from appliance.__main__ import main
from appliance.errors import KeyDamaged, KeyExposed, KeyFileError, KeyLost
from appliance.keys import Keys
from appliance.lists.identity import RECIPIENT_FILE, SECRET_FILE, RosterIdentity


def secret_in(directory):
    return next(directory.rglob(SECRET_FILE))


def test_it_is_made_once_and_read_again(tmp_path):
    first = RosterIdentity.load_or_create(tmp_path)
    assert RosterIdentity.load_or_create(tmp_path) == first
    sealed = pyrage.encrypt(b"x", [pyrage.x25519.Recipient.from_str(first.recipient)])
    assert pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(first.secret)]) == b"x"


def test_an_appliance_of_an_older_release_simply_gets_one(tmp_path):
    keys = Keys.load_or_create(tmp_path)
    assert RosterIdentity.load_or_create(tmp_path).recipient.startswith("age1")
    assert Keys.load_or_create(tmp_path).roster == keys.roster


def test_only_the_owner_may_read_it(tmp_path):
    RosterIdentity.load_or_create(tmp_path / "keys")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.name for path in files} == {SECRET_FILE, RECIPIENT_FILE}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    secret_in(tmp_path).chmod(0o640)
    with pytest.raises(KeyExposed):
        RosterIdentity.load_or_create(tmp_path / "keys")


def test_the_secret_is_not_in_its_repr(tmp_path):
    identity = RosterIdentity.load_or_create(tmp_path)
    assert identity.secret not in repr(identity)


def test_a_lost_identity_is_an_error_and_never_made_anew(tmp_path):
    RosterIdentity.load_or_create(tmp_path)
    secret_in(tmp_path).unlink()
    with pytest.raises(KeyLost, match="new public key"):
        RosterIdentity.load_or_create(tmp_path)
    assert not list(tmp_path.rglob(SECRET_FILE))


@pytest.mark.parametrize("content", [b"", b"x" * 74, b"\xff" * 10, b"AGE-SECRET-KEY-1QQQQ\n"])
def test_a_damaged_identity_is_an_error(tmp_path, content):
    RosterIdentity.load_or_create(tmp_path)
    secret_in(tmp_path).write_bytes(content)
    with pytest.raises(KeyDamaged):
        RosterIdentity.load_or_create(tmp_path)


def test_a_start_that_was_cut_off_before_the_public_half_is_completed(tmp_path):
    first = RosterIdentity.load_or_create(tmp_path)
    next(tmp_path.rglob(RECIPIENT_FILE)).unlink()
    assert RosterIdentity.load_or_create(tmp_path) == first
    assert next(tmp_path.rglob(RECIPIENT_FILE)).read_text() == f"{first.recipient}\n"


def test_of_two_processes_that_make_one_at_once_the_first_counts(tmp_path):
    first = []

    def while_another_starts():
        first.append(RosterIdentity.load_or_create(tmp_path))
        return str(pyrage.x25519.Identity.generate())

    assert RosterIdentity.load_or_create(tmp_path, generate=while_another_starts) == first[0]
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 2


def test_a_failure_while_it_is_made_leaves_nothing_behind(tmp_path):
    def no_room():
        raise OSError(28, "No space left on device")

    with pytest.raises(KeyFileError, match="No space left"):
        RosterIdentity.load_or_create(tmp_path, generate=no_room)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def killed_at(tmp_path, moment):
    """A first start that is killed for good between two steps of the file system."""
    script = (
        "import os, pathlib, sys; from appliance.lists.identity import RosterIdentity\n"
        f"pathlib.Path.{moment} = lambda self, *a, **k: os.kill(os.getpid(), 9)\n"
        "RosterIdentity.load_or_create(pathlib.Path(sys.argv[1]))"
    )
    done = subprocess.run([sys.executable, "-c", script, tmp_path / "keys"], check=False, timeout=60)
    assert done.returncode == -9


@pytest.mark.parametrize("moment", ["unlink", "hardlink_to", "replace"])
def test_what_a_killed_start_left_in_plain_is_gone_once_the_keys_are_protected(tmp_path, moment):
    (tmp_path / "thechip.key").write_text("ab" * 32)
    settings = f'state_directory = "."\n[protection]\nkind = "key-file"\nkey_file = "{tmp_path}/thechip.key"\n'
    (tmp_path / "appliance.toml").write_text(settings)
    killed_at(tmp_path, moment)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path for path in files if b"AGE-SECRET-KEY-" in path.read_bytes()] != []
    assert main(["protect", "--state", str(tmp_path)]) == 0
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path for path in files if b"AGE-SECRET-KEY-" in path.read_bytes()] == []


def test_under_protected_keys_it_is_never_written_in_plain(tmp_path, monkeypatch):
    contents = []

    def look(_):
        contents.extend(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())

    monkeypatch.setattr("os.fsync", look)
    keys = Keys.of((b"d" * 32, b"r" * 32, b"s" * 32))
    identity = RosterIdentity.load_or_create(tmp_path, keys=keys, sealed=True)
    assert contents != []
    assert [content for content in contents if b"AGE-SECRET-KEY-" in content] == []
    assert RosterIdentity.load_or_create(tmp_path, keys=keys, sealed=True) == identity


def test_a_folder_that_cannot_be_made_is_a_typed_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(KeyFileError):
        RosterIdentity.load_or_create(tmp_path / "file" / "keys")


def test_the_command_line_prints_the_public_half_and_nothing_secret(tmp_path, capsys):
    state = tmp_path / "state"
    assert main(["init", "--state", str(state), "--reader", "/dev/ttyUSB0"]) == 0
    capsys.readouterr()
    assert main(["roster", "recipient", "--state", str(state)]) == 0
    printed = capsys.readouterr().out
    assert main(["roster", "recipient", "--config", str(state / "appliance.toml")]) == 0
    assert capsys.readouterr().out == printed
    assert pyrage.x25519.Recipient.from_str(printed.strip())
    secret = secret_in(state).read_text().strip()
    assert secret not in printed


def test_the_publisher_reads_rules_without_a_store_or_a_reader():
    script = (
        "import sys, appliance.lists.rules_document;"
        "print([name for name in sys.modules if name in ('appliance.storage.database', 'alembic', 'nfc', 'serial')])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
