"""From a configuration to a reader: each kind, and a PN532 that comes back under another number."""

from collections.abc import Callable

import pytest

from appliance.config.devices import ReaderConfig
from appliance.errors import ConfigError
from appliance.firmware_host.link import TellsFacts
from appliance.firmware_host.nfcpy_reader import Pn532Reader
from appliance.firmware_host.pcsc_reader import PcscCardReader
from appliance.firmware_host.readers import Pn532OnAdapter, new_reader, place_of
from appliance.firmware_host.simulator.pn532 import SimulatedPn532
from appliance.firmware_host.vpcd_reader import VpcdCardReader
from verifier.sdk import CommandApdu
from verifier.sdk.errors import InvalidInput, ReaderFault, ReaderGone

Echo = Callable[[int], CommandApdu]

PN532 = ReaderConfig("/dev/ttyUSB0")
ON_ADAPTER = ReaderConfig(usb="1a86:7523")
PCSC = ReaderConfig("ACR1252", "pcsc")
ANY_PCSC = ReaderConfig(kind="pcsc")
VPCD = ReaderConfig("127.0.0.1:0", "vpcd")


@pytest.mark.parametrize(
    ("config", "kind", "place"),
    [
        (PN532, Pn532Reader, "/dev/ttyUSB0"),
        (ON_ADAPTER, Pn532OnAdapter, "USB adapter 1a86:7523"),
        (PCSC, PcscCardReader, "PC/SC ACR1252"),
        (ANY_PCSC, PcscCardReader, "the first contactless PC/SC reader"),
        (VPCD, VpcdCardReader, "vpcd 127.0.0.1:0"),
    ],
    ids=repr,
)
def test_each_kind_of_reader_has_its_name_and_its_place(config: ReaderConfig, kind: type, place: str) -> None:
    reader = new_reader(config, name="cửa trước")
    assert isinstance(reader, kind)
    assert isinstance(reader, TellsFacts)
    assert (reader.name, place_of(config)) == ("cửa trước", place)


@pytest.mark.parametrize("config", [PN532, ON_ADAPTER, PCSC, VPCD], ids=repr)
def test_a_reader_that_is_not_open_is_gone_and_may_be_closed(config: ReaderConfig) -> None:
    reader = new_reader(config, name="1")
    reader.close()
    with pytest.raises(ReaderGone, match="not open"):
        reader.wait_for_card(0)


@pytest.mark.parametrize(
    "device",
    [
        "127.0.0.1",
        "127.0.0.1:",
        ":35963",
        "127.0.0.1:70000",
        "127.0.0.1:x",
        "0.0.0.0:35963",
        "192.0.2.1:35963",
        "host:1",
    ],
)
def test_virtual_cards_come_from_this_machine_only(device: str) -> None:
    with pytest.raises(ConfigError, match=r"readers\.device"):
        new_reader(ReaderConfig(device, "vpcd"), name="1")


def test_a_device_that_a_shell_could_misread_is_refused() -> None:
    with pytest.raises(InvalidInput):
        new_reader(ReaderConfig("/dev/tty; reboot"), name="1")


def test_a_pn532_is_looked_for_again_at_each_opening(echo_chip: object, echo: Echo) -> None:
    plugged_in: list[SimulatedPn532] = []

    def find() -> str:
        if not plugged_in:
            msg = "no USB adapter 1a86:7523 is plugged in"
            raise ReaderGone(msg)
        return plugged_in[-1].path

    reader = Pn532OnAdapter(find, lambda device: Pn532Reader(device, patience_s=3.0), name="1")
    with pytest.raises(ReaderGone, match="1a86:7523"):
        reader.open()
    for _ in range(2):  # another path each time, as ttyUSB0 becomes ttyUSB1
        with SimulatedPn532() as simulator:
            plugged_in.append(simulator)
            simulator.field.place(echo_chip)
            reader.open()
            card = reader.wait_for_card(1)
            assert card is not None
            assert card.transmit(echo(4)).data == echo(4).data
            assert reader.facts().device_file == simulator.path
            simulator.unplug()
            with pytest.raises(ReaderGone, match="unplugged"):
                reader.wait_for_card(0)
            reader.close()


def test_a_pn532_says_what_it_is_and_how_fast_its_line_is(reader: Pn532Reader, simulator: SimulatedPn532) -> None:
    facts = reader.facts()
    assert (facts.description, facts.device_file, facts.line_bit_s) == ("PN532 version 1.6", simulator.path, 921_600)
    assert facts.round_trip_s is not None
    simulator.unplug()
    with pytest.raises(ReaderGone):
        reader.facts()


def test_two_adapters_of_a_kind_keep_the_reader_closed() -> None:
    def find() -> str:
        msg = "2 USB adapters 1a86:7523 are plugged in"
        raise ReaderFault(msg)

    reader = Pn532OnAdapter(find, Pn532Reader, name="1")
    with pytest.raises(ReaderFault):
        reader.open()
    with pytest.raises(ReaderGone, match="not open"):
        reader.facts()
