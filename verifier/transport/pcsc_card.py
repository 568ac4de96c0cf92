"""A card in a PC/SC reader."""

import time
from types import TracebackType
from typing import Self

from verifier.errors import CardProtocolError, CardRemoved, DeadlineExceeded, ReaderBusy, ReaderGone, VerifierError
from verifier.iso7816.apdu import SHORT_MAX_LE, CommandApdu, ResponseApdu
from verifier.iso7816.status import StatusWord
from verifier.transport.pcsc_limits import maximum_apdu_data
from verifier.transport.pcsc_service import PcscService

_GET_RESPONSE = 0xC0
_LOGICAL_CHANNEL = 0x03
_MORE_DATA, _CORRECT_LE = 0x61, 0x6C
_MAX_PARTS = 256
_STATUS_WORD = 2
_PRESENCE_LAG_S = 1.0
"""The service looks after the card a few times a second; a failed command is often the first to know."""
_LEFT = "the card left the reader"
_FAILED = "the card did not answer the reader's last command; hold it still and begin again"


class PcscCard:
    """A card that was connected to; a ``CardConnection``.

    The connection is exclusive: a session of secure messaging does not survive a command that another program slips
    in, and nobody else should read a card that was held out for this purpose. T=1 is asked for first: contactless cards
    are T=1 for PC/SC whatever they speak in the air (PC/SC part 3), and it carries extended length.

    PC/SC cannot interrupt a command. So ``transmit`` looks at the deadline before it sends and after it received; a
    card or reader that hangs is ended by the driver's own timeout, on most contactless readers within five seconds.
    """

    def __init__(self, service: PcscService, reader_name: str) -> None:
        """Connect. Raises ``CardRemoved``, ``CardProtocolError``, ``ReaderBusy``, ``ReaderError``."""
        self._service = service
        self._scard = service.scard
        self.reader_name = reader_name
        self._ends_at: float | None = None
        self._ended_by: VerifierError | None = None
        self._handle, self._protocol = self._connect()
        self.max_apdu_data = maximum_apdu_data(self._scard, self._handle)
        """The most data bytes that the reader says it carries in one command or answer; ``None`` where it is silent."""

    def _connect(self) -> tuple[int, int]:
        code, handle, protocol = self._connect_by(self._scard.SCARD_PROTOCOL_T1)
        if self._service.is_code(code, "SCARD_E_PROTO_MISMATCH"):
            code, handle, protocol = self._connect_by(self._scard.SCARD_PROTOCOL_T0)
        self._service.require(code)
        return handle, protocol

    def _connect_by(self, protocol: int) -> tuple[int, int, int]:
        code, handle, active = self._scard.SCardConnect(
            self._service.context, self.reader_name, self._scard.SCARD_SHARE_EXCLUSIVE, protocol
        )
        return code, handle, active

    @property
    def protocol(self) -> str:
        """The transmission protocol as PC/SC names it: ``T=1`` or ``T=0``."""
        return "T=0" if self._is_t0 else "T=1"

    @property
    def atr(self) -> bytes:
        """The answer to reset, up to 33 bytes; of a contactless card, what the reader made of its ATS (PC/SC part 3).

        Empty where the card or the reader is gone.
        """
        code, _, _, _, atr = self._scard.SCardStatus(self._handle)
        return bytes(atr) if code == self._scard.SCARD_S_SUCCESS else b""

    @property
    def carries_extended_length(self) -> bool:
        """Whether extended length can get through: the protocol is T=1, and the reader does not say that it cannot."""
        return not self._is_t0 and (self.max_apdu_data is None or self.max_apdu_data > SHORT_MAX_LE)

    @property
    def _is_t0(self) -> bool:
        return bool(self._protocol == self._scard.SCARD_PROTOCOL_T0)

    def set_deadline(self, seconds_from_now: float) -> None:
        """Bound the whole session from now on; ``transmit`` raises ``DeadlineExceeded`` afterwards."""
        self._ends_at = time.monotonic() + seconds_from_now

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        """Send the command and return the answer; see ``CardConnection.transmit``.

        A command of extended length that the protocol or the reader cannot carry is answered with 6700 (wrong length)
        in the card's stead, as a card without extended length answers: a reading then begins again in short commands.
        So is one that fails in a reader that does not say what it carries, while the card is still there.

        Whatever is raised ends the session, and is raised again by each later command.
        """
        self._require_session()
        if command.is_extended and not self.carries_extended_length:
            return ResponseApdu(b"", StatusWord.WRONG_LENGTH)
        response = self._transmit_t0(command) if self._is_t0 else self._transmit_t1(command)
        self._require_session()
        return response

    def _transmit_t1(self, command: CommandApdu) -> ResponseApdu:
        """Send a command; where a long one fails in a reader that is silent about lengths, take it for too long."""
        may_be_too_long = command.is_extended and self.max_apdu_data is None
        try:
            return self._send(command.encode())
        except CardProtocolError:
            if not may_be_too_long:
                raise
        self._ended_by, self.max_apdu_data = None, SHORT_MAX_LE
        return ResponseApdu(b"", StatusWord.WRONG_LENGTH)

    def _transmit_t0(self, command: CommandApdu) -> ResponseApdu:
        """Send a short command by T=0, which returns an answer only when asked for it (ISO/IEC 7816-3, 12.2)."""
        encoded, again = command.encode(), command.header
        if len(encoded) == len(command.header):
            encoded += b"\x00"
        elif command.data and command.le is not None:
            encoded = encoded[:-1]
        response, answer = self._send(encoded), bytearray()
        for _ in range(_MAX_PARTS):
            answer += response.data
            kind, count = divmod(response.status, 0x100)
            if kind == _MORE_DATA:
                again = bytes([command.cla & _LOGICAL_CHANNEL, _GET_RESPONSE, 0, 0])
            elif kind != _CORRECT_LE or (command.data and again == command.header):
                return ResponseApdu(bytes(answer), response.status)
            self._require_session()
            response = self._send(again + bytes([count]))
        raise self._end(CardProtocolError("the card's answer has no end"))

    def _send(self, encoded: bytes) -> ResponseApdu:
        pci = self._scard.SCARD_PCI_T0 if self._is_t0 else self._scard.SCARD_PCI_T1
        code, answer = self._scard.SCardTransmit(self._handle, pci, list(encoded))
        if code != self._scard.SCARD_S_SUCCESS:
            raise self._end(self._why(code))
        if len(answer) < _STATUS_WORD:  # some drivers report success when the card left in the midst
            raise self._end(self._what_happened(CardProtocolError("the card answered with fewer than two bytes")))
        return ResponseApdu.decode(bytes(answer))

    def _why(self, code: int) -> VerifierError:
        error = self._service.error_of(code)
        if isinstance(error, CardRemoved | ReaderGone | ReaderBusy):
            return error
        return self._what_happened(CardProtocolError(_FAILED))

    def _what_happened(self, otherwise: CardProtocolError) -> VerifierError:
        """Find out why a command failed: drivers report a card that left, a mute one and a cut cable alike."""
        ends_at = time.monotonic() + _PRESENCE_LAG_S
        while True:
            try:
                slots = tuple(slot for slot in self._service.slots() if slot.name == self.reader_name)
                if not slots:
                    return ReaderGone("the reader was unplugged")
                if not slots[0].has_card:
                    return CardRemoved(_LEFT)
                if time.monotonic() >= ends_at:
                    return otherwise
                self._service.wait_for_change(slots, ends_at - time.monotonic())
            except VerifierError as gone:
                return gone

    def is_present(self) -> bool:
        """Whether the card is still there and the session with it alive. Raises ``ReaderError``.

        Asks the reader, and sends nothing to the card.
        """
        if isinstance(self._ended_by, ReaderGone):
            self._require_session()
        if self._ended_by is not None:
            return False
        code, *_ = self._scard.SCardStatus(self._handle)
        try:
            self._service.require(code)
        except VerifierError as error:
            self._end(error)
            if isinstance(error, CardRemoved | CardProtocolError | ReaderBusy):
                return False
            raise
        return True

    def is_in_reader(self) -> bool:
        """Whether this card still lies in the reader, also after the session with it ended. Raises ``ReaderError``.

        Asks the reader, and sends nothing to the card. One that was taken out and put in again is another one.
        """
        code, *_ = self._scard.SCardStatus(self._handle)
        try:
            self._service.require(code)
        except CardRemoved:
            return False
        except (CardProtocolError, ReaderBusy):
            return True  # mute, without power, or reset by another program: but there
        return True

    def start_over(self) -> bool:
        """Power the card off and on; return whether one is there to begin anew with. Raises ``ReaderError``.

        Where it left, that is whichever card the service knows of now.
        """
        try:
            self._power_cycle() if self._is_connected() else self._connect_anew()
        except (CardRemoved, CardProtocolError) as error:
            self._end(error)
            return False
        self._ended_by = None
        return True

    def _power_cycle(self) -> None:
        code, self._protocol = self._scard.SCardReconnect(
            self._handle, self._scard.SCARD_SHARE_EXCLUSIVE, self._protocol, self._scard.SCARD_UNPOWER_CARD
        )
        self._service.require(code)

    def _connect_anew(self) -> None:
        if not any(slot.has_card for slot in self._service.slots() if slot.name == self.reader_name):
            raise CardRemoved(_LEFT)
        self._scard.SCardDisconnect(self._handle, self._scard.SCARD_LEAVE_CARD)
        self._handle, self._protocol = self._connect()

    def release(self) -> None:
        """End the session and let the card forget it (a reset). Never raises; calling it again does nothing."""
        is_connected = self._is_connected()
        self._scard.SCardDisconnect(
            self._handle, self._scard.SCARD_RESET_CARD if is_connected else self._scard.SCARD_LEAVE_CARD
        )
        self._ended_by = self._ended_by or CardRemoved("the card was released")

    def _is_connected(self) -> bool:
        """Whether the card that was connected to is still there, as the service knows.

        Where it is not, nothing may be powered by this connection: pcscd would switch on the next card before it has
        noticed it, never notice it, and tell for ever after it left that it is there.
        """
        code, *_ = self._scard.SCardStatus(self._handle)
        return not self._service.is_code(code, "SCARD_W_REMOVED_CARD", "SCARD_E_NO_SMARTCARD")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _require_session(self) -> None:
        if self._ended_by is not None:
            raise type(self._ended_by)(self._ended_by.sentence)
        if self._ends_at is not None and time.monotonic() >= self._ends_at:
            raise self._end(DeadlineExceeded("the time for this session is over"))

    def _end(self, error: VerifierError) -> VerifierError:
        self._ended_by = error
        return error
