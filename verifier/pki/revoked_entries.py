"""The entries of a CRL, found without being decoded: a list of 150,000 is walked once, an entry is read when asked for.

Nearly every entry there is has one of a few shapes: serial number, time, and no extension or a reason. A pattern knows
these shapes exactly, down to the days of the month, so that an entry that fits it would decode. Every other entry is
decoded at once, with all its extensions, and whatever is wrong with it is known before the list is used. That is slow,
so there is a limit to how much of a list may be of another shape.
"""

import re
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from functools import cache
from typing import Final

from verifier.errors import MalformedData
from verifier.pki.asn1.der import ENUMERATED, INTEGER, SEQUENCE, Element, Reader, read_one
from verifier.pki.asn1.der_time import TIME_TAGS, decode_time
from verifier.pki.extensions import Extension, decode_extensions

REASON_CODE: Final = "2.5.29.21"
MAX_ODD_LENGTH: Final = 256 << 10
"""Bytes of entries of other shapes in one list; some 5,000 entries with the date of a key's compromise."""
_LONGEST_PLAIN_SERIAL = 21
"""Bytes: the 20 of RFC 5280, 4.1.2.2, and a sign byte."""


class RevocationReason(IntEnum):
    """Why a certificate was revoked (RFC 5280, 5.3.1)."""

    UNSPECIFIED = 0
    KEY_COMPROMISE = 1
    CA_COMPROMISE = 2
    AFFILIATION_CHANGED = 3
    SUPERSEDED = 4
    CESSATION_OF_OPERATION = 5
    CERTIFICATE_HOLD = 6
    REMOVE_FROM_CRL = 8
    PRIVILEGE_WITHDRAWN = 9
    AA_COMPROMISE = 10


_REASONS = {int(reason): reason for reason in RevocationReason}


@dataclass(frozen=True, slots=True)
class RevokedCertificate:
    """One entry: since when, and why where the issuer says why."""

    serial: int
    date: datetime
    reason: RevocationReason = RevocationReason.UNSPECIFIED


class RevokedEntries(Mapping[int, RevokedCertificate]):
    """The entries of one CRL by serial number; where a serial number is there twice, the last entry counts.

    ``unusable`` says why an entry makes the whole list unusable, and is ``None`` where none does.
    """

    def __init__(self, sequence: Element | None, why_unusable: Callable[[Mapping[str, Extension]], str | None]) -> None:
        """Walk revokedCertificates. Raises ``MalformedData`` for an entry that is none, and for too many odd ones."""
        self._data = b"" if sequence is None else sequence.data
        self._range = (0, 0) if sequence is None else (sequence.content_start, sequence.stop)
        self._what = "" if sequence is None else sequence.what
        self._starts = array("I")
        self._odd: dict[int, tuple[int, RevokedCertificate]] = {}
        self._odd_length = 0
        self._count: int | None = None
        self.unusable: str | None = None
        self._walk(why_unusable)

    def _walk(self, why_unusable: Callable[[Mapping[str, Extension]], str | None]) -> None:
        position, stop = self._range
        while position < stop:
            for match in _entry_or_byte().finditer(self._data, position, stop):
                position = match.start()
                if match.lastindex is None:
                    break
                self._starts.append(position)
                position = match.end()
            if position < stop:
                position = self._take_odd(position, why_unusable)

    def _take_odd(self, position: int, why_unusable: Callable[[Mapping[str, Extension]], str | None]) -> int:
        reader = Reader(self._data, position, self._range[1], self._what)
        element = reader.take(SEQUENCE)
        self._odd_length += reader.position - position
        if self._odd_length > MAX_ODD_LENGTH:
            msg = f"{self._what}: more than {MAX_ODD_LENGTH} bytes of entries of unusual form"
            raise MalformedData(msg)
        entry, extensions = _decode(element)
        self.unusable = self.unusable or why_unusable(extensions)
        self._odd[entry.serial] = position, entry
        return reader.position

    def __getitem__(self, serial: int) -> RevokedCertificate:
        found = self._find(serial)
        if found is None:
            raise KeyError(serial)
        return found

    def __contains__(self, serial: object) -> bool:
        return isinstance(serial, int) and self._find(serial) is not None

    def __iter__(self) -> Iterator[int]:
        yield from dict.fromkeys((*map(self._serial_at, self._starts), *self._odd))

    def __len__(self) -> int:
        """The number of different serial numbers; a long list is counted once."""
        if self._count is None:
            self._count = sum(1 for _ in self)
        return self._count

    def __repr__(self) -> str:
        return f"<RevokedEntries: {len(self._starts) + len(self._odd)} entries>"

    def _find(self, serial: int) -> RevokedCertificate | None:
        """Search for the encoded serial number; it counts where an entry begins two bytes before it."""
        odd_position, odd = self._odd.get(serial, (-1, None))
        size = serial.bit_length() // 8 + 1 if serial >= 0 else (serial + 1).bit_length() // 8 + 1
        if size > _LONGEST_PLAIN_SERIAL:
            return odd
        wanted = bytes([INTEGER, size]) + serial.to_bytes(size, signed=True)
        start, stop = self._range
        while (found := self._data.rfind(wanted, start, stop)) >= 0:
            position = found - 2
            if position < odd_position:
                break
            index = bisect_left(self._starts, position)
            if index < len(self._starts) and self._starts[index] == position:
                return self._at(position)
            stop = found + len(wanted) - 1
        return odd

    def _at(self, position: int) -> RevokedCertificate:
        return _decode(Reader(self._data, position, self._range[1], self._what).take(SEQUENCE))[0]

    def _serial_at(self, position: int) -> int:
        size = self._data[position + 3]
        return int.from_bytes(self._data[position + 4 : position + 4 + size], signed=True)


