"""The card's side of the contactless transmission protocol (ISO/IEC 14443-4, 7.5.3 to 7.5.5).

Written from the card's rules, not from the reader's code: a mistake in the one must not hide in the other.
"""

import logging
from collections.abc import Callable

from appliance.firmware_host.simulator.card_options import CardOptions
from appliance.firmware_host.simulator.worker import Computation, Computed, Worker
from verifier.sdk.errors import CardProtocolError, CardRemoved

log = logging.getLogger(__name__)

FRAME_SIZES = (16, 24, 32, 40, 48, 64, 96, 128, 256, 512, 1024, 2048, 4096)
_DEFAULT_TB = 0x40
_NO_BLOCK = b"\xe6"
"""What a card sends that breaks the protocol: a PCB that does not exist."""


class Left(Exception):
    """The card is no longer in the field."""


class CardBlocks:
    """A card from its ATS to its deselection.

    Args:
        options: block sizes, waiting times.
        frame_limit: FSD, the longest frame with CRC that the reader takes.
        cid: the card identifier given by RATS.
        compute: turns a command APDU into a response APDU, and tells how long that takes.
        worker: where that runs.
    """

    def __init__(
        self, options: CardOptions, frame_limit: int, cid: int, compute: Callable[[bytes], Computed], worker: Worker
    ) -> None:
        self._options = options
        self._frame_limit = frame_limit
        self._cid = cid
        self._compute = compute
        self._worker = worker
        self._number = 1  # rule C
        self._command = bytearray()
        self._outgoing: bytes | None = None
        self._computation: Computation | None = None
        self._waits_left = 0
        self._wait_s = self._waiting_time_s
        self._last = b""
        self._prefix = b""

    @property
    def _waiting_time_s(self) -> float:
        tb = _DEFAULT_TB if self._options.tb is None else self._options.tb
        return float(4096 / 13_560_000 * 2 ** (tb >> 4))

    def answer(self, frame: bytes) -> bytes | None:
        """Answer a block; ``None`` for one that is damaged, too long or not for us."""
        if len(frame) + 2 > FRAME_SIZES[min(self._options.fsci, 12)]:
            return None
        pcb, rest = frame[0], frame[1:]
        if pcb & 0x08:
            if not rest or rest[0] & 0x0F != self._cid:
                return None
            self._prefix, rest = bytes([self._cid]), rest[1:]
        elif self._cid:
            return None
        else:
            self._prefix = b""
        reply = self._dispatch(pcb & 0xF7, rest)
        if reply is not None:
            self._last = reply
        return reply

    def _dispatch(self, pcb: int, rest: bytes) -> bytes | None:
        if pcb & 0xEE == 0x02:
            return self._on_information(rest, more=bool(pcb & 0x10))
        if pcb & 0xEE == 0xA2 and not rest:
            return self._on_receive_ready(pcb & 1, is_nak=bool(pcb & 0x10))
        if pcb == 0xF2 and len(rest) == 1 and self._last[:1] and self._last[0] & 0xF7 == 0xF2:
            return self._reply()
        if pcb == 0xC2:
            return self._block(0xC2)
        return None

    def _block(self, pcb: int, payload: bytes = b"") -> bytes:
        return bytes([pcb | (0x08 if self._prefix else 0)]) + self._prefix + payload

    def _on_information(self, payload: bytes, *, more: bool) -> bytes | None:
        self._number ^= 1  # rule D
        self._command += payload
        self._outgoing, self._computation = None, None
        self._waits_left = self._options.extra_waits
        self._wait_s = self._waiting_time_s
        if not more:
            command, self._command = bytes(self._command), bytearray()
            self._computation = self._worker.start(lambda: self._compute(command))
        return self._reply()

    def _on_receive_ready(self, number: int, *, is_nak: bool) -> bytes | None:
        if number == self._number:
            return self._last or None  # rule 11
        if is_nak:
            return self._block(0xA2 | self._number)  # rule 12
        if self._outgoing is None:
            return None
        self._number ^= 1  # rules E and 13
        self._waits_left = self._options.extra_waits
        return self._reply()

    def _reply(self) -> bytes | None:
        """Return what is owed: more waiting time, an acknowledgement, or the next piece of the answer."""
        if self._waits_left:
            self._waits_left -= 1
            return self._ask_for_time()
        if self._computation is not None:
            if not self._computation.is_done_within(self._wait_s / 2):
                return self._ask_for_time()
            result, self._computation = self._computation.result(), None
            if not isinstance(result, bytes):
                return self._break_down(result)
            self._outgoing = result
        if self._outgoing is None:
            return self._block(0xA2 | self._number)
        return self._next_piece(self._outgoing)

    def _ask_for_time(self) -> bytes:
        multiplier = self._options.wait_multiplier
        self._wait_s = self._waiting_time_s * max(1, multiplier)
        return self._block(0xF2, bytes([multiplier]))

    def _next_piece(self, left: bytes) -> bytes:
        size = self._frame_limit - 3 - len(self._prefix)
        if self._options.chain_size is not None:
            size = min(size, self._options.chain_size)
        piece, rest = left[:size], left[size:]
        self._outgoing = rest or None
        return self._block(0x02 | self._number | (0x10 if rest else 0), piece)

    def _break_down(self, failure: BaseException) -> bytes | None:
        if isinstance(failure, CardRemoved | Left):
            raise Left
        if isinstance(failure, CardProtocolError):
            return _NO_BLOCK
        log.warning("the simulated chip fell silent: %s", type(failure).__name__, exc_info=failure)
        return None
