"""Rehearses the guest's work in a folder, and prints a JSON list of the files that it took.

python -m power_cut.rehearsal SCRATCH     trials, in JSON, on standard input
"""

import json
import os
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

_opened: set[str] = set()


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and isinstance(arguments[0], str):
        _opened.add(arguments[0])


sys.addaudithook(_note)  # before the imports, whose files are noted

from power_cut import guest  # noqa: E402 – see above
from power_cut.workload import Trial, config_of, play  # noqa: E402 – see above

_TAPS = 21
"""Enough for each thing that a trial does."""
_MAPS = Path("/proc/self/maps")
_NOT_TAKEN = ("/proc/", "/sys/", "/dev/")


def main() -> None:
    scratch = Path(sys.argv[1])
    for number, trial in enumerate(guest.decode(sys.stdin.read())):
        _rehearse(replace(trial, taps=_TAPS), scratch / str(number))
    taken = {Path(name).absolute() for name in _opened} | _mapped() | _modules()
    files = sorted(str(path) for path in taken if path.is_file() and not _is_left(path, scratch))
    print(json.dumps(files))


def _rehearse(trial: Trial, disk: Path) -> None:
    """Play it in a process of its own: a control changes the process that it is played in."""
    disk.mkdir(parents=True)
    child = os.fork()
    if child == 0:
        os.environ.clear()  # the guest has none
        play(trial, config_of(disk, disk / "run"), lambda _pen: lambda _what, **_more: None)
        (disk / "taken").write_text(json.dumps(sorted(_opened | {str(path) for path in _mapped() | _modules()})))
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0:
        sys.exit(1)
    _opened.update(json.loads((disk / "taken").read_text()))


def _modules() -> set[Path]:
    names: Iterable[str | None] = (
        name
        for module in list(sys.modules.values())
        for name in (getattr(module, "__file__", None), getattr(module, "__cached__", None))
    )
    return {Path(name) for name in names if name}


def _mapped() -> set[Path]:
    """Return the libraries in memory, and the names by which they are asked for."""
    mapped = {Path(line.split(maxsplit=5)[5]) for line in _MAPS.read_text().splitlines() if "/" in line}
    links = {
        link
        for library in mapped
        if library.is_file()
        for link in library.parent.iterdir()
        if link.is_symlink() and link.resolve() == library
    }
    return mapped | links


def _is_left(path: Path, scratch: Path) -> bool:
    return path.is_relative_to(scratch) or str(path).startswith(_NOT_TAKEN)


if __name__ == "__main__":
    main()
