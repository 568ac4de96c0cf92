"""One elementary file after another, in the way that the card knows: by short identifier, else by SELECT."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias, TypeVar

from verifier.access.secure_messaging import SecureMessaging
from verifier.errors import CardRefused, MalformedData
from verifier.iso7816.apdu import SHORT_MAX_LE, CommandApdu
from verifier.iso7816.exchange import Exchange
from verifier.iso7816.files import READ_BINARY, read_by_short_identifier, read_selected, select_file
from verifier.iso7816.status import StatusWord
from verifier.lds.atr_info import AtrInfo
from verifier.lds.elementary_files import ATR_INFO, ElementaryFile
from verifier.reading.session import Session
from verifier.reading.wire import Wire

T = TypeVar("T")
Received: TypeAlias = Callable[[str, int, int], None]
"""Called with a file's name, the bytes of it that were received, and those that it has."""

NO_SUCH_WAY: Final = frozenset(
    {
        0x6981,
        0x6986,
        StatusWord.CONDITIONS_NOT_SATISFIED,
        StatusWord.WRONG_PARAMETERS_IN_DATA,
        StatusWord.FUNCTION_NOT_SUPPORTED,
        StatusWord.FILE_NOT_FOUND,
        StatusWord.INCORRECT_P1_P2,
        StatusWord.OFFSET_OUTSIDE_FILE,
        StatusWord.INS_NOT_SUPPORTED,
    }
)
"""How cards answer a short identifier, or a SELECT, that they do not know. They answer an absent file so too."""

_RESPONSE_OBJECTS: Final = len(b"\x87\x84\x00\x00\x00\x00\x01" + b"\x99\x02\x90\x00" + b"\x8e\x08" + bytes(8))
_STATUS_WORD: Final = 2


@dataclass
class FileReader:
    """Reads files of the current application. Which way the card knows shows with its first file."""

    session: Session
    wire: Wire
    received: Received
    short_identifiers: bool
    """Whether to try short identifiers first."""
    max_response: int | None
    """The most bytes that a response may have; ``None`` where only the length field sets a limit."""
    confirmed: bool = False
    """Whether a file has been read, so that the way is known."""

    def read(self, file: ElementaryFile) -> Exchange[bytes]:
        """Return the file's bytes. Raises ``CardRefused`` where the card gives it in no way, with its first answer."""
        try:
            content = yield from self._read(file, short=self.short_identifiers)
        except CardRefused as refusal:
            if self.confirmed or not self.session.is_alive or refusal.status not in NO_SUCH_WAY:
                raise
            try:
                content = yield from self._read(file, short=not self.short_identifiers)
            except CardRefused:
                raise refusal from None
            self.short_identifiers = not self.short_identifiers
        self.confirmed = True
        return content

    def _read(self, file: ElementaryFile, *, short: bool) -> Exchange[bytes]:
        chunk = self._chunk()
        if short:
            exchange = read_by_short_identifier(file.short_identifier, chunk=chunk, received=self._received(file))
        else:
            exchange = _read_by_selection(file, chunk, self._received(file))
        return (yield from self.wire.refusals_of(self.session.inside(exchange)))

    def _received(self, file: ElementaryFile) -> Callable[[int, int], None]:
        return lambda received, total: self.received(file.name, received, total)

    def _chunk(self) -> int:
        """Return the largest Le: what the session carries, and no more than the card said that it can answer.

        Never less than short commands carry: a card that claims less would only make reading endless.
        """
        if not self.session.extended_length or self.max_response is None:
            return self.session.chunk
        channel = self.session.channel
        least = SHORT_MAX_LE if channel is None else channel.max_plain_chunk()
        return min(self.session.chunk, max(plain_room(self.max_response, channel), least))


def plain_room(max_response: int, channel: SecureMessaging | None) -> int:
    """Return how many bytes of a file fit into a response of at most so many bytes, its status word included."""
    room = max_response - _STATUS_WORD
    if channel is None:
        return room
    block = channel.suite.block_length
    return (room - _RESPONSE_OBJECTS) // block * block - 1


def _read_by_selection(file: ElementaryFile, chunk: int, received: Callable[[int, int], None]) -> Exchange[bytes]:
    yield from select_file(file.file_identifier)
    return (yield from read_selected(chunk=chunk, received=received))


def read_atr_info() -> Exchange[AtrInfo]:
    """Read EF.ATR/INFO in one command, in the clear, while the master file is selected (ICAO 9303-10, 3.11.1).

    A card without it, or with something else in its place, has told nothing.
    """
    response = yield CommandApdu(0x00, READ_BINARY, 0x80 | ATR_INFO.short_identifier, 0x00, le=SHORT_MAX_LE)
    try:
        return AtrInfo.decode(response.data)
    except MalformedData:
        return AtrInfo()
