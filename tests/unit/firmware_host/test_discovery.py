"""Serial readers are found by their USB adapters, and two of a kind are told apart or not guessed at."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from serial.tools.list_ports_common import ListPortInfo

from appliance.firmware_host.discovery import find_port, latency_timer_ms, serial_ports, socket_of
from verifier.sdk.errors import ReaderFault, ReaderGone

CH340, FTDI = (0x1A86, 0x7523), (0x0403, 0x6001)


def port(device: str, numbers: tuple[int, int] | None = None, serial_number: str | None = None) -> ListPortInfo:
    one = ListPortInfo(device)
    if numbers is not None:
        one.vid, one.pid = numbers
    one.serial_number, one.product = serial_number, "USB UART"
    return one


def ports(*plugged_in: ListPortInfo) -> Callable[[], Iterable[ListPortInfo]]:
    return lambda: plugged_in


BUILT_IN = port("/dev/ttyAMA0")


@pytest.mark.parametrize("usb", ["1a86:7523", "1A86:7523"])
def test_the_one_adapter_of_its_kind_is_found_by_vendor_and_product(usb: str) -> None:
    plugged_in = ports(BUILT_IN, port("/dev/ttyUSB3", CH340), port("/dev/ttyUSB0", FTDI, "A5"))
    assert find_port(usb, ports=plugged_in) == "/dev/ttyUSB3"


def test_two_of_a_kind_are_told_apart_by_their_serial_numbers() -> None:
    plugged_in = ports(port("/dev/ttyUSB0", FTDI, "A5XK3RJT"), port("/dev/ttyUSB1", FTDI, "B0:7"))
    assert find_port("0403:6001:a5xk3rjt", ports=plugged_in) == "/dev/ttyUSB0"
    assert find_port("0403:6001:B0:7", ports=plugged_in) == "/dev/ttyUSB1"


def test_two_of_a_kind_without_more_are_not_guessed_at_and_their_serial_numbers_told(tmp_path: Path) -> None:
    plugged_in = ports(port("/dev/ttyUSB0", FTDI, "A5"), port("/dev/ttyUSB1", FTDI, "B0"))
    with pytest.raises(ReaderFault, match='usb = "0403:6001:A5" or usb = "0403:6001:B0"'):
        find_port("0403:6001", ports=plugged_in, by_path=tmp_path)


def test_two_adapters_without_serial_numbers_are_told_apart_by_their_sockets(tmp_path: Path) -> None:
    devices = [tmp_path / "ttyUSB0", tmp_path / "ttyUSB1"]
    by_path = tmp_path / "by-path"
    by_path.mkdir()
    for number, device in enumerate(devices):
        device.touch()
        (by_path / f"usb-0:1.{number}:1.0-port0").symlink_to(f"../{device.name}")
    plugged_in = ports(*(port(str(device), CH340) for device in devices))
    with pytest.raises(ReaderFault) as caught:
        find_port("1a86:7523", ports=plugged_in, by_path=by_path)
    sockets = [socket_of(str(device), by_path) for device in devices]
    assert all(f'device = "{socket}"' in caught.value.sentence for socket in sockets)
    assert [Path(socket).name for socket in sockets] == ["usb-0:1.0:1.0-port0", "usb-0:1.1:1.0-port0"]


def test_two_adapters_of_one_serial_number_are_several_too(tmp_path: Path) -> None:
    plugged_in = ports(port("/dev/ttyUSB0", FTDI, "A5"), port("/dev/ttyUSB1", FTDI, "A5"))
    with pytest.raises(ReaderFault, match="2 USB adapters 0403:6001 are plugged in"):
        find_port("0403:6001:A5", ports=plugged_in, by_path=tmp_path)


def test_an_adapter_that_is_not_plugged_in_is_gone() -> None:
    with pytest.raises(ReaderGone, match="no USB adapter 1a86:7523"):
        find_port("1a86:7523", ports=ports(BUILT_IN))


def test_another_one_of_its_kind_is_not_taken_for_it() -> None:
    with pytest.raises(ReaderGone, match="serial number A5 is plugged in, only B0"):
        find_port("0403:6001:A5", ports=ports(port("/dev/ttyUSB0", FTDI, "B0")))


def test_serial_lines_are_listed_by_name_with_or_without_an_adapter() -> None:
    listed = serial_ports(ports(port("/dev/ttyUSB0", CH340), BUILT_IN))
    assert [(one.device, one.usb, one.serial_number) for one in listed] == [
        ("/dev/ttyAMA0", "", ""),
        ("/dev/ttyUSB0", "1a86:7523", ""),
    ]


def test_this_machine_can_be_asked_for_its_serial_lines() -> None:
    assert all(one.device.startswith("/dev/") for one in serial_ports())


def test_a_latency_timer_is_read_also_behind_a_link(tmp_path: Path) -> None:
    timers, device = tmp_path / "devices", tmp_path / "ttyUSB0"
    (timers / "ttyUSB0").mkdir(parents=True)
    (timers / "ttyUSB0" / "latency_timer").write_text("16\n")
    device.touch()
    (tmp_path / "reader").symlink_to(device)
    assert latency_timer_ms(str(device), timers) == latency_timer_ms(str(tmp_path / "reader"), timers) == 16
    assert latency_timer_ms(str(tmp_path / "ttyAMA0"), timers) is None
