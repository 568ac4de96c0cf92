"""A published folder on a stick: opened name by name, never listed, no link followed.

Whoever hands in a stick may have written anything on it: links out of it, loops, pipes, a hundred thousand files.
Only names that signed metadata asks for are opened, each part of a path from the folder above it.
"""

import errno
import os
import re
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from tuf.api.exceptions import DownloadHTTPError, DownloadLengthMismatchError
from tuf.ngclient import FetcherInterface

from appliance.errors import SourceIncomplete, SourceUnreachable

SCHEME: Final = "stick:"
_CHUNK: Final = 1 << 16
_PART: Final = re.compile(r"[A-Za-z0-9%_-][A-Za-z0-9%._-]{0,199}")
_HOMES: Final = ("", "thechip-lists", "public")
"""Where the published folder may lie on a stick, or below a folder that somebody chose."""
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_NOT_FOUND: Final = 404


class StickFetcher(FetcherInterface):
    """Reads a published folder. Use it as a context manager, or ``close`` it."""

    def __init__(self, folder: Path, partial: Path, *, on_bytes: Callable[[int], None] = lambda _: None) -> None:
        """Open the folder itself, which is no link; ``partial`` is where a file is copied to before it is looked at.

        ``on_bytes`` is told how many bytes were read. Raises ``SourceUnreachable``.
        """
        self._partial = partial
        self._on_bytes = on_bytes
        try:
            self._root = os.open(folder, _FOLDER | os.O_NOFOLLOW)
        except (OSError, ValueError) as error:  # ValueError: a name that no folder can have
            msg = f"the folder {str(folder)!a} cannot be opened; is the stick still there?"
            raise SourceUnreachable(msg) from error
        self.base_url = SCHEME

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the stick, so that it can be pulled."""
        os.close(self._root)

    @contextmanager
    def download_file(self, url: str, max_length: int) -> Iterator[IO[bytes]]:
        """Give a copy of the file at ``url``: what is on the stick may be another file at the second look."""
        with tempfile.TemporaryFile(dir=self._partial) as copy:
            for chunk in self.fetch(url):
                if copy.tell() + len(chunk) > max_length:
                    msg = f"the file is longer than {max_length} bytes"
                    raise DownloadLengthMismatchError(msg)
                copy.write(chunk)
                self._on_bytes(len(chunk))
            copy.seek(0)
            yield copy

    def _fetch(self, url: str) -> Iterator[bytes]:
        descriptor = self.open(url.removeprefix(SCHEME))
        return _chunks(descriptor)

    def open(self, path: str) -> int:
        """Return the descriptor of a regular file below the folder. Raises ``DownloadHTTPError`` (404), ``OSError``."""
        parts = path.split("/")
        if not all(_PART.fullmatch(part) for part in parts):
            raise _not_found(path)
        folder = os.dup(self._root)
        try:
            for part in parts[:-1]:
                below = os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=folder)
                os.close(folder)
                folder = below
            # to open a pipe for reading would be to wait for whoever writes into it
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            descriptor = os.open(parts[-1], flags, dir_fd=folder)
        except OSError as error:
            if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO}:
                raise _not_found(path) from error
            raise
        finally:
            os.close(folder)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise _not_found(path)
        return descriptor


def published_folder(chosen: Path) -> Path:
    """Return where below a chosen folder, mostly a stick's top, lists lie. Raises ``SourceIncomplete``.

    Whoever chooses may choose a link; below that none is followed.
    """
    for home in _HOMES:
        try:
            folder = chosen.resolve() / home
            with StickFetcher(folder, folder) as stick:
                os.close(stick.open("metadata/timestamp.json"))
        except (SourceUnreachable, DownloadHTTPError, OSError, ValueError, RuntimeError):  # a link to itself, no name
            continue
        return folder
    msg = f"there are no lists in {str(chosen)!a}: it must hold thechip-lists/metadata/timestamp.json and the rest"
    raise SourceIncomplete(msg)


def _not_found(path: str) -> DownloadHTTPError:
    return DownloadHTTPError(path, _NOT_FOUND)


def _chunks(descriptor: int) -> Iterator[bytes]:
    try:
        while chunk := os.read(descriptor, _CHUNK):
            yield chunk
    finally:
        os.close(descriptor)
