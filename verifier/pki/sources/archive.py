"""Zip archives of lists and certificates, as the German BSI publishes its master list; whatever is in them is bounded.

Only what a member says of itself decides how much of it is unpacked: one that lies about its length is damaged.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from verifier.errors import MalformedData

_ARCHIVE_SUFFIX: Final = ".zip"
MAX_MEMBERS: Final = 1000
MAX_MEMBER_LENGTH: Final = 16 << 20
MAX_TOTAL_LENGTH: Final = 64 << 20
"""Bytes of all members together, unpacked."""
MAX_RATIO: Final = 100
"""How many times longer a member may become; certificates hardly shrink, LDIF by a half."""
_ENTRY: Final = b"PK\x01\x02"
_METHODS: Final = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED: Final = 1
_FAULTS: Final = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, OverflowError)
"""What ``zipfile`` raises for hostile bytes; ``NotImplementedError`` is a ``RuntimeError``."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive: its name without folders, and its content or why that is not read."""

    name: str
    content: bytes = b""
    problem: str | None = None

    @property
    def suffix(self) -> str:
        """``.ml``, in small letters."""
        return PurePosixPath(self.name).suffix.lower()


def read_archive(encoded: bytes) -> Iterator[Member]:
    """Yield the files of an archive in its order; folders and hidden files are passed over in silence.

    Raises ``MalformedData`` for what is no archive, and for one of more than ``MAX_MEMBERS`` members.
    """
    if encoded.count(_ENTRY) > MAX_MEMBERS:
        msg = f"the archive holds more than {MAX_MEMBERS} files"
        raise MalformedData(msg)
    try:
        archive = zipfile.ZipFile(io.BytesIO(encoded))
    except _FAULTS as error:
        msg = "it is no zip archive, or a damaged one"
        raise MalformedData(msg) from error
    total = 0
    with archive:
        for info in archive.infolist():
            path = PurePosixPath(info.filename)
            if info.filename.endswith("/") or any(part.startswith((".", "__MACOSX")) for part in path.parts):
                continue
            problem = _why_not(info, total)
            if problem is None:
                total += info.file_size
                yield _unpacked(archive, info, path.name)
            else:
                yield Member(path.name, problem=problem)


def _why_not(info: zipfile.ZipInfo, total: int) -> str | None:
    """Why a member is not unpacked, by what its entry says."""
    if PurePosixPath(info.filename).suffix.lower() == _ARCHIVE_SUFFIX:
        return "an archive in an archive is not read; unpack it"
    if info.flag_bits & _ENCRYPTED or info.compress_type not in _METHODS:
        return "it is encrypted or packed in a way that is not supported; unpack it"
    if info.file_size > MAX_MEMBER_LENGTH or total + info.file_size > MAX_TOTAL_LENGTH:
        return f"unpacked it is longer than {MAX_MEMBER_LENGTH} bytes, or all files together than {MAX_TOTAL_LENGTH}"
    if info.file_size > MAX_RATIO * max(1, info.compress_size):
        return f"unpacked it is more than {MAX_RATIO} times as long as packed, which no list is"
    return None


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> Member:
    try:
        with archive.open(info) as file:
            content = file.read(info.file_size + 1)
    except _FAULTS:
        content = b""
    whole = len(content) == info.file_size
    return Member(name, content) if whole else Member(name, problem="it is damaged in the archive")
