from hypothesis import given
from hypothesis import strategies as st

from verifier.errors import CardProtocolError, MalformedData
from verifier.iso7816.apdu import CommandApdu, ResponseApdu

octet = st.integers(0, 255)
lengths = st.one_of(st.none(), st.integers(1, 65_536), st.sampled_from([255, 256, 257, 65_535, 65_536]))
contents = st.one_of(st.binary(max_size=300), st.integers(250, 2000).map(bytes))
commands = st.builds(CommandApdu, octet, octet, octet, octet, contents, lengths)


@given(commands)
def test_a_command_survives_its_journey(command):
    assert CommandApdu.decode(command.encode()) == command


@given(st.one_of(st.binary(max_size=40), st.binary(max_size=12).map(lambda tail: b"\x00\xb0\x00\x00\x00" + tail)))
def test_any_bytes_are_a_command_or_malformed(encoded):
    try:
        command = CommandApdu.decode(encoded)
    except MalformedData:
        return
    assert CommandApdu.decode(command.encode()) == command


@given(st.binary(max_size=300))
def test_any_two_bytes_or_more_are_a_response(encoded):
    try:
        response = ResponseApdu.decode(encoded)
    except CardProtocolError:
        assert len(encoded) < 2
        return
    assert response.encode() == encoded
