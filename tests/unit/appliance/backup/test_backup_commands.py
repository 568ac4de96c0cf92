"""``thechip-appliance backup`` and ``restore`` from the outside."""

import io
import json
import os
import signal
import subprocess
import sys
from argparse import Namespace

import pytest

from appliance.__main__ import main
from appliance.commands.passphrases import passphrase_of
from appliance.config import Config
from appliance.errors import BackupPassphraseWrong
from appliance.keys.protection import KeyRoom

from .conftest import PASSPHRASE


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def run(capsys):
    def run(*arguments):
        code = main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return code, said.out, said.err

    return run


@pytest.fixture
def passphrase_file(tmp_path):
    (tmp_path / "passphrase").write_text(f"{PASSPHRASE}\n", encoding="utf-8")
    return tmp_path / "passphrase"


def test_one_command_makes_one_checks_and_restores_it_elsewhere(appliance, tmp_path, run, passphrase_file):
    stick = tmp_path / "stick"
    stick.mkdir()
    state = appliance.config.state_directory
    code, out, err = run("backup", "make", stick, "--state", state, "--passphrase-file", passphrase_file)
    (file,) = stick.iterdir()
    assert (code, out.startswith(f"Wrote {file}: ")) == (0, True)
    assert "store: 100 %" in err
    assert "backup: 100 %" in err
    code, out, _ = run("backup", "check", file, "--passphrase-file", passphrase_file)
    assert code == 0
    assert "The backup is whole." in out
    assert f"public key: {appliance.services.keys.device_public.public_bytes_raw().hex()}" in out
    assert "2 members; ledger: 1 entry, chained and signed." in out
    code, out, _ = run("restore", file, "--state", tmp_path / "new", "--passphrase-file", passphrase_file)
    assert code == 0
    assert "DO NOT USE THE OLD APPLIANCE ANY MORE" in out
    assert "two histories" in out
    code, out, _ = run("roster", "list", "--state", tmp_path / "new", "--json")
    assert [member["name"] for member in json.loads(out)] == appliance.names()


def test_each_refusal_ends_with_3_and_its_reason(appliance, backup, tmp_path, run, passphrase_file):
    restore = ("restore", backup, "--passphrase-file", passphrase_file, "--state")
    assert run(*restore, appliance.config.state_directory)[::2][0] == 3
    _, _, err = run(*restore, appliance.config.state_directory)
    assert "is not empty; a backup is never restored over what is kept [state-not-empty]" in err
    passphrase_file.write_text("another passphrase")
    code, _, err = run(*restore, tmp_path / "new")
    assert (code, "[backup-passphrase-wrong]" in err) == (3, True)
    passphrase_file.write_text(PASSPHRASE)
    backup.write_bytes(b"x")
    code, _, err = run(*restore, tmp_path / "new")
    assert (code, "this is no backup of an appliance [backup-not-ours]" in err) == (3, True)
    assert not (tmp_path / "new").exists()


WAITING = """
import sys, time
from appliance.__main__ import main
from appliance.ledger import Ledger

def stop(self):
    print("examining", flush=True)
    time.sleep(600)

Ledger.verify = stop
sys.exit(main(sys.argv[1:]))
"""


def test_a_check_that_is_stopped_or_killed_leaves_no_key_and_the_next_one_clears_up(
    appliance, backup, tmp_path, run, passphrase_file
):
    scratch = tmp_path / "scratch"
    (scratch / "thechip-check-abcd_123" / "keys").mkdir(parents=True)  # of an earlier release
    command = ["backup", "check", backup, "--passphrase-file", passphrase_file, "--scratch", scratch]
    secrets = (*appliance.services.keys.secrets(), b"AGE-SECRET-KEY-")
    left = {}
    for sent in (signal.SIGTERM, signal.SIGKILL):
        arguments = [sys.executable, "-c", WAITING, *map(str, command)]
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            assert process.stdout.readline() == b"examining\n"
            unpacked = [path.read_bytes() for path in scratch.rglob("*") if path.is_file()]
            process.send_signal(sent)
        assert unpacked != []
        assert [content for content in unpacked if any(secret in content for secret in secrets)] == []
        left[sent] = len(list(scratch.iterdir()))
    assert left == {signal.SIGTERM: 0, signal.SIGKILL: 1}
    (scratch / f"thechip-check-{os.getppid()}-others").mkdir()
    assert run(*command)[0] == 0
    assert [path.name for path in scratch.iterdir()] == [f"thechip-check-{os.getppid()}-others"], "it still runs"


