"""A machine whose clock shows what it is told, and that a time server keeps."""

from dataclasses import dataclass
from datetime import datetime


@dataclass
class SetMachine:
    """Its time stands still until ``at`` is set; it has been running ever since."""

    at: datetime

    def wall(self) -> datetime:
        return self.at

    def boottime(self) -> float:
        return self.at.timestamp()

    def boot_id(self) -> str:
        return "a boot"

    def is_synchronised(self) -> bool:
        return True

    def hardware_clocks(self) -> tuple[datetime, ...]:
        return ()
