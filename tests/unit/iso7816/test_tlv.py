import pytest

from verifier.errors import MalformedData
from verifier.iso7816.status import StatusWord, describe, is_success
from verifier.iso7816.tlv import (
    check_structure,
    decode_all,
    decode_first,
    decode_one,
    encode,
    encode_length,
    header_length,
)


@pytest.mark.parametrize(
    ("length", "encoded"),
    [
        (0, "00"),
        (127, "7F"),
        (128, "8180"),
        (255, "81FF"),
        (256, "820100"),
        (65_536, "83010000"),
        (1 << 24, "8401000000"),
    ],
)
def test_lengths_are_in_their_shortest_form(length, encoded):
    assert encode_length(length).hex().upper() == encoded


@pytest.mark.parametrize("tag", [0x04, 0x30, 0x7C, 0x7F49, 0x5F1F, 0x7F8149])
def test_tags_of_one_to_three_bytes_go_there_and_back(tag):
    element = decode_one(encode(tag, b"value"))
    assert (element.tag, element.value) == (tag, b"value")


def test_the_constructed_bit_is_that_of_the_first_byte():
    assert decode_one(encode(0x7F49, b"")).is_constructed
    assert not decode_one(encode(0x5F1F, b"")).is_constructed


def test_a_length_in_a_longer_form_is_borne_with():
    element = decode_one(b"\x04\x83\x00\x00\x01x")
    assert (element.value, element.size) == (b"x", 6)


@pytest.mark.parametrize(
    "encoded",
    [
        "",
        "04",
        "0481",
        "048201",
        "0402AB",
        "0480AB0000",
        "04850000000001AB",
        "1F",
        "1F81",
        "1F81828384850101",
        "0484FFFFFFFF",
    ],
)
def test_what_is_cut_off_or_endless_is_malformed(encoded):
    with pytest.raises(MalformedData):
        decode_first(bytes.fromhex(encoded))


def test_left_over_bytes_matter_to_decode_one_only():
    encoded = b"\x04\x01x\x05\x00"
    assert decode_first(encoded).size == 3
    assert [element.tag for element in decode_all(encoded)] == [0x04, 0x05]
    with pytest.raises(MalformedData, match="left over"):
        decode_one(encoded)


def test_a_limit_on_the_length_is_kept():
    with pytest.raises(MalformedData, match="longer than 10"):
        decode_one(encode(0x04, bytes(11)), max_length=10)


@pytest.mark.parametrize(
    ("start", "total"), [("7705", 7), ("77820B1D", 0x0B1D + 4), ("5F1F03", 6), ("7783010000", 65_541)]
)
def test_a_files_length_follows_from_its_first_bytes(start, total):
    assert header_length(bytes.fromhex(start)) == total


def nested(depth: int) -> bytes:
    encoded = b"\x05\x00"
    for _ in range(depth):
        encoded = encode(0x30, encoded)
    return encoded


def test_nesting_to_the_limit_passes_and_one_deeper_does_not():
    check_structure(nested(38))
    with pytest.raises(MalformedData, match="nested deeper"):
        check_structure(nested(41))


def test_twenty_kilobytes_of_nesting_meet_a_limit_and_not_the_interpreters_stack():
    with pytest.raises(MalformedData, match="nested deeper"):
        check_structure(b"\x30\x80" * 10_000)
    with pytest.raises(MalformedData):
        check_structure(nested(5000))


@pytest.mark.parametrize("encoded", ["3080020101" + "0000", "30803080" + "0000" + "0000", "3003020101", "3000", "0500"])
def test_sound_structures_pass(encoded):
    check_structure(bytes.fromhex(encoded))


@pytest.mark.parametrize(
    "encoded",
    ["3080020101", "3080", "0480" + "0000", "30030201", "3003020201", "30800402010000", "3003028001", "3005300302"],
)
def test_unsound_structures_do_not(encoded):
    with pytest.raises(MalformedData):
        check_structure(bytes.fromhex(encoded))


def test_a_status_is_described_by_name_or_by_number():
    assert describe(StatusWord.FILE_NOT_FOUND) == "6A82 (file not found)"
    assert describe(0x63C2) == "63C2"
    assert is_success(0x9000)
    assert is_success(0x6282)
    assert not is_success(0x6300)
