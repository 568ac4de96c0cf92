"""Fuzz every place where strangers' bytes enter, coverage-guided, from well-formed seeds.

Only VerifierErrors may leave; no input of up to 64 KiB may take more than 0.5 s, 64 MB or 100 levels. What was found to
reach new code is kept in var/fuzz and is where the next run begins; afterwards all of it is replayed under the limits.
A short run (under 5 s for each target) takes all targets in one process, the first byte of an input choosing.
"""

import argparse
import importlib.util
import secrets
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
sys.path[:0] = [str(HERE), str(ROOT)]

from limits import within_all  # noqa: E402 – found by the line above
from seeds import seeds  # noqa: E402 – likewise
from targets import TARGETS, Target  # noqa: E402 – likewise

ALL = "all"
SHORTEST = 5
"""Seconds for which a process of its own is worth its start."""
STARTING = 300
"""Seconds that a fuzzer may take to begin and to end."""


def main() -> int:
    options = _options()
    if options.replay:
        return _replay_one(options.targets[0], options.replay)
    corpora = ROOT / "var" / "fuzz" if options.corpus is None else options.corpus
    names = options.targets or list(TARGETS)
    failed = 0
    if importlib.util.find_spec("atheris") is None:
        print("atheris has no package for this machine: only the corpus is replayed", file=sys.stderr)
    elif options.seconds / len(names) < SHORTEST and not options.targets:
        failed += _fuzz(ALL, options.seconds, _corpus_of_all(corpora), options.seed)
    else:
        share = max(1, options.seconds * options.workers // len(names))
        with ThreadPoolExecutor(options.workers) as pool:
            runs = [pool.submit(_fuzz, name, share, _corpus(corpora, name), options.seed) for name in names]
            failed += sum(run.result() for run in runs)
    failed += sum(_replay(name, corpora) for name in names)
    print(f"{failed} failures" if failed else "nothing but VerifierErrors, and every input within the limits")
    return 1 if failed else 0


def _fuzz(name: str, seconds: int, corpus: Path, seed: int) -> int:
    command = [sys.executable, HERE / "one.py", name, str(seconds), corpus, str(seed)]
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=seconds + STARTING, check=False
        )
    except subprocess.TimeoutExpired:
        print(f"{name}: the fuzzer did not end", file=sys.stderr)
        return 1
    executed = [line.split()[-1] for line in done.stderr.splitlines() if "number_of_executed_units" in line]
    if done.returncode == 0 and executed:
        print(f"{name:<20} {executed[0]:>10} inputs, {len(list(corpus.iterdir())):>6} kept")
        return 0
    print(f"{name}: failed, input beside {corpus}\n{(done.stdout + done.stderr)[-3000:]}", file=sys.stderr)
    return 1


def _replay(name: str, corpora: Path) -> int:
    """Put seeds and everything that was kept to one target, without instruments and under every limit."""
    slowest = 0.0
    inputs = [*seeds()[name], *_kept(name, corpora)]
    for data in inputs:
        try:
            slowest = max(slowest, within_all(TARGETS[name], data))
        except Exception as error:  # noqa: BLE001 – whatever comes out is the finding
            print(f"{name}: {error!r} for {data[:64].hex()}… ({len(data)} bytes)", file=sys.stderr)
            return 1
    print(f"{name:<20} {len(inputs):>10} inputs replayed, the slowest in {slowest * 1e3:.1f} ms")
    return 0


def _replay_one(name: str, path: Path) -> int:
    data = path.read_bytes()
    target: Target = TARGETS[list(TARGETS)[data[0] % len(TARGETS)]] if name == ALL else TARGETS[name]
    seconds = within_all(target, data[1:] if name == ALL else data)
    print(f"within the limits: {seconds * 1e3:.1f} ms")
    return 0


def _kept(name: str, corpora: Path) -> list[bytes]:
    own = [path.read_bytes() for path in sorted((corpora / name / "corpus").glob("*"))]
    place = list(TARGETS).index(name)
    together = [path.read_bytes() for path in sorted((corpora / ALL / "corpus").glob("*"))]
    return [*own, *(data[1:] for data in together if data and data[0] % len(TARGETS) == place)]


def _corpus(corpora: Path, name: str) -> Path:
    folder = corpora / name / "corpus"
    folder.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(seeds()[name]):
        (folder / f"seed-{number}").write_bytes(data)
    return folder


def _corpus_of_all(corpora: Path) -> Path:
    folder = corpora / ALL / "corpus"
    folder.mkdir(parents=True, exist_ok=True)
    for place, (name, inputs) in enumerate(seeds().items()):
        for number, data in enumerate(inputs):
            (folder / f"seed-{name}-{number}").write_bytes(bytes([place]) + data)
    return folder


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description=__doc__)
    parser.add_argument("seconds", type=int, metavar="SECONDS", help="of fuzzing, all targets together")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"only some of {', '.join(TARGETS)}")
    parser.add_argument("--workers", type=int, default=1, help="processes at a time; default: 1")
    parser.add_argument("--seed", type=int, default=None, help="of the mutations; default: another one each time")
    parser.add_argument("--corpus", type=Path, metavar="FOLDER", help="default: var/fuzz")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="put one input to one TARGET, and no more")
    options = parser.parse_args()
    options.seed = options.seed or secrets.randbelow(2**31 - 1) + 1
    unknown = [name for name in options.targets if name not in TARGETS and not (options.replay and name == ALL)]
    if unknown or (options.replay and len(options.targets) != 1):
        parser.error(f"there is no target {unknown[0]}" if unknown else "--replay needs one TARGET")
    return options


if __name__ == "__main__":
    sys.exit(main())
