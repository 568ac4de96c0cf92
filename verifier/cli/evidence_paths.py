"""Which files a batch means: as they are named, those of folders, and those of a list on standard input."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

_STANDARD_INPUT = "-"


class EvidencePaths:
    """The files that sources mean, in the order of the sources, and in a folder of their names.

    Hidden ones are passed over; folders inside folders too, and counted, unless ``recursive``. Links to folders inside
    folders are never followed, which could go round in circles.
    """

    def __init__(self, sources: Iterable[str], *, recursive: bool) -> None:
        self.left_out = 0
        """Folders inside folders that were passed over so far."""
        self._sources = tuple(sources)
        self._recursive = recursive

    def __iter__(self) -> Iterator[Path]:
        """Yield each file."""
        for source in self._sources:
            if source == _STANDARD_INPUT:
                yield from (Path(line.rstrip("\n")) for line in sys.stdin or () if line.strip())
            elif (path := Path(source)).is_dir():
                yield from self._files_of(path)
            else:
                yield path

    def _files_of(self, folder: Path) -> Iterator[Path]:
        under = [folder]
        while under:
            members = sorted(member for member in under.pop().iterdir() if not member.name.startswith("."))
            inner = [member for member in members if member.is_dir()]
            yield from (member for member in members if member.is_file())
            if self._recursive:
                under += reversed([member for member in inner if not member.is_symlink()])
            else:
                self.left_out += len(inner)
