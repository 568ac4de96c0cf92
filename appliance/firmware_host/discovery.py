"""Finding a serial reader by the USB adapter on which it hangs: ttyUSB0 may be ttyUSB1 tomorrow."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from verifier.sdk.errors import ReaderFault, ReaderGone

BY_PATH = Path("/dev/serial/by-path")
"""Where udev links each adapter by the socket it is plugged into."""
LATENCY_TIMERS = Path("/sys/bus/usb-serial/devices")

Ports = Callable[[], Iterable[ListPortInfo]]


@dataclass(frozen=True, slots=True)
class SerialPort:
    """A serial line of this machine; ``usb`` is ``vid:pid``, four hexadecimal digits each; a built-in one has none."""

    device: str
    usb: str = ""
    serial_number: str = ""
    product: str = ""


def serial_ports(ports: Ports = list_ports.comports) -> tuple[SerialPort, ...]:
    """Return the serial lines that are there now, by the names of their device files."""
    found = [
        SerialPort(
            port.device,
            "" if port.vid is None or port.pid is None else f"{port.vid:04x}:{port.pid:04x}",
            port.serial_number or "",
            port.product or "",
        )
        for port in ports()
    ]
    return tuple(sorted(found, key=lambda port: port.device))


def find_port(usb: str, *, ports: Ports = list_ports.comports, by_path: Path = BY_PATH) -> str:
    """Return the device file of the one adapter with this ``VID:PID`` or ``VID:PID:SERIAL``, hexadecimal in any case.

    Raises:
        ReaderGone: none is plugged in. ReaderFault: several are, and nothing says which is meant.
    """
    vendor, product, serial_number = [*usb.split(":", 2), ""][:3]
    kind = f"{vendor}:{product}".lower()
    alike = [port for port in serial_ports(ports) if port.usb == kind]
    meant = [port for port in alike if not serial_number or port.serial_number.lower() == serial_number.lower()]
    if len(meant) == 1:
        return meant[0].device
    if meant:
        raise _several(kind, meant, by_path)
    if alike:
        others = ", ".join(port.serial_number or "one without" for port in alike)
        msg = f"no USB adapter {kind} with the serial number {serial_number} is plugged in, only {others}"
    else:
        msg = f"no USB adapter {kind} is plugged in; thechip-appliance reader list shows which are"
    raise ReaderGone(msg)


def _several(kind: str, meant: list[SerialPort], by_path: Path) -> ReaderFault:
    numbers = {port.serial_number for port in meant}
    if "" not in numbers and len(numbers) == len(meant):
        ways = [f'usb = "{kind}:{port.serial_number}"' for port in meant]
    else:
        ways = [f'device = "{socket}"' for port in meant if (socket := socket_of(port.device, by_path))]
    advice = " or ".join(ways) or f"device = one of {by_path}"
    return ReaderFault(f"{len(meant)} USB adapters {kind} are plugged in; say which one is meant: {advice}")


def socket_of(device: str, by_path: Path = BY_PATH) -> str:
    """Return udev's name of the socket in which this adapter is, empty where it has none."""
    if not by_path.is_dir():
        return ""
    target = Path(device).resolve()
    return next((str(link) for link in sorted(by_path.iterdir()) if link.resolve() == target), "")


def latency_timer_ms(device: str, timers: Path = LATENCY_TIMERS) -> int | None:
    """Return for how many milliseconds the adapter may hold an answer back, ``None`` where it has no such timer.

    FTDI's chips have one. With its usual 16 ms each of the many small answers of a PN532 comes 16 ms late.
    """
    try:
        return int((timers / Path(device).resolve().name / "latency_timer").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
