"""Tap ten thousand cards at one station, and see that it does not grow: memory, descriptors, threads.

Cards are held to a simulated reader without pause, by a hand in a process of its own. Most belong to people who were
not seen before, so that the ledger grows; some come again, are pulled away early, have another card's code scanned, or
are so badly garbled that nothing can be read. What the station's process holds is read from the kernel.
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
from pathlib import Path
from random import Random
from typing import Self

sys.path[0] = str(Path(__file__).parent)

from congress.doors import Doors, StationFailed, opened  # noqa: E402 – found by the line above
from congress.hand import How, Order  # noqa: E402
from crowd import Crowd, CrowdPlan  # noqa: E402

from appliance.checkin.service import Decision  # noqa: E402

MEMBERS = 2_000
"""Whoever has a higher number is a visitor: in the ledger, too."""
MOST_GROWTH = 1.02
WARM_SHARE = 0.1
"""What counts is what grows after so many of the taps: caches are filled by then."""
LOOKS = 50
"""How often the process is looked at in the whole run."""
_ALSO = {How.PULLED_EARLY: 0.03, How.WRONG_SCAN: 0.03, How.GARBLED: 0.02}
HOW = {How.PROPERLY, *_ALSO}
_AGAIN_SHARE = 0.15
_EXPECTED = {
    How.PROPERLY: {Decision.PRESENT, Decision.PRESENT_LATE, Decision.VISITING, Decision.ALREADY_PRESENT},
    How.PULLED_EARLY: {Decision.TRY_AGAIN},
    How.WRONG_SCAN: {Decision.TRY_AGAIN},
    How.GARBLED: {Decision.TRY_AGAIN},
}


@dataclass(frozen=True, slots=True)
class Held:
    """What a process holds: resident memory in kB, open descriptors, threads."""

    rss_kb: int
    descriptors: int
    threads: int

    @classmethod
    def by(cls, pid: int) -> Self:
        status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        descriptors = len(list(Path(f"/proc/{pid}/fd").iterdir()))
        return cls(int(status["VmRSS"].split()[0]), descriptors, int(status["Threads"]))


class Grew(Exception):
    """The station holds more than it did."""


def orders(random: Random) -> Iterator[Order]:
    """Yield what is held to the reader, without end."""
    newest = 0
    while True:
        luck = random.random()
        for how, share in _ALSO.items():
            luck -= share
            if luck < 0:
                yield Order(newest + 1, how)
                break
        else:
            again = newest > 0 and luck < _AGAIN_SHARE
            newest += not again
            yield Order(random.randint(1, newest) if again else newest)


def soak(state: Path, taps: int, seed: int) -> list[tuple[int, Held]]:
    """Tap; return what the process held after so many taps. Raises ``Grew`` and ``StationFailed``."""
    at, random = datetime.now(UTC), Random(seed)  # noqa: S311 – who comes next
    plan = CrowdPlan(MEMBERS)
    Crowd(state, plan, seed=seed, at=at).found()
    looks: list[tuple[int, Held]] = []
    counted: Counter[str] = Counter()
    with opened(state, plan, seed=seed, at=at, doors=1) as doors:
        for number, order in zip(range(1, taps + 1), orders(random), strict=False):
            tapped = doors.tap("1", order)
            if tapped.result.decision not in _EXPECTED[order.how]:
                msg = f"tap {number}, {order.how}: {tapped.result.decision}, {tapped.result.reason}"
                raise StationFailed(msg)
            counted[f"{tapped.result.decision}"] += 1
            if number % max(1, taps // LOOKS) == 0:
                looks.append((number, _look(doors, number)))
    print(", ".join(f"{count} {decision}" for decision, count in counted.most_common()))
    return looks


def _look(doors: Doors, number: int) -> Held:
    time.sleep(0.3)  # between two cards: the reader is open, nothing is under way
    held = Held.by(doors.pid)
    print(f"{number:6} taps: {held.rss_kb:7} kB, {held.descriptors} descriptors, {held.threads} threads", flush=True)
    return held


def judge(looks: list[tuple[int, Held]], taps: int) -> str:
    """Return a line that says how much it grew; raise ``Grew`` where that is too much."""
    warm = next(held for number, held in looks if number >= taps * WARM_SHARE)
    end = looks[-1][1]
    said = f"{end.rss_kb / warm.rss_kb:.4f} of the memory, descriptors {warm.descriptors} and {end.descriptors}, "
    said += f"threads {warm.threads} and {end.threads}"
    if end.rss_kb > warm.rss_kb * MOST_GROWTH or end.descriptors != warm.descriptors or end.threads != warm.threads:
        raise Grew(said)
    return said


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="scripts/soak", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("taps", nargs="?", type=int, default=10_000, help="how many (10,000)")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32), help="repeat an earlier run's people")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    began = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="thechip-soak-") as state:
            said = judge(soak(Path(state), options.taps, options.seed), options.taps)
    except (Grew, StationFailed) as error:
        print(f"FAILED: {error}", file=sys.stderr)
        return 1
    print(f"{options.taps} taps in {time.monotonic() - began:.0f} s; after them {said}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
