"""The answer to select of a contactless card (ISO/IEC 14443-4, 5.2)."""

from dataclasses import dataclass
from typing import Self

from verifier.sdk.errors import CardProtocolError

CARRIER_HZ = 13_560_000
FRAME_SIZES = (16, 24, 32, 40, 48, 64, 96, 128, 256, 512, 1024, 2048, 4096)
"""FSC in bytes by FSCI 0 to C; greater values are reserved and mean the last one."""
DEFAULT_FSCI = 2
DEFAULT_FWI = 4
RESERVED = 15


def frame_waiting_time(index: int) -> float:
    """Return 256 × 16 / fc × 2^index in seconds (7.2): 0.3 ms for 0, 4.9 s for 14."""
    return float(4096 / CARRIER_HZ * 2**index)


@dataclass(frozen=True, slots=True)
class Ats:
    """What a card says about itself when it is activated; what it leaves out has the standard's default."""

    frame_size: int = FRAME_SIZES[DEFAULT_FSCI]
    """FSC: the longest frame that the card takes, with its two CRC bytes."""
    bit_rates: int = 0
    """TA(1) as it stands."""
    fwi: int = DEFAULT_FWI
    sfgi: int = 0
    supports_cid: bool = True
    supports_nad: bool = False
    historical: bytes = b""
    encoded: bytes = b""
    """As it came, with its length byte."""

    @property
    def waiting_time_s(self) -> float:
        """FWT: how long the card may take to begin its answer."""
        return frame_waiting_time(self.fwi)

    @property
    def guard_time_s(self) -> float:
        """SFGT: how long the card must be left alone after its ATS."""
        return frame_waiting_time(self.sfgi) if self.sfgi else 0.0

    def divisor(self, greatest: int) -> int:
        """Return the best bit rate divisor (1, 2, 4: 106, 212, 424 kbit/s) that the card offers in both directions."""
        return max((divisor for divisor in self.divisors if divisor <= greatest), default=1)

    @property
    def divisors(self) -> tuple[int, ...]:
        """The divisors 2, 4 and 8 (212, 424 and 848 kbit/s) that the card offers in both directions."""
        receive, send = self.bit_rates & 0x07, self.bit_rates >> 4 & 0x07
        return tuple(2 << bit for bit in range(3) if receive & send & 1 << bit)

    @classmethod
    def decode(cls, frame: bytes) -> Self:
        """Decode TL, T0, TA(1), TB(1), TC(1) and the historical bytes, each of the last four optional.

        Raises:
            CardProtocolError: the length byte or the announced interface bytes do not fit the frame.
        """
        if not frame or frame[0] != len(frame):
            msg = "the length byte of the card's ATS does not fit it"
            raise CardProtocolError(msg)
        if len(frame) == 1:
            return cls(encoded=frame)
        format_byte = frame[1]
        interface = [present for present in (0x10, 0x20, 0x40) if format_byte & present]
        if len(frame) < 2 + len(interface):
            msg = "the card's ATS announces more interface bytes than it has"
            raise CardProtocolError(msg)
        values = dict(zip(interface, frame[2:], strict=False))
        ta, tb, tc = values.get(0x10, 0), values.get(0x20, DEFAULT_FWI << 4), values.get(0x40, 0x02)
        return cls(
            frame_size=FRAME_SIZES[min(format_byte & 0x0F, len(FRAME_SIZES) - 1)],
            bit_rates=ta,
            fwi=tb >> 4 if tb >> 4 != RESERVED else DEFAULT_FWI,
            sfgi=tb & 0x0F if tb & 0x0F != RESERVED else 0,
            supports_cid=bool(tc & 0x02),
            supports_nad=bool(tc & 0x01),
            historical=frame[2 + len(interface) :],
            encoded=frame,
        )
