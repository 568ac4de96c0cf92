"""A reader for DER (ITU-T X.690) that walks a structure in the order in which its standard writes it.

Own code rather than a general ASN.1 library for three reasons: it never recurses, whatever the bytes; it raises
``MalformedData`` and nothing else; and a certificate takes a fraction of a millisecond, so that a folder of 800 loads
in well under a second. It checks what it reads and skips the rest unread.

>>> sequence = read_one(bytes.fromhex("3006020105040161"), SEQUENCE, "an example").reader()
>>> sequence.take(INTEGER).integer, sequence.take(OCTET_STRING).content
(5, b'a')
>>> sequence.end()
"""

from collections.abc import Iterator
from dataclasses import dataclass

from verifier.errors import MalformedData
from verifier.iso7816.octets import octets

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OBJECT_IDENTIFIER = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06
ENUMERATED, UTC_TIME, GENERALIZED_TIME = 0x0A, 0x17, 0x18
SEQUENCE, SET = 0x30, 0x31
MAX_INTEGER_LENGTH = 96
"""Bytes: more than any serial number or curve has."""
MAX_BIG_INTEGER_LENGTH = 2049
"""Bytes: an RSA modulus of 16384 bits and its sign byte."""
MAX_OID_LENGTH = 64


def context(number: int) -> int:
    """Return the tag of a constructed context-specific object: ``[number]``, explicit or of a constructed type."""
    return 0xA0 | number


@dataclass(slots=True)  # not frozen: hundreds are made for each card, and freezing triples what each costs
class Element:
    """One data object where it stands: nothing is copied until ``raw`` or ``content`` is asked for. Never changed."""

    data: bytes
    tag: int
    start: int
    content_start: int
    stop: int
    what: str

    @property
    def raw(self) -> bytes:
        """The whole object with tag and length."""
        return self.data[self.start : self.stop]

    @property
    def content(self) -> bytes:
        """The content bytes."""
        return self.data[self.content_start : self.stop]

    def reader(self) -> "Reader":
        """Return a reader over the objects inside."""
        return Reader(self.data, self.content_start, self.stop, self.what)

    @property
    def integer(self) -> int:
        """The value as a signed integer of at most 96 bytes. Superfluous leading bytes are borne with."""
        return self._integer(MAX_INTEGER_LENGTH)

    @property
    def big_integer(self) -> int:
        """The value as a signed integer of at most 2049 bytes."""
        return self._integer(MAX_BIG_INTEGER_LENGTH)

    def _integer(self, limit: int) -> int:
        size = self.stop - self.content_start
        if not 0 < size <= limit:
            msg = f"{self.what}: an INTEGER of {size} bytes"
            raise MalformedData(msg)
        return int.from_bytes(self.content, signed=True)

    @property
    def boolean(self) -> bool:
        """The value as a truth value; any byte but zero is true, as in BER."""
        content = self.content
        if len(content) != 1:
            msg = f"{self.what}: a BOOLEAN of {len(content)} bytes"
            raise MalformedData(msg)
        return content != b"\x00"

    @property
    def oid(self) -> str:
        """The value as an object identifier in dotted form."""
        content = self.content
        if not 0 < len(content) <= MAX_OID_LENGTH or content[-1] & 0x80:
            msg = f"{self.what}: a damaged OBJECT IDENTIFIER"
            raise MalformedData(msg)
        known = _OIDS.get(content)
        if known is None:
            known = _dotted(content)
            if len(_OIDS) < _MAX_REMEMBERED_OIDS:
                _OIDS[content] = known
        return known

    @property
    def bits(self) -> bytes:
        """The bytes of a BIT STRING, which must be whole bytes."""
        content = self.content
        if not content or content[0] != 0:
            msg = f"{self.what}: a BIT STRING that is not of whole bytes"
            raise MalformedData(msg)
        return content[1:]

    @property
    def named_bits(self) -> frozenset[int]:
        """The numbers of the bits that are set in a BIT STRING of named bits, bit 0 first."""
        content = self.content
        if not content or content[0] > 7 or len(content) > 9:
            msg = f"{self.what}: damaged named bits"
            raise MalformedData(msg)
        return frozenset(
            8 * index + bit for index, byte in enumerate(content[1:]) for bit in range(8) if byte & (0x80 >> bit)
        )


class Reader:
    """Reads objects one after another from ``data[position:stop]``; ``what`` names the structure in errors."""

    __slots__ = ("data", "position", "stop", "what")

    def __init__(self, data: bytes, position: int, stop: int, what: str) -> None:
        self.data = data
        self.position = position
        self.stop = stop
        self.what = what

    def __bool__(self) -> bool:
        return self.position < self.stop

    @property
    def next_tag(self) -> int | None:
        """The tag byte that comes next; ``None`` at the end."""
        return self.data[self.position] if self.position < self.stop else None

    def take(self, *tags: int) -> Element:
        """Read the next object, which must bear one of ``tags``; without ``tags`` any object will do."""
        element = self._read()
        if tags and element.tag not in tags:
            expected = " or ".join(f"{tag:02X}" for tag in tags)
            msg = f"{self.what}: tag {element.tag:02X} where {expected} is expected"
            raise MalformedData(msg)
        self.position = element.stop
        return element

    def take_if(self, *tags: int) -> Element | None:
        """Read the next object if it bears one of ``tags``, as an OPTIONAL field does."""
        if self.position >= self.stop or self.data[self.position] not in tags:
            return None
        return self.take()

    def take_all(self, *tags: int) -> Iterator[Element]:
        """Read to the end; every object must bear one of ``tags``."""
        while self.position < self.stop:
            yield self.take(*tags)

    def end(self) -> None:
        """Raise ``MalformedData`` if anything is left."""
        if self.position != self.stop:
            msg = f"{self.what}: {self.stop - self.position} bytes are left over"
            raise MalformedData(msg)

    def _read(self) -> Element:
        data, start, stop = self.data, self.position, self.stop
        if start + 2 > stop:
            raise MalformedData(self.what + ": a data object is missing or cut off")
        tag, length, position = data[start], data[start + 1], start + 2
        if tag & 0x1F == 0x1F:
            raise MalformedData(self.what + ": a tag number above 30")
        if length >= 0x80:
            count = length & 0x7F
            if not 0 < count <= 4 or position + count > stop:
                raise MalformedData(self.what + ": an indefinite, overlong or cut-off length")
            length = int.from_bytes(data[position : position + count])
            position += count
        if position + length > stop:
            raise MalformedData(self.what + ": a data object ends outside the one that holds it")
        return Element(data, tag, start, position, position + length, self.what)


def read_one(encoded: bytes, tag: int, what: str) -> Element:
    """Read exactly one object with this tag; ``what`` names it in errors. Raises ``MalformedData``."""
    encoded = octets(encoded, what)
    reader = Reader(encoded, 0, len(encoded), what)
    element = reader.take(tag)
    reader.end()
    return element


def _dotted(content: bytes) -> str:
    arcs: list[int] = []
    value = 0
    for byte in content:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))


_MAX_REMEMBERED_OIDS = 512
_OIDS: dict[bytes, str] = {}
