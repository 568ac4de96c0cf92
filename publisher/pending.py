"""Signed, or half signed, and not published yet: the next root, the next delegations, bundles of provinces.

The next root lies beside the one that it follows, so that the folder alone can be carried to whoever signs next.
"""

import shutil
from pathlib import Path

from tuf.api.metadata import Metadata, Root, Targets

from publisher.files import fsync_folder, write_durably
from publisher.metadata import FILE_NAME, file_name
from publisher.published import METADATA, read_metadata


class Pending:
    """The folder ``pending`` of a desk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def root(self) -> Metadata[Root] | None:
        """Return the next root, if one is made. Raises ``DeskError`` for a damaged file."""
        path = self.path_of(Root.type)
        return None if path is None else read_metadata(path, Root)

    def targets(self) -> Metadata[Targets] | None:
        """Return the next top-level targets, that is delegations. Raises ``DeskError`` for a damaged file."""
        path = self.path_of(Targets.type)
        return None if path is None else read_metadata(path, Targets)

    def put_root(self, root: Metadata[Root], previous: Metadata[Root]) -> Path:
        """Keep the next root beside the one before it; return its path."""
        write_durably(self.folder / file_name(Root.type, previous), previous.to_bytes())
        return self._put(Root.type, root)

    def put_targets(self, targets: Metadata[Targets]) -> Path:
        """Keep the next top-level targets; return their path."""
        return self._put(Targets.type, targets)

    def bundle_folder(self, role: str) -> Path:
        """Return where the accepted bundle of a province lies, or would."""
        return self.folder / role

    def bundle(self, role: str) -> Metadata[Targets] | None:
        """Return the metadata of a province's accepted bundle. Raises ``DeskError`` for a damaged file."""
        path = _newest(self.bundle_folder(role) / METADATA, role)
        return None if path is None else read_metadata(path, Targets)

    def path_of(self, role: str) -> Path | None:
        """Return the newest file of a role here."""
        return _newest(self.folder, role)

    def names(self) -> tuple[str, ...]:
        """Return the names of what is pending, sorted; the root that a next one follows is not pending."""
        if not self.folder.is_dir():
            return ()
        next_root = self.path_of(Root.type)
        found = [path for path in self.folder.iterdir() if not path.name.startswith(".")]
        is_root = {path: path.name.endswith(f".{Root.type}.json") for path in found}
        return tuple(sorted(path.name for path in found if not is_root[path] or path == next_root))

    def clear(self, names: list[str]) -> None:
        """Let go of what was published: names of files and of folders."""
        for name in names:
            path = self.folder / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        if names and self.folder.is_dir():
            fsync_folder(self.folder)

    def _put(self, role: str, metadata: Metadata[Root] | Metadata[Targets]) -> Path:
        path, before = self.folder / file_name(role, metadata), self.path_of(role)
        write_durably(path, metadata.to_bytes())
        if before is not None and before != path and role != Root.type:  # the root before it stays beside a root
            self.clear([before.name])
        return path


def _newest(folder: Path, role: str) -> Path | None:
    if not folder.is_dir():
        return None
    found = [(int(match[1]), path) for path in folder.iterdir() if (match := FILE_NAME.fullmatch(path.name))]
    return max((one for one in found if one[1].name == f"{one[0]}.{role}.json"), default=(0, None))[1]
