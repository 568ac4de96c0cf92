"""A contactless card of type A around any chip: anticollision, RATS, PPS, then blocks (ISO/IEC 14443-3 and -4)."""

import secrets
import time
from typing import Protocol, runtime_checkable

from appliance.firmware_host.simulator.card_blocks import FRAME_SIZES, CardBlocks, Left
from appliance.firmware_host.simulator.card_options import CardOptions
from appliance.firmware_host.simulator.chip_times import ChipTimes, ChipTiming
from appliance.firmware_host.simulator.link_time import LinkTime
from appliance.firmware_host.simulator.worker import Computed, Worker


@runtime_checkable
class Processor(Protocol):
    """A chip: command APDU in, response APDU out. Where it has a ``reset()``, that is its power cycle.

    It may raise ``CardRemoved`` to leave the field, ``CardProtocolError`` to break the block protocol.
    """

    def process(self, command: bytes, /) -> bytes:
        """Return the response to an encoded command."""
        ...


class ContactlessCard:
    """What lies in the field. Its UID begins with 08: random with each power cycle (ISO/IEC 14443-3, 6.5.4).

    Args:
        chip: what answers commands.
        options: how the card behaves on the air.
        worker: where the chip computes.
        leave_after_apdus: how many commands it answers before it leaves the field.
        times: how long its chip calculates; needs ``link_time``, by which that passes.
    """

    atqa = b"\x00\x08"
    sak = 0x20

    def __init__(
        self,
        chip: Processor,
        options: CardOptions,
        worker: Worker,
        *,
        leave_after_apdus: int | None = None,
        times: ChipTimes | None = None,
        link_time: LinkTime | None = None,
    ) -> None:
        self._chip = chip
        self._options = options
        self._worker = worker
        self._apdus_left = leave_after_apdus
        self._link_time = link_time
        self._timing = ChipTiming(times) if times is not None else None
        self._selected = True
        self._blocks: CardBlocks | None = None
        self._may_change_rate = False
        self._divisor = 1
        self.uid = b"\x08" + secrets.token_bytes(3)

    def power_off(self) -> None:
        """Forget everything but what is written in the chip."""
        self._selected, self._blocks, self._may_change_rate, self._divisor = True, None, False, 1
        self.uid = b"\x08" + secrets.token_bytes(3)
        if self._timing is not None:
            self._timing.reset()
        reset = getattr(self._chip, "reset", None)
        if reset is not None:
            self._worker.start(lambda: Computed(reset() or b""))

    def answer(self, frame: bytes, divisor: int) -> bytes | None:
        """Answer a frame, or stay silent; raise ``Left`` once the card is gone."""
        blocks, may_change_rate = self._blocks, self._may_change_rate
        if not frame or divisor != self._divisor or divisor > self._options.hears_up_to or not self._selected:
            return None
        if blocks is None:
            return self._activate(frame)
        self._may_change_rate = False
        if may_change_rate and frame[0] & 0xF0 == 0xD0:
            return self._change_rate(frame)
        answer = blocks.answer(frame)
        if frame[0] & 0xF7 == 0xC2 and answer is not None:
            self._selected = False  # halted: only a field reset or WUPA wakes it
        return answer

    def _activate(self, frame: bytes) -> bytes | None:
        if len(frame) != 2 or frame[0] != 0xE0:
            return None
        frame_limit = FRAME_SIZES[min(frame[1] >> 4, 8)]
        self._blocks = CardBlocks(self._options, frame_limit, frame[1] & 0x0F, self._compute, self._worker)
        self._may_change_rate = True
        return self._options.ats if self._options.ats is not None else _ats(self._options)

    def _change_rate(self, frame: bytes) -> bytes | None:
        offered = self._options.ta or 0
        if len(frame) != 3 or frame[1] != 0x11 or not self._options.agrees_to_rates:
            return None
        to_card, to_reader = frame[2] & 0x03, frame[2] >> 2 & 0x03
        wanted = 0x11 << to_card >> 1
        if to_card != to_reader or (to_card and offered & wanted != wanted):
            return None
        self._divisor = 1 << to_card
        return frame[:1]

    def _compute(self, command: bytes) -> Computed:
        if self._apdus_left is not None:
            if self._apdus_left == 0:
                raise Left
            self._apdus_left -= 1
        if self._options.delay_s:
            time.sleep(self._options.delay_s)
        began = time.perf_counter()
        response = self._chip.process(command)
        if self._timing is None or self._link_time is None:
            return Computed(response)
        seconds = self._timing.seconds(command, response)
        return Computed(response, self._link_time.chip_calculates(seconds, began))


def _ats(options: CardOptions) -> bytes:
    interface = [(0x10, options.ta), (0x20, options.tb), (0x40, options.tc)]
    format_byte = options.fsci | sum(flag for flag, value in interface if value is not None)
    body = bytes([format_byte, *(value for _, value in interface if value is not None)]) + options.historical
    return bytes([len(body) + 1]) + body
