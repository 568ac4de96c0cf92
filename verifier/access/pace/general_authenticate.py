"""GENERAL AUTHENTICATE with dynamic authentication data (ICAO 9303-11, 4.4.4.2 and 6.2.4.2; ISO/IEC 7816-4, 11.5.5)."""

from verifier.errors import CardProtocolError, MalformedData
from verifier.iso7816.apdu import EXTENDED_MAX_LE, SHORT_MAX_LE, CommandApdu, ResponseApdu
from verifier.iso7816.tlv import decode_all, decode_one, encode

GENERAL_AUTHENTICATE = 0x86
_CHAINING = 0x10
_ANY_TAG = 0x80
_DYNAMIC_AUTHENTICATION_DATA = 0x7C


def general_authenticate(data: bytes, *, more_to_come: bool = False, longest_answer: int = 0) -> CommandApdu:
    """Return the command that carries encoded data objects; all but the last of a protocol are chained.

    ``longest_answer`` is how long the data object in the answer may be. From 250 bytes on, the command asks for an
    answer of extended length, as cards with such long keys must carry it (ICAO 9303-11, 9.3.1).
    """
    template = encode(_DYNAMIC_AUTHENTICATION_DATA, data)
    fits = len(encode(_DYNAMIC_AUTHENTICATION_DATA, encode(_ANY_TAG, bytes(longest_answer)))) <= SHORT_MAX_LE
    le = SHORT_MAX_LE if fits else EXTENDED_MAX_LE
    return CommandApdu(_CHAINING if more_to_come else 0x00, GENERAL_AUTHENTICATE, 0x00, 0x00, template, le)


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
