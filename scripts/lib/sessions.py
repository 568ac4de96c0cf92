"""Run seeded sessions of PACE, Chip Authentication and Active Authentication, and count what they met."""

import argparse
import secrets
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, partial
from time import monotonic

from verifier.sdk.errors import VerifierError
from verifier.sdk.testing.sessions import SeededSessions, SessionFailed, SessionKind

AT = datetime(2026, 1, 1, tzinfo=UTC)
KINDS = {"pace": SessionKind.PACE, "ca": SessionKind.CHIP_AUTHENTICATION, "aa": SessionKind.ACTIVE_AUTHENTICATION}
CHUNK = 25


@dataclass
class Tally:
    """What a number of sessions met."""

    succeeded: int = 0
    with_zeros: int = 0
    variants: set[str] = field(default_factory=set)
    zeros: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[int, str]] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Count the other's sessions too."""
        self.succeeded += other.succeeded
        self.with_zeros += other.with_zeros
        self.variants |= other.variants
        self.zeros += other.zeros
        self.failures += other.failures


def main() -> int:
    options = _options()
    print(f"seed {options.seed}, {options.count} sessions of each kind, from number {options.first}", flush=True)
    numbers = range(options.first, options.first + options.count)
    tallies = {}
    for name in options.kind or KINDS:
        started = monotonic()
        tallies[name] = _run_all(options.seed, name, numbers, options.workers)
        print(f"{KINDS[name]}: {monotonic() - started:.0f} s", flush=True)
    _print_table(tallies, options.count)
    failures = [(name, *failure) for name, tally in tallies.items() for failure in tally.failures]
    for name, number, sentence in failures:
        print(f"FAILED: {sentence}")
        print(f"  repeat: scripts/sessions 1 --seed {options.seed} --first {number} --kind {name}")
    print("all succeeded" if not failures else f"{len(failures)} failed")
    return 1 if failures else 0


def _run_all(seed: int, name: str, numbers: range, workers: int) -> Tally:
    chunks = [numbers[at : at + CHUNK] for at in range(0, len(numbers), CHUNK)]
    tally = Tally()
    for part in _each(partial(_run, seed, name), chunks, workers):
        tally.add(part)
    return tally


def _each(run: "partial[Tally]", chunks: Iterable[range], workers: int) -> Iterator[Tally]:
    if workers == 1:
        yield from map(run, chunks)
        return
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(run, chunks)


@cache
def _sessions(seed: int) -> SeededSessions:
    return SeededSessions(seed=seed, at=AT)


def _run(seed: int, name: str, numbers: range) -> Tally:
    tally = Tally()
    for number in numbers:
        try:
            session = _sessions(seed).run(KINDS[name], number)
        except (SessionFailed, VerifierError) as error:
            tally.failures.append((number, f"{type(error).__name__}: {error}"))
            continue
        tally.succeeded += 1
        tally.variants.add(session.variant)
        tally.zeros.update(session.leading_zeros)
        tally.with_zeros += bool(session.leading_zeros)
    return tally


def _print_table(tallies: dict[str, Tally], count: int) -> None:
    print(f"{'':24}{'sessions':>10}{'succeeded':>11}{'variants':>10}{'with a leading zero':>21}")
    for name, tally in tallies.items():
        row = f"{count:>10}{tally.succeeded:>11}{len(tally.variants):>10}{tally.with_zeros:>21}"
        print(f"{KINDS[name]:24}{row}")
        for what, times in sorted(tally.zeros.items()):
            print(f"    {what:48}{times:>24}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/sessions", description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=1000, help="sessions of each kind (1000)")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32), help="repeat an earlier run")
    parser.add_argument("--first", type=int, default=0, help="number of the first session (0)")
    parser.add_argument("--kind", action="append", choices=KINDS, help="only this kind; may be given again")
    parser.add_argument("--workers", type=int, default=1, help="processes that share the work (1)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
