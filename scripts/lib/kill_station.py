"""Kill the station with SIGKILL at random instants under load.

Cards are held to the simulated reader of a real station without pause. After each kill the database is opened anew:
every check-in that was acknowledged must be in it, the ledger must verify, and a new station on the same state must
know the last card that was acknowledged and serve the next one.
"""

import argparse
import os
import queue
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import NamedTuple, Self

from station_world import World

from appliance.checkin.service import Decision
from appliance.keys import Keys
from appliance.ledger import Entry, EntryKind, Ledger
from appliance.storage.database import Database

PATIENCE_SECONDS = 60.0
AT_START_SHARE = 0.2
"""How many of the kills fall into start and first tap; the others come after the new station served a card."""
SPREAD_SECONDS = 0.5
RECORDED_AS = {Decision.PRESENT: EntryKind.CHECK_IN, Decision.VISITING: EntryKind.VISIT}
SERVED = (*RECORDED_AS, Decision.ALREADY_PRESENT)


class Acknowledged(NamedTuple):
    """A tap whose answer the station has shown."""

    number: int
    sequence: int
    decision: Decision
    reason: str

    @classmethod
    def of(cls, line: str) -> Self:
        number, sequence, decision, reason = line.split()
        return cls(int(number), int(sequence), Decision(decision), reason)


class NotSurvived(Exception):
    """A kill cost something."""


class Stations:
    """Starts stations in processes of their own, and kills them."""

    def __init__(self, state: Path, seed: int, at: datetime) -> None:
        program = Path(__file__).with_name("station_to_kill.py")
        arguments = [sys.executable, str(program), str(state), str(seed), at.isoformat()]
        self._process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        if self._process.stdin is None or self._process.stdout is None:
            raise AssertionError  # both were asked for
        self._orders = self._process.stdin
        self._station: int | None = None
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True).start()

    def run_until_killed(self, first: int, served: int, seconds: float) -> list[Acknowledged]:
        """Start a station, wait until it has served so many cards and that long, kill it; return what it answered."""
        self._orders.write(f"{first}\n")
        self._station = pid = int(self._line())
        acknowledged = [Acknowledged.of(self._line()) for _ in range(served)]
        time.sleep(seconds)
        os.kill(pid, signal.SIGKILL)
        while (line := self._line()) != "ended":
            acknowledged.append(Acknowledged.of(line))
        self._station = None
        return acknowledged

    def close(self) -> None:
        if self._station is not None:
            with suppress(ProcessLookupError):
                os.kill(self._station, signal.SIGKILL)
        self._orders.close()
        self._process.wait(PATIENCE_SECONDS)

    def _read(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._lines.put(line.strip())
        self._lines.put("")

    def _line(self) -> str:
        try:
            line = self._lines.get(timeout=PATIENCE_SECONDS)
        except queue.Empty:
            line = ""
        if not line:
            msg = "the station did not answer, or did not start; see above"
            raise NotSurvived(msg)
        return line


def kill(state: Path, kills: int, seed: int) -> None:
    """Kill that often. Raises ``NotSurvived``."""
    at, random = datetime.now(UTC), Random(seed)  # noqa: S311 – instants, not secrets
    world = World(state, seed, at)
    world.found()
    stations = Stations(state, seed, at)
    last: Acknowledged | None = None
    run = 0
    total, entries_before, lost_answers = 0, _entries(world, after=0)[0], 0
    try:
        for run in range(kills + 1):  # the last one shows that the last kill was survived
            at_start = random.random() < AT_START_SHARE and run < kills
            seconds = random.uniform(0, SPREAD_SECONDS)
            answers = stations.run_until_killed(last.number if last else 1, 0 if at_start else 2, seconds)
            verified, entries = _entries(world, after=entries_before)
            _check(answers, entries, last)
            total += len(answers)
            lost_answers += len(entries) - sum(answer.decision is not Decision.ALREADY_PRESENT for answer in answers)
            entries_before, last = verified, answers[-1] if answers else last
    except NotSurvived as error:
        msg = f"kill {run + 1} of {kills}, seed {seed}: {error}"
        raise NotSurvived(msg) from error
    finally:
        stations.close()
    print(f"{kills} kills: {total} answers, {entries_before} entries, chained and signed, none lost")
    print(f"{lost_answers} check-ins were recorded whose answer the kill cut off")


def _entries(world: World, after: int) -> tuple[int, dict[int, Entry]]:
    """Open the database anew and verify the ledger; return how long it is, and what is new."""
    database = Database(world.config.database_path)
    try:
        ledger = Ledger(database, Keys.load_or_create(world.config.keys_directory))
        verdict = ledger.verify()
        if not verdict.ok:
            msg = f"the ledger does not verify: {verdict.sentence}"
            raise NotSurvived(msg)
        return verdict.entries, {entry.sequence: entry for entry in ledger.entries(after=after, limit=100_000)}
    finally:
        database.close()


def _check(answers: list[Acknowledged], entries: dict[int, Entry], last: Acknowledged | None) -> None:
    for answer in answers:
        if answer.decision not in SERVED:
            msg = f"card {answer.number} was not served: {answer.decision}, {answer.reason}"
            raise NotSurvived(msg)
        entry = entries.get(answer.sequence)
        if answer.decision in RECORDED_AS and (entry is None or entry.kind is not RECORDED_AS[answer.decision]):
            msg = f"card {answer.number} was acknowledged, but entry {answer.sequence} is not there"
            raise NotSurvived(msg)
    if last is not None and answers and answers[0][:2] != last[:2]:
        msg = f"card {last.number} was entry {last.sequence} before the kill, and is {answers[0].sequence} after it"
        raise NotSurvived(msg)
    recorded = {answer.sequence for answer in answers}
    if len(entries.keys() - recorded) > 1:
        msg = "more was recorded than one tap can have had under way"
        raise NotSurvived(msg)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="scripts/kill-station", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kills", nargs="?", type=int, default=200, help="how often (200)")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32), help="repeat an earlier run's instants")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    try:
        with tempfile.TemporaryDirectory(prefix="thechip-kill-") as state:
            kill(Path(state), options.kills, options.seed)
    except NotSurvived as error:
        print(f"FAILED: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
