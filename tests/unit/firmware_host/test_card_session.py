"""A card session's states and its deadline, over the simulated reader and over an antenna made of a script."""

from collections.abc import Callable

import pytest

from appliance.firmware_host.card_session import CardSession
from appliance.firmware_host.iso_dep import NoAnswer
from appliance.firmware_host.nfcpy_reader import Pn532Reader
from appliance.firmware_host.simulator.card_options import CardOptions
from appliance.firmware_host.simulator.pn532 import SimulatedPn532
from verifier.sdk import CommandApdu
from verifier.sdk.errors import CardProtocolError, CardRemoved, DeadlineExceeded, ReaderGone

Echo = Callable[[int], CommandApdu]


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds


class ScriptedAntenna:
    """Answers RATS, then whatever ``answer`` says; each frame takes its whole timeout."""

    def __init__(self, clock: Clock, ats: bytes, answer: Callable[[bytes], bytes]) -> None:
        self.clock, self.ats, self.answer = clock, ats, answer
        self.divisors: list[int] = []
        self.sensed = 0

    def sense(self) -> bool:
        self.sensed += 1
        return True

    def is_alone(self) -> bool:
        return True

    def speaks_blocks(self) -> bool:
        return True

    def exchange(self, frame: bytes, timeout_s: float) -> bytes:
        self.clock.pause(timeout_s)
        return self.ats if frame[0] == 0xE0 else self.answer(frame)

    def set_divisor(self, divisor: int) -> None:
        self.divisors.append(divisor)

    def field_off(self) -> None: ...


def session(antenna: ScriptedAntenna) -> CardSession:
    return CardSession(antenna, clock=antenna.clock, pause=antenna.clock.pause)


SELECT = CommandApdu(0x00, 0xA4, 0x04, 0x0C, data=b"\xa0\x00")


def test_a_storm_of_waiting_time_ends_at_the_deadline() -> None:
    clock = Clock()
    card = session(ScriptedAntenna(clock, bytes.fromhex("0328E0"), lambda _: b"\xf2\x3b"))
    card.set_deadline(20)
    with pytest.raises(DeadlineExceeded):
        card.transmit(SELECT)
    assert clock.now == pytest.approx(120.0)


def test_without_a_deadline_of_its_own_a_session_ends_all_the_same() -> None:
    clock = Clock()
    card = session(ScriptedAntenna(clock, bytes.fromhex("0328E0"), lambda _: b"\xf2\x01"))
    with pytest.raises(DeadlineExceeded):
        card.transmit(SELECT)


def test_a_long_guard_time_does_not_outlast_the_deadline() -> None:
    clock = Clock()
    card = session(ScriptedAntenna(clock, bytes.fromhex("03284E"), lambda _: b"\x02\x90\x00"))
    card.set_deadline(1.0)
    with pytest.raises(DeadlineExceeded):
        card.transmit(SELECT)
    assert clock.now == pytest.approx(101.0)


def test_a_card_that_breaks_its_own_offer_is_activated_again_without_asking() -> None:
    clock = Clock()

    def answer(frame: bytes) -> bytes:
        if frame[0] & 0xF0 == 0xD0:
            raise NoAnswer
        return b"\x02\x90\x00"

    antenna = ScriptedAntenna(clock, bytes.fromhex("0578338002"), answer)
    assert session(antenna).transmit(SELECT).status == 0x9000
    assert (antenna.sensed, antenna.divisors) == (1, [])


def test_after_a_failure_at_high_speed_the_next_session_goes_slowly() -> None:
    clock = Clock()
    fast = True

    def answer(frame: bytes) -> bytes:
        if frame[0] == 0xD0:
            return b"\xd0"
        if fast:
            raise NoAnswer
        return b"\x02\x90\x00"

    antenna = ScriptedAntenna(clock, bytes.fromhex("0578338002"), answer)
    card = session(antenna)
    with pytest.raises(CardRemoved):
        card.transmit(SELECT)
    fast = False
    assert card.is_present()
    assert card.transmit(SELECT).status == 0x9000
    assert antenna.divisors == [4]


