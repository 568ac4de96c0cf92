"""What the desk has published: read back from the public folder, and believed only as far as its signatures go.

The public folder is for others to serve and copy. The desk signs on top of what it finds there, so it starts as a
client does, at a root of its own (``root.json``), and never from a folder older than its journal.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tuf.api.exceptions import LengthOrHashMismatchError
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp

from appliance.lists.catalogue import CENTRAL
from publisher.errors import DeskError
from publisher.files import read_regular
from publisher.metadata import LONGEST_METADATA, TIMESTAMP_FILE, Delegator, decode, is_signed, named

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
    named: dict[str, MetaFile]
    """What a snapshot or timestamp says of the files of all these but root and timestamp, by role."""

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
    timestamp, _ = _load(metadata / TIMESTAMP_FILE, Timestamp, root.signed, Timestamp.type)
    files: dict[str, MetaFile] = {}

    def load(role: str, kind: type[S], delegator: Delegator, wanted: MetaFile) -> Metadata[S]:
        path = metadata / f"{wanted.version}.{role}.json"
        loaded, files[role] = _load(path, kind, delegator, role, wanted)
        return loaded

    snapshot = load(Snapshot.type, Snapshot, root.signed, timestamp.signed.snapshot_meta)
    meta = snapshot.signed.meta
    targets = load(Targets.type, Targets, root.signed, meta[f"{Targets.type}.json"])
    delegated = {
        role: load(role, Targets, targets.signed, meta[f"{role}.json"])
        for role in delegated_roles(targets.signed)
        if f"{role}.json" in meta
    }
    return Published(root, timestamp, snapshot, targets, delegated, files)


def delegated_roles(targets: Targets) -> tuple[str, ...]:
    """Return the roles that top-level targets metadata delegates to, in its order."""
    return () if targets.delegations is None else tuple(targets.delegations.roles or ())


def target_location(folder: Path, target: TargetFile) -> Path:
    """Return where a target lies in a public folder (consistent snapshot: with its hash in the name)."""
    return folder / TARGETS / target.get_prefixed_paths()[0]


def unaltered_target(folder: Path, target: TargetFile) -> Path:
    """Return where a target lies, once its bytes were looked at. Raises ``DeskError`` where they are other ones."""
    path = target_location(folder, target)
    try:
        with path.open("rb") as file:
            target.verify_length_and_hashes(file)
    except (OSError, LengthOrHashMismatchError) as error:
        msg = f"{target.path} in the public folder is not what was published: fetch public/ from a mirror (recover)"
        raise DeskError(msg) from error
    return path


def read_metadata(path: Path, kind: type[S]) -> Metadata[S]:
    """Read a metadata file of the desk. Raises ``DeskError``."""
    return decode(_read(path), kind, path.name)


def _read(path: Path) -> bytes:
    try:
        return read_regular(path, LONGEST_METADATA)
    except OSError as error:
        msg = f"{path.name} cannot be read: {error.strerror}; restore the desk's folder from its backup"
        raise DeskError(msg) from error


def _load(
    path: Path, kind: type[S], delegator: Delegator, role: str, wanted: MetaFile | None = None
) -> tuple[Metadata[S], MetaFile]:
    """Return the metadata of a file, and what names the file."""
    encoded = _read(path)
    metadata = decode(encoded, kind, path.name)
    if not is_signed(delegator, role, metadata):
        msg = f"{path.name} in the public folder is not signed by whom it must be: nothing is signed on top of it"
        raise DeskError(msg)
    if wanted is not None and metadata.signed.version != wanted.version:
        msg = f"{path.name} in the public folder is of another version than its name says"
        raise DeskError(msg)
    try:
        (wanted or MetaFile()).verify_length_and_hashes(encoded)
    except LengthOrHashMismatchError as error:
        msg = f"{path.name} in the public folder is not, byte for byte, what was published: fetch it from a mirror"
        raise DeskError(msg) from error
    return metadata, named(metadata.signed.version, encoded)
