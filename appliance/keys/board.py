"""What only this board knows, and the card in it does not.

A Raspberry Pi has a one-time programmable key of 256 bits, where somebody programmed it. What every board has is a
serial number, and on a PC the firmware's: it is no secret from whoever holds the board, and of a Pi's only 32 bits or
fewer are unknown to whoever does not. So it slows a thief of the card down, by what scrypt costs each try.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from appliance.errors import BoardUnknown

_ROOT: Final = Path("/")
_OTP: Final = "sys/bus/nvmem/devices/*otp*private*/nvmem"
"""Where Linux shows the programmable key (its driver raspberrypi-otp)."""
_SERIAL: Final = ("proc/device-tree/serial-number", "sys/class/dmi/id/product_uuid")
_LONGEST: Final = 256


@dataclass(frozen=True, slots=True)
class BoardSecret:
    """What a board knows, and where that is from: ``otp`` or ``serial``."""

    source: str
    secret: bytes = field(repr=False)


def board_secret(source: str | None = None, *, root: Path = _ROOT) -> BoardSecret:
    """Return the best that this board has, or what it has of one source.

    BoardUnknown where there is nothing, or something that cannot be read: that keys are protected by a worse source
    than the board has must not come of a file's mode.
    """
    readers: dict[str, Callable[[Path], bytes]] = {"otp": _programmed, "serial": _serial_number}
    for name, read in readers.items():
        secret = read(root) if source in (None, name) else b""
        if secret:
            return BoardSecret(name, secret)
    msg = "this board has no number that could protect the keys; protect them by a passphrase or a key file"
    raise BoardUnknown(msg)


def _programmed(root: Path) -> bytes:
    found = (_content(path) for path in sorted(root.glob(_OTP)))
    return next((content for content in found if any(content)), b"")


def _serial_number(root: Path) -> bytes:
    found = (_content(root / name).strip(b"\0\n ").lower() for name in _SERIAL)
    return next((content for content in found if content.strip(b"0-")), b"")


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LONGEST)
    except (FileNotFoundError, NotADirectoryError):
        return b""
    except OSError as error:
        msg = (
            f"{path} is there and cannot be read ({error.strerror}): let the appliance's user read it, or protect the"
            " keys by a passphrase or a key file"
        )
        raise BoardUnknown(msg) from error