def test_where_the_keys_are_lost_no_new_ones_are_made_for_a_backup(appliance, tmp_path, run, passphrase_file):
    state = appliance.config.state_directory
    (state / "keys" / "appliance").rename(tmp_path / "away")
    code, _, err = run("backup", "make", tmp_path, "--state", state, "--passphrase-file", passphrase_file)
    assert (code, "[key-lost]" in err) == (3, True)
    assert not (state / "keys" / "appliance").exists()


@pytest.mark.parametrize("content", [b"", b"\n", b"two\nlines\n", b"\xff\xfe", b"x" * 2000])
def test_a_passphrase_file_that_is_none(tmp_path, content):
    (tmp_path / "passphrase").write_bytes(content)
    with pytest.raises(BackupPassphraseWrong, match="one line"):
        passphrase_of(Namespace(passphrase_file=tmp_path / "passphrase"), new=True)


def test_a_new_passphrase_is_asked_for_twice_and_an_old_one_once():
    typed = iter(("một câu thật dài", "một câu thật dài", "một câu thật dài"))
    asked = []

    def ask(prompt):
        asked.append(prompt)
        return next(typed)

    nothing = Namespace(passphrase_file=None)
    assert passphrase_of(nothing, new=True, ask=ask, terminal=Terminal()) == "một câu thật dài"
    assert passphrase_of(nothing, new=False, ask=ask, terminal=Terminal()) == "một câu thật dài"
    assert asked == ["Passphrase of the backup: ", "Once more: ", "Passphrase of the backup: "]


@pytest.mark.parametrize(("typed", "said"), [(("một", "hai"), "not the same"), (("ngắn", "ngắn"), "shorter than 12")])
def test_a_new_passphrase_that_would_not_do(typed, said):
    answers = iter(typed)
    with pytest.raises(BackupPassphraseWrong, match=said):
        passphrase_of(Namespace(passphrase_file=None), new=True, ask=lambda _: next(answers), terminal=Terminal())


def test_without_a_terminal_and_without_a_file_nobody_waits(appliance, tmp_path):
    command = ["backup", "make", tmp_path, "--state", appliance.config.state_directory]
    done = subprocess.run(
        [sys.executable, "-m", "appliance", *command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 3
    assert "there is no terminal to ask for the passphrase" in done.stderr


def test_keys_that_lie_protected_are_carried_in_the_open_and_the_next_step_is_said(
    appliance, tmp_path, run, passphrase_file
):
    """Under the stick or the board of the old appliance they would open on no other one."""
    state, key_file = appliance.config.state_directory, tmp_path / "thechip.key"
    with appliance.settings.open("a", encoding="utf-8") as settings:
        settings.write(f'[protection]\nkind = "key-file"\nkey_file = "{key_file}"\n')
    config = Config.load(appliance.settings)
    KeyRoom.of(config).protect(appliance.services.keys)
    assert not (state / "keys" / "appliance").exists()
    file = tmp_path / "a.backup"
    secret = ("--passphrase-file", passphrase_file)
    assert run("backup", "make", file, "--state", state, *secret)[0] == 0
    key_file.unlink()
    code, _, err = run("backup", "make", tmp_path / "b.backup", "--state", state, *secret)
    assert (code, "[key-file-away]" in err) == (3, True)
    assert not (tmp_path / "b.backup").exists()
    code, out, _ = run("restore", file, "--state", tmp_path / "new", *secret)
    assert (code, f"thechip-appliance protect --state {tmp_path / 'new'}" in out) == (0, True)
    assert not (tmp_path / "new" / "keys" / "appliance.protected").exists()
    assert run("roster", "list", "--state", tmp_path / "new")[0] == 3
    assert run("protect", "--state", tmp_path / "new")[0] == 0
    assert "Mẫu Thị Sen" in run("roster", "list", "--state", tmp_path / "new")[1]
