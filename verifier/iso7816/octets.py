"""Bytes as callers hand them in: a text, a number or nothing in their place is told in a sentence."""

from verifier.errors import InvalidInput


def octets(value: object, what: str) -> bytes:
    """Return the value as bytes. Raises ``InvalidInput`` unless it is ``bytes``, ``bytearray`` or ``memoryview``."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, bytearray | memoryview):
        return bytes(value)
    msg = f"{what} is bytes, and no {type(value).__name__}"
    raise InvalidInput(msg)
