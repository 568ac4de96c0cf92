"""Reader's and card's side of ISO/IEC 14443-4, each written from its own rules, over air that loses frames."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.firmware_host.ats import Ats
from appliance.firmware_host.blocks import Block
from appliance.firmware_host.iso_dep import IsoDep, NoAnswer, UnreadableAnswer
from appliance.firmware_host.simulator.card_blocks import CardBlocks
from appliance.firmware_host.simulator.card_options import CardOptions
from appliance.firmware_host.simulator.contactless_card import ContactlessCard
from appliance.firmware_host.simulator.worker import Computed
from verifier.sdk.errors import CardError, CardProtocolError


class AtOnce:
    """A worker that has computed before anybody asks."""

    def start(self, compute: Callable[[], Computed]) -> "AtOnce":
        self.answer = compute().response
        return self

    def is_done_within(self, seconds: float) -> bool:
        return True

    def result(self) -> bytes:
        return self.answer


class Chip:
    def process(self, command: bytes) -> bytes:
        return command[::-1] + b"\x90\x00"


class Air:
    """Loses or garbles the frames with these indices; even ones travel to the card, odd ones back."""

    def __init__(self, card: ContactlessCard, lost: frozenset[int], garbled: bool) -> None:
        self.card, self.lost, self.garbled, self.index = card, lost, garbled, 0

    def exchange(self, frame: bytes, timeout_s: float) -> bytes:
        there, back, self.index = self.index, self.index + 1, self.index + 2
        answer = None if there in self.lost else self.card.answer(frame, 1)
        if answer is None:
            raise NoAnswer
        if back in self.lost:
            raise UnreadableAnswer if self.garbled else NoAnswer
        return answer


OPTIONS = st.builds(
    CardOptions,
    fsci=st.integers(0, 12),
    ta=st.none(),
    tb=st.one_of(st.none(), st.just(0x80)),
    tc=st.one_of(st.none(), st.just(0x02)),
    historical=st.binary(max_size=8),
    chain_size=st.one_of(st.none(), st.integers(1, 60)),
    extra_waits=st.integers(0, 2),
)


@given(
    options=OPTIONS,
    commands=st.lists(st.binary(min_size=4, max_size=600), min_size=1, max_size=3),
    lost_per_command=st.lists(st.lists(st.integers(0, 60), max_size=2), min_size=3, max_size=3),
    garbled=st.booleans(),
    cid=st.integers(0, 14),
)
def test_two_lost_frames_in_any_place_lose_no_byte(
    options: CardOptions, commands: list[bytes], lost_per_command: list[list[int]], garbled: bool, cid: int
) -> None:
    card = ContactlessCard(Chip(), options, AtOnce())  # type: ignore[arg-type]
    air = Air(card, frozenset(), garbled)
    protocol = IsoDep(air.exchange, pause=lambda _: None, cid=cid)
    protocol.activate()
    for command, lost in zip(commands, lost_per_command, strict=False):
        air.lost = frozenset(air.index + offset for offset in lost)
        assert protocol.transceive(command) == command[::-1] + b"\x90\x00"
        air.lost = frozenset()
        assert protocol.is_present()
    assert protocol.deselect()


@given(ats=st.binary(max_size=24))
def test_any_bytes_are_an_ats_or_refused(ats: bytes) -> None:
    try:
        decoded = Ats.decode(ats)
    except CardProtocolError:
        return
    assert 16 <= decoded.frame_size <= 4096
    assert decoded.waiting_time_s < 5
    assert decoded.guard_time_s < 5


@given(answers=st.lists(st.one_of(st.none(), st.binary(max_size=8)), max_size=40), size=st.integers(1, 300))
def test_a_card_that_answers_anything_ends_in_an_answer_or_an_error(answers: list[bytes | None], size: int) -> None:
    script = iter(answers)

    def exchange(frame: bytes, timeout_s: float) -> bytes:
        answer = next(script, None)
        if answer is None:
            raise NoAnswer
        return answer

    protocol = IsoDep(exchange, pause=lambda _: None)
    try:
        protocol.activate()
        protocol.negotiate_divisor(4)
        protocol.transceive(bytes(size))
    except CardError:
        pass


@given(frame=st.binary(max_size=6), cid=st.one_of(st.none(), st.integers(1, 14)))
def test_any_frame_is_some_block(frame: bytes, cid: int | None) -> None:
    assert Block.decode(frame, cid).number in (0, 1)


@given(frames=st.lists(st.binary(min_size=1, max_size=40), max_size=20))
def test_the_simulated_card_survives_any_reader(frames: list[bytes]) -> None:
    def compute(command: bytes) -> Computed:
        return Computed(Chip().process(command))

    blocks = CardBlocks(CardOptions(), 256, 0, compute, AtOnce())  # type: ignore[arg-type]
    for frame in frames:
        answer = blocks.answer(frame)
        assert answer is None or len(answer) <= 254


def test_three_lost_frames_in_a_row_are_too_many() -> None:
    card = ContactlessCard(Chip(), CardOptions(), AtOnce())  # type: ignore[arg-type]
    air = Air(card, frozenset((2, 4, 6)), garbled=False)
    protocol = IsoDep(air.exchange, pause=lambda _: None)
    protocol.activate()
    with pytest.raises(CardError):
        protocol.transceive(bytes(5))
