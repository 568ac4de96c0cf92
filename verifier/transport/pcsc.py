"""PC/SC readers: any that the machine has a driver for, plugged in now or later.

    with PcscReader() as reader:
        card = reader.wait_for_card(30)

The package pyscard is needed (``pip install 'thechip[pcsc]'``), and a PC/SC service, which macOS and Windows have.
"""

import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from verifier.errors import CardProtocolError, CardRemoved, ReaderBusy, ReaderError, ReaderFault, ReaderGone
from verifier.transport.pcsc_card import PcscCard
from verifier.transport.pcsc_limits import maximum_without_card
from verifier.transport.pcsc_service import PcscService, Slot

_PATIENCE_S = 2.0
"""How long a card may be mute, or taken by another program, before it is said: systems look at each new card first."""


@dataclass(frozen=True, slots=True)
class PcscReaderInfo:
    """A reader that is plugged in."""

    name: str
    has_card: bool
    is_taken: bool
    """Another program has the card for itself."""
    max_apdu_data: int | None
    """The most data bytes of one command or answer, 256 where only short ones pass; ``None`` where it is silent."""


def pcsc_readers() -> tuple[PcscReaderInfo, ...]:
    """Return the readers that are plugged in, in the order of the PC/SC service.

    Raises ``ReaderUnavailable`` where pyscard or the service is missing.
    """
    service = PcscService()
    try:
        return tuple(
            PcscReaderInfo(slot.name, slot.has_card, slot.is_taken, maximum_without_card(service, slot.name))
            for slot in service.slots()
        )
    finally:
        service.close()


def pcsc_reader_names() -> tuple[str, ...]:
    """Return the names of the readers that are plugged in, in the order of the PC/SC service; touches none of them.

    Raises ``ReaderUnavailable`` where pyscard or the service is missing.
    """
    service = PcscService()
    try:
        return service.reader_names()
    finally:
        service.close()


class PcscReader:
    """One reader, or any: without ``wanted`` a card in whichever reader is taken.

    ``wanted`` is a reader's name or a part of it, in any case: the service numbers the names anew when readers are
    plugged in elsewhere. The reader is owned by one thread, starts none, and may be plugged in later.
    """

    def __init__(self, wanted: str | None = None) -> None:
        self._wanted = wanted
        self._service: PcscService | None = None
        self._is_open = False

    @property
    def name(self) -> str:
        """The reader as named to people."""
        return "any PC/SC reader" if self._wanted is None else f"PC/SC reader {self._wanted}"

    def open(self) -> None:
        """Find the PC/SC service. Raises ``ReaderUnavailable`` where pyscard or the service is missing."""
        self._is_open = True
        self._connected()

    def is_present(self) -> bool:
        """Whether such a reader is plugged in now. Raises ``ReaderError`` where the service is gone."""
        return bool(self._look())

    def has_card(self) -> bool:
        """Whether a card lies in the reader now, also one that is mute or that another program has for itself.

        Asks the service, and sends nothing to a card. Raises ``ReaderGone`` where no such reader is plugged in, and
        ``ReaderError`` where the service is gone.
        """
        slots = self._look()
        if not slots:
            raise self._not_there()
        return any(slot.has_card for slot in slots)

    def wait_for_card(self, timeout_s: float) -> PcscCard | None:
        """Return the card in the reader, connected to, or ``None`` when ``timeout_s`` seconds passed without one.

        A card that lies there already counts, whether it was read before or not. A reader that is not there yet is
        waited for, too. Nothing was sent to the card yet.

        Raises:
            ReaderGone: the reader was unplugged, or is not there when the time is over, or the service went away.
            ReaderBusy: another program keeps the card to itself. CardProtocolError: the card does not answer.
            ReaderUnavailable: pyscard or the service is missing. ReaderFault: the reader is not open.
        """
        began_at = time.monotonic()
        was_there = False
        while True:
            slots = self._look()
            if was_there and not slots and self._wanted is not None:
                raise _unplugged()
            was_there = was_there or bool(slots)
            card, obstacle = self._try(slots)
            if card is not None:
                return card
            waited = time.monotonic() - began_at
            if obstacle is not None and waited >= min(_PATIENCE_S if len(slots) == 1 else timeout_s, timeout_s):
                raise obstacle
            if waited >= timeout_s:
                if not slots:
                    raise self._not_there()
                return None
            self._wait(slots, timeout_s - waited)

    def close(self) -> None:
        """Let go of the reader. Never raises."""
        self._is_open = False
        self._forget()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _connected(self) -> PcscService:
        if not self._is_open:
            msg = "the reader is not open"
            raise ReaderFault(msg)
        if self._service is None:
            self._service = PcscService()
        return self._service

    def _forget(self) -> None:
        """Let go of the service; the next call finds the one that runs then."""
        if self._service is not None:
            self._service.close()
            self._service = None

    def _look(self) -> tuple[Slot, ...]:
        try:
            slots = self._connected().slots()
        except ReaderError:
            self._forget()
            raise
        if self._wanted is None:
            return slots
        exact = tuple(slot for slot in slots if slot.name == self._wanted)
        return exact or tuple(slot for slot in slots if self._wanted.casefold() in slot.name.casefold())

    def _wait(self, slots: tuple[Slot, ...], seconds: float) -> None:
        try:
            self._connected().wait_for_change(slots, seconds)
        except ReaderError:
            self._forget()
            raise

    def _try(self, slots: tuple[Slot, ...]) -> tuple[PcscCard | None, ReaderBusy | CardProtocolError | None]:
        """Return the first card that can be connected to, or what keeps one from it."""
        obstacle: ReaderBusy | CardProtocolError | None = None
        for slot in slots:
            if not slot.has_card:
                continue
            try:
                return PcscCard(self._connected(), slot.name), None
            except (ReaderBusy, CardProtocolError) as error:
                obstacle = error
            except (CardRemoved, ReaderGone):
                continue  # it left again; the next look will tell
        return None, obstacle

    def _not_there(self) -> ReaderGone:
        if self._wanted is None:
            return ReaderGone("no PC/SC reader is plugged in")
        return ReaderGone(f"no PC/SC reader by the name of {self._wanted} is plugged in; thechip readers lists them")


def _unplugged() -> ReaderGone:
    return ReaderGone("the reader was unplugged")
