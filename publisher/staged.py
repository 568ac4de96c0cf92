"""What was added and is not published yet: plain files under the paths of their targets, and paths to be removed."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from appliance.lists.catalogue import CARD_STATUS_BASE, ISSUERS
from publisher.errors import WrongUsage
from publisher.files import copy_durably, fsync_folder, make_folder, pieces_of, write_durably

_TOGETHER = frozenset(path.partition("/")[0] for path in (ISSUERS, CARD_STATUS_BASE))
_REMOVALS = ".removals"


class Staged:
    """The folder ``staged`` of a desk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, path: str, content: bytes | Path) -> None:
        """Stage a target: its content, or a file to be copied. What was staged before under this path is replaced."""
        place = self._folder / path
        if isinstance(content, Path):
            copy_durably(content, place)
        else:
            write_durably(place, content)
        self._write_removals(self.removals() - {path})

    def remove(self, path: str) -> None:
        """Stage the removal of a target."""
        make_folder(self._folder)
        self._write_removals(self.removals() | {path})
        self._unlink(path)

    def forget(self, path: str) -> None:
        """Let go of what was staged for a path, be it a file or its removal."""
        self._unlink(path)
        self._write_removals(self.removals() - {path})

    def let_go(self, what: str) -> tuple[str, ...]:
        """Let go of a path, or of all in a folder; of trust and card status all, for its files belong together.

        Return the paths. Raises ``WrongUsage`` where nothing of it is staged.
        """
        folder, _, name = what.partition("/")
        wanted = folder if folder in _TOGETHER or not name else what
        paths = sorted({*self.files(), *self.removals()})
        found = tuple(path for path in paths if path == wanted or path.startswith(f"{wanted}/"))
        if not found:
            msg = f"nothing is staged as {what}; status shows what is"
            raise WrongUsage(msg)
        for path in found:
            self.forget(path)
        return found

    def files(self) -> dict[str, Path]:
        """Return what is staged, by the paths of the targets."""
        if not self._folder.is_dir():
            return {}
        found = (path for path in sorted(self._folder.rglob("*")) if path.is_file() and not path.name.startswith("."))
        return {path.relative_to(self._folder).as_posix(): path for path in found}

    def removals(self) -> frozenset[str]:
        """Return the targets that the next publication will not have any more."""
        try:
            return frozenset((self._folder / _REMOVALS).read_text().split())
        except FileNotFoundError:
            return frozenset()

    def clear(self, files: Mapping[str, str], removals: frozenset[str]) -> None:
        """Let go of what was published: files by path with their SHA-256, and removals. What came later stays."""
        staged = self.files()
        for path, digest in files.items():
            if path in staged and sha256_of(staged[path]) == digest:
                self._unlink(path)
        self._write_removals(self.removals() - removals)

    def _unlink(self, path: str) -> None:
        place = self._folder / path
        if place.exists():
            place.unlink()
            fsync_folder(place.parent)

    def _write_removals(self, removals: frozenset[str]) -> None:
        if removals != self.removals():
            write_durably(self._folder / _REMOVALS, "".join(f"{path}\n" for path in sorted(removals)).encode())


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, hexadecimal. Raises ``OSError``."""
    digest = hashlib.sha256()
    for piece in pieces_of(path):
        digest.update(piece)
    return digest.hexdigest()
