"""Writing the elementary files that every card has (ICAO 9303-10, 4) and EF.CardAccess (ICAO 9303-11, 9.2.11)."""

from collections.abc import Iterable

from verifier.iso7816.tlv import encode
from verifier.sdk.testing.card_side.pace import PaceParameters
from verifier.sdk.testing.writing.der_writing import integer
from verifier.sdk.testing.writing.security_infos import pace_infos, write_security_infos

__all__ = [
    "DATA_GROUP_TAGS",
    "integer",
    "write_atr_info",
    "write_card_access",
    "write_com",
    "write_dg1",
    "write_dg14",
    "write_dg15",
]

DATA_GROUP_TAGS = dict(
    enumerate((0x61, 0x75, 0x63, 0x76, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0x70), 1)
)

_BY_NAME_AND_IDENTIFIER, _BY_SHORT_IDENTIFIER = 0x90, 0x04
_DATA_CODING = 0x21
_CHAINING, _EXTENDED = 0x80, 0x40


def write_dg1(mrz: str) -> bytes:
    """DG1: the MRZ without line breaks, 72, 88 or 90 characters."""
    return encode(0x61, encode(0x5F1F, mrz.replace("\n", "").encode()))


def write_dg14(infos: Iterable[bytes]) -> bytes:
    """DG14: SecurityInfos. It repeats the PACE infos of EF.CardAccess, which nobody signs (ICAO 9303-11, 9.2.11)."""
    return encode(0x6E, write_security_infos(infos))


def write_dg15(public_key_der: bytes) -> bytes:
    """DG15: the public key of Active Authentication."""
    return encode(0x6F, public_key_der)


def write_com(data_groups: Iterable[int]) -> bytes:
    """EF.COM: LDS 1.7, Unicode 4.0.0, the tags of the data groups."""
    tags = bytes(DATA_GROUP_TAGS[number] for number in sorted(data_groups))
    return encode(0x60, encode(0x5F01, b"0107") + encode(0x5F36, b"040000") + encode(0x5C, tags))


def write_card_access(offers: Iterable[PaceParameters]) -> bytes:
    """EF.CardAccess: a PACEInfo for each offer, version 2, and the parameters of proprietary groups."""
    return write_security_infos(pace_infos(offers))


def write_atr_info(
    *,
    extended_length: bool = True,
    short_identifiers: bool = True,
    command_chaining: bool = True,
    max_command: int = 0xFFFF,
    max_response: int = 0xFFFF,
) -> bytes:
    """EF.ATR/INFO: card capabilities and, with extended length, the buffers (ISO/IEC 7816-4, 12.1.1.9 and 12.7.1)."""
    selection = _BY_NAME_AND_IDENTIFIER | (_BY_SHORT_IDENTIFIER if short_identifiers else 0)
    lengths = (_CHAINING if command_chaining else 0) | (_EXTENDED if extended_length else 0)
    capabilities = encode(0x47, bytes([selection, _DATA_CODING, lengths]))
    if not extended_length:
        return capabilities
    sizes = encode(0x02, max_command.to_bytes(2)) + encode(0x02, max_response.to_bytes(2))
    return capabilities + encode(0x7F66, sizes)
