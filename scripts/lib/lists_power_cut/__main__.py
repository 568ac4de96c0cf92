"""Cut the power, or kill -9, before every system call of a sync that forces out or changes anything on the disk.

Real syncs of invented publications run in a process of their own. For a power cut the disk is then rebuilt elsewhere,
twice: from what is certain, because it was forced out, and from that and any part of the rest, torn or whole. After
each, the old lists or the new ones must be in use, whole; an older publication must be refused; and the next sync must
end with the same lists as one that nothing happened to.
"""

import argparse
import logging
import os
import secrets
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random

sys.path[0] = str(Path(__file__).parents[1])

from lists_power_cut.controls import CONTROLS  # noqa: E402 – found by the line above
from lists_power_cut.delivery import Deliveries  # noqa: E402 – likewise
from lists_power_cut.disk import copy  # noqa: E402 – likewise
from lists_power_cut.errors import NotSurvived  # noqa: E402 – likewise
from lists_power_cut.power import CERTAIN, DRAWN, cut, kill_after, kill_at  # noqa: E402 – likewise
from lists_power_cut.scenes import Month  # noqa: E402 – likewise
from lists_power_cut.stages import Stage, prepare  # noqa: E402 – likewise

_AT_A_CALL_SHARE = 0.7
"""How many kills come before a certain call; the others come at random instants."""


def in_turn(stages: list[Stage], random: Random) -> list[tuple[Stage, int]]:
    """Return every call of every scene, and the end of each, in any order."""
    turns = [(stage, call) for stage in stages for call in range(stage.calls + 1)]
    random.shuffle(turns)
    return turns


@dataclass
class Cutter:
    """Cuts and kills in a scratch folder, and counts what came of it."""

    scratch: Path
    random: Random
    counted: Counter[str]

    def cut(self, stage: Stage, call: int, number: int) -> None:
        """Cut the power once, and examine both disks. Raises ``NotSurvived``."""
        with tempfile.TemporaryDirectory(dir=self.scratch) as name:
            place = Path(name)
            state = copy(stage.template, place / "state")
            done = cut(stage.work(state), state, call, place, Random(number))  # noqa: S311
            for disk in (CERTAIN, DRAWN):
                self._examine(stage, place / disk, f"before call {call} of {stage.calls}, the {disk} disk", done=done)
        self.counted["power cuts"] += 1

    def kill(self, stage: Stage, call: int) -> None:
        """Kill once, and examine what is there. Raises ``NotSurvived``."""
        with tempfile.TemporaryDirectory(dir=self.scratch) as name:
            state = copy(stage.template, Path(name) / "state")
            work = stage.work(state)
            if self.random.random() < _AT_A_CALL_SHARE:
                done, when = kill_at(work, call), f"killed before call {call} of {stage.calls}"
            else:
                seconds = self.random.uniform(0, stage.seconds * 1.5)
                done, when = kill_after(work, seconds), f"killed after {seconds:.4f} s"
            self._examine(stage, state, when, done=done)
        self.counted["kills"] += 1

    def _examine(self, stage: Stage, state: Path, when: str, *, done: bool) -> None:
        try:
            is_new = stage.examiner.examine(state, done=done)
        except NotSurvived as error:
            msg = f"{stage.name}, {when}: {error}"
            raise NotSurvived(msg) from error
        self.counted["disks with the new lists" if is_new else "disks with the old lists"] += 1


def run(scratch: Path, cuts: int, kills: int, seed: int, without: str | None) -> None:
    """Cut and kill that often. Raises ``NotSurvived``."""
    random = Random(seed)  # noqa: S311 – instants, not secrets
    deliveries = Deliveries(scratch / "keys")
    deliveries.month = month = Month(scratch / "month", deliveries.recipient)
    with month.served():
        stages = prepare(month, deliveries, scratch / "stages")
        calls = sum(stage.calls for stage in stages)
        print(f"{len(stages)} scenes with {calls} calls before which they can be cut off", flush=True)
        cutter = Cutter(scratch, random, Counter())
        if without is not None:
            CONTROLS[without]()
        turns = in_turn([stage for stage in stages if not stage.only_kills], random)
        for number in range(cuts):
            cutter.cut(*turns[number % len(turns)], number + seed)
        turns = in_turn(stages, random)
        for number in range(kills):
            cutter.kill(*turns[number % len(turns)])
    counted = cutter.counted
    print(f"{counted['power cuts']} power cuts and {counted['kills']} kills: the old lists or the new ones, whole")
    print(", ".join(f"{what}: {counted[what]}" for what in sorted(counted) if what.startswith("disks")))


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="scripts/cut-lists", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cuts", nargs="?", type=int, default=1000, help="how many power cuts (1000)")
    parser.add_argument("--kills", type=int, help="how many kills (as many)")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32), help="repeat an earlier run's cuts")
    parser.add_argument(
        "--without", choices=CONTROLS, help="leave something out that must be missed: the run must fail"
    )
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    logging.disable(logging.WARNING)  # what syncs say of publications that they are right to refuse
    kills = options.cuts if options.kills is None else options.kills
    try:
        with tempfile.TemporaryDirectory(prefix="thechip-cut-") as name:
            os.fsync = lambda _: None  # no real power goes
            run(Path(name), options.cuts, kills, options.seed, options.without)
    except NotSurvived as error:
        print(f"FAILED: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
