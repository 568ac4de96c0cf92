import pytest

from verifier.errors import CardProtocolError, CardRefused, InvalidInput, MalformedData
from verifier.iso7816.apdu import CommandApdu, ResponseApdu


@pytest.mark.parametrize(
    ("command", "encoded"),
    [
        (CommandApdu(0x00, 0x44, 0x00, 0x00), "00440000"),
        (CommandApdu(0x00, 0x84, 0x00, 0x00, le=8), "0084000008"),
        (CommandApdu(0x00, 0xB0, 0x00, 0x00, le=256), "00B0000000"),
        (CommandApdu(0x00, 0xB0, 0x00, 0x00, le=257), "00B00000000101"),
        (CommandApdu(0x00, 0xB0, 0x00, 0x00, le=65_536), "00B00000000000"),
        (CommandApdu(0x00, 0xA4, 0x02, 0x0C, b"\x01\x1e"), "00A4020C02011E"),
        (CommandApdu(0x00, 0x86, 0x00, 0x00, b"\x7c\x00", 256), "00860000027C0000"),
        (CommandApdu(0x00, 0x86, 0x00, 0x00, b"\x7c\x00", 65_536), "008600000000027C000000"),
        (CommandApdu(0x00, 0x86, 0x00, 0x00, bytes(256)), "00860000000100" + "00" * 256),
        (CommandApdu(0x00, 0x86, 0x00, 0x00, bytes(256), 1), "00860000000100" + "00" * 256 + "0001"),
        (CommandApdu(0x00, 0x86, 0x00, 0x00, bytes(255), 256), "00860000FF" + "00" * 255 + "00"),
    ],
)
def test_the_four_cases_short_and_extended(command, encoded):
    assert command.encode() == bytes.fromhex(encoded)
    assert CommandApdu.decode(bytes.fromhex(encoded)) == command


@pytest.mark.parametrize(
    "encoded",
    [
        "",
        "00B000",
        "00A4020C0201",
        "00A4020C02011E0000",
        "00A4020C00020102030405",
        "00B0000000000001",
        "00A4020C000003010203040506",
    ],
)
def test_length_fields_that_do_not_add_up_are_malformed(encoded):
    with pytest.raises(MalformedData):
        CommandApdu.decode(bytes.fromhex(encoded))


@pytest.mark.parametrize(
    "arguments",
    [
        {"cla": 256, "ins": 0, "p1": 0, "p2": 0},
        {"cla": 0, "ins": -1, "p1": 0, "p2": 0},
        {"cla": 0, "ins": 0, "p1": 0, "p2": 0, "le": 0},
        {"cla": 0, "ins": 0, "p1": 0, "p2": 0, "le": 65_537},
        {"cla": 0, "ins": 0, "p1": 0, "p2": 0, "data": bytes(65_536)},
    ],
)
def test_a_command_that_cannot_be_encoded_is_refused(arguments):
    with pytest.raises(InvalidInput):
        CommandApdu(**arguments)


def test_no_data_shows_in_a_repr():
    command = CommandApdu(0x00, 0x82, 0x00, 0x00, b"secret!!", 40)
    assert "secret" not in repr(command)
    assert repr(ResponseApdu(b"secret", 0x6982)) == "ResponseApdu(6 bytes, 6982 (security status not satisfied))"


def test_a_response_is_data_and_two_bytes():
    assert ResponseApdu.decode(b"\x01\x02\x90\x00") == ResponseApdu(b"\x01\x02", 0x9000)
    assert ResponseApdu(b"\x01\x02", 0x9000).encode() == b"\x01\x02\x90\x00"
    for short in (b"", b"\x90"):
        with pytest.raises(CardProtocolError):
            ResponseApdu.decode(short)
    for status in (-1, 0x10000):
        with pytest.raises(InvalidInput):
            ResponseApdu(b"", status)


def test_a_warning_of_the_end_of_the_file_is_data_and_an_error_is_a_refusal():
    assert ResponseApdu(b"x", 0x6282).require_ok() == b"x"
    with pytest.raises(CardRefused, match="refused reading: 6A82") as caught:
        ResponseApdu(b"", 0x6A82).require_ok("reading")
    assert caught.value.status == 0x6A82
