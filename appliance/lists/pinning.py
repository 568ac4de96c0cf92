"""The pinned root: what a device must be given by hand, because everything else is believed through it."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root
from tuf.api.serialization import DeserializationError

from appliance.errors import ConfigError, ListRefused, ListsNotSetUp
from appliance.keys import write_atomically
from appliance.lists.folder import ListsFolder, storage_trouble
from appliance.lists.publication import LONGEST_ROOT, ROOTS
from appliance.lists.sealed_set import METADATA

_GROUP: Final = 8


@dataclass(frozen=True, slots=True)
class PinnedRoot:
    """A root: its version, how many of how many keys sign, and its fingerprint (SHA-256 of the file, hexadecimal)."""

    version: int
    threshold: int
    keys: int
    sha256: str

    @property
    def read_aloud(self) -> str:
        """The fingerprint in groups, for two people on the telephone."""
        return " ".join(self.sha256[start : start + _GROUP] for start in range(0, len(self.sha256), _GROUP))


def decode_root(encoded: bytes) -> PinnedRoot:
    """Return what a root says of itself. Raises ``ListRefused`` for what is none, or not signed by its own keys."""
    if len(encoded) > LONGEST_ROOT:
        msg = f"a root of signed lists is at most {LONGEST_ROOT} bytes long"
        raise ListRefused(msg)
    try:
        metadata = Metadata[Any].from_bytes(encoded)
        root = metadata.signed
        if isinstance(root, Root):
            root.verify_delegate(Root.type, metadata.signed_bytes, metadata.signatures)
            role = root.roles[Root.type]
            return PinnedRoot(root.version, role.threshold, len(role.keyids), hashlib.sha256(encoded).hexdigest())
    except (DeserializationError, RepositoryError, ValueError, LookupError, TypeError, RecursionError) as error:
        msg = "this is no root of signed lists, or it is not signed by its own keys"
        raise ListRefused(msg) from error
    msg = "this is metadata of signed lists, but not of their root: take the file 1.root.json"
    raise ListRefused(msg)


def pinned_root(folder: ListsFolder) -> PinnedRoot | None:
    """Return the root that is pinned; ``None`` where there is none, or a damaged one."""
    try:
        return decode_root(folder.read_pinned_root(LONGEST_ROOT))
    except (ListsNotSetUp, ListRefused):
        return None


def pin(folder: ListsFolder, encoded: bytes) -> PinnedRoot:
    """Pin a root, durably; one that is damaged by now may be pinned anew.

    Raises ``ListRefused``, and ``ConfigError`` where another one is pinned, or led to the lists in use: that one stays.
    """
    root = decode_root(encoded)
    folder.make()
    had = pinned_root(folder)
    if had == root:
        return root
    if (had or _root_of_lists_in_use(folder) or root) != root:
        msg = f"another root is pinned; to replace it, delete the folder {folder.path} with all lists first"
        raise ConfigError(msg)
    try:
        write_atomically(folder.pinned_root, encoded)
    except OSError as error:
        raise storage_trouble(error) from error
    return root


def _root_of_lists_in_use(folder: ListsFolder) -> PinnedRoot | None:
    """Return the root that was pinned when they were taken up: python-tuf keeps a copy."""
    try:
        first, *_ = sorted((folder.current / METADATA / ROOTS).glob("*.root.json"), key=_number_of)
        return decode_root(first.read_bytes())
    except (OSError, ValueError, ListRefused):
        return None


def _number_of(path: Path) -> int:
    return int(path.name.partition(".")[0])
