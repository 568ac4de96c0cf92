"""GENERAL AUTHENTICATE with dynamic authentication data (ICAO 9303-11, 4.4.4.2 and 6.2.4.2; ISO/IEC 7816-4, 11.5.5)."""

from verifier.errors import CardProtocolError, MalformedData
from verifier.iso7816.apdu import SHORT_MAX_LE, CommandApdu, ResponseApdu
from verifier.iso7816.tlv import decode_all, decode_one, encode

GENERAL_AUTHENTICATE = 0x86
_CHAINING = 0x10
_DYNAMIC_AUTHENTICATION_DATA = 0x7C


def general_authenticate(data: bytes, *, more_to_come: bool = False) -> CommandApdu:
    """Return the command that carries encoded data objects; all but the last of a protocol are chained."""
    template = encode(_DYNAMIC_AUTHENTICATION_DATA, data)
    return CommandApdu(_CHAINING if more_to_come else 0x00, GENERAL_AUTHENTICATE, 0x00, 0x00, template, SHORT_MAX_LE)


def answer_of(response: ResponseApdu, tag: int, doing: str) -> bytes:
    """Return the value of the data object ``tag`` in the chip's answer; others beside it are ignored.

    Raises:
        CardRefused: an error status word. CardProtocolError: the object is absent, doubled, or the answer malformed.
    """
    data = response.require_ok(doing)
    try:
        template = decode_one(data)
        values = [element.value for element in decode_all(template.value) if element.tag == tag]
    except MalformedData as error:
        msg = f"the card's answer to {doing} is malformed"
        raise CardProtocolError(msg) from error
    if template.tag != _DYNAMIC_AUTHENTICATION_DATA or len(values) != 1:
        msg = f"the card's answer to {doing} does not hold one data object {tag:02X}"
        raise CardProtocolError(msg)
    return values[0]
