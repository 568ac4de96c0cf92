"""Command and response APDUs with short and extended length (ISO/IEC 7816-4, 5.1)."""

from dataclasses import dataclass, field
from typing import Self

from verifier.errors import CardProtocolError, CardRefused, InvalidInput, MalformedData
from verifier.iso7816.octets import octets
from verifier.iso7816.status import describe, is_success

SHORT_MAX_DATA = 255
SHORT_MAX_LE = 256
EXTENDED_MAX_DATA = 65_535
EXTENDED_MAX_LE = 65_536
SECURE_MESSAGING_CLA = 0x0C
"""CLA bits of secure messaging with an authenticated header (ISO/IEC 7816-4, 5.4.1)."""


@dataclass(frozen=True, slots=True)
class CommandApdu:
    """A command to the card. The length fields follow from ``data`` and ``le``.

    ``le`` is the greatest number of bytes expected in the response: ``None`` for no Le field (cases 1 and 3),
    256 for a short Le of 00, 65,536 for an extended Le of 00 00. The form is extended as soon as one of the two
    lengths needs it.

    >>> CommandApdu(0x00, 0xB0, 0x9C, 0x00, le=256).encode().hex()
    '00b09c0000'
    >>> CommandApdu(0x00, 0xB0, 0x9C, 0x00, le=65536).encode().hex()
    '00b09c00000000'
    """

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = field(default=b"", repr=False)
    le: int | None = None

    def __post_init__(self) -> None:
        if any(not 0 <= byte <= 0xFF for byte in self.header_values):
            msg = "each byte of a command header is between 00 and FF"
            raise InvalidInput(msg)
        if len(self.data) > EXTENDED_MAX_DATA:
            msg = f"a command carries at most {EXTENDED_MAX_DATA} data bytes"
            raise InvalidInput(msg)
        if self.le is not None and not 1 <= self.le <= EXTENDED_MAX_LE:
            msg = f"Le is between 1 and {EXTENDED_MAX_LE}"
            raise InvalidInput(msg)

    @property
    def header_values(self) -> tuple[int, int, int, int]:
        """CLA, INS, P1 and P2."""
        return self.cla, self.ins, self.p1, self.p2

    @property
    def header(self) -> bytes:
        """CLA, INS, P1 and P2 as four bytes."""
        return bytes(self.header_values)

    @property
    def is_extended(self) -> bool:
        """Whether a length of this command needs the extended form."""
        return len(self.data) > SHORT_MAX_DATA or (self.le or 0) > SHORT_MAX_LE

    def encode(self) -> bytes:
        """Return the command as sent to the card: 4 to 65,544 bytes."""
        encoded = self.header
        if self.is_extended:
            if self.data:
                encoded += b"\x00" + len(self.data).to_bytes(2) + self.data
            elif self.le is not None:
                encoded += b"\x00"
            if self.le is not None:
                encoded += (self.le % EXTENDED_MAX_LE).to_bytes(2)
            return encoded
        if self.data:
            encoded += bytes([len(self.data)]) + self.data
        if self.le is not None:
            encoded += bytes([self.le % SHORT_MAX_LE])
        return encoded

    @classmethod
    def decode(cls, encoded: bytes) -> Self:
        """Decode a command as the card sees it; raise ``MalformedData`` where the length fields do not add up."""
        encoded = octets(encoded, "a command APDU")
        if len(encoded) < 4:
            msg = "a command APDU has at least four bytes"
            raise MalformedData(msg)
        header, body = encoded[:4], encoded[4:]
        data, le = _decode_body(body)
        return cls(header[0], header[1], header[2], header[3], data, le)


def _decode_body(body: bytes) -> tuple[bytes, int | None]:
    if not body:
        return b"", None
    if body[0] == 0 and len(body) >= 3:
        return _decode_extended(body[1:])
    if len(body) == 1:
        return b"", body[0] or SHORT_MAX_LE
    length, rest = body[0], body[1:]
    if len(rest) == length:
        return rest, None
    if len(rest) == length + 1:
        return rest[:-1], rest[-1] or SHORT_MAX_LE
    msg = "the short length field of the command does not fit its data"
    raise MalformedData(msg)


def _decode_extended(body: bytes) -> tuple[bytes, int | None]:
    number, rest = int.from_bytes(body[:2]), body[2:]
    if not rest:
        return b"", number or EXTENDED_MAX_LE
    if number and len(rest) == number:
        return rest, None
    if number and len(rest) == number + 2:
        return rest[:-2], int.from_bytes(rest[-2:]) or EXTENDED_MAX_LE
    msg = "the extended length field of the command does not fit its data"
    raise MalformedData(msg)


@dataclass(frozen=True, slots=True)
class ResponseApdu:
    """The card's answer: 0 to 65,536 data bytes and the status word."""

    data: bytes = field(repr=False)
    status: int

    def __post_init__(self) -> None:
        if not 0 <= self.status <= 0xFFFF:
            msg = "a status word has two bytes"
            raise InvalidInput(msg)

    def __repr__(self) -> str:
        return f"ResponseApdu({len(self.data)} bytes, {describe(self.status)})"

    @property
    def is_ok(self) -> bool:
        """Whether the command was carried out (9000 or 6282)."""
        return is_success(self.status)

    def require_ok(self, doing: str = "the command") -> bytes:
        """Return the data, or raise ``CardRefused`` with a sentence that names what we were ``doing``."""
        if not self.is_ok:
            msg = f"the card refused {doing}: {describe(self.status)}"
            raise CardRefused(msg, self.status)
        return self.data

    def encode(self) -> bytes:
        """Return data and status word as the card sends them."""
        return self.data + self.status.to_bytes(2)

    @classmethod
    def decode(cls, encoded: bytes) -> Self:
        """Split an answer into data and status word; raise ``CardProtocolError`` on fewer than two bytes."""
        encoded = octets(encoded, "an answer of a card")
        if len(encoded) < 2:
            msg = "the card answered with fewer than two bytes"
            raise CardProtocolError(msg)
        return cls(encoded[:-2], int.from_bytes(encoded[-2:]))
