"""A tap's time budget: the link as modelled, the station as measured, in one run."""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from crowd import CardKind, Crowd, CrowdPlan
from time_budget.stopwatch import Measured, Step, Stopwatch

from appliance.checkin.service import Decision
from appliance.demo.cards import DemoCard
from appliance.demo.simulation import Simulation, running
from appliance.firmware_host.simulator.card_options import CardOptions
from appliance.firmware_host.simulator.link_model import LinkModel
from appliance.firmware_host.simulator.link_time import Part, VirtualTime
from appliance.firmware_host.simulator.pn532 import SimulatedPn532
from appliance.kiosk.display import DisplayState
from appliance.station.answers import TapResult
from verifier.sdk.testing import VirtualChip

RATES = {106: 0x80, 424: 0x33}
"""kbit/s, and the TA(1) of a card that offers no more."""
_CURVE = "brainpoolP256r1"
_WARM_UP = 3
"""Taps before the first that counts: caches and imports are a station's of yesterday."""
_PATIENCE_S = 60.0
_APART_S = 0.2
_SEED = 20261129


@dataclass(frozen=True, slots=True)
class Bar:
    """The budget of one kind of card at one bit rate. Medians, in seconds."""

    kind: CardKind
    rate: int
    chip: str
    link: dict[Part, float]
    own: dict[Step, float]
    unnoticed: float
    own_of_each: Sequence[float]
    apdus: int
    bytes: int

    @property
    def ours(self) -> float:
        """The median of what the station did in a tap."""
        return statistics.median(self.own_of_each)

    @property
    def whole(self) -> float:
        """What a person waits for, from the look that found the card to the answer."""
        return sum(self.link.values()) + self.ours

    @property
    def share(self) -> float:
        """Ours of the whole."""
        return self.ours / self.whole

    def percentile(self, hundredth: int) -> float:
        """Return that percentile of what the station did, 1 to 99."""
        return statistics.quantiles(self.own_of_each, n=100, method="inclusive")[hundredth - 1]


def bars(chip: str, link: LinkModel, taps: int, *, rates: Iterable[int] = tuple(RATES)) -> Iterator[Bar]:
    """Tap so many cards of each kind at each rate, every card another person's, each recorded in the ledger."""
    for kind in CardKind:
        for rate in rates:
            yield _bar(kind, rate, chip, link, taps)


def _bar(kind: CardKind, rate: int, chip: str, link: LinkModel, taps: int) -> Bar:
    clock = VirtualTime()
    watch = Stopwatch(clock)
    with tempfile.TemporaryDirectory(prefix="thechip-budget-") as state, watch.measuring():
        crowd = Crowd(Path(state), CrowdPlan(taps + _WARM_UP, curve=_CURVE), seed=_SEED, at=datetime.now(UTC))
        crowd.found()
        with running(
            crowd.stage(), result_seconds=0.0, new_reader=lambda: SimulatedPn532(link=link, link_time=clock)
        ) as simulation:
            simulation.door.on_result = _finishing(watch, simulation)
            for number in range(1, taps + _WARM_UP + 1):
                _tap(crowd.card(number, kind), CardOptions(ta=RATES[rate]), watch, simulation)
    return _summary(kind, rate, chip, watch.taps[_WARM_UP:])


def _finishing(watch: Stopwatch, simulation: Simulation) -> Callable[[TapResult], None]:
    def finish(result: TapResult) -> None:
        watch.finish(result)
        simulation.results.put(result)

    return finish


def _tap(card: DemoCard, options: CardOptions, watch: Stopwatch, simulation: Simulation) -> None:
    if card.chip is None:
        raise AssertionError  # everybody here has a card
    simulation.wait_for(DisplayState.READY)
    simulation.scanner.scan(card.scanned)
    time.sleep(watch.random.uniform(0.0, _APART_S))  # people do not come in step with the station's looks
    watch.placed = time.monotonic()
    simulation.reader.field.place(VirtualChip(card.chip), options)
    try:
        result = simulation.results.get(timeout=_PATIENCE_S)
    finally:
        simulation.reader.field.remove()
    if result.decision is not Decision.PRESENT:
        msg = f"a genuine card was not recorded: {result.decision}, {result.reason}"
        raise NotABudget(msg)


class NotABudget(Exception):
    """A tap went wrong: there is nothing to measure."""


def _summary(kind: CardKind, rate: int, chip: str, taps: Sequence[Measured]) -> Bar:
    return Bar(
        kind=kind,
        rate=rate,
        chip=chip,
        link={part: statistics.median(tap.link[part] for tap in taps) for part in Part},
        own={step: statistics.median(tap.own[step] for tap in taps) for step in Step},
        unnoticed=statistics.median(tap.unnoticed for tap in taps),
        own_of_each=[tap.ours for tap in taps],
        apdus=taps[-1].result.apdus,
        bytes=taps[-1].result.bytes,
    )
