"""What can go wrong between a chip and its reader, from a given command on: for ``VirtualChip(tamper=…)``.

Commands are counted from power on, beginning with 1.
"""

from verifier.errors import CardRemoved
from verifier.sdk.testing.faults import Tamper

GARBAGE = bytes.fromhex("C0FFEE")


def removed_at(number: int) -> Tamper:
    """Take the card away when the command of that number is sent: it and all later ones raise ``CardRemoved``."""

    def tamper(count: int, _command: bytes, response: bytes) -> bytes:
        if count >= number:
            msg = "the card left the field"
            raise CardRemoved(msg)
        return response

    return tamper


def answering_from(number: int, answer: bytes) -> Tamper:
    """Give the same raw answer to the command of that number and all later ones: a status word, or garbage."""

    def tamper(count: int, _command: bytes, response: bytes) -> bytes:
        return answer if count >= number else response

    return tamper


def wrong_mac_from(number: int) -> Tamper:
    """Flip a bit of the MAC of every protected response from the command of that number on."""

    def tamper(count: int, command: bytes, response: bytes) -> bytes:
        if count < number or not _is_protected(command) or len(response) < 10:
            return response
        return response[:-3] + bytes([response[-3] ^ 1]) + response[-2:]

    return tamper


def replaying_from(number: int) -> Tamper:
    """Answer protected commands from that number on with the protected response that came before."""
    last = b""

    def tamper(count: int, command: bytes, response: bytes) -> bytes:
        nonlocal last
        if count >= number and last and _is_protected(command):
            return last
        last = response if _is_protected(command) else b""
        return response

    return tamper


def leaving_the_channel_at(number: int) -> Tamper:
    """Answer protected commands from that number on in the clear: data that nobody authenticated, and 9000."""

    def tamper(count: int, command: bytes, response: bytes) -> bytes:
        return GARBAGE + b"\x90\x00" if count >= number and _is_protected(command) else response

    return tamper


def _is_protected(command: bytes) -> bool:
    return command[:1] == b"\x0c"
