"""``thechip-appliance reader list`` and ``reader test`` from the outside: the genuine driver on a simulated PN532."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.__main__ import main
from appliance.commands import reader_commands
from appliance.firmware_host.nfcpy_reader import Pn532Reader
from appliance.firmware_host.simulator.card_options import CardOptions
from appliance.firmware_host.simulator.pn532 import SimulatedPn532
from appliance.storage.station_lock import LOCK_FILE, only_station
from verifier.sdk.errors import ReaderUnavailable
from verifier.sdk.testing import SyntheticPki, VirtualChip, invented_person, personalise
from verifier.transport.vpcd_card import serve_virtual_card


@pytest.fixture(scope="module")
def chip() -> VirtualChip:
    pki = SyntheticPki(at=datetime(2026, 6, 1, tzinfo=UTC))
    return personalise(pki.issue_document_signer(), invented_person(1))


@pytest.fixture
def simulator() -> Iterator[SimulatedPn532]:
    with SimulatedPn532() as simulated:
        yield simulated


@pytest.fixture
def config(tmp_path: Path, simulator: SimulatedPn532) -> Path:
    file = tmp_path / "appliance.toml"
    file.write_text(
        'state_directory = "state"\n[[readers]]\nname = "front"\npatience_seconds = 3.0\n'
        f'device = "{simulator.path}"\n[[readers]]\nusb = "1a86:7523"\n'
    )
    return file


class Ended:
    def __init__(self, arguments: tuple[object, ...], capsys: pytest.CaptureFixture[str]) -> None:
        try:
            self.code = main(["reader", *map(str, arguments)])
        except SystemExit as ended:  # argparse
            self.code = int(ended.code or 0)
        self.out, self.err = capsys.readouterr()
        assert "Traceback" not in self.err


# --- test -------------------------------------------------------------------------------------------------------------


def test_a_good_reader_is_measured_in_words(
    config: Path, simulator: SimulatedPn532, chip: VirtualChip, capsys: pytest.CaptureFixture[str]
) -> None:
    simulator.field.place(chip)
    ended = Ended(("test", "--config", config, "--reader", "front"), capsys)
    assert ended.code == 0
    lines = ended.out.splitlines()
    assert lines[0] == f"Reader front: {simulator.path}"
    assert lines[1].startswith("  Opened in ")
    assert f"PN532 version 1.6, at {simulator.path}, 921600 bit/s" in lines[1]
    assert "type A, ISO 14443-4, ATS 0578338002" in lines[2]
    assert lines[3].startswith(
        "  Bit rate: 424 kbit/s to the card, 424 kbit/s to the reader; the card offers 212 and 424"
    )
    assert lines[4] == "  Frames: up to 256 bytes to the card, up to 256 to the reader."
    assert "50 times" in lines[5]
    assert lines[6:] == ["  Extended length: works.", "  Verdict: good."]
    assert "hold a card to the reader" in ended.err


def test_a_card_that_offers_no_more_than_106_is_no_fault_of_the_reader(
    simulator: SimulatedPn532, chip: VirtualChip, capsys: pytest.CaptureFixture[str]
) -> None:
    simulator.field.place(chip, CardOptions(ta=None))
    ended = Ended(("test", "--kind", "pn532-hsu", "--device", simulator.path), capsys)
    assert ended.code == 0
    assert ended.out.splitlines()[-2:] == [
        "  Verdict: good.",
        "  Note: this card offers only 106 kbit/s; that is the card, not the reader.",
    ]


def test_a_fault_is_told_by_the_exit_status_too(
    simulator: SimulatedPn532, chip: VirtualChip, capsys: pytest.CaptureFixture[str]
) -> None:
    simulator.field.place(chip, CardOptions(hears_up_to=1))
    ended = Ended(("test", "--kind", "pn532-hsu", "--device", simulator.path), capsys)
    assert ended.code == 1
    assert "Verdict: slow: the card offers 212 and 424 kbit/s, but did not answer" in ended.out
    assert "good" not in ended.out


def test_an_adapter_that_holds_answers_back_is_said_also_without_a_card(
    simulator: SimulatedPn532, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_commands, "latency_timer_ms", lambda _: 16)
    ended = Ended(("test", "--kind", "pn532-hsu", "--device", simulator.path, "--wait", "0"), capsys)
    assert ended.code == 1
    assert "latency_timer 16 ms." in ended.out
    assert "Verdict: slow: the adapter may hold each answer back for 16 ms" in ended.out


def test_programs_are_told_the_same_as_json(
    config: Path, simulator: SimulatedPn532, chip: VirtualChip, capsys: pytest.CaptureFixture[str]
) -> None:
    simulator.field.place(chip)
    ended = Ended(("test", "--config", config, "--json"), capsys)
    assert ended.code == 3, "the second reader is not plugged in"
    (line,) = ended.out.splitlines()
    told = json.loads(line)
    assert (told["reader"], told["good"], told["verdicts"]) == ("front", True, [])
    assert (told["card"]["rate_to_card"], told["card"]["extended_length"]) == (424, "works")
    assert told["card"]["median_ms"] <= told["card"]["p95_ms"]
    assert "reader 2: no USB adapter 1a86:7523 is plugged in" in ended.err
    assert "[reader-gone]" in ended.err


def test_without_a_card_it_is_said_that_none_came_and_what_the_reader_itself_answers(
    simulator: SimulatedPn532, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("test", "--kind", "pn532-hsu", "--device", simulator.path, "--wait", "0.1")
    ended = Ended(arguments, capsys)
    assert ended.code == 1
    assert "PN532 version 1.6" in ended.out
    assert ended.out.splitlines()[-1].startswith("  No card came within 0.1 s. The reader answers;")
    told = json.loads(Ended((*arguments, "--json"), capsys).out)
    assert (told["card"], told["good"], told["line_bit_s"]) == (None, False, 921_600)


def test_a_card_that_leaves_while_it_is_measured_is_said(
    simulator: SimulatedPn532, chip: VirtualChip, capsys: pytest.CaptureFixture[str]
) -> None:
    simulator.field.place(chip, remove_after_apdus=20)
    ended = Ended(("test", "--kind", "pn532-hsu", "--device", simulator.path), capsys)
    assert ended.code == 3
    assert "[card-removed]" in ended.err


def test_a_reader_that_another_process_has_open_is_left_to_it(
    simulator: SimulatedPn532, capsys: pytest.CaptureFixture[str]
) -> None:
    with_it = Pn532Reader(simulator.path, patience_s=3.0)
    with_it.open()
    ended = Ended(("test", "--kind", "pn532-hsu", "--device", simulator.path), capsys)
    assert ended.code == 3
    assert "is used by another process" in ended.err
    assert "systemctl stop thechip-station" in ended.err
    assert with_it.wait_for_card(0) is None, "the other one still works"
    with_it.close()


def test_the_readers_of_a_running_station_are_not_touched(
    config: Path, simulator: SimulatedPn532, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = simulator.chip.commands
    with only_station(config.parent / "state"):
        ended = Ended(("test", "--config", config), capsys)
    assert ended.code == 3
    assert "another station serves this directory" in ended.err
    assert "stop it first" in ended.err
    assert simulator.chip.commands == opened


def test_testing_leaves_no_file_that_could_keep_the_stations_user_out(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Ended(("test", "--config", config, "--wait", "0"), capsys)
    assert not (config.parent / "state" / LOCK_FILE).exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "say which reader"),
        (("--kind", "pn532-hsu"), "readers.device"),
        (("--kind", "lamp", "--device", "x"), "invalid choice"),
        (("--kind", "vpcd", "--device", "0.0.0.0:1"), "loopback"),
        (("--usb", "7523"), "VID:PID"),
        (("--kind", "pn532-hsu", "--device", "/dev/tty; reboot"), "absolute path"),
    ],
)
def test_wrong_usage_is_explained(arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    ended = Ended(("test", *arguments), capsys)
    assert ended.code == 2
    assert said in ended.err


@pytest.mark.parametrize("more", [("--reader", "back"), ("--device", "/dev/ttyUSB9")])
def test_a_reader_that_the_configuration_does_not_have_is_named(
    config: Path, more: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    ended = Ended(("test", "--config", config, *more), capsys)
    assert ended.code == 2
    assert "configuration" in ended.err


def test_an_adapter_that_is_not_plugged_in_is_gone(capsys: pytest.CaptureFixture[str]) -> None:
    ended = Ended(("test", "--usb", "1a86:7523"), capsys)
    assert ended.code == 3
    assert "no USB adapter 1a86:7523 is plugged in" in ended.err


def test_a_virtual_card_is_measured_when_it_connects(chip: VirtualChip) -> None:
    command = [sys.executable, "-m", "appliance", "reader", "test", "--kind", "vpcd", "--device", "127.0.0.1:0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as test:
        assert test.stdout is not None
        first, second = test.stdout.readline(), test.stdout.readline()
        assert first == "Reader vpcd: vpcd 127.0.0.1:0\n"
        port = int(second.rstrip(".\n").rpartition(" ")[2])
        card = threading.Thread(target=lambda: serve_virtual_card(chip, port=port))
        card.start()
        out, _ = test.communicate(timeout=120)
        card.join(10)
    assert test.returncode == 0
    assert "contactless, ATR 3B80800101" in out
    assert "it is too fast to be told from outside" in out
    assert out.endswith("Verdict: good.\n")


# --- list -------------------------------------------------------------------------------------------------------------


def test_what_is_plugged_in_and_where_the_configured_readers_are_is_listed(
    config: Path, simulator: SimulatedPn532, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = Ended(("list", "--config", config), capsys)
    assert ended.code == 0
    lines = ended.out.splitlines()
    assert lines[0].startswith("Serial lines:")
    configured = lines[lines.index("Configured:") + 1 :]
    assert configured[:2] == [f"  front: {simulator.path}", "      is there"]
    assert configured[2] == "  2: USB adapter 1a86:7523"
    assert "no USB adapter 1a86:7523 is plugged in" in configured[3]
    simulator.unplug()
    assert "is not there" in Ended(("list", "--config", config), capsys).out


def test_a_missing_service_of_pcsc_is_no_complaint_where_no_reader_needs_it(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_runs() -> list[str]:
        msg = "no PC/SC service runs"
        raise ReaderUnavailable(msg)

    monkeypatch.setattr(reader_commands, "pcsc_readers_found", none_runs)
    assert "no PC/SC service runs" not in Ended(("list", "--config", config), capsys).err
    assert "no PC/SC service runs [reader-unavailable]" in Ended(("list",), capsys).err
    config.write_text(config.read_text() + '[[readers]]\nname = "x"\nkind = "pcsc"\n')
    assert "no PC/SC service runs" in Ended(("list", "--config", config), capsys).err


def test_the_list_needs_no_configuration_and_comes_as_json(capsys: pytest.CaptureFixture[str], config: Path) -> None:
    assert "Configured" not in Ended(("list",), capsys).out
    told = [json.loads(line) for line in Ended(("list", "--json", "--config", config), capsys).out.splitlines()]
    assert [(one["name"].partition(":")[0], one["found"]) for one in told if one["group"] == "configured"] == [
        ("front", True),
        ("2", False),
    ]
