"""Where the station's own time goes in a tap: measured around its own functions, on its own thread."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Any
from unittest.mock import patch

from appliance.firmware_host import nfcpy_reader
from appliance.firmware_host.card_session import CardSession
from appliance.firmware_host.simulator.link_time import LinkTime, Part
from appliance.station import door
from appliance.station.answers import TapResult
from appliance.station.examiner import Examiner


class Step(StrEnum):
    """What the station does in a tap. Processor time of its thread, which other programs do not lengthen."""

    DRIVER = "driver, block protocol"
    PROTOCOL = "access protocols, decoding"
    VERIFYING = "verification"
    RECORDING = "meeting, ledger"
    SHOWING = "screen, light, the rest"
    DISK = "waiting for the disk"
    """What recording took beyond that: a commit returns when it is durable."""


@dataclass
class Measured:
    """One tap. Seconds."""

    link: dict[Part, float]
    own: dict[Step, float]
    unnoticed: float
    """How long the card lay there before the station began to look for one."""
    result: TapResult

    @property
    def ours(self) -> float:
        """Everything that the station did."""
        return sum(self.own.values())

    @property
    def whole(self) -> float:
        """Card and link as the model says, and ours as measured."""
        return sum(self.link.values()) + self.ours


@dataclass
class Stopwatch:
    """Measures taps over a link of virtual time. ``placed`` is set when the card is held to the reader."""

    clock: LinkTime
    placed: float = 0.0
    random: Random = field(default_factory=lambda: Random(1))  # noqa: S311 – when people come
    taps: list[Measured] = field(default_factory=list)
    _processor: Counter[str] = field(default_factory=Counter)
    _wall: Counter[str] = field(default_factory=Counter)
    _seen: float = 0.0
    _began: float = 0.0

    @contextmanager
    def measuring(self) -> Iterator[None]:
        """Measure whatever stations do inside the ``with`` block."""
        antenna = nfcpy_reader._NfcpyAntenna  # noqa: SLF001 – the one place where a card is looked for
        with (
            patch.object(antenna, "sense", self._sensing(antenna.sense)),
            patch.object(CardSession, "transmit", self._timed("driver", CardSession.transmit)),
            patch.object(door, "read_card", self._timed("reading", door.read_card)),
            patch.object(Examiner, "examine", self._timed("verifying", Examiner.examine)),
            patch.object(Examiner, "record", self._timed("recording", Examiner.record)),
            patch.object(door.Door, "_tell_year", self._timed("afterwards", door.Door._tell_year)),  # noqa: SLF001 – light and sound do not wait for it
        ):
            yield

    def finish(self, result: TapResult) -> None:
        """Take down the tap that was just answered; called by the station's thread."""
        own = self._processor
        whole_s = time.thread_time() - self._began - own["afterwards"]
        self.taps.append(
            Measured(
                link=self.clock.take(),
                own={
                    Step.DRIVER: own["sensing"] + own["driver"],
                    Step.PROTOCOL: own["reading"] - own["driver"],
                    Step.VERIFYING: own["verifying"],
                    Step.RECORDING: own["recording"],
                    Step.SHOWING: whole_s - own["sensing"] - own["reading"] - own["verifying"] - own["recording"],
                    Step.DISK: max(0.0, self._wall["recording"] - own["recording"]),
                },
                unnoticed=max(0.0, self._seen - self.placed),
                result=result,
            )
        )

    def _sensing(self, sense: Callable[[Any], bool]) -> Callable[[Any], bool]:
        """Begin anew with each look for a card: the last one found it."""

        def look(antenna: Any) -> bool:
            self.clock.take()
            self._processor, self._wall = Counter(), Counter()
            self._seen, self._began = time.monotonic(), time.thread_time()
            return self._timed("sensing", sense)(antenna)

        return look

    def _timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any, **named: Any) -> Any:
            processor, wall = time.thread_time(), time.perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                self._processor[name] += time.thread_time() - processor
                self._wall[name] += time.perf_counter() - wall

        return timed
