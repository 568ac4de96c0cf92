"""``protect``, ``unlock`` and ``lock`` on the command line, and a station that waits to be unlocked."""

import threading
from datetime import UTC, datetime

import pyrage
import pytest

from appliance.__main__ import main
from appliance.commands import lists_service
from appliance.config import Config
from appliance.firmware_host.watchdog import Watchdog
from appliance.keys.protection import KeyRoom
from appliance.kiosk.board import Board
from appliance.kiosk.display import DisplayState
from appliance.kiosk.phrases import REASONS
from appliance.lists.identity import SECRET_FILE, RosterIdentity
from appliance.services import Services
from appliance.station import locked
from appliance.station.locked import once_unlocked

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)


class CommandLine:
    def __init__(self, folder, memory, capsys):
        self.file = folder / "appliance.toml"
        self.memory = memory
        self.capsys = capsys
        self.passphrase = folder / "passphrase"
        self.passphrase.write_text("sáu từ ngẫu nhiên\n", encoding="utf-8")
        self.key = folder / "thechip.key"
        self.told("none")

    def told(self, kind):
        self.file.write_text(
            f'state_directory = "state"\nrun_directory = "{self.memory}"\n[[readers]]\ndevice = "/dev/ttyUSB0"\n'
            f'[protection]\nkind = "{kind}"\nkey_file = "{self.key}"\n'
        )

    def __call__(self, *arguments):
        code = main([*arguments, "--config", str(self.file)])
        printed = self.capsys.readouterr()
        return code, printed.out + printed.err

    @property
    def config(self):
        return Config.load(self.file)


@pytest.fixture
def run(tmp_path, in_memory, capsys):
    run = CommandLine(tmp_path, in_memory, capsys)
    Services.open(run.config).database.close()
    return run


def protected(run):
    run.told("passphrase")
    return run("protect", "--passphrase-file", str(run.passphrase))


def test_an_appliance_is_protected_locked_and_unlocked(run):
    assert run("ledger", "verify")[0] == 0
    run.told("passphrase")
    code, printed = run("ledger", "verify")
    assert (code, "run thechip-appliance protect [keys-not-protected]" in printed) == (3, True)
    code, printed = protected(run)
    assert (code, "after every power-on, thechip-appliance unlock" in printed) == (0, True)
    assert run("ledger", "verify")[0] == 0, "whoever has just typed the passphrase need not type it again"
    assert run("lock")[0] == 0
    code, printed = run("ledger", "verify")
    assert (code, "[locked]" in printed) == (3, True)
    wrong = run.passphrase.with_name("wrong")
    wrong.write_text("một câu khác hẳn")
    assert run("unlock", "--passphrase-file", str(wrong))[0] == 3
    assert run("unlock", "--passphrase-file", str(run.passphrase)) == (0, "Unlocked until power-off.\n")
    assert run("ledger", "verify")[0] == 0


def test_under_a_key_file_unlock_takes_the_file_or_asks_for_the_stick_and_never_for_a_passphrase(run, in_memory):
    run.key = in_memory / "thechip.key"
    run.told("key-file")
    assert run("protect")[0] == 0
    assert run("unlock") == (0, "Unlocked until power-off. The stick may be pulled.\n")
    stick = run.key.rename(run.key.with_name("pulled"))
    assert run("ledger", "verify")[0] == 0
    run("lock")
    code, printed = run("unlock")
    assert (code, f"plug in the stick with {run.key}" in printed) == (3, True)
    stick.rename(run.key)
    assert run("unlock")[0] == 0
    run.key.write_text("00" * 32)
    run("lock")
    code, printed = run("unlock")
    assert (code, "is not the key file of this appliance" in printed) == (3, True)


@pytest.mark.parametrize("kind", ["none", "board"])
def test_keys_that_open_by_themselves_have_nothing_to_unlock(run, monkeypatch, kind):
    monkeypatch.setattr("appliance.keys.board._SERIAL", ("proc/version",))  # a board that has a number
    run.told(kind)
    run("protect")
    assert run("unlock") == (0, "There is nothing to unlock: these keys open by themselves.\n")


def test_who_unlocks_keys_that_lie_otherwise_than_configured_is_told_so_before_being_asked(run):
    run.told("passphrase")
    code, printed = run("unlock")
    assert (code, "run thechip-appliance protect" in printed) == (3, True)


def test_a_key_file_on_the_card_is_warned_of_when_it_is_set_up_and_when_the_station_starts(run, monkeypatch):
    run.told("key-file")
    code, printed = run("protect")
    assert (code, f"{run.key} lies on the disk that holds the keys" in printed) == (0, True)
    monkeypatch.setattr("appliance.station.assembly.run_station", lambda services, **_: services.database.close())
    code, printed = run("run")
    assert (code, f"{run.key} lies on the disk that holds the keys" in printed) == (0, True)


