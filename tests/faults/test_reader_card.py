"""Cards pulled away at every block, cards that answer anything, garbled air: typed errors, then the next card."""

from collections.abc import Callable, Iterator

import pytest

from appliance.firmware_host.nfcpy_reader import Pn532Reader
from appliance.firmware_host.reader import CardInField
from appliance.firmware_host.simulator.card_options import CardOptions
from appliance.firmware_host.simulator.field import Garbled
from appliance.firmware_host.simulator.pn532 import SimulatedPn532
from verifier.sdk import CommandApdu
from verifier.sdk.errors import CardError, CardProtocolError, CardRemoved, DeadlineExceeded

COMMANDS = [CommandApdu(0, 0xEE, 0, 0, data=bytes(size), le=65_536) for size in (5, 300, 0, 40)]
OPTIONS = CardOptions(tb=0xC0, extra_waits=1, chain_size=90)


class EchoChip:
    def process(self, command: bytes) -> bytes:
        return CommandApdu.decode(command).data + b"\x90\x00"


class RawCard:
    """A card that answers each frame as told."""

    atqa, uid, sak = b"\x00\x08", b"\x08\x01\x02\x03", 0x20

    def __init__(self, answer: Callable[[bytes], bytes | None]) -> None:
        self._answer = answer

    def power_off(self) -> None: ...

    def answer(self, frame: bytes, divisor: int) -> bytes | None:
        return self._answer(frame)


@pytest.fixture(scope="module")
def simulator() -> Iterator[SimulatedPn532]:
    with SimulatedPn532() as simulated:
        yield simulated


@pytest.fixture(scope="module")
def reader(simulator: SimulatedPn532) -> Iterator[Pn532Reader]:
    opened = Pn532Reader(simulator.path, patience_s=3.0)
    opened.open()
    yield opened
    opened.close()


def found(reader: Pn532Reader) -> CardInField:
    card = reader.wait_for_card(5)
    assert card is not None
    card.set_deadline(60)
    return card


def converse(reader: Pn532Reader) -> int:
    card = found(reader)
    for command in COMMANDS:
        assert card.transmit(command).data == command.data
    card.release()
    return card.statistics.frames


def serves_the_next_card(reader: Pn532Reader, simulator: SimulatedPn532) -> bool:
    simulator.field.place(EchoChip())
    return converse(reader) > 0


def test_a_card_pulled_at_every_block_is_removed(reader: Pn532Reader, simulator: SimulatedPn532) -> None:
    simulator.field.place(EchoChip(), OPTIONS)
    frames = converse(reader)
    for index in range(frames - 1):  # the last one is the goodbye
        simulator.field.place(EchoChip(), OPTIONS, remove_after_frames=index)
        with pytest.raises(CardRemoved):
            converse(reader)
        assert serves_the_next_card(reader, simulator)


def test_a_card_pulled_at_every_apdu_is_removed(reader: Pn532Reader, simulator: SimulatedPn532) -> None:
    for index in range(len(COMMANDS)):
        simulator.field.place(EchoChip(), remove_after_apdus=index)
        card = found(reader)
        for command in COMMANDS[:index]:
            card.transmit(command)
        with pytest.raises(CardRemoved):
            card.transmit(COMMANDS[index])
        assert not card.is_present()
        assert serves_the_next_card(reader, simulator)


def test_a_frame_garbled_anywhere_is_mended(reader: Pn532Reader, simulator: SimulatedPn532) -> None:
    simulator.field.place(EchoChip(), CardOptions(tb=0xC0, chain_size=90))
    frames = converse(reader)
    for number in range(2, frames - 1):  # a garbled ATS or PPS cannot be asked for again

        def air(index: int, frame: bytes, number: int = number) -> bytes:
            if index == number:
                raise Garbled
            return frame

        simulator.field.place(EchoChip(), CardOptions(tb=0xC0, chain_size=90), air=air)
        assert converse(reader) == frames + 1


def test_air_that_garbles_everything_is_a_broken_protocol(reader: Pn532Reader, simulator: SimulatedPn532) -> None:
    def air(index: int, frame: bytes) -> bytes:
        raise Garbled

    simulator.field.place(EchoChip(), air=air)
    with pytest.raises(CardError):
        converse(reader)
    assert serves_the_next_card(reader, simulator)


