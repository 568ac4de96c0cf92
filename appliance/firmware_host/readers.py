"""The reader that a configuration describes, of whichever kind."""

from collections.abc import Callable
from ipaddress import ip_address

from appliance.config.devices import ReaderConfig
from appliance.errors import ConfigError
from appliance.firmware_host.discovery import find_port
from appliance.firmware_host.link import ReaderFacts, TellsFacts
from appliance.firmware_host.reader import CardInField, Reader
from verifier.sdk.errors import ReaderGone

_LAST_PORT = 0xFFFF


def new_reader(config: ReaderConfig, *, name: str) -> Reader:
    """Return the reader, not open yet; ``name`` is how logs and the page call it.

    Raises ``ConfigError`` or ``InvalidInput`` for a place that cannot be one.
    """
    match config.kind:
        case "pn532-hsu" if config.device:
            return _pn532(config, name, config.device)
        case "pn532-hsu":
            return Pn532OnAdapter(lambda: find_port(config.usb), lambda device: _pn532(config, name, device), name=name)
        case "pcsc":
            from appliance.firmware_host.pcsc_reader import PcscCardReader  # noqa: PLC0415 – each kind loads its own

            return PcscCardReader(config.device, name=name)
        case "vpcd":
            from appliance.firmware_host.vpcd_reader import VpcdCardReader  # noqa: PLC0415 – each kind loads its own

            return VpcdCardReader(*_host_and_port(config.device), name=name)
        case _:
            msg = f"there is no kind of reader by the name of {config.kind}"
            raise ConfigError(msg)


def place_of(config: ReaderConfig) -> str:
    """Return where this reader is looked for, in a few words."""
    if config.kind == "pcsc":
        return f"PC/SC {config.device}" if config.device else "the first contactless PC/SC reader"
    if config.kind == "vpcd":
        return f"vpcd {config.device}"
    return config.device or f"USB adapter {config.usb}"


def _pn532(config: ReaderConfig, name: str, device: str) -> Reader:
    from appliance.firmware_host.nfcpy_reader import Pn532Reader  # noqa: PLC0415 – nfcpy looks for a compiler when loaded

    return Pn532Reader(device, name=name, patience_s=config.patience_seconds)


def _host_and_port(device: str) -> tuple[str, int]:
    host, _, port = device.rpartition(":")
    if not (host and port.isascii() and port.isdigit() and int(port) <= _LAST_PORT):
        msg = 'readers.device of a vpcd reader must be host:port, such as "127.0.0.1:35963"'
        raise ConfigError(msg)
    if not _is_loopback(host):
        msg = "readers.device of a vpcd reader must be on this machine's loopback, or anybody could be a card"
        raise ConfigError(msg)
    return host, int(port)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Pn532OnAdapter:
    """A PN532 behind a USB adapter, which is looked for at each opening: it may come back under another number.

    Args:
        find: returns the device file of the adapter, or raises ``ReaderError``.
        reader_at: makes the reader at a device file.
        name: how logs and the page call this reader.
    """

    def __init__(self, find: Callable[[], str], reader_at: Callable[[str], Reader], *, name: str) -> None:
        self._find = find
        self._reader_at = reader_at
        self._name = name
        self._reader: Reader | None = None

    @property
    def name(self) -> str:
        """How this reader is called."""
        return self._name

    def open(self) -> None:
        """Look for the adapter and open the reader behind it.

        Raises:
            ReaderGone: it is not plugged in, or no PN532 answers behind it.
            ReaderFault: several such adapters are, or another process has it open.
        """
        self.close()
        reader = self._reader_at(self._find())
        reader.open()
        self._reader = reader

    def wait_for_card(self, timeout_s: float) -> CardInField | None:
        """Return the card in the field, or ``None`` after ``timeout_s`` seconds. Raises ``ReaderError``."""
        return self._opened().wait_for_card(timeout_s)

    def facts(self) -> ReaderFacts:
        """Ask the PN532 what it is."""
        reader = self._opened()
        return reader.facts() if isinstance(reader, TellsFacts) else ReaderFacts(self._name)

    def close(self) -> None:
        """Let go of the reader; never raises."""
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()

    def _opened(self) -> Reader:
        if self._reader is None:
            msg = "the reader is not open"
            raise ReaderGone(msg)
        return self._reader