@pytest.mark.parametrize("answer", [b"\x02", b"\x02\x90"])
def test_an_answer_without_a_status_word_breaks_the_protocol(answer: bytes) -> None:
    antenna = ScriptedAntenna(Clock(), bytes.fromhex("0578808002"), lambda _: answer)
    with pytest.raises(CardProtocolError):
        session(antenna).transmit(SELECT)


def test_nothing_of_a_broken_session_reaches_the_card(
    reader: Pn532Reader, simulator: SimulatedPn532, echo_chip: object, echo: Echo
) -> None:
    simulator.field.place(echo_chip, remove_after_apdus=1)
    card = reader.wait_for_card(1)
    assert card is not None
    card.transmit(echo(1))
    with pytest.raises(CardRemoved):
        card.transmit(echo(1))
    simulator.field.place(echo_chip)
    with pytest.raises(CardRemoved, match="over"):
        card.transmit(echo(1))
    assert card.is_present()
    assert card.transmit(echo(1)).data == b"\x00"


def test_presence_is_known_before_the_first_command_and_after_the_last(
    reader: Pn532Reader, simulator: SimulatedPn532, echo_chip: object, echo: Echo
) -> None:
    simulator.field.place(echo_chip)
    card = reader.wait_for_card(1)
    assert card is not None
    assert card.is_present()
    card.transmit(echo(1))
    assert card.is_present()
    simulator.field.remove()
    assert not card.is_present()
    assert not card.is_present()
    card.release()
    card.release()
    with pytest.raises(CardRemoved):
        card.transmit(echo(1))


def test_presence_does_not_end_with_the_deadline(
    reader: Pn532Reader, simulator: SimulatedPn532, echo_chip: object, echo: Echo
) -> None:
    simulator.field.place(echo_chip)
    card = reader.wait_for_card(1)
    assert card is not None
    card.transmit(echo(1))
    card.set_deadline(0)
    with pytest.raises(DeadlineExceeded):
        card.transmit(echo(1))
    assert card.is_present()


def test_a_chip_that_hangs_is_given_up_at_the_deadline(
    reader: Pn532Reader, simulator: SimulatedPn532, echo_chip: object, echo: Echo
) -> None:
    simulator.field.place(echo_chip, CardOptions(delay_s=1.5, tb=0x70))
    card = reader.wait_for_card(1)
    assert card is not None
    card.set_deadline(0.3)
    with pytest.raises(DeadlineExceeded):
        card.transmit(echo(1))


def test_a_card_that_speaks_no_blocks_is_no_identity_card(reader: Pn532Reader, simulator: SimulatedPn532) -> None:
    class MemoryCard:
        atqa, uid, sak = b"\x00\x04", b"\x01\x02\x03\x04", 0x08

        def power_off(self) -> None: ...

        def answer(self, frame: bytes, divisor: int) -> bytes | None:
            return None

    simulator.field.place(MemoryCard())
    card = reader.wait_for_card(1)
    assert card is not None
    with pytest.raises(CardProtocolError, match="14443-4"):
        card.transmit(SELECT)
    assert card.is_present()


def test_a_card_outlives_its_reader_as_an_error_only(
    reader: Pn532Reader, simulator: SimulatedPn532, echo_chip: object, echo: Echo
) -> None:
    simulator.field.place(echo_chip)
    card = reader.wait_for_card(1)
    assert card is not None
    card.transmit(echo(1))
    reader.close()
    for use in (lambda: card.transmit(echo(1)), card.is_present, card.release):
        with pytest.raises((ReaderGone, CardRemoved)):
            use()


def test_a_card_outlives_an_unplugged_reader_as_an_error_only(
    reader: Pn532Reader, simulator: SimulatedPn532, echo_chip: object, echo: Echo
) -> None:
    simulator.field.place(echo_chip)
    card = reader.wait_for_card(1)
    assert card is not None
    simulator.unplug()
    reader.close()
    with pytest.raises(ReaderGone):
        card.is_present()
