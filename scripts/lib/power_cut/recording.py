"""A recording: what a machine wrote to its disks while the appliance worked on them, in a folder."""

import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from power_cut import guest
from power_cut.errors import Failed
from power_cut.machine import last_words, run
from power_cut.parts import Parts
from power_cut.recorded_disk import RecordedDisk, logged, write_small_disk
from power_cut.userland import initramfs
from power_cut.workload import Trial

_BEFORE: Final = "before.img"
_INDEX: Final = "recording.json"
_CONSOLE: Final = "console"


@dataclass(frozen=True, slots=True)
class Recording:
    """``trials`` were played in ``seconds``, each on a disk of its own."""

    folder: Path
    trials: tuple[Trial, ...]
    seconds: float

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open one that was kept. Raises ``Failed`` where there is none."""
        try:
            index = json.loads((folder / _INDEX).read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            msg = f"there is no recording in {folder}"
            raise Failed(msg) from error
        return cls(folder, tuple(guest.decode(index["trials"])), index["seconds"])

    def disk(self, trial: Trial) -> RecordedDisk:
        """Return the disk of a trial."""
        return RecordedDisk(self.folder / _BEFORE, _log_of(self.folder, self.trials.index(trial)))


def record(trials: Sequence[Trial], folder: Path) -> Recording:
    """Play trials in a machine, and record its disks. Raises ``Failed`` where one was not played to its end."""
    parts = Parts.find()
    write_small_disk(folder / _BEFORE)
    start = folder / "initramfs"
    start.write_bytes(initramfs(parts, guest.encode(trials), folder / "rehearsal"))
    disks = [folder / f"{number}.disk" for number in range(len(trials))]
    arguments = []
    for number, disk in enumerate(disks):
        shutil.copyfile(folder / _BEFORE, disk)
        arguments += logged(f"disk{number}", disk, _log_of(folder, number))
    began = time.monotonic()
    run(parts, start, arguments, folder / _CONSOLE)
    seconds = round(time.monotonic() - began, 1)
    _require_played(trials, folder / _CONSOLE)
    for path in (start, *disks):
        path.unlink()
    (folder / _INDEX).write_text(json.dumps({"trials": guest.encode(trials), "seconds": seconds}), encoding="utf-8")
    return Recording(folder, tuple(trials), seconds)


def _require_played(trials: Sequence[Trial], console: Path) -> None:
    lines = console.read_text(errors="replace").splitlines()
    missing = [trial.name for trial in trials if f"{guest.DONE}{trial.name}" not in lines]
    if missing:
        msg = f"{', '.join(missing)}: not played to the end; the machine said:\n{last_words(console)}"
        raise Failed(msg)


def _log_of(folder: Path, number: int) -> Path:
    return folder / f"{number}.log"
