"""What is plugged into this machine, and where the readers of a configuration are among it. Opens no reader."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from appliance.config.devices import ReaderConfig
from appliance.firmware_host.discovery import find_port, latency_timer_ms, serial_ports, socket_of
from appliance.firmware_host.pcsc_names import SlotKind, choose, kind_of
from appliance.firmware_host.readers import place_of
from verifier.sdk.errors import ReaderError
from verifier.sdk.readers import PcscReader, pcsc_reader_names

_SLOTS = {
    SlotKind.CONTACTLESS: "contactless",
    SlotKind.UNKNOWN: "does not say what it is for",
    SlotKind.CONTACT: "for cards with contacts; used only where it is named",
    SlotKind.SECURITY_MODULE: "for a security module; never used",
}


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that is plugged in, or that should be."""

    name: str
    about: str
    is_found: bool = True


def serial_ports_found() -> list[Found]:
    """Return the serial lines of this machine."""
    found = []
    for port in serial_ports():
        timer, socket = latency_timer_ms(port.device), socket_of(port.device)
        about = [
            f"USB adapter {port.usb}" if port.usb else "built in",
            port.product,
            f"serial number {port.serial_number}" if port.serial_number else "no serial number" if port.usb else "",
            socket,
            "" if timer is None else f"latency_timer {timer} ms",
        ]
        found.append(Found(port.device, ", ".join(filter(None, about))))
    return found


def pcsc_readers_found() -> list[Found]:
    """Return the PC/SC readers; raise ``ReaderUnavailable`` where pyscard or the service is missing."""
    return [Found(name, f"{_SLOTS[kind_of(name)]}; {_holds(name)}") for name in pcsc_reader_names()]


def _holds(name: str) -> str:
    try:
        with_card = PcscReader(name)
        with_card.open()
        try:
            return "a card is in it" if with_card.has_card() else "no card is in it"
        finally:
            with_card.close()
    except ReaderError as error:
        return error.sentence


def configured_readers(doors: Iterable[ReaderConfig]) -> list[Found]:
    """Return where the reader of each door of a configuration is now."""
    return [_configured(door) for door in doors]


def _configured(config: ReaderConfig) -> Found:
    title = f"{config.name}: {place_of(config)}"
    try:
        match config.kind:
            case "pcsc":
                return Found(title, f"is {choose(pcsc_reader_names(), config.device)}")
            case "pn532-hsu" if not config.device:
                return Found(title, f"is at {find_port(config.usb)}")
            case "pn532-hsu":
                return _at_device_file(title, config.device)
            case _:
                return Found(title, "virtual cards connect to it while the station runs")
    except ReaderError as error:
        return Found(title, error.sentence, is_found=False)


def _at_device_file(title: str, device: str) -> Found:
    is_there = Path(device).exists()
    return Found(title, "is there" if is_there else "is not there", is_there)