def test_a_run_directory_on_the_card_is_warned_of_when_the_station_starts(run, monkeypatch, tmp_path):
    monkeypatch.setattr("appliance.keys.board._SERIAL", ("proc/version",))  # a board that has a number
    monkeypatch.setattr("appliance.station.assembly.run_station", lambda services, **_: services.database.close())
    run.memory = tmp_path / "run"
    run.told("board")
    assert "does not lie in memory" in run("protect")[1]
    code, printed = run("run")
    assert (code, "does not lie in memory" in printed) == (0, True)


def test_back_to_keys_in_the_clear_needs_the_passphrase(run):
    protected(run)
    run("lock")
    run.told("none")
    code, printed = run("protect")
    assert (code, "there is no terminal" in printed) == (2, True)
    code, printed = run("protect", "--old-passphrase-file", str(run.passphrase))
    assert (code, "in the clear" in printed) == (0, True)
    assert run("ledger", "verify")[0] == 0


@pytest.mark.parametrize("content", ["zu kurz", "", "\xff\xfe"])
def test_a_passphrase_that_protects_nothing_is_refused_and_nothing_is_changed(run, content):
    run.passphrase.write_bytes(content.encode("latin-1"))
    assert protected(run)[0] == 2
    run.told("none")
    assert run("ledger", "verify")[0] == 0


def test_the_key_that_opens_rosters_is_sealed_with_the_others_and_its_public_half_told_while_locked(run):
    recipient = run("roster", "recipient")[1].strip()
    file = next(run.config.keys_directory.rglob(SECRET_FILE))
    before = file.read_bytes()
    assert before.startswith(b"AGE-SECRET-KEY-")
    protected(run)
    assert b"AGE-SECRET-KEY-" not in file.read_bytes()
    services = Services.open(run.config)
    identity = RosterIdentity.load_or_create(run.config.keys_directory, keys=services.keys, sealed=True)
    services.database.close()
    assert (
        pyrage.decrypt(
            pyrage.encrypt(b"x", [pyrage.x25519.Recipient.from_str(recipient)]),
            [pyrage.x25519.Identity.from_str(identity.secret)],
        )
        == b"x"
    )
    run("lock")
    assert run("roster", "recipient") == (0, f"{recipient}\n")
    run.told("none")
    run("protect", "--old-passphrase-file", str(run.passphrase))
    assert file.read_bytes() == before


class Lamps:
    """What the lamps of a door were told."""

    def __init__(self):
        self.told = []

    def show(self, state):
        self.told.append(state)

    def close(self):
        self.told.append("let go")


def test_a_station_that_is_locked_says_so_on_every_screen_until_it_is_unlocked(run, monkeypatch):
    protected(run)
    run("lock")
    stop, said, opened, lamps = threading.Event(), [], [], Lamps()
    monkeypatch.setattr(locked, "new_indicator", lambda *_: lamps)
    config = run.config

    def serve():
        opened.append(
            once_unlocked(
                lambda: Services.open(config),
                config,
                clock=lambda: NOW,
                stop=stop,
                announce=lambda line: (said.append(line), waiting.set()),
                watchdog=Watchdog(),
            )
        )

    waiting = threading.Event()
    thread = threading.Thread(target=serve)
    thread.start()
    assert waiting.wait(60)
    shown = Board(config.board_path).latest("1")
    assert (shown.state, shown.detail_vi) == (DisplayState.LOCKED, REASONS["locked"].vi)
    run("unlock", "--passphrase-file", str(run.passphrase))
    thread.join(60)
    (services,) = opened
    assert lamps.told == [DisplayState.LOCKED, "let go"]
    assert services.ledger.verify().ok
    services.database.close()
    assert said == ["the keys are locked since power-on: thechip-appliance unlock asks for the passphrase [locked]"]


def test_what_keeps_the_lists_waits_for_the_keys_and_says_so_once(run, monkeypatch, capsys):
    monkeypatch.setattr(lists_service, "LOCKED_SECONDS", 0.01)
    protected(run)
    run("lock")
    tries = []

    def open_it():
        tries.append(None)
        if len(tries) == 3:
            KeyRoom.of(run.config).unlock("sáu từ ngẫu nhiên")
        return Services.open(run.config)

    services = lists_service.open_once_unlocked(open_it, threading.Event())
    assert services.ledger.verify().ok
    services.database.close()
    assert capsys.readouterr().err.count("[locked]") == 1
    stopped = threading.Event()
    stopped.set()
    assert lists_service.open_once_unlocked(open_it, stopped) is None


def test_a_station_that_is_locked_can_be_stopped(run):
    protected(run)
    run("lock")
    stop = threading.Event()
    ended = once_unlocked(
        lambda: Services.open(run.config),
        run.config,
        clock=lambda: NOW,
        stop=stop,
        announce=lambda _: stop.set(),
        watchdog=Watchdog(),
    )
    assert ended is None
