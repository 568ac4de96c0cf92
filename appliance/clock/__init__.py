"""Time that can be trusted, on a device whose clock may stand anywhere after a power cut (``docs/clock.md``).

Every process of an appliance opens a ``TrustedClock`` over the same file and asks it for a ``Reading``.
"""

from appliance.clock.reading import ClockState, Reading
from appliance.clock.trusted_clock import TrustedClock

__all__ = ["ClockState", "Reading", "TrustedClock"]
