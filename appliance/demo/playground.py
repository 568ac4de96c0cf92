"""The directory that the demo plays in: an empty one, or one that an earlier demo made and that may be emptied."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from appliance.errors import ConfigError
from appliance.storage.station_lock import LOCK_FILE

_CONFIGURATION = "appliance.toml"
_HEADER = "# Written by the demo at its start."
_SETTINGS = 'state_directory = "."\n\n[clock]\ntrust = "system"\n'
"""Nothing in a demo depends on the time, so that it runs on machines whose clock nobody keeps."""
_MADE_BY_A_DEMO = frozenset(
    (
        *("thechip.sqlite3", "thechip.sqlite3-wal", "thechip.sqlite3-shm", "thechip.sqlite3-journal"),
        "ledger.checkpoint",
        *("clock.json", "clock.lock"),
        *("trust", "card-status.list", "card-status.key", "keys", "run", "ready"),
        _CONFIGURATION,
    )
)


def check_playground(directory: Path, *, fresh: bool) -> None:
    """Raise ``ConfigError`` where the demo may not play: a directory that holds anything but, if ``fresh``, a demo."""
    with _usable(directory):
        found = {path.name for path in directory.iterdir()} - {LOCK_FILE} if directory.exists() else set()
        if not found:
            return
        if not fresh:
            msg = f"the directory {directory} is not empty; the demo plays in an empty one only"
            raise ConfigError(msg)
        if _CONFIGURATION not in found or not _is_of_a_demo(directory / _CONFIGURATION):
            msg = f"the directory {directory} was not made by a demo; it is left as it is"
            raise ConfigError(msg)
        if strangers := sorted(found - _MADE_BY_A_DEMO):
            msg = f"the directory {directory} holds what no demo made ({strangers[0]}); it is left as it is"
            raise ConfigError(msg)


def clear_playground(directory: Path) -> None:
    """Delete what an earlier demo made, its configuration last, by which the rest is known. Hold the lock meanwhile."""
    check_playground(directory, fresh=True)
    with _usable(directory):
        for name in sorted(_MADE_BY_A_DEMO, key=lambda name: name == _CONFIGURATION):
            path = directory / name
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def lay_out_playground(directory: Path) -> Path:
    """Write the demo's configuration into an empty directory, made where it is missing, and return the file."""
    check_playground(directory, fresh=False)
    file = directory / _CONFIGURATION
    with _usable(directory):
        directory.mkdir(parents=True, mode=0o700, exist_ok=True)
        file.write_text(f"{_HEADER} The next one may delete all of it.\n{_SETTINGS}", encoding="utf-8")
    return file


def _is_of_a_demo(configuration: Path) -> bool:
    with configuration.open("rb") as file:
        return file.read(len(_HEADER)) == _HEADER.encode()


@contextmanager
def _usable(directory: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        msg = f"the directory {directory} cannot be used: {error.strerror}"
        raise ConfigError(msg) from error
