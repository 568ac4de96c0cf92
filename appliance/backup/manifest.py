"""What a backup says of itself, once it is open."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

from appliance.errors import BackupDamaged
from appliance.storage.base import utc_text, utc_time

_FORMAT: Final = "thechip-backup-1"
_YEARS: Final = range(2000, 2200)
"""Those in which a time can be told in any zone, and was not made up."""
_DEVICE: Final = re.compile(r"[0-9a-f]{64}")
_LONGEST_RELEASE: Final = 64
_NOT_OURS: Final = (ValueError, LookupError, TypeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Manifest:
    """When a backup was made, of which appliance (its public key, 64 hexadecimal digits), by which release."""

    made_at: datetime
    device: str
    release: str

    def encode(self) -> bytes:
        """Write it as JSON."""
        content = {
            "format": _FORMAT,
            "made_at": utc_text(self.made_at),
            "device": self.device,
            "release": self.release,
        }
        return json.dumps(content, indent=1).encode() + b"\n"

    @classmethod
    def decode(cls, encoded: bytes) -> Self:
        """Read what ``encode`` wrote; ``BackupDamaged`` for anything else, also for a format of a later release."""
        try:
            content = json.loads(encoded)
            if content["format"] != _FORMAT:
                msg = "the backup is of a format that this release does not know; restore it with the one that made it"
                raise BackupDamaged(msg)
            manifest = cls(utc_time(content["made_at"]), str(content["device"]), str(content["release"]))
        except _NOT_OURS as error:
            msg = "the backup does not say what it is"
            raise BackupDamaged(msg) from error
        if not manifest._is_sayable():  # it would be printed
            msg = "the backup says of itself what none that this program made says"
            raise BackupDamaged(msg)
        return manifest

    def _is_sayable(self) -> bool:
        is_release = 0 < len(self.release) <= _LONGEST_RELEASE and self.release.isascii() and self.release.isprintable()
        return is_release and self.made_at.year in _YEARS and _DEVICE.fullmatch(self.device) is not None
