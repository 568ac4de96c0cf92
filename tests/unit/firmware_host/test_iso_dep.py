"""The block protocol against scripts; the scenarios are those of ISO/IEC 14443-4, annex B."""

from collections.abc import Iterable

import pytest

from appliance.firmware_host.ats import frame_waiting_time
from appliance.firmware_host.iso_dep import FrameExchange, IsoDep, NoAnswer, UnreadableAnswer
from verifier.sdk.errors import CardProtocolError, CardRemoved

LOST, GARBLED = "lost", "garbled"
ATS_32 = "0572 338002"
"""FSC 32: 29 payload bytes a block."""


class Script:
    """Pairs of what the reader must send and what comes back."""

    def __init__(self, text: str) -> None:
        self.steps = [line.split("|") for line in text.strip().splitlines()]
        self.timeouts: list[float] = []

    def exchange(self, frame: bytes, timeout_s: float) -> bytes:
        expected, answer = (part.strip() for part in self.steps.pop(0))
        assert frame.hex() == expected.lower().replace(" ", "")
        self.timeouts.append(timeout_s)
        if answer == LOST:
            raise NoAnswer
        if answer == GARBLED:
            raise UnreadableAnswer
        return bytes.fromhex(answer)


def activated(exchange: FrameExchange, cid: int = 0) -> IsoDep:
    protocol = IsoDep(exchange, pause=lambda _: None, cid=cid)
    protocol.activate()
    return protocol


def play(conversation: str, commands: Iterable[str], ats: str = ATS_32) -> tuple[list[str], Script]:
    script = Script(f"E080 | {ats}\n{conversation.strip()}")
    protocol = activated(script.exchange)
    answers = [protocol.transceive(bytes.fromhex(command)).hex() for command in commands]
    assert not script.steps, "the reader stopped early"
    return answers, script


def test_block_numbers_alternate_from_zero() -> None:
    answers, _ = play("02 AA | 02 01 \n 03 BB | 03 02 \n 02 CC | 02 03", ["AA", "BB", "CC"])
    assert answers == ["01", "02", "03"]


def test_a_waiting_time_extension_is_granted_for_one_frame_only() -> None:
    _, script = play("02 AA | F2 0A \n F2 0A | F2 01 \n F2 01 | 02 01 \n 03 BB | 03 02", ["AA", "BB"])
    waiting = frame_waiting_time(8)
    margin = script.timeouts[1] - waiting
    assert script.timeouts[2:] == pytest.approx([10 * waiting + margin, waiting + margin, waiting + margin])


def test_an_extension_is_never_longer_than_the_standard_allows() -> None:
    _, script = play("02 AA | F2 3B \n F2 3B | 02 01", ["AA"], ats="0328E0")
    assert script.timeouts[2] < 5.0


def test_power_level_bits_of_an_extension_are_not_sent_back() -> None:
    play("02 AA | F2 C5 \n F2 05 | 02 01", ["AA"])


def test_the_reader_chains_and_the_card_chains() -> None:
    answers, _ = play(
        f"""12 {"AA" * 29} | A2
            13 {"AA" * 29} | A3
            02 AA         | 12 01
            A3            | 13 02
            A2            | 02 03""",
        ["AA" * 59],
    )
    assert answers == ["010203"]


def test_extensions_are_granted_inside_both_chains() -> None:
    answers, _ = play(
        f"""12 {"AA" * 29} | F2 01
            F2 01         | A2
            03 AA         | F2 02
            F2 02         | 13 01
            A2            | F2 03
            F2 03         | 02 02""",
        ["AA" * 30],
    )
    assert answers == ["0102"]


@pytest.mark.parametrize("loss", [LOST, GARBLED, "FF", "B2", "03 01", "08"])
def test_a_lost_answer_is_asked_for_again(loss: str) -> None:
    assert play(f"02 AA | {loss} \n B2 | 02 01", ["AA"])[0] == ["01"]


def test_a_lost_command_is_sent_again_when_the_card_says_that_it_never_came() -> None:
    answers, _ = play("02 AA | 02 01 \n 03 BB | lost \n B3 | A2 \n 03 BB | 03 02", ["AA", "BB"])
    assert answers == ["01", "02"]


def test_a_command_may_get_lost_twice() -> None:
    assert play("02 AA | lost \n B2 | A3 \n 02 AA | lost \n B2 | A3 \n 02 AA | 02 01", ["AA"])[0] == ["01"]


def test_a_lost_piece_of_a_chained_answer_is_acknowledged_again() -> None:
    assert play("02 AA | 12 01 \n A3 | garbled \n A3 | lost \n A3 | 03 02", ["AA"])[0] == ["0102"]


def test_a_lost_extension_request_is_asked_for_again() -> None:
    assert play("02 AA | garbled \n B2 | F2 01 \n F2 01 | lost \n B2 | F2 01 \n F2 01 | 02 01", ["AA"])[0] == ["01"]


def test_a_silent_card_is_gone_after_two_retries() -> None:
    with pytest.raises(CardRemoved):
        play("02 AA | lost \n B2 | lost \n B2 | lost", ["AA"])


