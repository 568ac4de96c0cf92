"""What the guest runs on: this machine's own Python with just those of its files that the guest's work opens.

The work is rehearsed here first, for a few taps in a folder; whatever the rehearsal opened or mapped goes along, at the
same place.
"""

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path, PurePosixPath
from typing import Final

from power_cut.archive import Archive
from power_cut.errors import Failed
from power_cut.parts import Parts

ROOT: Final = Path(__file__).parents[3]
_LIBRARY: Final = Path(__file__).parents[1]
_LOADER: Final = Path("/lib64/ld-linux-x86-64.so.2")
_PATIENCE_SECONDS: Final = 300.0
_WHOLE: Final = ("appliance", "verifier")
"""Our own packages, of which the guest gets every file."""
_INIT: Final = """#!{python} -sSB
import sys
sys.path[:0] = {path!r}
from power_cut.guest import main
main()
"""


def initramfs(parts: Parts, trials: str, scratch: Path) -> bytes:
    """Return the guest: its ``/init`` plays these trials (JSON), one on each of its disks. Raises ``Failed``."""
    archive = Archive()
    python = Path(sys._base_executable)  # type: ignore[attr-defined] # noqa: SLF001 – the one that a .venv stands on
    path = [str(folder) for folder in (ROOT, _LIBRARY, sysconfig.get_path("purelib"), sysconfig.get_path("platlib"))]
    for file in (python, _LOADER, *_rehearsed(python, path, trials, scratch), *_own()):
        archive.add(file)
    for folder in ("/proc", "/dev", "/sys", "/tmp", "/run", "/disk"):  # noqa: S108 – of the guest
        archive.folder(PurePosixPath(folder))
    for number, (name, content) in enumerate(parts.module_files()):
        archive.write(PurePosixPath(f"/modules/{number:02}-{name}.ko"), content)
    archive.write(PurePosixPath("/trials.json"), trials.encode())
    init = _INIT.format(python=python.resolve(), path=path)
    archive.write(PurePosixPath("/init"), init.encode(), mode=0o755)
    return archive.content()


def _rehearsed(python: Path, path: list[str], trials: str, scratch: Path) -> list[Path]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path)}
    arguments = [str(python), "-sS", "-m", "power_cut.rehearsal", str(scratch)]
    try:
        done = subprocess.run(
            arguments,
            input=trials,
            capture_output=True,
            text=True,
            env=environment,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        msg = f"the rehearsal of the guest's work did not end within {_PATIENCE_SECONDS:.0f} s"
        raise Failed(msg) from error
    if done.returncode != 0:
        msg = f"the rehearsal of the guest's work failed:\n{done.stderr}"
        raise Failed(msg)
    return [Path(name) for name in json.loads(done.stdout)]


def _own() -> list[Path]:
    return [file for package in _WHOLE for file in (ROOT / package).rglob("*.py")]
