"""Fuzz one target with atheris until the time is over: one.py TARGET SECONDS CORPUS SEED. ``all``: each in turn."""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["verifier"]):
    import targets

from limits import MAX_LENGTH, within_levels

ALL = "all"
SLOW_SECONDS = 5
"""Instrumented code is several times slower; the limit proper is measured without, as the corpus is replayed."""


def main() -> None:
    name, seconds, corpus, seed = sys.argv[1:]
    targets.scene(), targets.genuine()  # made before the clock runs
    options = [
        f"-max_total_time={seconds}",
        f"-max_len={MAX_LENGTH}",
        f"-timeout={SLOW_SECONDS}",
        f"-seed={seed}",
        f"-artifact_prefix={Path(corpus).parent}/{name}-",
        "-rss_limit_mb=1024",
        "-print_final_stats=1",
        "-verbosity=1",
    ]
    atheris.Setup([sys.argv[0], *options, corpus], _all if name == ALL else _one(name))
    atheris.Fuzz()


def _one(name: str):
    target = targets.TARGETS[name]
    return lambda data: within_levels(target, data)


def _all(data: bytes) -> None:
    """The first byte says whose turn it is."""
    if data:
        within_levels(list(targets.TARGETS.values())[data[0] % len(targets.TARGETS)], data[1:])


if __name__ == "__main__":
    main()
