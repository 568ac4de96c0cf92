"""An archive that a kernel unpacks into memory before it starts anything: cpio, "newc" (linux/init/initramfs.c)."""

import stat
from pathlib import Path, PurePosixPath
from typing import Final

_MAGIC: Final = "070701"
_LAST: Final = "TRAILER!!!"
_ALIGNED: Final = 4


class Archive:
    """Gathers files at absolute places; folders on the way are made."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._places: set[PurePosixPath] = {PurePosixPath("/")}

    def add(self, path: Path) -> None:
        """Add a file of this machine at its own place, with every symbolic link on the way to it."""
        place = PurePosixPath(path)
        for parent in reversed(place.parents):
            link = Path(parent)
            if link.is_symlink():
                self._link(parent, str(link.readlink()))
                return self.add(link.resolve() / path.relative_to(link))
        if path.is_symlink():
            self._link(place, str(path.readlink()))
            return self.add(Path(place.parent) / path.readlink())
        status = path.stat()
        return self.write(place, path.read_bytes(), mode=stat.S_IMODE(status.st_mode), time=int(status.st_mtime))

    def write(self, place: PurePosixPath, content: bytes, *, mode: int = 0o644, time: int = 0) -> None:
        """Add a file with this content; ``time`` is when it was changed, in seconds."""
        self._put(place, stat.S_IFREG | mode, content, time)

    def folder(self, place: PurePosixPath) -> None:
        """Add a folder, and those that it is in."""
        self._put(place, stat.S_IFDIR | 0o755, b"", 0)

    def content(self) -> bytes:
        """Return the archive."""
        return b"".join((*self._parts, _entry(len(self._parts) + 1, _LAST, 0, b"", 0)))

    def _link(self, place: PurePosixPath, target: str) -> None:
        self._put(place, stat.S_IFLNK | 0o777, target.encode(), 0)

    def _put(self, place: PurePosixPath, mode: int, content: bytes, time: int) -> None:
        if place in self._places:
            return
        self.folder(place.parent)
        self._places.add(place)
        self._parts.append(_entry(len(self._parts) + 1, str(place).lstrip("/"), mode, content, time))


def _entry(number: int, name: str, mode: int, content: bytes, time: int) -> bytes:
    text = name.encode() + b"\0"
    fields = (number, mode, 0, 0, 1, time, len(content), 0, 0, 0, 0, len(text), 0)
    head = _MAGIC + "".join(f"{field:08x}" for field in fields)
    return _aligned(head.encode() + text) + _aligned(content)


def _aligned(content: bytes) -> bytes:
    return content + bytes(-len(content) % _ALIGNED)
