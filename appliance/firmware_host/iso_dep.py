"""The reader's side of the contactless transmission protocol (ISO/IEC 14443-4), over any way to exchange a frame.

Nothing here knows a reader. ``exchange(frame, timeout_s)`` sends one frame and returns the card's, both without CRC;
it raises ``NoAnswer`` or ``UnreadableAnswer`` for what the protocol can mend, and anything else (reader gone, time
over) passes through. Waiting is bounded by that time: a card may ask for more as often as it likes, the session's
deadline ends it.
"""

from collections.abc import Callable
from typing import TypeAlias

from appliance.firmware_host.ats import CARRIER_HZ, Ats, frame_waiting_time
from appliance.firmware_host.blocks import Block, BlockWriter, Kind
from verifier.sdk.errors import CardProtocolError, CardRemoved

FrameExchange: TypeAlias = Callable[[bytes, float], bytes]

FSDI = 8
"""The reader takes frames of 256 bytes: 253 of payload, PCB and CRC. A PN532 takes no more."""
FRAME_LIMIT = 256
RESPONSE_LIMIT = 70_000
"""The longest response APDU has 65,538 bytes; a chain beyond this is an attack or a defect."""
RETRIES = 2
"""How often a block is asked for again (7.5.6)."""

ACTIVATION_WAIT_S = 65_536 / CARRIER_HZ
"""FWT of RATS and S(DESELECT): 4.8 ms (5.1, 8.2)."""
AT_ONCE_S = 0.04
"""Within which any card answers what it need not compute, though the standard grants it its whole FWT."""
MARGIN_S = 49_152 / CARRIER_HZ
"""What a reader waits beyond the card's time: 3.6 ms (7.2)."""
LONGEST_WAIT_S = frame_waiting_time(14)
"""FWT may not be extended beyond this: 4.9 s (7.3)."""


class NoAnswer(Exception):
    """Nothing came back within the time."""


class UnreadableAnswer(Exception):
    """Something came back that is no frame: CRC, parity, collision."""


Loss: TypeAlias = NoAnswer | UnreadableAnswer


