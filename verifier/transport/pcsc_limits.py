"""What a PC/SC reader says of the lengths that it carries (PC/SC part 10, 2.3 and 2.6.14)."""

from types import ModuleType

from verifier.transport.pcsc_service import PcscService

_GET_FEATURES = 3400
_GET_PROPERTIES = 0x12
_MAX_APDU_DATA_SIZE = 0x0A


def maximum_apdu_data(scard: ModuleType, handle: int) -> int | None:
    """Return the most data bytes of one APDU, 256 where only short ones pass; ``None`` where the reader is silent."""
    code, answer = scard.SCardControl(handle, scard.SCARD_CTL_CODE(_GET_FEATURES), [])
    if code != scard.SCARD_S_SUCCESS:
        return None
    properties = properties_of(bytes(answer)).get(_GET_PROPERTIES)
    if properties is None:
        return None
    code, answer = scard.SCardControl(handle, int.from_bytes(properties), [])
    if code != scard.SCARD_S_SUCCESS:
        return None
    size = properties_of(bytes(answer)).get(_MAX_APDU_DATA_SIZE)
    return None if size is None else max(256, int.from_bytes(size, "little"))


def maximum_without_card(service: PcscService, reader_name: str) -> int | None:
    """Return the same of a reader in which no card need be; ``None`` also where another program holds the reader."""
    scard = service.scard
    code, handle, _ = scard.SCardConnect(service.context, reader_name, scard.SCARD_SHARE_DIRECT, 0)
    if code != scard.SCARD_S_SUCCESS:
        return None
    try:
        return maximum_apdu_data(scard, handle)
    finally:
        scard.SCardDisconnect(handle, scard.SCARD_LEAVE_CARD)


def properties_of(encoded: bytes) -> dict[int, bytes]:
    """Decode tags and lengths of one byte each. What is cut off is left out: readers invent a lot."""
    found: dict[int, bytes] = {}
    while len(encoded) >= 2:
        tag, length = encoded[0], encoded[1]
        value, encoded = encoded[2 : 2 + length], encoded[2 + length :]
        if len(value) == length:
            found[tag] = value
    return found
