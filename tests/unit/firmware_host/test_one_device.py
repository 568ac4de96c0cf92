"""Two names of one device are found out on the machine that has them, before any door opens it."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from serial.tools.list_ports_common import ListPortInfo

from appliance.config import Config
from appliance.config.devices import KeypadConfig, ReaderConfig, ScannerConfig
from appliance.errors import ConfigError
from appliance.firmware_host.one_device import require_devices_of_their_own


@pytest.fixture
def links(tmp_path: Path) -> tuple[str, str, str]:
    """A device, and two links to it that udev could have made."""
    device, by_id, by_path = (tmp_path / name for name in ("ttyUSB0", "usb-1a86_A5", "pci-0:1"))
    device.touch()
    by_id.symlink_to(device)
    by_path.symlink_to(by_id)
    return str(device), str(by_id), str(by_path)


def adapter_at(device: str) -> Callable[[], Iterable[ListPortInfo]]:
    port = ListPortInfo(device)
    port.vid, port.pid = 0x1A86, 0x7523
    return lambda: (port,)


def doors(first: ReaderConfig, second: ReaderConfig) -> tuple[ReaderConfig, ...]:
    return Config(Path("/x"), Path("/x"), readers=(first, second)).doors


def test_two_doors_at_two_links_to_one_device_are_refused_and_both_links_told(links: tuple[str, str, str]) -> None:
    device, by_id, by_path = links
    with pytest.raises(ConfigError) as refused:
        require_devices_of_their_own(doors(ReaderConfig(by_id), ReaderConfig(by_path, name="cua-sau")))
    assert refused.value.sentence == (
        f"the reader of door 1 and the reader of door cua-sau share one device: {by_id} and {by_path} are both {device}"
    )


@pytest.mark.parametrize("other", [{"scanner": ScannerConfig}, {"keypad": KeypadConfig}])
def test_a_reader_and_what_another_door_has_are_refused(links: tuple[str, str, str], other: dict[str, type]) -> None:
    (what, kind), (device, by_id, _) = *other.items(), links
    second = ReaderConfig("/dev/not-there", **{what: kind(by_id)})
    with pytest.raises(ConfigError, match=f"the reader of door 1 and the {what} of door 2 share one device"):
        require_devices_of_their_own(doors(ReaderConfig(device), second))


def test_an_adapter_that_is_another_doors_device_file_is_refused(links: tuple[str, str, str]) -> None:
    device, _, by_path = links
    both = doors(ReaderConfig(usb="1a86:7523"), ReaderConfig(by_path))
    with pytest.raises(ConfigError, match="share one device"):
        require_devices_of_their_own(both, ports=adapter_at(device))


def test_devices_that_are_not_plugged_in_are_nobodys(tmp_path: Path) -> None:
    gone = [tmp_path / "a", tmp_path / "b"]
    for link in gone:
        link.symlink_to(tmp_path / f"{link.name}-not-there")
    both = doors(ReaderConfig(str(gone[0]), scanner=ScannerConfig(str(gone[1]))), ReaderConfig(usb="1a86:7523"))
    require_devices_of_their_own(both, ports=lambda: ())


def test_readers_that_hang_on_no_device_file_may_be_several() -> None:
    require_devices_of_their_own(
        doors(ReaderConfig("First", kind="pcsc"), ReaderConfig("127.0.0.1:1", kind="vpcd")), ports=lambda: ()
    )
