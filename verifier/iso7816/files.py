"""SELECT and READ BINARY as exchanges (ISO/IEC 7816-4, 11.1.1 and 11.2.3; ICAO 9303-10, 3.6)."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from verifier.errors import CardProtocolError, MalformedData
from verifier.iso7816.apdu import EXTENDED_MAX_LE, SHORT_MAX_LE, CommandApdu, ResponseApdu
from verifier.iso7816.exchange import Exchange
from verifier.iso7816.status import StatusWord
from verifier.iso7816.tlv import decode_one, encode, header_length

SELECT = 0xA4
READ_BINARY = 0xB0
READ_BINARY_ODD = 0xB1
_SHORT_OFFSET_LIMIT = 0x8000
_DISCRETIONARY_DATA_HEADER = 4
_WRONG_LENGTH_WITH_HINT = 0x6C
MAX_FILE_SIZE = 1 << 20
_LEAST_PART, _FEW_COMMANDS = 32, 64
"""A card that gives less at a time, in a file of any length, means to keep the reader busy."""

Received: TypeAlias = Callable[[int, int], None]
"""Called after each part of a file with the bytes of it that are here, and those that it has."""


def _unseen(_received: int, _total: int) -> None:
    """Nobody watches."""


def select_application(aid: bytes) -> Exchange[None]:
    """Select an application by its AID (5 to 16 bytes). Raises ``CardRefused`` where the card has none."""
    response = yield CommandApdu(0x00, SELECT, 0x04, 0x0C, data=aid)
    response.require_ok("the selection of its application")


def select_file(file_identifier: int) -> Exchange[None]:
    """Select an elementary file of the current application by its two-byte identifier."""
    response = yield CommandApdu(0x00, SELECT, 0x02, 0x0C, data=file_identifier.to_bytes(2))
    response.require_ok(f"the selection of file {file_identifier:04X}")


def read_by_short_identifier(
    short_identifier: int, *, chunk: int = EXTENDED_MAX_LE, received: Received = _unseen
) -> Exchange[bytes]:
    """Read a whole elementary file that holds one data object, in as few commands as ``chunk`` allows.

    ``short_identifier`` (1 to 30) goes into P1, which selects the file and reads its start in one command; the file's
    length follows from its first bytes, so no second look at the header is needed. ``chunk`` is the largest Le that
    the reader and the card carry: 65,536 with extended length, else 223 (AES) or 231 (3DES) inside secure messaging.

    Raises:
        CardRefused: the file is absent or protected. CardProtocolError: what came is no data object.
    """
    response = yield from _read_binary(CommandApdu(0x00, READ_BINARY, 0x80 | short_identifier, 0x00, le=chunk))
    start = response.require_ok(f"reading file {short_identifier:02X}")
    return (yield from _read_rest(start, chunk, received))


def read_selected(*, chunk: int = SHORT_MAX_LE, received: Received = _unseen) -> Exchange[bytes]:
    """Read the whole of the file that is selected now; see ``read_by_short_identifier``."""
    response = yield from _read_binary(CommandApdu(0x00, READ_BINARY, 0x00, 0x00, le=chunk))
    start = response.require_ok("reading the selected file")
    return (yield from _read_rest(start, chunk, received))


def _read_binary(command: CommandApdu) -> Exchange[ResponseApdu]:
    """Read, once more with the length that is right where the card tells it by 6Cxx (ISO/IEC 7816-4, 5.1.3)."""
    response = yield command
    if response.status >> 8 == _WRONG_LENGTH_WITH_HINT:
        response = yield replace(command, le=response.status & 0xFF or SHORT_MAX_LE)
    return response


def _read_rest(start: bytes, chunk: int, received: Received) -> Exchange[bytes]:
    try:
        total = header_length(start)
    except MalformedData as error:
        msg = "the card's file does not begin with a data object"
        raise CardProtocolError(msg) from error
    if total > MAX_FILE_SIZE:
        msg = f"the card's file claims to be larger than {MAX_FILE_SIZE} bytes"
        raise CardProtocolError(msg)
    content = bytearray(start[:total])
    received(len(content), total)
    for _ in range(_FEW_COMMANDS + total // _LEAST_PART):
        if len(content) >= total:
            return bytes(content[:total])
        part = yield from _read_at(len(content), total - len(content), chunk)
        if not part:
            msg = "the card's file ends before its length says"
            raise CardProtocolError(msg)
        content += part
        received(min(len(content), total), total)
    msg = f"the card gives its file in parts of fewer than {_LEAST_PART} bytes"
    raise CardProtocolError(msg)


def _read_at(offset: int, count: int, chunk: int) -> Exchange[bytes]:
    """Read up to ``count`` bytes of the current file, in a response of at most ``chunk``.

    Past 32 KiB with an offset object, which answers with a data object around the bytes (ISO/IEC 7816-4, 11.2.3).
    """
    if offset < _SHORT_OFFSET_LIMIT:
        command = CommandApdu(0x00, READ_BINARY, offset >> 8, offset & 0xFF, le=min(count, chunk))
        response = yield from _read_binary(command)
        _require_inside_file(response)
        return response.require_ok("reading on in its file")
    offset_object = encode(0x54, offset.to_bytes(3))
    room = min(count + _DISCRETIONARY_DATA_HEADER, chunk)
    response = yield CommandApdu(0x00, READ_BINARY_ODD, 0x00, 0x00, data=offset_object, le=room)
    _require_inside_file(response)
    answer = response.require_ok("reading on in its file")
    try:
        element = decode_one(answer) if answer else None
    except MalformedData as error:
        msg = "the card's answer to READ BINARY with an offset object is no data object"
        raise CardProtocolError(msg) from error
    return element.value if element else b""


def _require_inside_file(response: ResponseApdu) -> None:
    """A file that ends where its own length says there is more is damaged; the card did not refuse it."""
    if response.status == StatusWord.OFFSET_OUTSIDE_FILE:
        msg = "the card's file ends before its length says"
        raise CardProtocolError(msg)
