"""The part of the configuration that says when the machine's clock is believed."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from appliance.errors import ConfigError

CHECKED: Final = "checked"
SYSTEM: Final = "system"
TRUST: Final = (CHECKED, SYSTEM)


@dataclass(frozen=True, slots=True)
class ClockConfig:
    """How the clock is judged; ``docs/clock.md`` tells what follows.

    ``trust`` is ``checked``, or ``system`` where the system's clock is kept right by other means. ``jump_seconds`` is
    from where on two clocks disagree, ``longest_gap_days`` how long an appliance may go without new lists and without
    an officer's word.
    """

    trust: str = CHECKED
    jump_seconds: float = 300.0
    longest_gap_days: int = 400

    def __post_init__(self) -> None:
        if self.trust not in TRUST:
            msg = f"clock.trust: {self.trust!r} is not one of {', '.join(TRUST)}"
            raise ConfigError(msg)
        if not 1 <= self.jump_seconds <= 86_400:
            msg = "clock.jump_seconds must lie between 1 and 86400"
            raise ConfigError(msg)
        if not 1 <= self.longest_gap_days <= 3_650:
            msg = "clock.longest_gap_days must lie between 1 and 3650"
            raise ConfigError(msg)

    @property
    def jump(self) -> timedelta:
        """From where on two clocks disagree."""
        return timedelta(seconds=self.jump_seconds)

    @property
    def longest_gap(self) -> timedelta:
        """How far beyond the last time that was signed or confirmed the clock is believed."""
        return timedelta(days=self.longest_gap_days)
