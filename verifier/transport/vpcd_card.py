"""The card's side of the virtual smart card protocol: carry a virtual chip to a vpcd that listens somewhere."""

import socket
from typing import Protocol

from verifier.errors import CardRemoved, ReaderGone
from verifier.transport.vpcd_framing import (
    DEFAULT_HOST,
    DEFAULT_PORT,
    GET_ATR,
    POWER_OFF,
    POWER_ON,
    RESET,
    receive_frame,
    require_host,
    require_port,
    send_frame,
)

DEFAULT_ATR = bytes.fromhex("3B80800101")
"""A contactless card without historical bytes (PC/SC part 3, 3.1.3.2.3.1)."""


class VirtualCard(Protocol):
    """A chip in software: encoded command in, encoded response out."""

    def process(self, command: bytes) -> bytes:
        """Return data and status word; raise ``CardRemoved`` to leave the reader."""
        ...

    def reset(self) -> None:
        """Forget the session: keys, selection."""
        ...


def serve_virtual_card(
    card: VirtualCard,
    *,
    host: str = DEFAULT_HOST,
    port: int = DEFAULT_PORT,
    atr: bytes = DEFAULT_ATR,
    connect_timeout_s: float = 10.0,
) -> int:
    """Connect to the vpcd at ``host`` and ``port`` and be its card until it hangs up or the card leaves.

    Returns how many commands the card answered. Raises ``ReaderGone`` where nothing listens there.
    """
    require_port(port)
    require_host(host)
    try:
        line = socket.create_connection((host, port), timeout=connect_timeout_s)
    except OSError as error:
        msg = f"no reader for virtual cards listens on {host}, port {port}"
        raise ReaderGone(msg) from error
    with line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return _serve(card, line, atr)


def _serve(card: VirtualCard, line: socket.socket, atr: bytes) -> int:
    answered = 0
    try:
        while True:
            frame = receive_frame(line)
            if len(frame) > 1:
                send_frame(line, card.process(frame))
                answered += 1
            elif frame == bytes([GET_ATR]):
                send_frame(line, atr)
            elif frame in {bytes([code]) for code in (POWER_OFF, POWER_ON, RESET)}:
                card.reset()
    except CardRemoved:
        return answered
