"""Importing ``verifier.sdk`` in a fresh interpreter, against what it needs of other people's packages."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator

from benchmarks.measure import Row, interleaved

_OTHERS = (
    "import json, sys, verifier.sdk; print(json.dumps([m for m in sys.modules if m.partition('.')[0] in {names}]))"
)
_NAMES = {"cryptography", "asn1crypto"}


def rows() -> Iterator[Row]:
    """Three programs, started in turn; what the interpreter itself takes is subtracted."""
    listing = subprocess.run(
        [sys.executable, "-c", _OTHERS.format(names=_NAMES)], capture_output=True, text=True, check=True
    )
    others: list[str] = json.loads(listing.stdout)
    programs = {"bare": "pass", "others": f"import {', '.join(others)}", "sdk": "import verifier.sdk"}
    times = interleaved({name: _start(program) for name, program in programs.items()}, repetitions=15)
    bare, packages, sdk = (times[name].least * 1e3 for name in programs)
    details = {"interpreter alone, ms": round(bare, 1), "modules of other packages": len(others)}
    yield Row("import verifier.sdk", sdk - bare, "ms", packages - bare, "the other packages' modules in it", details)


def _start(program: str) -> Callable[[], object]:
    return lambda: subprocess.run([sys.executable, "-c", program], check=True)
