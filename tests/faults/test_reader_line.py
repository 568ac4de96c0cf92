"""The serial line to the reader, cut, disturbed and silenced at every place; then the reader serves the next card."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.firmware_host.nfcpy_reader import Pn532Reader
from appliance.firmware_host.simulator.card_options import CardOptions
from appliance.firmware_host.simulator.line_faults import (
    LineFault,
    corrupt_frame,
    cut_after_bytes,
    cut_at_frame,
    silent_from,
    truncate_frame,
)
from appliance.firmware_host.simulator.pn532 import SimulatedPn532
from verifier.sdk import CommandApdu
from verifier.sdk.errors import CardError, CardRemoved, ReaderError, ReaderFault, ReaderGone

CALM = CardOptions(tb=0xC0)
"""Waits 1.2 s before it asks for more time, so that a busy machine adds no frames."""
PATIENCE_S = 20.0
"""For readers that are there: a busy machine may stand still for seconds."""
COMMANDS = [CommandApdu(0, 0xEE, 0, 0, data=bytes(size), le=65_536) for size in (5, 300, 0)]


class EchoChip:
    def process(self, command: bytes) -> bytes:
        return CommandApdu.decode(command).data + b"\x90\x00"


@pytest.fixture(scope="module")
def simulator() -> Iterator[SimulatedPn532]:
    with SimulatedPn532() as simulated:
        yield simulated


def read_a_card(reader: Pn532Reader) -> None:
    """What a station does with a card, from opening the reader to letting the card go."""
    reader.open()
    card = reader.wait_for_card(1)
    assert card is not None
    for command in COMMANDS:
        assert card.transmit(command).data == command.data
    assert card.is_present()
    card.release()


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def frames_of_a_session(simulator: SimulatedPn532) -> int:
    simulator.plug_in()
    simulator.field.place(EchoChip(), CALM)
    reader = Pn532Reader(simulator.path, patience_s=PATIENCE_S)
    simulator.disturb(None)
    read_a_card(reader)
    frames = simulator.frames_sent
    reader.close()
    return frames


def outcome(simulator: SimulatedPn532, fault: LineFault, patience_s: float) -> type[Exception] | None:
    """Run a session under a fault, then one without; return how the first one ended."""
    simulator.plug_in()
    simulator.field.place(EchoChip(), CALM)
    reader = Pn532Reader(simulator.path, patience_s=patience_s)
    simulator.disturb(fault)
    ended: type[Exception] | None = None
    try:
        read_a_card(reader)
    except (ReaderError, CardError) as error:
        ended = type(error)
    finally:
        reader.close()
    simulator.plug_in()
    simulator.disturb(None)
    again = Pn532Reader(simulator.path, patience_s=PATIENCE_S)
    read_a_card(again)
    again.close()
    return ended


def test_a_line_cut_at_every_frame_means_that_the_reader_is_gone(simulator: SimulatedPn532) -> None:
    frames_of_a_session(simulator)  # the first one after power on sets a register more
    frames = frames_of_a_session(simulator)
    before = open_descriptors()
    for index in range(frames):
        ended = outcome(simulator, cut_at_frame(index), PATIENCE_S)
        assert ended is ReaderGone, f"frame {index} of {frames}: {ended}"
    assert open_descriptors() <= before, "a vanished line leaves no descriptor"


def test_a_line_cut_in_the_middle_of_a_frame_means_that_the_reader_is_gone(simulator: SimulatedPn532) -> None:
    for count in (1, 5, 6, 7, 9, 13, 100, 700, 1000, 1111):
        ended = outcome(simulator, cut_after_bytes(count), PATIENCE_S)
        assert ended is ReaderGone, f"after {count} bytes: {ended}"


def test_a_reader_unplugged_while_it_waits_for_a_card_is_gone(simulator: SimulatedPn532) -> None:
    simulator.plug_in()
    simulator.field.remove()
    reader = Pn532Reader(simulator.path, patience_s=PATIENCE_S)
    reader.open()
    simulator.unplug()
    with pytest.raises(ReaderGone):
        reader.wait_for_card(5)
    reader.close()
    with pytest.raises(ReaderGone):
        reader.open()


@pytest.mark.parametrize("index", range(0, 84, 9))
def test_a_reader_without_power_is_an_error_of_the_reader(simulator: SimulatedPn532, index: int) -> None:
    assert outcome(simulator, silent_from(index), 0.15) in (ReaderFault, ReaderGone)


@pytest.mark.parametrize("position", [0, 2, 3, 4, 5, 6, -2])
def test_a_corrupted_frame_is_an_error_or_mended(simulator: SimulatedPn532, position: int) -> None:
    for index in (1, 5, 31, 56, 61, 68, 73):
        assert outcome(simulator, corrupt_frame(index, position), 0.15) in (ReaderFault, ReaderGone, None)


@pytest.mark.parametrize("length", [0, 3, 5, 7])
def test_a_truncated_frame_is_an_error_or_mended(simulator: SimulatedPn532, length: int) -> None:
    for index in (1, 31, 56, 68):
        assert outcome(simulator, truncate_frame(index, length), 0.15) in (ReaderFault, ReaderGone, CardRemoved, None)
