"""What a power cut leaves of a folder: what was forced out is there, of everything else any part, or nothing.

POSIX promises no more (fsync(2)): a file's content once the file was forced out, a name once its folder was. Every name
and every file is drawn for itself, so what comes out is worse than what any one file system would leave.
"""

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from stat import S_IMODE
from typing import TypeAlias

_PAGE = 4096
_SHARES = (0.0, 0.1, 0.5, 0.9, 1.0)
"""How much of what was not forced out made it all the same: on some disks nearly all, on some nearly nothing."""


@dataclass
class File:
    """``descriptor`` keeps it readable after its last name is gone, and its number from being given away."""

    descriptor: int
    certain: bytes = b""

    def content(self) -> bytes:
        """Return what is in it now."""
        return os.pread(self.descriptor, os.fstat(self.descriptor).st_size, 0)


@dataclass
class Folder:
    """Names, and the numbers of what they lead to; ``since`` has what each led to since they were forced out."""

    descriptor: int
    certain: dict[str, int] = field(default_factory=dict)
    now: dict[str, int] = field(default_factory=dict)
    since: dict[str, list[int | None]] = field(default_factory=dict)

    def changes_to(self, found: dict[str, int]) -> None:
        """Note what the names lead to now."""
        for name in self.now.keys() | found.keys():
            if self.now.get(name) != found.get(name):
                self.since.setdefault(name, [self.certain.get(name)]).append(found.get(name))
        self.now = found


@dataclass
class Link:
    """Its target is written with its name."""

    descriptor: int
    target: str


Node: TypeAlias = File | Folder | Link


class Disk:
    """A folder and what of it is certain; all that is there at the beginning is."""

    def __init__(self, top: Path) -> None:
        self._top = top
        self._number = top.stat().st_ino
        self._nodes: dict[int, Node] = {self._number: _look_at(top)}
        self.observe()
        for number in self._nodes:
            self.forced_out(number)

    def observe(self) -> None:
        """Note every name as it is now; do so before each change."""
        top = self._nodes[self._number]
        if isinstance(top, Folder):
            self._observe(str(self._top), top)

    def forced_out(self, number: int) -> None:
        """Take what is there now of a file or a folder, by its inode's number, for certain."""
        node = self._nodes.get(number)
        if isinstance(node, File):
            node.certain = node.content()
        elif isinstance(node, Folder):
            node.certain = node.now
            node.since.clear()

    def write_certain(self, place: Path) -> None:
        """Write a disk that holds what is certain, and nothing else."""
        _Writer(self._nodes, None).write_folder(self._number, place)

    def write_drawn(self, place: Path, random: Random) -> None:
        """Write a disk that holds what is certain, and any part of everything else, torn or whole."""
        _Writer(self._nodes, random).write_folder(self._number, place)

    def _observe(self, path: str, folder: Folder) -> None:
        found = {}
        with os.scandir(path) as entries:
            for entry in entries:
                number = found[entry.name] = entry.inode()
                if number not in self._nodes:
                    self._nodes[number] = _look_at(Path(entry.path))
                node = self._nodes[number]
                if isinstance(node, Folder):
                    self._observe(entry.path, node)
        if found != folder.now:
            folder.changes_to(found)


def _look_at(path: Path) -> Node:
    if path.is_symlink():
        return Link(os.open(path, os.O_PATH | os.O_NOFOLLOW), str(path.readlink()))
    descriptor = os.open(path, os.O_RDONLY)
    return Folder(descriptor) if path.is_dir() else File(descriptor)


@dataclass
class _Writer:
    """Writes one disk; without ``random`` only what is certain."""

    nodes: dict[int, Node]
    random: Random | None
    share: float = 0.0
    written: dict[int, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.random is not None:
            self.share = self.random.choice(_SHARES)

    def write_folder(self, number: int, place: Path) -> None:
        folder = self.nodes[number]
        if not isinstance(folder, Folder):
            raise TypeError(number)
        place.mkdir(mode=0o700)
        for name in sorted(folder.certain.keys() | folder.since.keys()):
            found = self._draw_name(folder, name)
            if found is not None:
                self._write(found, place / name)

    def _write(self, number: int, place: Path) -> None:
        node = self.nodes[number]
        if isinstance(node, Link):
            place.symlink_to(node.target)
        elif isinstance(node, Folder):
            self.write_folder(number, place)
        elif number in self.written:
            place.hardlink_to(self.written[number])
        else:
            place.write_bytes(self._draw_content(node))
            status = os.fstat(node.descriptor)
            place.chmod(S_IMODE(status.st_mode))
            os.utime(place, ns=(status.st_atime_ns, status.st_mtime_ns))
            self.written[number] = place

    def _draw_name(self, folder: Folder, name: str) -> int | None:
        values = folder.since.get(name)
        if self.random is None or not values or self.random.random() >= self.share:
            return folder.certain.get(name)
        return self.random.choice(values)

    def _draw_content(self, file: File) -> bytes:
        now = file.content()
        if self.random is None or now == file.certain:
            return file.certain
        if self.random.random() < self.share:
            return now
        return self.random.choice((file.certain, *self._torn(self.random, file.certain, now)))

    @staticmethod
    def _torn(random: Random, certain: bytes, now: bytes) -> tuple[bytes, ...]:
        """A beginning of it; its length with nothing in it; its pages without some; pages of before and of now."""
        pages = [now[start : start + _PAGE] for start in range(0, len(now), _PAGE)]
        holes = b"".join(random.choice((page, bytes(len(page)))) for page in pages)
        old = certain.ljust(len(now), b"\0")
        mixed = b"".join(
            random.choice((page, old[start * _PAGE : start * _PAGE + len(page)])) for start, page in enumerate(pages)
        )
        return now[: random.randrange(len(now) + 1)], bytes(len(now)), holes, mixed


def copy(source: Path, place: Path) -> Path:
    """Copy a folder as it is, links as links."""
    return Path(shutil.copytree(source, place, symlinks=True))
