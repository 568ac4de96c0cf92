"""What kill-station kills: the real station, with cards held to it without pause.

    station_to_kill.py STATE_DIRECTORY SEED TIME

Each line NUMBER on standard input forks a station that is held card after card, the one of that number first. Standard
output has its process id, then a line "NUMBER SEQUENCE DECISION REASON" for each tap that was answered, written at
once, and "ended" when the process is gone.
"""

import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from station_world import World

from appliance.demo.simulation import Simulation, running
from appliance.demo.stage import Stage
from appliance.services import Services
from appliance.station.answers import TapResult


def serve(world: World, first: int) -> None:
    """Hold card after card to a station until its killer does his work, or is gone himself."""
    stage = Stage(Services.open(world.config), ())
    started = datetime.now(UTC)
    with running(stage, result_seconds=0.0) as simulation:
        _wait_until_serving(simulation, started)
        for number in count(first):
            card = world.card(number)
            simulation.door.on_result = _acknowledge(number, simulation)
            simulation.tap(card)


def _wait_until_serving(simulation: Simulation, started: datetime) -> None:
    """Wait for what this station shows: the board still has the last word of the one that was killed."""
    while True:
        shown = simulation.stage.services.board.latest(simulation.door.reader.name)
        if shown is not None and shown.at >= started:
            return
        time.sleep(0.01)


def _acknowledge(number: int, simulation: Simulation) -> Callable[[TapResult], None]:
    def write(result: TapResult) -> None:
        try:
            os.write(1, f"{number} {result.sequence or 0} {result.decision} {result.reason}\n".encode())
        except BrokenPipeError:
            os._exit(1)  # nobody is left to kill this process
        simulation.results.put(result)

    return write


def main() -> None:
    state, seed, at = Path(sys.argv[1]), int(sys.argv[2]), datetime.fromisoformat(sys.argv[3])
    tempfile.tempdir = str(state)  # what a killed process leaves behind goes with the state directory
    world = World(state, seed, at)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os.write(1, f"{os.getpid()}\n".encode())
            try:
                serve(world, int(line))
            except BaseException:  # noqa: BLE001 – a forked child must not run on in its parent's loop
                traceback.print_exc()
            os._exit(1)
        os.waitpid(child, 0)
        os.write(1, b"ended\n")


if __name__ == "__main__":
    main()
