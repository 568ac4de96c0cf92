"""LDIF, the form in which a directory is carried about (RFC 2849), one entry after another.

A complete download of the ICAO directory has some 100 MB, so nothing is kept but the entry at hand, and base64 is
decoded only where somebody asks for the value.
"""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from verifier.errors import MalformedData

MAX_ENTRY = 24 << 20
"""Bytes of all lines of an entry: a master list of 16 MiB in base64."""
MAX_VALUES = 1024
"""Values of an entry."""
_CHUNK = 1 << 16
_WHAT = "an LDIF file"


@dataclass(frozen=True, slots=True)
class LdifValue:
    """One attribute: as text, or in base64 where ``encoded``."""

    name: str
    """In lower case, with options: ``usercertificate;binary``."""
    raw: bytes = field(repr=False)
    encoded: bool

    def decode(self) -> bytes:
        """Return the value. Raises ``MalformedData``."""
        if not self.encoded:
            return self.raw
        try:
            return base64.b64decode(self.raw, validate=True)
        except binascii.Error as error:
            msg = f"{_WHAT}: the value of {self.name} is no base64"
            raise MalformedData(msg) from error

    @property
    def text(self) -> str:
        """The value for people. Raises ``MalformedData``."""
        return self.decode()[:1024].decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class LdifEntry:
    """One entry, or the sentence why it cannot be read; the next one may be good."""

    dn: str
    values: tuple[LdifValue, ...] = ()
    problem: str | None = None

    def all(self, *names: str) -> Iterator[LdifValue]:
        """Yield the values of attributes of these names (lower case), whatever their options."""
        return (value for value in self.values if value.name.partition(";")[0] in names)

    def text(self, name: str) -> str | None:
        """Return the first value of an attribute as text. Raises ``MalformedData``."""
        return next((value.text for value in self.all(name)), None)


def read_entries(file: BinaryIO) -> Iterator[LdifEntry]:
    """Yield the entries of a file that is open for reading bytes.

    Only content counts: entries with ``changetype: add`` or none. Those that delete or modify are problems, and so are
    values that a URL stands for, which is not followed.
    """
    for lines in _records(file):
        if lines is None:
            yield LdifEntry("", problem=f"an entry is longer than {MAX_ENTRY} bytes or has over {MAX_VALUES} values")
            continue
        entry = _entry(lines)
        if entry is not None:
            yield entry


def _records(file: BinaryIO) -> Iterator[list[bytes] | None]:
    """Yield the unfolded lines of each entry without comments; ``None`` for one that is too long."""
    for block in _blocks(file):
        if block is None:
            yield None
            continue
        lines = block.replace(b"\n ", b"").split(b"\n", MAX_VALUES)
        if b"\n" in lines[-1]:
            yield None
        elif kept := [line for line in lines if line and line[:1] != b"#"]:
            yield kept


def _blocks(file: BinaryIO) -> Iterator[bytes | None]:
    """Yield what stands between empty lines, with line feeds only; ``None`` for what is too long to be kept."""
    buffer, is_too_long = bytearray(), False
    held = b""
    while chunk := held + file.read(_CHUNK):
        held = b"\r" if chunk[-1:] == b"\r" and len(chunk) > 1 else b""
        searched = max(0, len(buffer) - 1)
        buffer += chunk.removesuffix(held).replace(b"\r\n", b"\n")
        while (end := buffer.find(b"\n\n", searched)) >= 0:
            yield None if is_too_long or end > MAX_ENTRY else bytes(buffer[:end])
            del buffer[: end + 2]
            searched, is_too_long = 0, False
        if len(buffer) > MAX_ENTRY:
            del buffer[:-1]
            is_too_long = True
    yield None if is_too_long else bytes(buffer)


def _entry(lines: list[bytes]) -> LdifEntry | None:
    if lines[0].lower().startswith(b"version:"):
        lines = lines[1:]
    if not lines:
        return None
    try:
        values = tuple(map(_value, lines))
        dn = values[0].text
    except MalformedData as error:
        return LdifEntry("", problem=error.sentence)
    if values[0].name != "dn":
        return LdifEntry("", problem="an entry does not begin with its name (dn)")
    change = next((value.raw.lower() for value in values[1:4] if value.name == "changetype"), b"add")
    if change != b"add":
        shown = change[:16].decode("ascii", "replace")
        return LdifEntry(dn, problem=f"an entry that changes the directory ({shown}) says nothing about whom to trust")
    return LdifEntry(dn, values[1:])


def _value(line: bytes) -> LdifValue:
    name, colon, rest = line.partition(b":")
    if not colon or not name:
        msg = f"{_WHAT}: a line without an attribute's name"
        raise MalformedData(msg)
    if rest[:1] == b"<":
        msg = f"{_WHAT}: a value that is elsewhere, which is not fetched"
        raise MalformedData(msg)
    encoded = rest[:1] == b":"
    shown = name[:128].decode("utf-8", "replace").lower()
    return LdifValue(shown, (rest[1:] if encoded else rest).strip(), encoded)
