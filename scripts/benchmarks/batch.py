"""10,000 evidence files of one card, against a plain loop over them; memory, and what two cores bring."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Row
from benchmarks.scenes import AT, passive_scene

from verifier.pki.trust.trust_store import TrustStore
from verifier.sdk import Evidence, policy_for, verify
from verifier.sdk.profiles import load_profile

_FILES = 10_000
_FEW = 1_000
_BATCH = """
import json, resource, sys, time
from datetime import datetime
from pathlib import Path
from verifier.sdk import TrustStore
from verifier.sdk.batch import verify_files

if __name__ == "__main__":
    folder, trust, at, workers, count = sys.argv[1:]
    store = TrustStore.from_folder(trust)
    paths = sorted(Path(folder).iterdir())[: int(count)]
    started = time.perf_counter()
    passed = sum(one.passed for one in verify_files(paths, store, at=datetime.fromisoformat(at), workers=int(workers)))
    seconds = time.perf_counter() - started
    print(json.dumps([seconds, passed, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]))
"""


def rows() -> Iterator[Row]:
    """One worker and two, each in a process of its own, as a program of an integrator would be."""
    scene = passive_scene()
    with tempfile.TemporaryDirectory() as scratch:
        folder, trust = Path(scratch) / "evidence", Path(scratch) / "trust"
        _fill(folder, scene.evidence.to_bytes())
        _write(scene.trust(), trust)
        naive = _naive(folder, scene.trust())
        _, _, few = _run(folder, trust, 1, _FEW)
        for workers, cores in ((1, None), (2, set(range(os.cpu_count() or 1)))):
            seconds, passed, kilobytes = _run(folder, trust, workers, _FILES, cores)
            details = {
                "files": _FILES,
                "passed": passed,
                "files a second": round(_FILES / seconds),
                f"memory, kB more than for {_FEW:,} files": kilobytes - few,
            }
            name = f"batch of {_FILES:,} files, {workers} worker{'s' * (workers > 1)}"
            yield Row(name, seconds * 1e3, "ms", naive * 1e3, "a plain loop over the same files", details)


def _fill(folder: Path, encoded: bytes) -> None:
    folder.mkdir()
    first = folder / "00000.json"
    first.write_bytes(encoded)
    for number in range(1, _FILES):
        os.link(first, folder / f"{number:05}.json")


def _write(store: TrustStore, folder: Path) -> None:
    folder.mkdir()
    for number, certificate in enumerate(store.certificates):
        (folder / f"{number}.cer").write_bytes(certificate.der)
    for number, crl in enumerate(store.crls):
        (folder / f"{number}.crl").write_bytes(crl.der)


def _naive(folder: Path, store: TrustStore) -> float:
    policy = policy_for(load_profile("icao-mrtd"))
    started = time.perf_counter()
    for path in sorted(folder.iterdir()):
        verify(Evidence.from_bytes(path.read_bytes()), store, policy, at=AT)
    return time.perf_counter() - started


def _run(folder: Path, trust: Path, workers: int, count: int, cores: set[int] | None = None) -> tuple[float, int, int]:
    """Run a batch; ``cores`` are those that it may use, where not just the one of the other benchmarks."""
    program = folder.parent / "batch.py"
    program.write_text(_BATCH, encoding="utf-8")
    arguments = [str(folder), str(trust), AT.isoformat(), str(workers), str(count)]
    done = subprocess.run(
        [sys.executable, program, *arguments],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=None if cores is None else lambda: os.sched_setaffinity(0, cores),
    )
    seconds, passed, kilobytes = json.loads(done.stdout)
    return seconds, passed, kilobytes