def test_an_unreadable_card_broke_the_protocol_after_two_retries() -> None:
    with pytest.raises(CardProtocolError):
        play("02 AA | garbled \n B2 | 03 01 \n B2 | garbled", ["AA"])


@pytest.mark.parametrize("multiplier", ["00", "3C", "3F"])
def test_a_reserved_multiplier_is_a_broken_rule(multiplier: str) -> None:
    asks = f"F2 {multiplier}"
    with pytest.raises(CardProtocolError):
        play(f"02 AA | {asks} \n B2 | {asks} \n B2 | {asks}", ["AA"])


def test_a_card_that_never_gets_the_block_is_given_up() -> None:
    conversation = "02 AA | A3 \n 02 AA | A3 \n 02 AA | A3"
    with pytest.raises(CardProtocolError):
        play(conversation, ["AA"])


def test_an_answer_without_an_end_is_cut_off() -> None:
    sent = []

    def endless(frame: bytes, _: float) -> bytes:
        sent.append(frame)
        if frame[0] == 0xE0:
            return bytes.fromhex("0578338002")
        return bytes([0x12 | len(sent) & 1]) + bytes(253)

    with pytest.raises(CardProtocolError, match="70000"):
        activated(endless).transceive(b"\x00")
    assert len(sent) < 300


def test_no_block_is_longer_than_card_and_reader_take() -> None:
    for ats, longest in (("0570338002", 14), ("01", 30), ("0578338002", 254), ("0C7C 338002 00000000000000", 254)):
        lengths = []

        def card(frame: bytes, _: float, ats: str = ats, lengths: list[int] = lengths) -> bytes:
            if frame[0] == 0xE0:
                return bytes.fromhex(ats)
            lengths.append(len(frame))
            return bytes([0xA2 | frame[0] & 1]) if frame[0] & 0x10 else bytes([0x02 | frame[0] & 1, 0x90, 0x00])

        activated(card).transceive(bytes(1000))
        assert max(lengths) == longest


def test_a_card_identifier_is_carried_by_each_block() -> None:
    script = Script("E085 | 0578338002 \n 0A05AA | 0A0501 \n 0B05BB | FA0501 \n FA0501 | 0B0502 \n CA05 | CA05")
    protocol = activated(script.exchange, cid=5)
    assert protocol.transceive(b"\xaa") == b"\x01"
    assert protocol.transceive(b"\xbb") == b"\x02"
    assert protocol.deselect()


def test_a_card_without_identifiers_gets_none() -> None:
    script = Script("E085 | 0578338000 \n 02AA | 0201")
    assert activated(script.exchange, cid=5).transceive(b"\xaa") == b"\x01"


@pytest.mark.parametrize("answer", ["0A0601", "0201", "0E050001"])
def test_a_block_for_another_identifier_or_with_a_node_address_is_not_ours(answer: str) -> None:
    script = Script(f"E085 | 0578338002 \n 0A05AA | {answer} \n BA05 | 0A0507")
    assert activated(script.exchange, cid=5).transceive(b"\xaa") == b"\x07"


def test_presence_is_asked_without_disturbing_the_conversation() -> None:
    script = Script("E080 | 0578338002 \n B2 | A3 \n 02AA | 0201 \n B3 | lost \n B3 | A2 \n 03BB | 0302")
    protocol = activated(script.exchange)
    assert protocol.is_present()
    assert protocol.transceive(b"\xaa") == b"\x01"
    assert protocol.is_present()
    assert protocol.transceive(b"\xbb") == b"\x02"


def test_a_card_that_left_is_not_present() -> None:
    assert not activated(Script("E080 | 01 \n B2 | lost \n B2 | lost \n B2 | lost").exchange).is_present()


def test_deselection_is_tried_twice() -> None:
    assert not activated(Script("E080 | 01 \n C2 | lost \n C2 | garbled").exchange).deselect()


def test_a_rate_is_agreed_before_the_first_block() -> None:
    script = Script("E080 | 0578338002 \n D0110A | D0")
    assert activated(script.exchange).negotiate_divisor(4) == 4


def test_a_card_that_offers_no_rate_is_not_asked() -> None:
    assert activated(Script("E080 | 0578808002").exchange).negotiate_divisor(4) == 1


@pytest.mark.parametrize(("answer", "error"), [("D1", CardProtocolError), ("D000", CardProtocolError)])
def test_a_wrong_agreement_is_refused(answer: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        activated(Script(f"E080 | 0578338002 \n D0110A | {answer}").exchange).negotiate_divisor(4)


def test_the_guard_time_is_kept_before_the_first_block() -> None:
    pauses: list[float] = []
    protocol = IsoDep(Script("E080 | 0578338802").exchange, pause=pauses.append)
    protocol.activate()
    assert pauses == [pytest.approx(0.0773, abs=0.0001)]


def test_rats_is_repeated_when_its_answer_is_lost() -> None:
    script = Script("E080 | garbled \n E080 | lost \n E080 | 01")
    assert activated(script.exchange).ats.frame_size == 32
