"""The last step of a publication: what is signed is written whole, then put in place; a power cut only delays it.

Targets lie in the public folder before: nothing names them yet. Then all new metadata stands in ``outgoing``, a folder
that appears in one step. From there it is put in place in an order in which a copy made at any moment is consistent:
metadata with a version in its name, the timestamp that leads to it, and a new root at the end, whose online roles are
signed with the keys of both roots where they are at hand. Whatever breaks off is finished by the next command.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tuf.api.metadata import Root

from publisher.desk_folder import DeskFolder
from publisher.errors import DeskError
from publisher.files import copy_durably, fsync_folder, make_folder, read_regular, write_durably
from publisher.journal import Entry
from publisher.metadata import FILE_NAME, TIMESTAMP_FILE
from publisher.moments import read_moment, write_moment
from publisher.published import METADATA

_PLAN = "plan"
_LONGEST_PLAN = 64 << 20


@dataclass(frozen=True)
class Plan:
    """What happens beside the new metadata once it is in place."""

    entry: Entry
    staged: Mapping[str, str] = field(default_factory=dict)
    """Staged targets that are published, and their SHA-256."""
    removals: frozenset[str] = frozenset()
    pending: tuple[str, ...] = ()
    """Names in the folder of pending metadata that are published."""

    def encode(self) -> bytes:
        """Return the plan as a file holds it."""
        content = asdict(self) | {"removals": sorted(self.removals)}
        content["entry"]["at"] = write_moment(self.entry.at)
        return json.dumps(content).encode()

    @classmethod
    def decode(cls, encoded: bytes) -> "Plan":
        """Read what ``encode`` returned. Raises ``DeskError``."""
        try:
            content = json.loads(encoded)
            entry = content["entry"] | {"at": read_moment(content["entry"]["at"])}
            staged, removals = content["staged"], frozenset(content["removals"])
            return cls(Entry(**entry), staged, removals, tuple(content["pending"]))
        except (ValueError, KeyError, TypeError) as error:
            msg = "the plan of an unfinished publication is damaged; restore the desk from its backup"
            raise DeskError(msg) from error


def send(desk: DeskFolder, metadata: Mapping[str, bytes], plan: Plan) -> None:
    """Publish signed metadata, by the names of its files. Raises ``OSError``; ``finish`` then goes on from there."""
    fresh = desk.outgoing.with_suffix(".new")
    shutil.rmtree(fresh, ignore_errors=True)
    for name, encoded in metadata.items():
        write_durably(fresh / name, encoded)
    write_durably(fresh / _PLAN, plan.encode())
    fresh.rename(desk.outgoing)
    fsync_folder(desk.path)
    finish(desk)


def finish(desk: DeskFolder) -> bool:
    """Finish a publication that was broken off, and say whether there was one. Raises ``OSError``, ``DeskError``."""
    if not desk.is_unfinished:
        return False
    plan = Plan.decode(read_regular(desk.outgoing / _PLAN, _LONGEST_PLAN))
    make_folder(desk.public / METADATA)
    kept = {Root.type: desk.root_path, desk.settings().own_role: desk.own_path}
    for path in _in_order(desk.outgoing):
        copy_durably(path, desk.public / METADATA / path.name)
        role = _role_of(path)
        if role is not None and role in kept:
            copy_durably(path, kept[role])
    desk.staged.clear(plan.staged, plan.removals)
    desk.pending.clear(list(plan.pending))
    desk.journal.append(plan.entry)
    done = desk.outgoing.with_suffix(".done")
    shutil.rmtree(done, ignore_errors=True)
    desk.outgoing.rename(done)
    fsync_folder(desk.path)
    shutil.rmtree(done)
    return True


def _in_order(folder: Path) -> list[Path]:
    """Metadata that something else leads to, then the timestamp, then the root."""
    last = {TIMESTAMP_FILE: 1}
    found = [path for path in folder.iterdir() if path.name != _PLAN and not path.name.startswith(".")]
    return sorted(found, key=lambda path: (2 if _role_of(path) == Root.type else last.get(path.name, 0), path.name))


def _role_of(path: Path) -> str | None:
    match = FILE_NAME.fullmatch(path.name)
    return None if match is None else match[2]
