"""The space above the antenna: a card in it or none, and what the air does to frames."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Protocol, TypeAlias

from appliance.firmware_host.simulator.card_blocks import Left
from appliance.firmware_host.simulator.card_options import CardOptions
from appliance.firmware_host.simulator.contactless_card import ContactlessCard, Processor
from appliance.firmware_host.simulator.worker import Worker

CARRIER_HZ = 13_560_000

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


@dataclass(frozen=True, slots=True)
class LinkModel:
    """How long things take on the air and on the serial line; without one they take no time.

    A byte is 9 bits on the air (with parity) and 10 on the line; ``turnaround_s`` is the pause before each answer.
    """

    turnaround_s: float = 0.000_1
    line_baud: int | None = 921_600

    def air_s(self, count: int, divisor: int) -> float:
        """Seconds for a frame of ``count`` bytes and its CRC."""
        return self.turnaround_s + (count + 2) * 9 * 128 / CARRIER_HZ / divisor

    def line_s(self, count: int) -> float:
        """Seconds for ``count`` bytes between host and reader."""
        return count * 10 / self.line_baud if self.line_baud else 0.0


class Field:
    """One antenna. ``place`` and ``remove`` may be called from any thread, also while the card is being talked to."""

    def __init__(self, worker: Worker, link: LinkModel | None = None) -> None:
        self._worker = worker
        self._link = link
        self._lock = Lock()
        self._card: TypeACard | None = None
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
        card: TypeACard = (
            ContactlessCard(chip, options or CardOptions(), self._worker, leave_after_apdus=remove_after_apdus)
            if isinstance(chip, Processor)
            else chip
        )
        with self._lock:
            self._card, self._air = card, air
            self._frames_left, self._frames = remove_after_frames, 0

    def remove(self) -> None:
        """Take the card away."""
        with self._lock:
            card, self._card = self._card, None
        if card is not None:
            card.power_off()

    # --- what the PN532 does with it ----------------------------------------------------------------------------------

    def select(self) -> TypeACard | None:
        """REQA, anticollision, SELECT: return the card that answered."""
        return self._card

    def power_off(self) -> None:
        """The antenna is switched off."""
        card = self._card
        if card is not None:
            card.power_off()

    def exchange(self, frame: bytes, divisor: int) -> bytes | None:
        """Send a frame and return the card's, ``None`` for silence; raise ``Garbled`` for a damaged one."""
        self.frames_from_reader += 1
        card = self._card
        if card is None:
            return None
        if self._frames_left == 0:
            self.remove()
            return None
        self._pass_time(len(frame), divisor)
        try:
            answer = card.answer(frame, divisor)
        except Left:
            self.remove()
            return None
        if card is not self._card or answer is None:
            return None
        if self._frames_left is not None:
            self._frames_left -= 1
        index, self._frames = self._frames, self._frames + 1
        arrived = self._air(index, answer) if self._air is not None else answer
        if arrived is not None:
            self._pass_time(len(arrived), divisor)
        return arrived

    def _pass_time(self, count: int, divisor: int) -> None:
        if self._link is not None:
            time.sleep(self._link.air_s(count, divisor))
