"""Three hundred taps leave a station as it was; ``scripts/soak`` makes ten thousand, in a process of its own."""

import gc
import sys
import threading
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

sys.path.append(str(Path(__file__).parents[2] / "scripts" / "lib"))

import soak
from crowd import Crowd, CrowdPlan

from appliance.checkin.service import Decision
from appliance.demo.simulation import Simulation, running
from appliance.kiosk.display import DisplayState
from verifier.sdk.testing import VirtualChip

TRACED, LOOKS, MEMBERS = 60, (180, 240, 300), 40
MOST_GROWTH = 15_000
"""Bytes that Python may hold more after 60 taps: 250 for each. A result that is kept is more."""
AT = datetime.now(UTC)


@pytest.fixture
def crowd(tmp_path: Path) -> Crowd:
    made = Crowd(tmp_path, CrowdPlan(MEMBERS), seed=1, at=AT)
    made.found()
    return made


@pytest.fixture
def simulation(crowd: Crowd) -> Iterator[Simulation]:
    with running(crowd.stage(), result_seconds=0.0) as simulation:
        yield simulation


def held() -> tuple[int, int, int]:
    """Traced bytes, open descriptors, threads."""
    gc.collect()
    return tracemalloc.get_traced_memory()[0], len(list(Path("/proc/self/fd").iterdir())), threading.active_count()


@pytest.mark.timeout(600)
def test_a_station_does_not_grow_by_its_taps(crowd: Crowd, simulation: Simulation) -> None:
    """Everybody comes again and again: what a meeting rightly remembers of each new card is known by then.

    What leaks does so between any two looks; a reader that was looked for again does not.
    """
    found = []
    cards, random = [crowd.card(number) for number in range(1, MEMBERS + 1)], Random(1)
    try:
        for number in range(1, LOOKS[-1] + 1):
            card = random.choice(cards) if number > MEMBERS else cards[number - 1]
            assert card.chip is not None
            simulation.wait_for(DisplayState.READY)
            simulation.scanner.scan("000000" if number % 10 == 0 else card.scanned)
            pulled = 7 if number % 10 == 5 else None
            simulation.reader.field.place(VirtualChip(card.chip), remove_after_apdus=pulled)
            result = simulation.results.get(timeout=60)
            simulation.reader.field.remove()
            assert (result.decision is Decision.TRY_AGAIN) == (number % 5 == 0), result
            if number == TRACED:
                tracemalloc.start()
            if number in LOOKS:
                simulation.wait_for(DisplayState.READY)
                found.append(held())
    finally:
        tracemalloc.stop()
    assert min(after[0] - before[0] for before, after in pairwise(found)) < MOST_GROWTH
    assert found[-1][1:] == found[0][1:]


def looks(*of: tuple[int, int, int]) -> list[tuple[int, soak.Held]]:
    return [(number * 10, soak.Held(*each)) for number, each in enumerate(of, start=1)]


def test_a_station_that_holds_what_it_held_has_not_grown() -> None:
    assert "1.0100" in soak.judge(looks((90_000, 20, 2), (100_000, 23, 2), (101_000, 23, 2)), taps=200)


@pytest.mark.parametrize("end", [(102_100, 23, 2), (100_000, 24, 2), (100_000, 23, 3)])
def test_memory_descriptors_or_threads_that_grow_are_told(end: tuple[int, int, int]) -> None:
    with pytest.raises(soak.Grew):
        soak.judge(looks((100_000, 23, 2), end), taps=100)


def test_the_people_of_a_soak_follow_from_its_seed() -> None:
    def first(seed: int) -> list[object]:
        return [order for order, _ in zip(soak.orders(Random(seed)), range(200), strict=False)]

    assert first(1) == first(1) != first(2)
    assert {order.how for order in first(1)} == soak.HOW


def test_a_short_soak_in_processes_of_its_own_is_judged(tmp_path: Path) -> None:
    assert len(soak.soak(tmp_path, 20, seed=5)) == 20
