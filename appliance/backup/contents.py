"""What of an appliance belongs into a backup, under which name.

Everything that could not be had again: the store, the keys, the settings, what the clock remembers, how far the ledger
had come, and whom to believe. Signed lists are left out but for their pinned root: the next sync brings them.
"""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from appliance.config import Config
from appliance.config.tables import text_of
from appliance.errors import BackupDamaged, ConfigError
from appliance.keys import Keys
from appliance.keys.key_set import FOLDER, NAMES, PROTECTED

MANIFEST: Final = "manifest.json"
STORE: Final = "thechip.sqlite3"
SETTINGS: Final = "appliance.toml"
CHECKPOINT: Final = "ledger.checkpoint"
KEYS: Final = "keys"
_TRUST: Final = "trust"
_PLACED: Final = frozenset((MANIFEST, STORE, SETTINGS, CHECKPOINT, "clock.json", "card-status.list", "card-status.key"))
_FOLDERS: Final = frozenset((KEYS, _TRUST))
_PINNED_ROOT: Final = PurePosixPath("lists", "root.json")
_SESSION_KEY: Final = "web-session.key"
"""What an earlier release signed cookies with; today the page makes that key of the three."""
_STATE_LINE: Final = re.compile(r"^[ \t]*state_directory[ \t]*=.*$", re.MULTILINE)


def files_beside_the_store(config: Config) -> Iterator[tuple[str, Path]]:
    """Yield name and path of every file that is backed up as it lies there; those that are missing are left out.

    The appliance's three keys are not among them: they may lie protected, so that no other board could open them.
    """
    single = {
        "clock.json": config.clock_path,
        "card-status.key": config.card_status_key_path,
        "card-status.list": config.card_status_path,
        str(_PINNED_ROOT): config.lists_directory / _PINNED_ROOT.name,
    }
    yield from ((name, path) for name, path in single.items() if path.is_file())
    for name, folder in ((KEYS, config.keys_directory), (_TRUST, config.trust_directory)):
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder)
            is_unfinished = any(part.startswith(".") for part in inside.parts)
            is_of_the_set = name == KEYS and inside.parts[0] in (FOLDER, PROTECTED, _SESSION_KEY)
            if path.is_file() and not is_unfinished and not is_of_the_set:
                yield f"{name}/{inside.as_posix()}", path


def key_files(keys: Keys) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of the appliance's three keys, as an unprotected set has them."""
    for name, secret in zip(NAMES, keys.secrets(), strict=True):
        yield f"{KEYS}/{FOLDER}/{name}", secret


def portable_settings(path: Path) -> bytes:
    """Return the settings file for whichever directory it is restored to: its ``state_directory`` is ``"."``.

    Raises ``ConfigError`` where it cannot be read, or where that key does not stand on a line of its own.
    """
    try:
        text = text_of(path)
        meant = {**tomllib.loads(text), "state_directory": "."}
        portable = _STATE_LINE.sub('state_directory = "."', text, count=1)
        if tomllib.loads(portable) == meant:
            return portable.encode()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        msg = f"the configuration file {path} cannot be read"
        raise ConfigError(msg) from error
    msg = f"{path}: write state_directory on a line of its own, so that a backup can be restored to another directory"
    raise ConfigError(msg)


def is_portable(path: Path) -> bool:
    """Tell whether a settings file is one that ``portable_settings`` wrote: of whichever directory it lies in."""
    try:
        return tomllib.loads(text_of(path)).get("state_directory") == "."
    except (OSError, ValueError, RecursionError, ConfigError):  # ValueError: no text, no TOML, a number without end
        return False


def place_of(name: str) -> PurePosixPath:
    """Return where below the state directory a file of a backup goes; ``BackupDamaged`` for one that no backup has."""
    place = PurePosixPath(name)
    is_known = name in _PLACED or place == _PINNED_ROOT or (place.parts[0] in _FOLDERS and len(place.parts) > 1)
    if name != str(place) or ".." in place.parts or "\0" in name or not is_known:
        msg = "the backup holds a file that no backup has; it was not made by this program"
        raise BackupDamaged(msg)
    return place
