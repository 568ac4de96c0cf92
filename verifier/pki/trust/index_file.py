"""Where a trust index lies: whether it still belongs to its folder.

An index is good for the folder as it was: the same names, lengths and times of change, and the same list signers; and
for the release that wrote it, for which certificates are roots depends on algorithms and rules that a release knows. It
is trusted no more than the folder: one that belongs to somebody else, or that more people may write, is passed over.
"""

import contextlib
import hashlib
import os
import stat
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

import cryptography

from verifier.errors import TrustMaterialError
from verifier.pki.trust.trust_index import MAX_LENGTH, TrustIndex

_SAME_MOMENT: Final = 20_000_000
"""Nanoseconds: a file that changed so shortly before the index was written may have changed once more unseen."""
_WRITABLE_BY_OTHERS: Final = stat.S_IWGRP | stat.S_IWOTH


class FolderState:
    """A folder's files as they are listed, taken before they are read."""

    def __init__(self, folder: Path, files: Sequence[Path], how: str) -> None:
        """``how`` says in what way the files are loaded. Raises ``TrustMaterialError``."""
        lines = [how, release_identity()]
        self.latest_change = 0
        try:
            self._folder = folder.stat()
            for path in files:
                found = path.stat()
                lines.append(f"{path.name!r} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}")
                self.latest_change = max(self.latest_change, found.st_mtime_ns, found.st_ctime_ns)
        except OSError as error:
            msg = f"the folder {folder} cannot be read"
            raise TrustMaterialError(msg) from error
        self.key = hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()

    def read_index(self, path: Path) -> TrustIndex | None:
        """Return the index of this folder in this state; ``None`` where there is none that may be used."""
        try:
            if not self._may_be_trusted(path.stat()):  # before it is opened: to open a pipe would be to wait
                return None
            with path.open("rb") as file:
                encoded = file.read(MAX_LENGTH + 1)
        except (OSError, ValueError):  # ValueError: a name that no file can have
            return None
        with contextlib.suppress(TrustMaterialError):
            index = TrustIndex(encoded)
            return index if index.head.key == self.key else None
        return None

    def _may_be_trusted(self, index: os.stat_result) -> bool:
        folder = self._folder
        return (
            stat.S_ISREG(index.st_mode)
            and index.st_size <= MAX_LENGTH
            and index.st_uid in {folder.st_uid, 0, os.geteuid() if hasattr(os, "geteuid") else 0}
            and not index.st_mode & ~folder.st_mode & _WRITABLE_BY_OTHERS
            and self.latest_change + _SAME_MOMENT < index.st_mtime_ns
        )


@cache
def release_identity() -> str:
    """What the judgements in an index depend on: the code of this room, and the library that verifies for it.

    The code itself instead of its version: reading it takes 3 ms, ``importlib.metadata`` 40 ms, more than opening an
    index; and it differs between two states of one checkout. A package without its sources goes by the version.
    """
    room = Path(__file__).parent
    digest = hashlib.sha256(cryptography.__version__.encode())
    sources = sorted(room.rglob("*.py"))
    for path in sources:
        digest.update(f"\n{path.relative_to(room)}\n".encode() + path.read_bytes())
    if not sources:
        from importlib.metadata import version  # noqa: PLC0415 - see above

        digest.update(version("thechip").encode())
    return digest.hexdigest()
