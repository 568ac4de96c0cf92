"""A simulated reader, the genuine driver on it, and a chip that echoes."""

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "helpers"))

from appliance.firmware_host.nfcpy_reader import Pn532Reader
from appliance.firmware_host.simulator.pn532 import SimulatedPn532
from verifier.sdk import CommandApdu

PATIENCE_S = 3.0


class EchoChip:
    """Answers each command with its data."""

    def __init__(self) -> None:
        self.resets = 0

    def process(self, command: bytes) -> bytes:
        return CommandApdu.decode(command).data + b"\x90\x00"

    def reset(self) -> None:
        self.resets += 1


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture
def echo_chip() -> EchoChip:
    return EchoChip()


@pytest.fixture
def echo() -> Callable[[int], CommandApdu]:
    """A command whose data has so many bytes and that expects as many back."""
    return lambda size: CommandApdu(0x00, 0xEE, 0, 0, data=bytes(i % 251 for i in range(size)), le=65_536)


@pytest.fixture
def simulator() -> Iterator[SimulatedPn532]:
    threads, descriptors = threading.active_count(), open_descriptors()
    with SimulatedPn532() as simulated:
        yield simulated
    assert threading.active_count() == threads, "a thread of the simulator is left"
    assert open_descriptors() <= descriptors, "a descriptor is left open"


@pytest.fixture
def reader(simulator: SimulatedPn532) -> Iterator[Pn532Reader]:
    opened = Pn532Reader(simulator.path, patience_s=PATIENCE_S)
    opened.open()
    yield opened
    opened.close()
