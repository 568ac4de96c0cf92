"""What the desk has published: read back from the public folder, and believed only as far as its signatures go.

The public folder is for others to serve and copy. The desk signs on top of what it finds there, so it starts as a
client does, at a root of its own (``root.json``), and never from a folder older than its journal.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tuf.api.metadata import Metadata, Root, Snapshot, TargetFile, Targets, Timestamp

from appliance.lists.catalogue import CENTRAL
from publisher.errors import DeskError
from publisher.files import read_regular
from publisher.metadata import LONGEST_METADATA, TIMESTAMP_FILE, Delegator, decode, is_signed

METADATA = "metadata"
TARGETS = "targets"
S = TypeVar("S", Root, Timestamp, Snapshot, Targets)


@dataclass(frozen=True)
class Published:
    """The metadata of the last publication, its signatures and versions checked; its expiry is not."""

    root: Metadata[Root]
    timestamp: Metadata[Timestamp]
    snapshot: Metadata[Snapshot]
    targets: Metadata[Targets]
    delegated: dict[str, Metadata[Targets]]
    """By role: ``central``, and each province that ever published and is still delegated."""

    @property
    def central(self) -> Metadata[Targets]:
        """The metadata of what is the same everywhere."""
        return self.delegated[CENTRAL]

    def versions(self) -> dict[str, int]:
        """Return the version of each role's metadata."""
        return {role: metadata.signed.version for role, metadata in self.by_role().items()}

    def by_role(self) -> dict[str, Metadata[Root] | Metadata[Timestamp] | Metadata[Snapshot] | Metadata[Targets]]:
        """Return all metadata by role, from root down."""
        return {
            Root.type: self.root,
            Timestamp.type: self.timestamp,
            Snapshot.type: self.snapshot,
            Targets.type: self.targets,
            **self.delegated,
        }

    def target_files(self) -> dict[str, TargetFile]:
        """Return every published target by its path."""
        return {path: target for one in self.delegated.values() for path, target in one.signed.targets.items()}


def load_published(folder: Path, root: Metadata[Root]) -> Published:
    """Read a public folder from a trusted root down.

    Raises ``DeskError`` where a file is missing, damaged, or not signed by whom it must be.
    """
    metadata = folder / METADATA
    timestamp = _load(metadata / TIMESTAMP_FILE, Timestamp, root.signed)
    wanted = timestamp.signed.snapshot_meta.version
    snapshot = _load(metadata / f"{wanted}.{Snapshot.type}.json", Snapshot, root.signed)
    targets = _load_targets(metadata, Targets.type, snapshot.signed, root.signed)
    delegated = {
        role: _load_targets(metadata, role, snapshot.signed, targets.signed)
        for role in delegated_roles(targets.signed)
        if f"{role}.json" in snapshot.signed.meta
    }
    return Published(root, timestamp, snapshot, targets, delegated)


def delegated_roles(targets: Targets) -> tuple[str, ...]:
    """Return the roles that top-level targets metadata delegates to, in its order."""
    return () if targets.delegations is None else tuple(targets.delegations.roles or ())


def target_location(folder: Path, target: TargetFile) -> Path:
    """Return where a target lies in a public folder (consistent snapshot: with its hash in the name)."""
    return folder / TARGETS / target.get_prefixed_paths()[0]


def read_metadata(path: Path, kind: type[S]) -> Metadata[S]:
    """Read a metadata file of the desk. Raises ``DeskError``."""
    try:
        return decode(read_regular(path, LONGEST_METADATA), kind, path.name)
    except OSError as error:
        msg = f"{path.name} cannot be read: {error.strerror}; restore the desk's folder from its backup"
        raise DeskError(msg) from error


def _load_targets(folder: Path, role: str, snapshot: Snapshot, delegator: Delegator) -> Metadata[Targets]:
    return _load(folder / f"{snapshot.meta[f'{role}.json'].version}.{role}.json", Targets, delegator, role)


def _load(path: Path, kind: type[S], delegator: Delegator, role: str | None = None) -> Metadata[S]:
    metadata = read_metadata(path, kind)
    if not is_signed(delegator, role or kind.type, metadata):
        msg = f"{path.name} in the public folder is not signed by whom it must be: nothing is signed on top of it"
        raise DeskError(msg)
    if path.name != TIMESTAMP_FILE and not path.name.startswith(f"{metadata.signed.version}."):
        msg = f"{path.name} in the public folder is of another version than its name says"
        raise DeskError(msg)
    return metadata
