"""What was unlocked stays so until power-off: the key that opens the keys, in a folder that lies in memory."""

from pathlib import Path
from typing import Final

from appliance.errors import KeyFileError
from appliance.keys.files import read_key, write_atomically

_FILE: Final = "unlocked.key"
_IN_MEMORY: Final = frozenset(("tmpfs", "ramfs"))
_MOUNTS: Final = Path("/proc/self/mountinfo")


def is_in_memory(directory: Path, *, mounts: Path = _MOUNTS) -> bool:
    """Tell whether a folder, or where it would be made, lies in memory (tmpfs); what is unknown is not."""
    place = directory.resolve()
    nearest, kind = "", ""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return False
    for line in lines:
        before, _, after = line.partition(" - ")
        point = before.split()[4].encode().decode("unicode_escape")  # a space is written \040 (proc(5))
        if place.is_relative_to(point) and len(point) >= len(nearest):  # of two on one place the later one counts
            nearest, kind = point, after.split()[0]
    return kind in _IN_MEMORY


def remember(run_directory: Path, key: bytes) -> None:
    """Keep the key for the other processes, and for this one's next start; ``OSError`` where that fails."""
    run_directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_atomically(run_directory / _FILE, key)


def remembered(run_directory: Path) -> bytes | None:
    """Return the key, ``None`` where nothing was unlocked since power-on, or what lies there is no key."""
    try:
        return read_key(run_directory / _FILE)
    except (OSError, KeyFileError):
        return None


def forget(run_directory: Path) -> None:
    """Lock again, for every process that starts from now on."""
    (run_directory / _FILE).unlink(missing_ok=True)
