"""The name that this appliance goes by among the others, as somebody told it: kept beside the keys."""

import platform
from pathlib import Path

from appliance.keys.files import write_atomically
from appliance.names import clean

_FILE = "own-name"
_LONGEST_FILE = 1024


def own_name(keys_directory: Path) -> str:
    """Return the name that was kept; the host's, or ``1``, where none was, or the file holds none."""
    try:
        with (keys_directory / _FILE).open("rb") as file:
            kept = " ".join(file.read(_LONGEST_FILE).decode("utf-8", "replace").split())
    except FileNotFoundError:
        kept = ""
    return kept or platform.node() or "1"


def keep_own_name(keys_directory: Path, name: str) -> None:
    """Keep the name of a card that was made; a power cut leaves the old one or the new one."""
    write_atomically(keys_directory / _FILE, clean(name, "the name").encode() + b"\n")
