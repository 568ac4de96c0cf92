"""The blocks of the contactless transmission protocol (ISO/IEC 14443-4, 7.1), as the reader writes and reads them."""

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Self

_CHAINING, _NAK, _CID = 0x10, 0x10, 0x08


class Kind(Enum):
    """What a block is for."""

    INFORMATION = auto()
    ACKNOWLEDGE = auto()
    WAITING_TIME = auto()
    DESELECT = auto()
    INVALID = auto()
    """Not a block that a card may send."""


_SUPERVISORY = {0xF2: (Kind.WAITING_TIME, 1), 0xC2: (Kind.DESELECT, 0)}
"""S-blocks by PCB, with the length of their payload."""


@dataclass(frozen=True, slots=True)
class Block:
    """A block from the card."""

    kind: Kind
    number: int = 0
    more: bool = False
    payload: bytes = field(default=b"", repr=False)

    @classmethod
    def decode(cls, frame: bytes, cid: int | None) -> Self:
        """Decode a frame without its CRC; ``cid`` is the card identifier in use, ``None`` for none.

        Whatever is not a well-formed block for us (another CID, a NAD that we never asked for, reserved bits, an
        R(NAK), which only readers send) comes back as ``INVALID``: the protocol treats it like a damaged frame.
        """
        pcb = frame[0] if frame else 0
        payload = frame[1:]
        if pcb & _CID:
            mine, payload = bool(payload) and payload[0] & 0x0F == (cid or 0), payload[1:]
        else:
            mine = cid is None
        control = pcb & ~_CID
        if mine and control & 0xEE == 0x02:
            return cls(Kind.INFORMATION, pcb & 1, bool(pcb & _CHAINING), payload)
        if mine and control & 0xFE == 0xA2 and not payload:
            return cls(Kind.ACKNOWLEDGE, pcb & 1)
        if mine and len(payload) == _SUPERVISORY.get(control, (Kind.INVALID, -1))[1]:
            return cls(_SUPERVISORY[control][0], payload=payload)
        return cls(Kind.INVALID)


class BlockWriter:
    """Writes the reader's blocks, each with the card identifier in use (7.1.1.2)."""

    def __init__(self, cid: int | None) -> None:
        self._pcb = _CID if cid is not None else 0
        self._cid = b"" if cid is None else bytes([cid])

    @property
    def overhead(self) -> int:
        """Bytes of a frame that are not payload: PCB, CID where used, two of CRC."""
        return 3 + len(self._cid)

    def _block(self, pcb: int, payload: bytes = b"") -> bytes:
        return bytes([pcb | self._pcb]) + self._cid + payload

    def information(self, number: int, payload: bytes, *, more: bool) -> bytes:
        """I-block; ``more`` when another one of the same chain follows."""
        return self._block(0x02 | number | (_CHAINING if more else 0), payload)

    def acknowledge(self, number: int) -> bytes:
        """R(ACK)."""
        return self._block(0xA2 | number)

    def ask_again(self, number: int) -> bytes:
        """R(NAK)."""
        return self._block(0xA2 | _NAK | number)

    def waiting_time(self, multiplier: int) -> bytes:
        """S(WTX) response, with the multiplier that the card asked for and no power level."""
        return self._block(0xF2, bytes([multiplier]))

    def deselect(self) -> bytes:
        """S(DESELECT) request."""
        return self._block(0xC2)