class IsoDep:
    """One activated card. Block numbers and limits live here from ``activate`` until the field goes off.

    Args:
        exchange: sends a frame, waits for the answer.
        pause: sleeps for that many seconds, for the guard time after the ATS.
        cid: card identifier 0 to 14. With 0 no block carries one, which each card must understand (7.1.1.2).
    """

    def __init__(self, exchange: FrameExchange, *, pause: Callable[[float], None], cid: int = 0) -> None:
        self._exchange = exchange
        self._pause = pause
        self._requested_cid = cid
        self._cid: int | None = None
        self._writer = BlockWriter(None)
        self._ats = Ats()
        self._number = 0

    @property
    def ats(self) -> Ats:
        """What the card said when it was activated."""
        return self._ats

    # --- activation (clause 5) --------------------------------------------------------------------------------------

    def activate(self) -> Ats:
        """Send RATS, keep the guard time, and return the card's ATS.

        Raises:
            CardRemoved: no answer. CardProtocolError: an answer that is no ATS.
        """
        request = bytes([0xE0, FSDI << 4 | self._requested_cid])
        self._ats = Ats.decode(self._ask(request, ACTIVATION_WAIT_S))
        self._cid = self._requested_cid if self._requested_cid and self._ats.supports_cid else None
        self._writer = BlockWriter(self._cid)
        self._number = 0
        self._pause(self._ats.guard_time_s)
        return self._ats

    def negotiate_divisor(self, greatest: int) -> int:
        """Agree on a bit rate by PPS before the first block; return 1, 2 or 4 (106, 212, 424 kbit/s).

        Where the answer is another number than 1, the reader must change to that rate now.

        Raises:
            CardProtocolError, CardRemoved: the card offered a rate and then did not agree; the only way on is to
                switch the field off and activate the card without asking.
        """
        divisor = self._ats.divisor(greatest)
        if divisor == 1:
            return 1
        code = divisor.bit_length() - 1
        start = 0xD0 | self._requested_cid
        if self._ask(bytes([start, 0x11, code << 2 | code]), self._wait_at_once_s) != bytes([start]):
            msg = "the card did not agree to the bit rate that it had offered"
            raise CardProtocolError(msg)
        return divisor

    @property
    def _wait_at_once_s(self) -> float:
        return min(self._ats.waiting_time_s, AT_ONCE_S)

    def _ask(self, request: bytes, wait_s: float) -> bytes:
        answer = self._try(request, wait_s)
        for _ in range(RETRIES):
            if isinstance(answer, bytes):
                break
            answer = self._try(request, wait_s)
        if isinstance(answer, bytes):
            return answer
        raise _gave_up(answer)

    def _try(self, frame: bytes, wait_s: float) -> bytes | Loss:
        try:
            return self._exchange(frame, wait_s + MARGIN_S)
        except (NoAnswer, UnreadableAnswer) as loss:
            return loss

    # --- APDUs (clause 7) -------------------------------------------------------------------------------------------

    def transceive(self, command: bytes) -> bytes:
        """Send a command APDU of 1 to 65,544 bytes and return the response APDU, chained where one block is too small.

        Raises:
            CardRemoved: the card fell silent. CardProtocolError: it broke a rule, or answered without an end.
        """
        size = min(self._ats.frame_size, FRAME_LIMIT) - self._writer.overhead
        pieces = [command[start : start + size] for start in range(0, len(command), size)] or [b""]
        for piece in pieces[:-1]:
            self._converse(self._writer.information(self._number, piece, more=True), Kind.ACKNOWLEDGE)
        answer = self._converse(self._writer.information(self._number, pieces[-1], more=False), Kind.INFORMATION)
        response = bytearray(answer.payload)
        while answer.more:
            answer = self._converse(self._writer.acknowledge(self._number), Kind.INFORMATION)
            response += answer.payload
            if len(response) > RESPONSE_LIMIT:
                msg = f"the card's response goes on beyond {RESPONSE_LIMIT} bytes"
                raise CardProtocolError(msg)
        return bytes(response)

    def _converse(self, block: bytes, wanted: Kind) -> Block:
        """Send a block until the wanted kind of block comes back with the current number (7.5.4, rules 1 to 5).

        Waiting time extensions are granted on the way. While the card chains, what is lost is asked for by sending
        the same R(ACK) again (rule 2), else by R(NAK) (rule 1); an R(ACK) with the other number means that the card
        never got our block (rule 4).
        """
        receiving_chain = block[0] & 0xE0 == 0xA0
        recover = block if receiving_chain else self._writer.ask_again(self._number)
        sent, wait_s = block, self._ats.waiting_time_s
        tries_left = {False: RETRIES, True: RETRIES}  # for answers that were lost, for blocks that never arrived
        while True:
            received = self._receive(sent, wait_s)
            if isinstance(received, Block) and received.kind is wanted and received.number == self._number:
                self._number ^= 1
                return received
            multiplier = _extension(received)
            if multiplier:
                sent = self._writer.waiting_time(multiplier)
                wait_s = min(self._ats.waiting_time_s * multiplier, LONGEST_WAIT_S)
                continue
            never_arrived = self._never_arrived(received)
            if not tries_left[never_arrived]:
                raise _gave_up(received)
            tries_left[never_arrived] -= 1
            sent = block if never_arrived else recover
            wait_s = self._ats.waiting_time_s

    def _never_arrived(self, received: Block | Loss) -> bool:
        return isinstance(received, Block) and received.kind is Kind.ACKNOWLEDGE and received.number != self._number

    def _receive(self, frame: bytes, wait_s: float) -> Block | Loss:
        answer = self._try(frame, wait_s)
        return Block.decode(answer, self._cid) if isinstance(answer, bytes) else answer

    # --- presence and end -------------------------------------------------------------------------------------------

    def is_present(self) -> bool:
        """Ask by an R(NAK) whether the card is there (7.5.5, method 2). The conversation stays where it was."""
        question = self._writer.ask_again(self._number)
        wait_s = min(self._ats.waiting_time_s, self._wait_at_once_s)
        return any(self._acknowledges(question, wait_s) for _ in range(1 + RETRIES))

    def require_answer(self) -> None:
        """Make sure that the card hears us at a rate that was just agreed on; raise ``CardRemoved`` if it does not."""
        question = self._writer.ask_again(self._number)
        if not any(self._acknowledges(question, self._wait_at_once_s) for _ in range(RETRIES)):
            msg = "the card does not answer at the bit rate that it agreed to"
            raise CardRemoved(msg)

    def _acknowledges(self, question: bytes, wait_s: float) -> bool:
        received = self._receive(question, wait_s)
        return isinstance(received, Block) and received.kind is Kind.ACKNOWLEDGE

    def deselect(self) -> bool:
        """Send S(DESELECT), twice at most; return whether the card said goodbye (8.1)."""
        for _ in range(2):
            received = self._receive(self._writer.deselect(), ACTIVATION_WAIT_S)
            if isinstance(received, Block) and received.kind is Kind.DESELECT:
                return True
        return False


def _extension(received: Block | Loss) -> int:
    """Return the multiplier WTXM of an S(WTX) request, 0 for anything else or a reserved multiplier (7.3)."""
    if not isinstance(received, Block) or received.kind is not Kind.WAITING_TIME:
        return 0
    multiplier = received.payload[0] & 0x3F
    return multiplier if 1 <= multiplier <= 59 else 0


def _gave_up(received: Block | Loss) -> CardRemoved | CardProtocolError:
    if isinstance(received, NoAnswer):
        return CardRemoved("the card does not answer any more")
    if isinstance(received, UnreadableAnswer):
        return CardProtocolError("the card's answers cannot be read")
    return CardProtocolError("the card answers with blocks that the protocol does not allow here")