@pytest.mark.parametrize("ats", ["00", "02", "0578", "FF7833", "78"])
def test_a_malformed_ats_is_a_broken_protocol(reader: Pn532Reader, simulator: SimulatedPn532, ats: str) -> None:
    simulator.field.place(EchoChip(), CardOptions(ats=bytes.fromhex(ats)))
    with pytest.raises(CardProtocolError):
        converse(reader)
    assert serves_the_next_card(reader, simulator)


@pytest.mark.parametrize(
    "block", ["FF", "00", "E2", "C2", "B2", "A2", "A3", "03", "0A00", "06000000", "F200", "F23F", "F2"]
)
def test_a_malformed_block_is_a_broken_protocol(reader: Pn532Reader, simulator: SimulatedPn532, block: str) -> None:
    ats, answer = bytes.fromhex("0578808002"), bytes.fromhex(block)
    simulator.field.place(RawCard(lambda frame: ats if frame[0] == 0xE0 else answer))
    card = found(reader)
    with pytest.raises(CardProtocolError):
        card.transmit(COMMANDS[0])
    assert card.is_present() in (True, False)
    assert serves_the_next_card(reader, simulator)


def test_an_empty_block_is_no_answer_of_a_card(reader: Pn532Reader, simulator: SimulatedPn532) -> None:
    simulator.field.place(RawCard(lambda frame: b"\x01" if frame[0] == 0xE0 else b""))
    with pytest.raises(CardProtocolError):
        found(reader).transmit(COMMANDS[0])


def test_a_storm_of_waiting_time_requests_ends_at_the_deadline(reader: Pn532Reader, simulator: SimulatedPn532) -> None:
    simulator.field.place(RawCard(lambda frame: b"\x03\x28\x80" if frame[0] == 0xE0 else b"\xf2\x01"))
    card = found(reader)
    card.set_deadline(0.3)
    with pytest.raises(DeadlineExceeded):
        card.transmit(COMMANDS[0])
    assert serves_the_next_card(reader, simulator)


def test_an_endless_chain_is_cut_off(reader: Pn532Reader, simulator: SimulatedPn532) -> None:
    def endless(frame: bytes) -> bytes:
        if frame[0] == 0xE0:
            return b"\x05\x78\x80\x80\x02"
        return bytes([0x12 | frame[0] & 1]) + bytes(253)

    simulator.field.place(RawCard(endless))
    with pytest.raises(CardProtocolError, match="70000"):
        found(reader).transmit(COMMANDS[0])
    assert serves_the_next_card(reader, simulator)


def test_an_endless_chain_of_nothing_ends_at_the_deadline(reader: Pn532Reader, simulator: SimulatedPn532) -> None:
    simulator.field.place(
        RawCard(lambda frame: b"\x05\x78\x80\x80\x02" if frame[0] == 0xE0 else bytes([0x12 | frame[0] & 1]))
    )
    card = found(reader)
    card.set_deadline(0.3)
    with pytest.raises(DeadlineExceeded):
        card.transmit(COMMANDS[0])


def test_a_chip_that_breaks_down_falls_silent(reader: Pn532Reader, simulator: SimulatedPn532) -> None:
    class BrokenChip:
        def process(self, command: bytes) -> bytes:
            msg = "no such file"
            raise KeyError(msg)

    simulator.field.place(BrokenChip())
    with pytest.raises(CardRemoved):
        found(reader).transmit(COMMANDS[0])
    assert serves_the_next_card(reader, simulator)


@pytest.mark.parametrize("error", [CardRemoved, CardProtocolError])
def test_a_chip_may_leave_or_break_the_protocol(
    reader: Pn532Reader, simulator: SimulatedPn532, error: type[CardError]
) -> None:
    class LeavingChip:
        def process(self, command: bytes) -> bytes:
            msg = "on purpose"
            raise error(msg)

    simulator.field.place(LeavingChip())
    with pytest.raises(error):
        found(reader).transmit(COMMANDS[0])
    assert simulator.field.is_occupied == (error is CardProtocolError)


def test_a_card_that_is_exchanged_during_a_session_is_not_talked_to(
    reader: Pn532Reader, simulator: SimulatedPn532
) -> None:
    simulator.field.place(EchoChip())
    card = found(reader)
    card.transmit(COMMANDS[0])
    simulator.field.place(EchoChip())
    with pytest.raises(CardRemoved):
        card.transmit(COMMANDS[0])
    assert serves_the_next_card(reader, simulator)
