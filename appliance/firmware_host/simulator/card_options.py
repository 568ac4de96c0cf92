"""How a simulated card behaves on the air, whatever chip is inside."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CardOptions:
    """The defaults are those of a common passport chip: frames of 256 bytes, FWT 77 ms, 424 kbit/s offered.

    ``ta``, ``tb`` and ``tc`` may be ``None`` and are then absent from the ATS.
    """

    fsci: int = 8
    ta: int | None = 0x33
    """Bit rates: 33 offers 212 and 424 kbit/s in both directions."""
    tb: int | None = 0x80
    """FWI in the upper half, SFGI in the lower."""
    tc: int | None = 0x02
    """02: CID supported, NAD not."""
    historical: bytes = b""
    ats: bytes | None = None
    """A whole ATS, in place of what the fields above make; the card still behaves as they say."""
    agrees_to_rates: bool = True
    """Whether it answers PPS."""
    hears_up_to: int = 8
    """The greatest divisor at which it hears anything, whatever it agreed to: some are held too far away."""
    chain_size: int | None = None
    """Payload bytes of its own blocks; ``None`` for as many as the reader takes."""
    delay_s: float = 0.0
    """How long its chip computes at least for each APDU."""
    extra_waits: int = 0
    """S(WTX) requests before each of its I-blocks and R(ACK)s, beyond those that it needs."""
    wait_multiplier: int = 1
    """WTXM of those requests: 1 to 59, or a value that the standard reserves."""
