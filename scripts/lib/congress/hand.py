"""A hand at one door, in a process of its own: it scans codes and holds cards to a simulated reader.

The chips calculate here, so that what is measured in the station's process is the station's.
"""

import signal
import time
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from multiprocessing.connection import Connection
from pathlib import Path

from crowd import CardKind, Crowd, CrowdPlan, can, clone_of

from appliance.errors import ApplianceError
from appliance.firmware_host.simulator.link_model import LinkModel
from appliance.firmware_host.simulator.pn532 import SimulatedPn532
from appliance.firmware_host.simulator.scanner import SimulatedScanner
from appliance.kiosk.board import Board
from appliance.kiosk.display import DisplayState
from verifier.sdk.testing import VirtualChip

_LOOK_S = 0.01
_READY_WITHIN_S = 120.0
_PULLED_AFTER = 6
"""Commands that a card answers before it is pulled away: in the middle of PACE."""


class How(StrEnum):
    """How a card is held to a reader."""

    PROPERLY = "properly"
    PULLED_EARLY = "pulled early"
    WRONG_SCAN = "wrong scan"
    CLONE = "clone"
    GARBLED = "garbled"
    """So badly that the reader understands nothing."""


@dataclass(frozen=True, slots=True)
class Order:
    """Hold this person's card to the reader, when the station is ready."""

    person: int
    how: How = How.PROPERLY
    kind: CardKind = CardKind.PACE_CA


@dataclass(frozen=True, slots=True)
class Opened:
    """Where the station finds the door's devices."""

    reader: str
    scanner: str


class GoOn:
    """The other side is there: the station serves, or has answered, so that the card may be taken away."""


@dataclass(frozen=True, slots=True)
class HandArguments:
    """What a hand must know to make the crowd's cards and to see the door's screen."""

    name: str
    state: Path
    plan: CrowdPlan
    seed: int
    at: datetime
    link: LinkModel | None = None


def serve(arguments: HandArguments, pipe: Connection) -> None:
    """Carry out orders until the pipe closes.

    Sends ``Opened`` first, ``GoOn`` once the door invites cards, then for each order how long it did not, in seconds.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    crowd = Crowd(arguments.state, arguments.plan, seed=arguments.seed, at=arguments.at)
    with SimulatedPn532(link=arguments.link) as reader, SimulatedScanner() as scanner:
        pipe.send(Opened(reader.path, scanner.path))
        pipe.recv()  # the station is there
        hand = _Hand(crowd, reader, scanner, Board(crowd.config.board_path), arguments.name)
        hand.wait_until_ready()
        pipe.send(GoOn())
        while True:
            try:
                order = pipe.recv()
            except EOFError:
                return
            ready_s = hand.hold(order)
            pipe.recv()  # it was answered
            reader.field.remove()
            pipe.send(ready_s)


@dataclass(frozen=True, slots=True)
class _Hand:
    crowd: Crowd
    reader: SimulatedPn532
    scanner: SimulatedScanner
    board: Board
    door: str

    def hold(self, order: Order) -> float:
        """Scan and hold the card; return how long the station was not ready before."""
        card = self.crowd.card(order.person, order.kind)
        if card.chip is None:
            raise AssertionError  # everybody of a crowd has a card
        began = time.monotonic()
        self.wait_until_ready()
        ready_s = time.monotonic() - began
        self.scanner.scan(can(order.person + 1) if order.how is How.WRONG_SCAN else card.scanned)
        chip = VirtualChip(clone_of(card.chip) if order.how is How.CLONE else card.chip)
        pulled = _PULLED_AFTER if order.how is How.PULLED_EARLY else None
        air = _garbled if order.how is How.GARBLED else None
        self.reader.field.place(chip, remove_after_apdus=pulled, air=air)
        return ready_s

    def wait_until_ready(self) -> None:
        """Wait until the door's screen invites a card."""
        until = time.monotonic() + _READY_WITHIN_S
        while time.monotonic() < until:
            if self._shown() is DisplayState.READY:
                return
            time.sleep(_LOOK_S)
        msg = f"door {self.door} was not ready within {_READY_WITHIN_S:.0f} s"
        raise TimeoutError(msg)

    def _shown(self) -> DisplayState | None:
        try:
            display = self.board.latest(self.door)
        except ApplianceError:
            return None  # somebody writes
        return None if display is None else display.state


def _garbled(_index: int, frame: bytes) -> bytes:
    return bytes(byte ^ 0x5A for byte in frame)
