"""The space above the antenna: no card in it, one or two, and what the air does to frames."""

from collections.abc import Callable
from threading import Lock
from typing import Protocol, TypeAlias

from appliance.firmware_host.simulator.card_blocks import Left
from appliance.firmware_host.simulator.card_options import CardOptions
from appliance.firmware_host.simulator.contactless_card import ContactlessCard, Processor
from appliance.firmware_host.simulator.link_model import LinkModel
from appliance.firmware_host.simulator.link_time import LinkTime, Part, RealTime
from appliance.firmware_host.simulator.worker import Worker

Air: TypeAlias = Callable[[int, bytes], bytes | None]
"""Called with the index of a frame from the card and the frame; returns what arrives, ``None`` for nothing."""


class TypeACard(Protocol):
    """A card of type A as the field sees it; frames are without CRC."""

    atqa: bytes
    """Two bytes, most significant first."""
    uid: bytes
    sak: int

    def power_off(self) -> None:
        """The field went off, or the card left it."""
        ...

    def answer(self, frame: bytes, divisor: int) -> bytes | None:
        """Answer a frame sent at 106 kbit/s × ``divisor``, or stay silent."""
        ...


class Garbled(Exception):
    """A frame arrived with a wrong CRC."""


class Field:
    """One antenna. ``place`` and ``remove`` may be called from any thread, also while the card is being talked to.

    Args:
        worker: where chips compute.
        link: how long frames and chips take; ``None`` for no time at all.
        link_time: by which clock; ``None`` for real time.
    """

    def __init__(self, worker: Worker, link: LinkModel | None = None, link_time: LinkTime | None = None) -> None:
        self._worker = worker
        self._link = link
        self._time = link_time if link_time is not None else RealTime()
        self._lock = Lock()
        self._card: TypeACard | None = None
        self._beside: TypeACard | None = None
        self._air: Air | None = None
        self._frames_left: int | None = None
        self._frames = 0
        self.frames_from_reader = 0
        """Frames that reached a card or the empty air since the simulator started; RATS and S-blocks included."""

    @property
    def link(self) -> LinkModel | None:
        """How long frames take."""
        return self._link

    @property
    def time(self) -> LinkTime:
        """By which clock they take it, and where time went."""
        return self._time

    @property
    def is_occupied(self) -> bool:
        """Whether a card lies in the field."""
        return self._card is not None

    def place(
        self,
        chip: Processor | TypeACard,
        options: CardOptions | None = None,
        *,
        remove_after_frames: int | None = None,
        remove_after_apdus: int | None = None,
        air: Air | None = None,
    ) -> None:
        """Put a card into the field, in place of what lay there.

        Args:
            chip: anything with ``process(bytes) -> bytes``, wrapped into a card of type A; or such a card itself.
            options: how that card behaves on the air.
            remove_after_frames: take it away after it answered so many frames, RATS included.
            remove_after_apdus: take it away after it answered so many APDUs.
            air: alters or loses the card's frames.
        """
        card = self._as_card(chip, options, remove_after_apdus)
        with self._lock:
            self._card, self._beside, self._air = card, None, air
            self._frames_left, self._frames = remove_after_frames, 0

    def place_beside(self, chip: Processor | TypeACard, options: CardOptions | None = None) -> None:
        """Put a second card beside the one that lies in the field; it goes when that one goes."""
        card = self._as_card(chip, options, None)
        with self._lock:
            self._beside = card

    def _as_card(
        self, chip: Processor | TypeACard, options: CardOptions | None, remove_after_apdus: int | None
    ) -> TypeACard:
        if not isinstance(chip, Processor):
            return chip
        return ContactlessCard(
            chip,
            options or CardOptions(),
            self._worker,
            leave_after_apdus=remove_after_apdus,
            times=self._link.chip if self._link is not None else None,
            link_time=self._time,
        )

    def remove(self) -> None:
        """Take away whatever lies there."""
        with self._lock:
            cards = self._cards
            self._card = self._beside = None
        for card in cards:
            card.power_off()

    # --- what the PN532 does with it ----------------------------------------------------------------------------------

    @property
    def _cards(self) -> list[TypeACard]:
        return [card for card in (self._card, self._beside) if card is not None]

    def select(self, at_most: int = 1) -> list[TypeACard]:
        """REQA, anticollision, SELECT: return the cards that were found, one after another (ISO/IEC 14443-3, 6.4).

        The reader goes on with a one where bits collide, so of two UIDs the greater is found first, in the order of
        their bits on the air. A card that is not looked for any more stays silent, and nobody knows of it.
        """
        found = sorted(self._cards, key=_as_on_the_air, reverse=True)[:at_most]
        if self._link is not None:
            for card in found:
                self._time.spend(Part.AIR, self._link.selection_s(len(card.uid)))
        return found

    def holds(self, card: TypeACard | None) -> bool:
        """Whether this very card still lies there."""
        return card is not None and any(lying is card for lying in self._cards)

    def power_off(self) -> None:
        """The antenna is switched off."""
        for card in self._cards:
            card.power_off()

    def exchange(self, card: TypeACard, frame: bytes, divisor: int) -> bytes | None:
        """Send a frame to the selected card and return its answer, ``None`` for silence; raise ``Garbled``."""
        self.frames_from_reader += 1
        if not self.holds(card):
            return None
        if self._frames_left == 0:
            self.remove()
            return None
        if self._link is not None:
            self._time.spend(Part.AIR, self._link.frame_to_card_s(len(frame), divisor))
        try:
            answer = card.answer(frame, divisor)
        except Left:
            self.remove()
            return None
        if answer is None or not self.holds(card):
            return None
        if self._frames_left is not None:
            self._frames_left -= 1
        index, self._frames = self._frames, self._frames + 1
        arrived = self._air(index, answer) if self._air is not None else answer
        if arrived is not None and self._link is not None:
            self._time.spend(Part.AIR, self._link.answer_s(len(arrived), divisor))
        return arrived


def _as_on_the_air(card: TypeACard) -> str:
    """Return the bits of a UID in the order of the air: of each byte the lowest first."""
    return "".join(f"{byte:08b}"[::-1] for byte in card.uid)
