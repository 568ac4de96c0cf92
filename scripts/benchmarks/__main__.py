"""Measure our code against the work that nobody can save, on one core, and print ratios. Nothing is asserted.

A ratio compares two things of this one run, made in turn; so it means the same on a slow machine and on a fast one.
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Iterator
from importlib import import_module, metadata
from pathlib import Path

sys.path[0] = str(Path(__file__).parents[1])

from benchmarks.measure import Row  # noqa: E402 – found by the line above

NAMES = ("verification", "batch", "pace", "importing", "tap", "card_status", "trust", "lists", "ledger", "names")


def main() -> int:
    options = _options()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    measured = []
    if not options.json:
        print(f"{'':58}{'ours':>10}{'against':>12}{'ratio':>8}")
    for name in options.benchmark or NAMES:
        rows: Callable[[], Iterator[Row]] = import_module(f"benchmarks.{name}").rows
        for row in rows():
            measured.append(row)
            if not options.json:
                _print(row)
    if options.json:
        print(json.dumps({"machine": _machine(), "benchmarks": [_plain(row) for row in measured]}, indent=2))
    return 0


def _print(row: Row) -> None:
    against = f"{row.against:9.1f} {row.unit}" if row.against is not None else ""
    ratio = f"{row.ratio:8.2f}" if row.ratio is not None else ""
    print(f"{row.name:58}{row.ours:7.1f} {row.unit}{against}{ratio}  to {row.what}")
    print("    " + ", ".join(f"{what}: {value}" for what, value in row.details.items()))


def _plain(row: Row) -> dict[str, object]:
    return {
        "name": row.name,
        "ours": round(row.ours, 3),
        "unit": row.unit,
        "against": None if row.against is None else round(row.against, 3),
        "what": row.what,
        "ratio": None if row.ratio is None else round(row.ratio, 3),
        "details": dict(row.details),
    }


def _machine() -> dict[str, object]:
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cpus": os.cpu_count(),
        "cryptography": metadata.version("cryptography"),
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("benchmark", nargs="*", metavar="BENCHMARK", help=f"only some of {', '.join(NAMES)}")
    parser.add_argument("--json", action="store_true", help="for machines")
    options = parser.parse_args()
    for name in options.benchmark:
        if name not in NAMES:
            parser.error(f"there is no benchmark {name}; there are {', '.join(NAMES)}")
    return options


if __name__ == "__main__":
    sys.exit(main())
