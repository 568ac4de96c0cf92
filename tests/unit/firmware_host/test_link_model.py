"""The link model: what the standards say of a frame, and both clocks over the genuine driver."""

import time
from collections.abc import Callable, Iterator

import pytest

from appliance.firmware_host.nfcpy_reader import Pn532Reader
from appliance.firmware_host.simulator.card_options import CardOptions
from appliance.firmware_host.simulator.chip_times import FAST_CHIP, ChipTimes, faster
from appliance.firmware_host.simulator.link_model import LinkModel
from appliance.firmware_host.simulator.link_time import Part, RealTime, VirtualTime
from appliance.firmware_host.simulator.pn532 import SimulatedPn532
from verifier.sdk import CommandApdu

BIT_S = 128 / 13_560_000
QUICK = LinkModel(adapter_latency_s=0.0, reader_s=0.0)
Echo = Callable[[int], CommandApdu]
SLOW_CHIP = ChipTimes(0.5, *[0.0] * 8)
"""Half a second for each command, and nothing for what is in it."""


def test_a_frame_to_a_card_is_its_bits() -> None:
    assert LinkModel.frame_to_card_s(1, 1) == pytest.approx((3 + 9 * 3) * BIT_S)
    assert LinkModel.frame_to_card_s(253, 4) == pytest.approx((3 + 9 * 255) * BIT_S / 4)


def test_an_answer_begins_after_the_frame_delay_time() -> None:
    """1172 cycles of the carrier are 86 µs (ISO/IEC 14443-3, 6.2.1.1)."""
    assert LinkModel.answer_s(1, 1) == pytest.approx(0.000_086_4 + (2 + 9 * 3) * BIT_S, abs=1e-7)
    assert LinkModel.answer_s(1, 4) > 0.000_086_4 + (2 + 9 * 3) * BIT_S / 4, "at higher rates after a preamble"


def test_a_long_file_takes_a_quarter_of_the_time_at_424_kbit_s() -> None:
    slow, fast = (LinkModel.answer_s(253, divisor) for divisor in (1, 4))
    assert slow == pytest.approx(0.021_7, rel=0.02)
    assert 3.7 < slow / fast < 4


def test_a_longer_uid_takes_one_more_anticollision() -> None:
    one, two, three = (LinkModel.selection_s(length) for length in (4, 7, 10))
    assert two - one == pytest.approx(three - two)
    assert 0.002 < one < 0.004


def test_a_byte_on_the_line_is_ten_bits_at_the_speed_of_the_line() -> None:
    assert LinkModel.line_s(6, 921_600) == pytest.approx(60 / 921_600)
    assert LinkModel.line_s(6, 115_200) == pytest.approx(60 / 115_200)


def test_a_faster_chip_is_faster_in_everything() -> None:
    assert faster(FAST_CHIP, 10).ecdsa_s == pytest.approx(FAST_CHIP.ecdsa_s / 10)
    assert faster(FAST_CHIP, 10).command_s == pytest.approx(FAST_CHIP.command_s / 10)


# --- over the genuine driver ------------------------------------------------------------------------------------------


@pytest.fixture
def link() -> Iterator[Callable[..., tuple[SimulatedPn532, Pn532Reader]]]:
    opened: list[SimulatedPn532 | Pn532Reader] = []

    def make(model: LinkModel, clock: VirtualTime | RealTime) -> tuple[SimulatedPn532, Pn532Reader]:
        simulator = SimulatedPn532(link=model, link_time=clock)
        reader = Pn532Reader(simulator.path, patience_s=20.0)
        opened.extend((simulator, reader))
        reader.open()
        return simulator, reader

    yield make
    for one in reversed(opened):
        one.close()


Link = Callable[..., tuple[SimulatedPn532, Pn532Reader]]


def spent(
    link: Link, command: CommandApdu, model: LinkModel, chip: object, options: CardOptions | None = None
) -> dict[Part, float]:
    """What one command costs on a virtual link, after one that activated the card."""
    clock = VirtualTime()
    simulator, reader = link(model, clock)
    simulator.field.place(chip, options)  # type: ignore[arg-type]
    card = reader.wait_for_card(1)
    assert card is not None
    card.transmit(CommandApdu(0, 0xEE, 0, 0, le=65_536))
    card.transmit(CommandApdu(0, 0xEE, 0, 0, le=65_536))  # its registers are remembered from the one before
    clock.take()
    assert card.transmit(command).data == command.data
    return clock.take()


def test_what_a_command_costs_is_the_same_each_time(link: Link, echo_chip: object, echo: Echo) -> None:
    model = LinkModel(chip=FAST_CHIP)
    first, second = (spent(link, echo(700), model, echo_chip) for _ in range(2))
    assert first == pytest.approx(second)
    assert all(seconds > 0 for seconds in first.values())


