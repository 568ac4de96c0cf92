"""Old files of the public folder: kept as long as somebody may be in the middle of a copy, and of a stick's journey.

A file goes when no publication of the last ``keep_days`` days named it, neither the one in force when they began. All
roots stay: an appliance that slept for years walks through every one.
"""

from datetime import datetime, timedelta
from pathlib import Path

from tuf.api.metadata import Root, Snapshot, Targets, Timestamp

from publisher.desk_folder import DeskFolder
from publisher.errors import DeskError
from publisher.files import fsync_folder
from publisher.journal import Entry
from publisher.metadata import FILE_NAME
from publisher.published import METADATA, TARGETS, read_metadata

KEEP_DAYS = 120
_PREFIX_LENGTH = 64


def prune(desk: DeskFolder, *, at: datetime, keep_days: int = KEEP_DAYS) -> int:
    """Remove what nobody needs any more; return the number of files. Files that are not TUF's stay. Raises ``OSError``.

    Without a journal nothing is known, and nothing goes; nor where metadata that is kept cannot be read.
    """
    kept = _kept(desk.journal.entries(), at - timedelta(days=keep_days))
    if not kept:
        return 0
    names = {f"{version}.{role}.json" for entry in kept for role, version in entry.versions.items()}
    try:
        targets = _targets_of(desk.public / METADATA, names)
    except DeskError:
        return 0
    old = [path for path in (desk.public / METADATA).iterdir() if _is_old(path.name, names)]
    top = desk.public / TARGETS
    files = top.rglob("*") if top.is_dir() else ()
    old += [path for path in files if _is_target(path) and path.relative_to(top).as_posix() not in targets]
    for path in old:
        path.unlink()
    for folder in {path.parent for path in old}:
        fsync_folder(folder)
    return len(old)


def _kept(entries: tuple[Entry, ...], since: datetime) -> list[Entry]:
    """The publications since a moment, and the one before, which was in force then."""
    first = next((number for number, entry in enumerate(entries) if entry.at >= since), len(entries))
    return list(entries[max(0, first - 1) :])


def _is_old(name: str, kept: set[str]) -> bool:
    match = FILE_NAME.fullmatch(name)
    return match is not None and match[2] != Root.type and name not in kept


def _targets_of(folder: Path, names: set[str]) -> set[str]:
    """Where the targets lie that the kept metadata names."""
    found: set[str] = set()
    for name in names:
        match = FILE_NAME.fullmatch(name)
        if match is None or match[2] in {Root.type, Snapshot.type, Timestamp.type}:
            continue
        if (folder / name).exists():
            signed = read_metadata(folder / name, Targets).signed
            found.update(path for target in signed.targets.values() for path in target.get_prefixed_paths())
    return found


def _is_target(path: Path) -> bool:
    prefix, dot, _ = path.name.partition(".")
    return path.is_file() and bool(dot) and len(prefix) == _PREFIX_LENGTH and not set(prefix) - set("0123456789abcdef")