def _decode(element: Element) -> tuple[RevokedCertificate, dict[str, Extension]]:
    reader = element.reader()
    serial, date = reader.take(INTEGER).integer, decode_time(reader.take(*TIME_TAGS))
    wrapper = reader.take_if(SEQUENCE)
    reader.end()
    extensions = decode_extensions(wrapper) if wrapper else {}
    return RevokedCertificate(serial, date, _reason(element.what, extensions.get(REASON_CODE))), extensions


def _reason(what: str, extension: Extension | None) -> RevocationReason:
    if extension is None:
        return RevocationReason.UNSPECIFIED
    code = read_one(extension.value, ENUMERATED, what).integer
    return _REASONS.get(code, RevocationReason.UNSPECIFIED)


@cache
def _entry_or_byte() -> re.Pattern[bytes]:
    """An entry as nearly all are, or, without a group, any byte. Made when the first CRL is decoded."""
    date = (
        rb"(?:(?:0[1-9]|1[0-2])(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])(?:29|30)|(?:0[13578]|1[02])31)"
        rb"(?:[01]\d|2[0-3])[0-5]\d[0-5]\dZ"
    )
    times = ((15, rb"\x17\x0d\d\d" + date), (17, rb"\x18\x0f(?:19|20)\d\d" + date))
    reason = rb"\x30\x0c\x30\x0a\x06\x03\x55\x1d\x15\x04\x03\x0a\x01[\x00-\x7f]"
    shapes: list[bytes] = []
    for size in range(1, _LONGEST_PLAIN_SERIAL + 1):
        # minimal, as DER has it: then one number has one encoding, which can be searched for
        rest = b"(?:\\x00[\\x80-\\xff]|[\\x01-\\x7f].|[\\x80-\\xfe].|\\xff[\\x00-\\x7f]).{%d}" % (size - 2)
        serial = re.escape(bytes([INTEGER, size])) + (rest if size > 1 else b".")
        for length, time in times:
            shapes.append(re.escape(bytes([SEQUENCE, 2 + size + length])) + serial + time)
            shapes.append(re.escape(bytes([SEQUENCE, 16 + size + length])) + serial + time + reason)
    return re.compile(b"(" + b"|".join(shapes) + b")|.", re.DOTALL)
