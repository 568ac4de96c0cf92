"""Importing ``verifier.sdk`` in a fresh interpreter, against what it needs of other people's packages."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator

from benchmarks.measure import Row, interleaved

_OTHERS = "import json, sys; {program}; print(json.dumps([m for m in sys.modules if m.partition('.')[0] in {names}]))"
_NAMES = {"cryptography", "asn1crypto"}
_PROGRAMS = (
    "import verifier.sdk",  # a door that opens when it is walked through
    "from verifier.sdk import Evidence, TrustStore, policy_for, verify",
    "from verifier.sdk import *",
)


def rows() -> Iterator[Row]:
    """For each way to begin: three programs, started in turn; what the interpreter itself takes is subtracted."""
    for program in _PROGRAMS:
        yield _row(program)


def _row(program: str) -> Row:
    listing = subprocess.run(
        [sys.executable, "-c", _OTHERS.format(program=program, names=_NAMES)],
        capture_output=True,
        text=True,
        check=True,
    )
    others: list[str] = json.loads(listing.stdout)
    starts = {"bare": "pass", "others": f"import {', '.join(['sys', *others])}", "sdk": program}
    times = interleaved({name: _start(start) for name, start in starts.items()}, repetitions=15)
    bare, packages, sdk = (times[name].least * 1e3 for name in starts)
    against, what = packages - bare, "the other packages' modules in it"
    if not others:
        against, what = bare, "the interpreter's own start: it loads nothing of another package"
    details = {"interpreter alone, ms": round(bare, 1), "modules of other packages": len(others)}
    return Row(program, sdk - bare, "ms", against, what, details)


def _start(program: str) -> Callable[[], object]:
    """A start as on a machine where it is not the first: with the bytecode that Python keeps."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return lambda: subprocess.run([sys.executable, "-c", program], env=environment, check=True)
