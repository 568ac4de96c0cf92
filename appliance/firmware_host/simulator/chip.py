"""The PN532 itself: what it does with the commands that a reader driver gives it (UM0701-02, 7)."""

from collections.abc import Callable

from appliance.firmware_host.simulator.field import Field, Garbled, TypeACard
from appliance.firmware_host.simulator.link_model import FIELD_ON_S
from appliance.firmware_host.simulator.link_time import Part

FIRMWARE = bytes.fromhex("32010607")
"""PN532, version 1.6, all of type A, type B and NFCIP-1."""
BAUD_RATES = (9600, 19200, 38400, 57600, 115_200, 230_400, 460_800, 921_600, 1_288_000)
POWER_ON_BAUD = 115_200

_GREATEST_TARGETS = 2
"""What InListPassiveTarget finds at most (7.3.5)."""
_DEFAULT_TIMEOUT_S = 0.051_2
"""For an answer to InCommunicateThru, as long as nobody sets another one (7.3.1)."""
_TIMED_OUT, _CRC_ERROR, _BAD_PARAMETER, _NO_TARGET = b"\x01", b"\x02", b"\x10", b"\x00"
_REQA = 0x26
_CIU_FIFO_DATA, _CIU_TX_MODE, _CIU_RX_MODE = 0x6339, 0x6302, 0x6303


class UnknownCommand(Exception):
    """The chip answers with its error frame."""


class Chip:
    """Registers, antenna and settings of a PN532 with one field."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self.baud = POWER_ON_BAUD
        self.commands = 0
        """Commands carried out since power on."""
        self.next_baud: int | None = None
        self._registers: dict[int, int] = {}
        self._antenna_is_on = False
        self._timeout_s = _DEFAULT_TIMEOUT_S
        self._card: TypeACard | None = None
        self._table: dict[int, Callable[[bytes], bytes]] = {
            0x00: self._diagnose,
            0x02: lambda _: FIRMWARE,
            0x06: self._read_register,
            0x08: self._write_register,
            0x10: self._set_baud,
            0x12: lambda _: b"",
            0x14: lambda _: b"",
            0x16: self._power_down,
            0x32: self._configure,
            0x42: self._communicate,
            0x4A: self._list_passive_target,
        }

    def execute(self, code: int, parameters: bytes) -> bytes:
        """Carry out a command and return the content of its answer; raise ``UnknownCommand``."""
        self.commands += 1
        action = self._table.get(code)
        if action is None:
            raise UnknownCommand
        return action(parameters)

    def on_ack(self) -> None:
        """The host acknowledged: a change of line speed takes effect now."""
        if self.next_baud is not None:
            self.baud, self.next_baud = self.next_baud, None

    # --- itself -------------------------------------------------------------------------------------------------------

    def _diagnose(self, parameters: bytes) -> bytes:
        if parameters[:1] == b"\x00":
            return parameters  # communication line test: echo
        if parameters[:1] in (b"\x01", b"\x02"):
            return b"\x00"  # ROM, RAM: good
        raise UnknownCommand

    def _read_register(self, parameters: bytes) -> bytes:
        addresses = [int.from_bytes(parameters[at : at + 2]) for at in range(0, len(parameters), 2)]
        return bytes(self._registers.get(address, 0) for address in addresses)

    def _write_register(self, parameters: bytes) -> bytes:
        for at in range(0, len(parameters) - 2, 3):
            self._registers[int.from_bytes(parameters[at : at + 2])] = parameters[at + 2]
        return b""

    def _set_baud(self, parameters: bytes) -> bytes:
        if len(parameters) != 1 or parameters[0] >= len(BAUD_RATES):
            raise UnknownCommand
        self.next_baud = BAUD_RATES[parameters[0]]
        return b""

    def _power_down(self, _: bytes) -> bytes:
        self._switch_antenna(on=False)
        return b"\x00"

    # --- the antenna --------------------------------------------------------------------------------------------------

    def _switch_antenna(self, *, on: bool) -> None:
        if self._antenna_is_on and not on:
            self.field.power_off()
            self._card = None
        if on and not self._antenna_is_on:
            self._pass_time(FIELD_ON_S)
        self._antenna_is_on = on

    def _pass_time(self, seconds: float) -> None:
        if self.field.link is not None:
            self.field.time.spend(Part.AIR, seconds)

    def _configure(self, parameters: bytes) -> bytes:
        if parameters[:1] == b"\x01":
            self._switch_antenna(on=bool(parameters[1] & 1))
        if parameters[:1] == b"\x02" and len(parameters) == 4 and 0 < parameters[3] <= 16:
            self._timeout_s = 0.000_1 * (1 << parameters[3] - 1)
        return b""

    def _list_passive_target(self, parameters: bytes) -> bytes:
        if len(parameters) < 2 or parameters[1] != 0 or not 0 < parameters[0] <= _GREATEST_TARGETS:
            return _NO_TARGET  # nothing but type A at 106 kbit/s ever lies here
        self._switch_antenna(on=True)
        self._registers[_CIU_TX_MODE], self._registers[_CIU_RX_MODE] = 0x80, 0x80  # 106 kbit/s, type A, with CRC
        cards = self.field.select(at_most=parameters[0])
        self._card = cards[0] if cards else None
        if not cards:
            self._registers[_CIU_FIFO_DATA] = _REQA  # still there: nobody answered
            return _NO_TARGET
        self._registers[_CIU_FIFO_DATA] = 0
        targets = [
            bytes([number]) + card.atqa + bytes([card.sak, len(card.uid)]) + card.uid
            for number, card in enumerate(cards, start=1)
        ]
        return bytes([len(targets)]) + b"".join(targets)

    def _communicate(self, frame: bytes) -> bytes:
        """InCommunicateThru: a status byte, then the card's frame."""
        if not self._antenna_is_on or not frame:
            return _TIMED_OUT if frame else _BAD_PARAMETER
        send, receive = (self._registers.get(register, 0) >> 4 & 0x07 for register in (_CIU_TX_MODE, _CIU_RX_MODE))
        card = self._card
        try:
            # a card that came later was never selected
            answer = self.field.exchange(card, frame, 1 << send) if card is not None and send == receive else None
        except Garbled:
            return _CRC_ERROR
        if answer is None:
            self._pass_time(self._timeout_s)
            return _TIMED_OUT
        return b"\x00" + answer