def test_a_command_on_a_virtual_link_costs_its_frames_and_bytes(link: Link, echo_chip: object, echo: Echo) -> None:
    cost = spent(link, echo(10), QUICK, echo_chip)
    command, answer = 1 + len(echo(10).encode()), 1 + 10 + 2
    assert cost[Part.AIR] == pytest.approx(QUICK.frame_to_card_s(command, 4) + QUICK.answer_s(answer, 4))
    host = [6, 7 + 2 + command, 7 + 3 + answer]  # ACK; command and answer in their frames, the answer with its status
    assert cost[Part.LINE] == pytest.approx(QUICK.line_s(sum(host), 921_600))
    assert cost[Part.READER] == cost[Part.CHIP] == 0


def test_an_adapter_holds_back_each_answer_once(link: Link, echo_chip: object, echo: Echo) -> None:
    slow, quick = (
        spent(link, echo(10), LinkModel(adapter_latency_s=latency_s, reader_s=0.0), echo_chip)[Part.LINE]
        for latency_s in (0.016, 0.001)
    )
    assert slow - quick == pytest.approx(0.015)


def test_a_card_without_higher_rates_is_spoken_to_at_106_kbit_s(link: Link, echo_chip: object, echo: Echo) -> None:
    fast, slow = (spent(link, echo(700), QUICK, echo_chip, CardOptions(ta=ta))[Part.AIR] for ta in (0x33, 0x80))
    assert 3 < slow / fast < 4


def test_a_chip_that_takes_longer_than_its_waiting_time_asks_for_more(
    link: Link, echo_chip: object, echo: Echo
) -> None:
    """FWT is 77 ms; the simulated chip asks at half of it: five times for two hundred milliseconds."""
    times = ChipTimes(0.2, *[0.0] * 8)
    patient, hasty = (
        spent(link, echo(10), LinkModel(adapter_latency_s=0.0, reader_s=0.001, chip=times), echo_chip, options)
        for options in (CardOptions(tb=0xE0), CardOptions(tb=0x80))
    )
    assert patient[Part.CHIP] == hasty[Part.CHIP] == pytest.approx(0.2)
    assert patient[Part.READER] == pytest.approx(0.001)
    # each request is one more command to the reader; the first changes the timeout, a command of its own
    assert hasty[Part.READER] == pytest.approx(0.001 * (1 + 5), abs=0.001_5)


def test_a_silent_card_costs_the_time_that_the_reader_waits(link: Link, echo_chip: object) -> None:
    clock = VirtualTime()
    simulator, reader = link(QUICK, clock)
    simulator.field.place(echo_chip, air=lambda _index, _frame: None)  # type: ignore[arg-type]
    card = reader.wait_for_card(1)
    assert card is not None
    clock.take()
    with pytest.raises(Exception, match="does not answer"):
        card.transmit(CommandApdu(0, 0xEE, 0, 0))
    assert clock.take()[Part.AIR] > 3 * 65_536 / 13_560_000, "RATS three times"


def test_on_a_real_link_the_station_feels_the_time(link: Link, echo_chip: object, echo: Echo) -> None:
    clock = RealTime()
    simulator, reader = link(LinkModel(chip=SLOW_CHIP), clock)
    simulator.field.place(echo_chip, CardOptions(tb=0xE0))  # type: ignore[arg-type]
    card = reader.wait_for_card(1)
    assert card is not None
    felt: list[float] = []
    card = _Timed(card, felt)  # type: ignore[assignment]
    assert card.transmit(echo(5)).data == echo(5).data
    assert felt[0] >= 0.5
    assert clock.take()[Part.CHIP] == pytest.approx(0.5)


class _Timed:
    def __init__(self, card: object, felt: list[float]) -> None:
        self._card, self._felt = card, felt

    def transmit(self, command: CommandApdu) -> object:
        began = time.monotonic()
        try:
            return self._card.transmit(command)  # type: ignore[attr-defined]
        finally:
            self._felt.append(time.monotonic() - began)


# --- the clock that sleeps --------------------------------------------------------------------------------------------


class Machine:
    """A machine whose sleeps take longer than was asked for."""

    def __init__(self, overshoot_s: float) -> None:
        self.now, self.sleeps, self._overshoot_s = 0.0, 0, overshoot_s

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.sleeps += 1
        self.now += seconds + self._overshoot_s


def test_short_times_are_slept_together() -> None:
    machine = Machine(0.0)
    clock = RealTime(clock=machine.clock, sleep=machine.sleep)
    for _ in range(100):
        clock.spend(Part.AIR, 0.000_1)
    assert machine.now == pytest.approx(0.01, abs=0.000_3)
    assert machine.sleeps <= 34


def test_what_a_sleep_took_too_long_is_taken_off_the_next_one() -> None:
    machine = Machine(0.000_2)
    clock = RealTime(clock=machine.clock, sleep=machine.sleep)
    for _ in range(1000):
        clock.spend(Part.LINE, 0.001)
    assert machine.now == pytest.approx(1.0, rel=0.01)


def test_a_machine_that_stood_still_is_not_made_up_for() -> None:
    machine = Machine(2.0)
    clock = RealTime(clock=machine.clock, sleep=machine.sleep)
    clock.spend(Part.LINE, 0.001)
    clock.spend(Part.LINE, 0.010)
    assert machine.sleeps == 2, "the second one is waited for"
