"""EF.ATR/INFO: what the card can carry (ICAO 9303-10, 3.11.1; ISO/IEC 7816-4, 12.1.1). Unsigned and open."""

from dataclasses import dataclass
from itertools import islice
from typing import Final

from verifier.iso7816 import tlv

_CARD_CAPABILITIES: Final = 0x47
_EXTENDED_LENGTH_INFORMATION: Final = 0x7F66
_INTEGER: Final = 0x02
_MAX_OBJECTS: Final = 64
_MAX_SIZE: Final = 4096
_UNWRITTEN: Final = (0x00, 0xFF)
_SHORT_IDENTIFIERS: Final = 0x04
_COMMAND_CHAINING: Final = 0x80
_EXTENDED_LENGTH: Final = 0x40


@dataclass(frozen=True, slots=True)
class AtrInfo:
    """What the file tells; ``None`` where it tells nothing. Its other objects are skipped: some number the card."""

    extended_length: bool | None = None
    """Whether commands may be of extended length."""
    short_identifiers: bool | None = None
    """Whether files may be read by their short identifiers."""
    command_chaining: bool | None = None
    max_command: int | None = None
    """The most bytes of a command APDU, its header included."""
    max_response: int | None = None
    """The most bytes of a response APDU, its status word included."""

    @classmethod
    def decode(cls, raw: bytes) -> "AtrInfo":
        """Decode data objects in any order, up to filling bytes 00 or FF. Raises ``MalformedData`` for anything else.

        DO'47' tells nothing where it has fewer bytes than the function in question needs.
        """
        objects = _objects(raw)
        capabilities = objects.get(_CARD_CAPABILITIES, b"")
        command, response = _limits(objects.get(_EXTENDED_LENGTH_INFORMATION, b""))
        return cls(
            extended_length=_function(capabilities, 2, _EXTENDED_LENGTH),
            short_identifiers=_function(capabilities, 0, _SHORT_IDENTIFIERS),
            command_chaining=_function(capabilities, 2, _COMMAND_CHAINING),
            max_command=command,
            max_response=response,
        )


def _objects(raw: bytes) -> dict[int, bytes]:
    """Return the objects by tag, up to a byte that begins no tag: memory that nobody wrote, 00 or FF."""
    objects: dict[int, bytes] = {}
    position = 0
    while position < len(raw) and raw[position] not in _UNWRITTEN and len(objects) < _MAX_OBJECTS:
        element = tlv.decode_first(raw[position : position + _MAX_SIZE])
        objects.setdefault(element.tag, element.value)
        position += element.size
    return objects


def _function(capabilities: bytes, byte: int, bit: int) -> bool | None:
    return bool(capabilities[byte] & bit) if byte < len(capabilities) else None


def _limits(information: bytes) -> tuple[int | None, int | None]:
    integers = [
        int.from_bytes(element.value)
        for element in islice(tlv.decode_all(information), _MAX_OBJECTS)
        if element.tag == _INTEGER and 1 <= len(element.value) <= 4
    ]
    command, response, *_ = [*integers, None, None]
    return command, response
