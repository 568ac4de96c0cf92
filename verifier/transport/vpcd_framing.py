"""The frames of the virtual smart card protocol: two length bytes, high byte first, then as many bytes.

A frame of one byte from the reader's side is a control code; every longer one is an APDU, since those have at least
four bytes (vsmartcard, ``virtualsmartcard/src/vpcd``).
"""

import socket
import time
from typing import Final

from verifier.errors import CardRemoved, DeadlineExceeded, InvalidInput, UnsupportedFeature

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 35963
POWER_OFF, POWER_ON, RESET, GET_ATR = 0, 1, 2, 4
MAX_PAYLOAD = 0xFFFF
_LONGEST_HOST = 255
_QUICK_ACKNOWLEDGEMENT: Final[int | None] = getattr(socket, "TCP_QUICKACK", None)
"""Linux's option; elsewhere there is none."""


def require_port(port: int) -> None:
    """Raise ``InvalidInput`` unless the number can be a TCP port; 0 lets the system choose one to listen on."""
    if not 0 <= port <= 0xFFFF:
        msg = "a port is a number from 0 to 65535"
        raise InvalidInput(msg)


def require_host(host: str) -> None:
    """Raise ``InvalidInput`` unless the text can be the name or address of a machine."""
    try:
        possible = "\0" not in host and len(host.encode("idna")) <= _LONGEST_HOST
    except UnicodeError:
        possible = False
    if not possible:
        msg = "there can be no host of this name"
        raise InvalidInput(msg)


def send_frame(line: socket.socket, payload: bytes, timeout_s: float | None = None) -> None:
    """Send one frame. Raises ``CardRemoved``, ``DeadlineExceeded``; ``UnsupportedFeature`` above 65,535 bytes."""
    if len(payload) > MAX_PAYLOAD:
        msg = f"a frame of the virtual smart card protocol carries at most {MAX_PAYLOAD} bytes"
        raise UnsupportedFeature(msg)
    try:
        line.settimeout(timeout_s)
        line.sendall(len(payload).to_bytes(2) + payload)
    except TimeoutError as error:
        raise _too_slow() from error
    except OSError as error:
        raise _gone() from error


def receive_frame(line: socket.socket, timeout_s: float | None = None) -> bytes:
    """Receive one whole frame within ``timeout_s`` seconds, or wait for ever with ``None``.

    Raises ``CardRemoved`` where the other side closed, ``DeadlineExceeded`` where it was too slow, also byte by byte.
    """
    ends_at = None if timeout_s is None else time.monotonic() + timeout_s
    length = int.from_bytes(_receive_exactly(line, 2, ends_at))
    return _receive_exactly(line, length, ends_at)


def _receive_exactly(line: socket.socket, count: int, ends_at: float | None) -> bytes:
    received = bytearray()
    while len(received) < count:
        try:
            line.settimeout(_remaining(ends_at))
            _acknowledge_at_once(line)
            part = line.recv(count - len(received))
        except TimeoutError as error:
            raise _too_slow() from error
        except OSError as error:
            raise _gone() from error
        if not part:
            raise _gone()
        received += part
    return bytes(received)


def _acknowledge_at_once(line: socket.socket) -> None:
    """Spare each frame some 40 ms: vpcd sends length and content apart, and the second waits for the first's receipt.

    The system forgets this option by itself, so it is set before every reception.
    """
    if _QUICK_ACKNOWLEDGEMENT is not None and line.family in {socket.AF_INET, socket.AF_INET6}:
        line.setsockopt(socket.IPPROTO_TCP, _QUICK_ACKNOWLEDGEMENT, 1)


def _remaining(ends_at: float | None) -> float | None:
    if ends_at is None:
        return None
    remaining = ends_at - time.monotonic()
    if remaining <= 0:
        raise TimeoutError
    return remaining


def _gone() -> CardRemoved:
    return CardRemoved("the card left the reader")


def _too_slow() -> DeadlineExceeded:
    return DeadlineExceeded("the virtual card did not answer in time")
