"""The simulator's side of the serial protocol, against the frames that nfcpy and the user manual show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.firmware_host.simulator.host_frames import Command, HostFrameDecoder, Signal, encode_response

GET_VERSION = bytes.fromhex("0000ff02fed4022a00")


def decode(stream: bytes) -> list[Command | Signal]:
    return list(HostFrameDecoder().feed(stream))


def test_a_frame_is_found_after_any_preamble() -> None:
    for preamble in (b"", bytes(10), b"\x55" * 16 + bytes(3), b"\xff\x00\xff\x00"):
        assert decode(preamble + GET_VERSION) == [Command(0x02, b"")]


def test_a_frame_may_arrive_byte_by_byte() -> None:
    decoder = HostFrameDecoder()
    assert [message for byte in GET_VERSION for message in decoder.feed(bytes([byte]))] == [Command(0x02, b"")]


def test_acknowledgements_are_signals() -> None:
    assert decode(bytes.fromhex("0000ff00ff00 0000ffff0000") + GET_VERSION) == [
        Signal.ACK,
        Signal.NACK,
        Command(0x02, b""),
    ]


def test_an_extended_frame_carries_a_long_command() -> None:
    payload = bytes([0xD4, 0x42]) + bytes(254)
    frame = bytes.fromhex("0000ffffff0100ff") + payload + bytes([-sum(payload) & 0xFF, 0])
    assert decode(frame) == [Command(0x42, bytes(254))]


@pytest.mark.parametrize("position", [3, 4, 5, 6, 7])
def test_a_damaged_frame_is_dropped_without_a_word(position: int) -> None:
    damaged = bytearray(GET_VERSION)
    damaged[position] ^= 0x20
    assert decode(bytes(damaged) + bytes(8) + GET_VERSION)[-1:] == [Command(0x02, b"")]


def test_answers_have_the_forms_that_the_driver_expects() -> None:
    assert encode_response(0x14, b"").hex() == "0000ff02fed5151600"
    assert encode_response(0x42, bytes(252))[:5].hex() == "0000fffe02"
    assert encode_response(0x42, bytes(253))[:8].hex() == "0000ffffff00ff01"


@given(noise=st.lists(st.binary(max_size=400), max_size=30))
def test_noise_neither_raises_nor_piles_up(noise: list[bytes]) -> None:
    decoder = HostFrameDecoder()
    for part in noise:
        list(decoder.feed(part))
    assert len(decoder._buffer) < 5000
