"""Unplug the reader at every byte of a tap, in both directions.

A card is held to a real station over the genuine driver. Once so many bytes have passed between host and reader since
the card was activated, the line is gone. Whoever stands there must have an answer; then the reader is plugged in, the
same card is held to it again, and the list must have that person exactly once.
"""

import argparse
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from random import Random
from unittest.mock import patch

sys.path[0] = str(Path(__file__).parent)

from crowd import Crowd, CrowdPlan  # noqa: E402 – found by the line above

from appliance.checkin.service import Decision  # noqa: E402
from appliance.demo.cards import DemoCard  # noqa: E402
from appliance.demo.simulation import Simulation, running  # noqa: E402
from appliance.firmware_host.simulator.line_faults import cut_after_bytes  # noqa: E402
from appliance.kiosk.display import DisplayState  # noqa: E402
from appliance.station import door  # noqa: E402
from appliance.station.answers import TapResult  # noqa: E402
from verifier.sdk.testing import VirtualChip  # noqa: E402

_PATIENCE_S = 60.0
_REOPEN_S = (0.02, 0.05, 0.1)
"""Instead of half a second and more: the reader is back at once here."""


class Direction(StrEnum):
    """Which way the bytes are counted."""

    TO_READER = "to the reader"
    TO_HOST = "to the host"


@dataclass(frozen=True, slots=True)
class Cut:
    """After so many bytes in this direction, counted from the card's answer to RATS."""

    direction: Direction
    count: int


class NotSurvived(Exception):
    """A cut cost something."""


class Unplugger:
    """Cuts the line of a simulation's reader. People are numbers, from 1: another one for each cut."""

    def __init__(self, crowd: Crowd, simulation: Simulation) -> None:
        self._crowd = crowd
        self._simulation = simulation
        self._person = 0
        self._bytes: Counter[Direction] = Counter()
        self.answers: Counter[str] = Counter()
        simulation.door.on_result = self._finish

    def length_of_a_tap(self) -> dict[Direction, int]:
        """Tap without a cut; return how many bytes pass in each direction until the answer."""
        result = self._hold(self._next_card(), None)
        if result.decision is not Decision.PRESENT:
            msg = f"a card was not served: {result.decision}, {result.reason}"
            raise NotSurvived(msg)
        return dict(self._bytes)

    def cut(self, cut: Cut) -> None:
        """Cut, then hold the same card once more. Raises ``NotSurvived``."""
        card = self._next_card()
        first = self._hold(card, cut)
        self.answers[f"{first.decision}, {first.reason}"] += 1
        self._simulation.reader.plug_in()
        self._simulation.reader.disturb(None)
        second = self._hold(card, None)
        wanted = Decision.ALREADY_PRESENT if first.decision is Decision.PRESENT else Decision.PRESENT
        if first.decision not in {Decision.PRESENT, Decision.TRY_AGAIN} or second.decision is not wanted:
            msg = f"{first.decision}, {first.reason}; then {second.decision}, {second.reason}"
            raise NotSurvived(msg)

    def check(self) -> int:
        """Raise ``NotSurvived`` unless everybody is in the ledger once; return how many."""
        verdict = self._simulation.stage.services.ledger.verify()
        if not verdict.ok or verdict.entries != 1 + self._person:  # the opening, and everybody
            msg = f"{verdict.entries} entries for {self._person} people: {verdict.sentence}"
            raise NotSurvived(msg)
        return self._person

    def _next_card(self) -> DemoCard:
        self._person += 1
        return self._crowd.card(self._person)

    def _hold(self, card: DemoCard, cut: Cut | None) -> TapResult:
        simulation, reader = self._simulation, self._simulation.reader
        if card.chip is None:
            raise AssertionError  # everybody of a crowd has a card
        simulation.wait_for(DisplayState.READY)

        def begin(index: int, frame: bytes) -> bytes:
            if index == 0:  # the card is activated: from here on bytes count
                if cut is not None and cut.direction is Direction.TO_READER:
                    reader.cut_after_received(cut.count)
                else:
                    reader.disturb(cut_after_bytes(cut.count) if cut is not None else None)
            return frame

        simulation.scanner.scan(card.scanned)
        reader.field.place(VirtualChip(card.chip), air=begin)
        try:
            return simulation.results.get(timeout=_PATIENCE_S)
        finally:
            reader.field.remove()

    def _finish(self, result: TapResult) -> None:
        reader = self._simulation.reader
        self._bytes = Counter({Direction.TO_READER: reader.bytes_received, Direction.TO_HOST: reader.bytes_sent})
        self._simulation.results.put(result)


def cuts(lengths: dict[Direction, int], every: int, random: Random) -> Iterator[Cut]:
    """Yield a cut at every byte, or at every so-manieth from a random one on."""
    for direction, length in lengths.items():
        for count in range(random.randrange(every), length + 1, every):
            yield Cut(direction, count)


def unplug(state: Path, every: int, seed: int) -> None:
    """Cut at every so-manieth byte. Raises ``NotSurvived``."""
    random = Random(seed)  # noqa: S311 – where the first cut is
    crowd = Crowd(state, CrowdPlan(8_000 // every + 10), seed=seed, at=datetime.now(UTC))
    crowd.found()
    with (
        patch.object(door, "REOPEN_AFTER_SECONDS", _REOPEN_S),
        running(crowd.stage(), result_seconds=0.0) as simulation,
    ):
        unplugger = Unplugger(crowd, simulation)
        lengths = unplugger.length_of_a_tap()
        print(", ".join(f"{length} bytes {direction}" for direction, length in lengths.items()), flush=True)
        done = 0
        for cut in cuts(lengths, every, random):
            try:
                unplugger.cut(cut)
            except NotSurvived as error:
                msg = f"unplugged after {cut.count} bytes {cut.direction}: {error}"
                raise NotSurvived(msg) from error
            done += 1
            if done % 250 == 0:
                print(f"{done} cuts", flush=True)
        people = unplugger.check()
        said = ", ".join(f"{count} {answer}" for answer, count in unplugger.answers.most_common())
        print(f"{done} cuts: {said}; {people} people in the ledger, each once")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="scripts/unplug-reader", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--every", type=int, default=1, help="cut at every so-manieth byte only (1)")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32), help="repeat an earlier run's people")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    began = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="thechip-unplug-") as state:
            unplug(Path(state), options.every, options.seed)
    except NotSurvived as error:
        print(f"FAILED: {error}", file=sys.stderr)
        return 1
    print(f"in {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
