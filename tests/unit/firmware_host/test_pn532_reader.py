"""The genuine nfcpy driver on the simulated PN532: opening, sessions, link options, recovery."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from nfc.clf import pn532

from appliance.firmware_host.nfcpy_pn532 import ExclusiveTty
from appliance.firmware_host.nfcpy_reader import Pn532Reader
from appliance.firmware_host.simulator.card_options import CardOptions
from appliance.firmware_host.simulator.field import LinkModel
from appliance.firmware_host.simulator.line_faults import silent_from
from appliance.firmware_host.simulator.pn532 import SimulatedPn532
from verifier.sdk import CommandApdu
from verifier.sdk.errors import InvalidInput, ReaderFault, ReaderGone

Echo = Callable[[int], CommandApdu]
SIZES = (0, 1, 13, 14, 245, 246, 247, 250, 251, 252, 253, 254, 255, 256, 257, 1000, 5000)


def test_the_driver_is_nfcpys_own_and_runs_at_full_speed(simulator: SimulatedPn532) -> None:
    line = ExclusiveTty(simulator.path, 3.0)
    device = pn532.init(line)
    assert device._chipset_name == "PN532v1.6"
    assert line.baudrate == simulator.chip.baud == 921_600
    device.close()
    assert simulator.chip.baud == 115_200


def test_an_empty_field_has_no_card(reader: Pn532Reader) -> None:
    assert reader.wait_for_card(0) is None


def test_a_card_that_comes_later_is_waited_for(
    reader: Pn532Reader, simulator: SimulatedPn532, echo_chip: object, echo: Echo
) -> None:
    timer = threading.Timer(0.1, lambda: simulator.field.place(echo_chip))
    timer.start()
    card = reader.wait_for_card(30)
    timer.join()
    assert card is not None
    assert card.transmit(echo(3)).data == b"\x00\x01\x02"


@pytest.mark.parametrize("remember_registers", [True, False])
def test_apdus_of_every_size_pass_both_ways(
    simulator: SimulatedPn532, echo_chip: object, echo: Echo, remember_registers: bool
) -> None:
    simulator.field.place(echo_chip)
    reader = Pn532Reader(simulator.path, patience_s=3.0, remember_registers=remember_registers)
    reader.open()
    card = reader.wait_for_card(1)
    assert card is not None
    for size in SIZES:
        response = card.transmit(echo(size))
        assert (response.data, response.status) == (echo(size).data, 0x9000)
    assert card.statistics.apdus == len(SIZES)
    reader.close()


@pytest.mark.parametrize(
    "options",
    [
        CardOptions(fsci=0),
        CardOptions(ta=None, tb=None, tc=None),
        CardOptions(ta=None, tb=0x80, tc=None, historical=b"\x80\x01"),
        CardOptions(tb=0xA1),
        CardOptions(chain_size=16),
        CardOptions(fsci=12, chain_size=1),
        CardOptions(extra_waits=2, wait_multiplier=3),
        CardOptions(agrees_to_rates=False),
        CardOptions(ta=0x11),
        CardOptions(ats=b"\x01", fsci=2, ta=None),
    ],
    ids=repr,
)
def test_cards_of_every_kind_are_read(
    reader: Pn532Reader, simulator: SimulatedPn532, echo_chip: object, echo: Echo, options: CardOptions
) -> None:
    simulator.field.place(echo_chip, options)
    card = reader.wait_for_card(1)
    assert card is not None
    for size in (0, 40, 700):
        assert card.transmit(echo(size)).data == echo(size).data
    assert card.is_present()
    assert card.transmit(echo(9)).data == echo(9).data
    card.release()


def test_a_slow_chip_asks_for_time(
    reader: Pn532Reader, simulator: SimulatedPn532, echo_chip: object, echo: Echo
) -> None:
    simulator.field.place(echo_chip, CardOptions(tb=0x60, delay_s=0.15, wait_multiplier=2))
    card = reader.wait_for_card(1)
    assert card is not None
    assert card.transmit(echo(5)).data == echo(5).data
    assert card.statistics.frames > 4


@pytest.mark.parametrize(("ta", "greatest", "rate"), [(0x33, 4, 2), (0x33, 1, 0), (0x11, 4, 1), (0x80, 4, 0)])
def test_the_rate_on_the_air_is_the_best_that_both_know(
    simulator: SimulatedPn532, echo_chip: object, ta: int, greatest: int, rate: int
) -> None:
    simulator.field.place(echo_chip, CardOptions(ta=ta))
    reader = Pn532Reader(simulator.path, patience_s=3.0, greatest_divisor=greatest)
    reader.open()
    card = reader.wait_for_card(1)
    assert card is not None
    card.transmit(CommandApdu(0, 0xEE, 0, 0))
    reader.close()
    assert simulator.chip._registers[0x6302] >> 4 & 7 == rate


def test_a_link_with_real_durations_carries_a_session(echo_chip: object, echo: Echo) -> None:
    with SimulatedPn532(link=LinkModel()) as simulator:
        reader = Pn532Reader(simulator.path, patience_s=3.0)
        reader.open()
        simulator.field.place(echo_chip)
        card = reader.wait_for_card(1)
        assert card is not None
        assert card.transmit(echo(600)).data == echo(600).data
        reader.close()


def test_one_host_command_carries_one_frame(
    reader: Pn532Reader, simulator: SimulatedPn532, echo_chip: object, echo: Echo
) -> None:
    simulator.field.place(echo_chip)
    card = reader.wait_for_card(1)
    assert card is not None
    card.transmit(echo(1))
    before = simulator.chip.commands
    for _ in range(20):
        card.transmit(echo(1))
    assert simulator.chip.commands - before == 20


def test_the_card_is_reset_between_taps(reader: Pn532Reader, simulator: SimulatedPn532, echo_chip: object) -> None:
    simulator.field.place(echo_chip)
    card = reader.wait_for_card(1)
    assert card is not None
    card.transmit(CommandApdu(0, 0xEE, 0, 0))
    card.release()
    assert not card.is_present()
    reader.close()
    simulator.close()
    assert echo_chip.resets >= 1  # type: ignore[attr-defined]


def test_a_reader_left_at_high_speed_by_a_killed_process_is_called_back(
    simulator: SimulatedPn532, echo_chip: object, echo: Echo
) -> None:
    program = (
        "import os, sys\n"
        "from appliance.firmware_host.nfcpy_reader import Pn532Reader\n"
        "Pn532Reader(sys.argv[1], patience_s=3.0).open()\n"
        "os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", program, simulator.path], check=True, timeout=120)
    assert simulator.chip.baud == 921_600
    reader = Pn532Reader(simulator.path, patience_s=1.0)
    reader.open()
    simulator.field.place(echo_chip)
    card = reader.wait_for_card(1)
    assert card is not None
    assert card.transmit(echo(7)).data == echo(7).data
    reader.close()
    assert simulator.chip.baud == 115_200


def test_two_processes_cannot_open_one_reader(reader: Pn532Reader, simulator: SimulatedPn532) -> None:
    program = (
        "import sys\n"
        "from appliance.firmware_host.nfcpy_reader import Pn532Reader\n"
        "from verifier.sdk.errors import ReaderFault\n"
        "try:\n"
        "    Pn532Reader(sys.argv[1]).open()\n"
        "except ReaderFault as error:\n"
        "    sys.exit(error.sentence)\n"
    )
    second = subprocess.run(
        [sys.executable, "-c", program, simulator.path], check=False, capture_output=True, timeout=120, text=True
    )
    assert "another process" in second.stderr
    assert reader.wait_for_card(0) is None, "the first one still works"


def test_a_second_opening_in_this_process_is_refused_too(reader: Pn532Reader, simulator: SimulatedPn532) -> None:
    with pytest.raises(ReaderFault, match="another process"):
        Pn532Reader(simulator.path).open()


def test_an_absent_reader_is_gone() -> None:
    with pytest.raises(ReaderGone):
        Pn532Reader("/dev/no-such-reader").open()


def test_a_line_with_nothing_behind_it_is_no_reader(simulator: SimulatedPn532) -> None:
    simulator.disturb(silent_from(0))
    with pytest.raises(ReaderGone):
        Pn532Reader(simulator.path, patience_s=0.1).open()


def test_something_that_is_no_terminal_is_no_reader(tmp_path: Path) -> None:
    (tmp_path / "reader").write_bytes(b"")
    with pytest.raises(ReaderGone):
        Pn532Reader(os.fspath(tmp_path / "reader")).open()


def test_a_reader_that_is_not_open_is_gone(simulator: SimulatedPn532) -> None:
    with pytest.raises(ReaderGone):
        Pn532Reader(simulator.path).wait_for_card(0)


@pytest.mark.parametrize("path", ["ttyUSB0", "/dev/tty; reboot", "/dev/$(id)", "", "/dev/tty\n"])
def test_a_path_that_a_shell_could_misread_is_refused(path: str) -> None:
    with pytest.raises(InvalidInput):
        Pn532Reader(path)


def test_closing_twice_is_harmless(reader: Pn532Reader) -> None:
    reader.close()
    reader.close()
