"""Ten years of a chi bộ of five thousand behind an appliance, and what that is to it.

Two real stores with the same roster are filled, one with monthly meetings of so many years, one with a single meeting.
Then the same things are done with both in turn. Of each is told how much longer it takes with the years behind it, and
how many more steps SQLite makes: the first is told and judged by nobody, the second says whether something visits more
than it must. What may grow with the entries, or with the meetings, is divided by how many there are.
"""

import argparse
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

sys.path[0] = str(Path(__file__).parents[1])

from backlog.filled import Past, fill  # noqa: E402 – found by the line above
from backlog.looks import Measured, Meter, Per, Scene, Wrong, erasure, evening, looks, whole  # noqa: E402
from backlog.steps import counting  # noqa: E402

MOST = 1.5
"""So many times the steps are no growth: trees of tables are a little deeper."""
_FEW = 10_000
"""Steps, which take less than a millisecond: that somebody was at 120 meetings is no growth of a tap."""
_FILLED = "filled"


@dataclass
class Line:
    """One thing, as it was measured with both stores; ``old`` and ``young`` are what the meter rose by, each time."""

    per: Per
    old: list[float] = field(default_factory=list)
    young: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Both:
    """The two stores."""

    old: Scene
    young: Scene

    def measured(self, meter: Meter, *, times: int, taps: int) -> dict[str, Line]:
        """Do what is done on an evening ``times`` times, in turn, and erase somebody once."""
        lines: dict[str, Line] = {}
        for _ in range(times):
            _note(lines, zip(evening(self.old, meter, taps), evening(self.young, meter, taps), strict=True))
            _note(lines, zip(looks(self.old, meter), looks(self.young, meter), strict=True))
        _note(lines, zip(erasure(self.old, meter), erasure(self.young, meter), strict=True))
        return lines

    def measured_whole(self, meter: Meter) -> dict[str, Line]:
        """Do once what goes through everything."""
        lines: dict[str, Line] = {}
        _note(lines, zip(whole(self.old, meter), whole(self.young, meter), strict=True))
        return lines

    def ratio(self, line: Line, *, least: float = 0.0) -> float:
        """Return how many times as much it is with the old store, each by its own number of what it may grow with."""
        old = max(statistics.median(line.old), least) / self.old.units()[line.per]
        young = max(statistics.median(line.young), least) / self.young.units()[line.per]
        return old / young


def _note(lines: dict[str, Line], pairs: Iterable[tuple[Measured, Measured]]) -> None:
    for old, young in pairs:
        line = lines.setdefault(old.name, Line(old.per))
        line.old.append(old.rose)
        line.young.append(young.rose)


def main() -> int:
    options = _options()
    at = datetime.now(UTC)
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="thechip-backlog-") as folder:
        state = options.state or Path(folder)
        try:
            for name, meetings in (("old", options.years * 12), ("young", 1)):
                _filled(state / name, Past(options.members, meetings, options.seed, at))
            return _compare(state, at, options)
        except Wrong as error:
            print(f"FAILED: {error}", file=sys.stderr)
            return 1


def _filled(state: Path, past: Past) -> None:
    """Fill a store unless that was done before."""
    if (state / _FILLED).exists():
        return
    began = time.monotonic()

    def told(done: int) -> None:
        if done % 12 == 0 or done == past.meetings:
            print(f"{state.name}: {done} meetings, {time.monotonic() - began:.0f} s", flush=True)

    fill(state, past, told)
    (state / _FILLED).touch()


def _compare(state: Path, at: datetime, options: argparse.Namespace) -> int:
    both = Both(Scene(state / "old", at), Scene(state / "young", at))
    sizes = [scene.state / "thechip.sqlite3" for scene in (both.old, both.young)]
    entries = [scene.units()[Per.ENTRY] for scene in (both.old, both.young)]
    each = [path.stat().st_size / count for path, count in zip(sizes, entries, strict=True)]
    print(f"{entries[0]} entries in {sizes[0].stat().st_size / 1e6:.0f} MB: {each[0]:.0f} bytes each; ", end="")
    print(f"of {entries[1]} entries {each[1]:.0f}, roster and tables among them", flush=True)
    seconds = both.measured(time.perf_counter, times=options.times, taps=options.taps)
    with counting() as steps:
        counted = Both(Scene(both.old.state, at, both.old.evenings), Scene(both.young.state, at, both.young.evenings))
        rows = counted.measured(steps, times=1, taps=options.taps)
    print(f"{'':34}{'young':>12}{'old':>12}{'times':>9}{'steps':>9}")
    grew = []
    for name, line in seconds.items():
        ratio = counted.ratio(rows[name], least=_FEW)
        print(f"{_said(both, name, line)}{ratio:9.2f}  {line.per and f'for each {line.per}'}", flush=True)
        grew += [name] if ratio > MOST else []
    for name, line in both.measured_whole(time.perf_counter).items():
        print(f"{_said(both, name, line)}{'':9}  for each {line.per}", flush=True)
    if grew:
        print(f"FAILED: visits more than it must: {', '.join(grew)}", file=sys.stderr)
        return 1
    return 0


def _said(both: Both, name: str, line: Line) -> str:
    young, old = (statistics.median(values) * 1e3 for values in (line.young, line.old))
    return f"{name:34}{young:9.1f} ms{old:9.1f} ms{both.ratio(line):9.2f}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/backlog", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--years", type=int, default=10, help="of monthly meetings (10)")
    parser.add_argument("--members", type=int, default=5000, help="on the roster (5000)")
    parser.add_argument("--taps", type=int, default=200, help="in an evening (200)")
    parser.add_argument("--times", type=int, default=3, help="how often everything is timed (3)")
    parser.add_argument("--state", type=Path, help="fill the stores there, and keep them for the next run")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32), help="repeat an earlier past")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
