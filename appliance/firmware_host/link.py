"""What a reader and a card can tell of themselves, for whoever measures them; a tap asks for none of it."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Link:
    """What reader and card agreed on, as far as the reader tells: ``None`` where it does not. Rates in kbit/s."""

    answer_to_select: bytes | None = None
    """The card's ATS (ISO/IEC 14443-4, 5.2)."""
    answer_to_reset: bytes | None = None
    """The ATR, which a reader with a driver makes of the ATS (PC/SC part 3, 3.1.3.2.3)."""
    rate_to_card: int | None = None
    rate_to_reader: int | None = None
    offered_rates: tuple[int, ...] | None = None
    """Rates above 106 kbit/s that the card offers in both directions."""
    frame_to_card: int | None = None
    """Bytes of the longest frame that the card takes, with its CRC."""
    frame_to_reader: int | None = None
    carries_extended_length: bool = True
    """Whether the reader lets commands of extended length through."""

    @property
    def is_contactless(self) -> bool:
        """Whether the card answers through the air: it has an ATS, or an ATR with TD1 = 80 and TD2 = 01."""
        atr = self.answer_to_reset or b""
        return self.answer_to_select is not None or (
            atr[:1] == b"\x3b" and atr[1:2] >= b"\x80" and atr[2:4] == b"\x80\x01"
        )


@dataclass(frozen=True, slots=True)
class ReaderFacts:
    """What an open reader says of itself without a card."""

    description: str
    """The chip and its version, or the name that the reader's driver gives it."""
    device_file: str | None = None
    line_bit_s: int | None = None
    """The speed of its serial line."""
    round_trip_s: float | None = None
    """How long the reader takes to answer a question that concerns no card: the median of several."""


@runtime_checkable
class TellsLink(Protocol):
    """A card in the field whose link can be asked for."""

    @property
    def link(self) -> Link | None:
        """What was agreed on, ``None`` before the first command."""
        ...


@runtime_checkable
class TellsFacts(Protocol):
    """A reader that can be asked what it is."""

    def facts(self) -> ReaderFacts:
        """Ask the open reader; raise ``ReaderError`` where it does not answer."""
        ...
