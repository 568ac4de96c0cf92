"""How long a frame takes on the air and on the serial line: bits, pauses and adapters, as figures without a clock.

What is counted is what the standards count (ISO/IEC 14443-2, -3, -4; UM0701-02). What no standard says is an
assumption and is called one: ``reader_s`` and the adapter's latency.
"""

from dataclasses import dataclass

from appliance.firmware_host.simulator.chip_times import ChipTimes

CARRIER_HZ = 13_560_000
FIELD_ON_S = 0.005
"""A card may need so long after the field came on (ISO/IEC 14443-3, 5.2)."""

_CYCLES_OF_A_BIT = 128  # of the carrier, at 106 kbit/s (14443-2, 8.1.1)
_BITS_OF_A_BYTE = 9  # with odd parity (14443-3, 6.2.3.2)
_CRC_BYTES = 2
_START_AND_END_TO_CARD = 1 + 2  # start, then logic 0 without modulation (14443-3, 6.2.3)
_START_AND_END_TO_READER = 1 + 1
_PREAMBLE_AT_HIGHER_RATES = 32 * 16  # cycles: 32 of the subcarrier before the start bit (14443-2, 8.2.5)
_FRAME_DELAY = 1172  # cycles between the reader's last bit and the card's answer, at least (14443-3, 6.2.1.1)
_SHORT_FRAME_BITS = 7 + _START_AND_END_TO_CARD  # REQA
_BITS_OF_A_LINE_BYTE = 10  # 8N1


@dataclass(frozen=True, slots=True)
class LinkModel:
    """How long things take between host and chip. Without a model they take no time at all.

    The bit rate on the air is the one that card and reader agreed upon, the one on the line the one that the host set.
    """

    adapter_latency_s: float = 0.001
    """What a USB adapter holds back of each answer: 1 ms as udev sets an FTDI's latency timer, 16 ms as it comes, 0
    for a UART of the board itself. An assumption: the whole latency, for each answer."""
    reader_s: float = 0.000_5
    """What the reader's own processor takes for each host command. An assumption: no manual says."""
    chip: ChipTimes | None = None
    """How long the card's chip calculates; ``None`` for no time."""

    @staticmethod
    def frame_to_card_s(count: int, divisor: int) -> float:
        """Seconds for a frame of ``count`` bytes and its CRC at 106 kbit/s × ``divisor``."""
        bits = _START_AND_END_TO_CARD + _BITS_OF_A_BYTE * (count + _CRC_BYTES)
        return bits * _CYCLES_OF_A_BIT / divisor / CARRIER_HZ

    @staticmethod
    def answer_s(count: int, divisor: int) -> float:
        """Seconds from the reader's last bit to the end of a frame of ``count`` bytes and its CRC, for a chip that
        calculates nothing."""
        bits = _START_AND_END_TO_READER + _BITS_OF_A_BYTE * (count + _CRC_BYTES)
        preamble = _PREAMBLE_AT_HIGHER_RATES if divisor > 1 else 0
        return (_FRAME_DELAY + preamble + bits * _CYCLES_OF_A_BIT / divisor) / CARRIER_HZ

    @staticmethod
    def selection_s(uid_length: int) -> float:
        """Seconds from REQA to the last SAK: per cascade level an anticollision and a SELECT (14443-3, 6.4)."""
        levels = {4: 1, 7: 2, 10: 3}[uid_length]
        reqa = _SHORT_FRAME_BITS * _CYCLES_OF_A_BIT / CARRIER_HZ
        atqa = LinkModel.answer_s(2 - _CRC_BYTES, 1)
        anticollision = LinkModel.frame_to_card_s(2 - _CRC_BYTES, 1) + LinkModel.answer_s(5 - _CRC_BYTES, 1)
        select = LinkModel.frame_to_card_s(7, 1) + LinkModel.answer_s(1, 1)
        return reqa + atqa + levels * (anticollision + select)

    @staticmethod
    def line_s(count: int, baud: int) -> float:
        """Seconds for ``count`` bytes between host and reader, without the adapter's latency."""
        return count * _BITS_OF_A_LINE_BYTE / baud
