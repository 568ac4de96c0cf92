import pytest

from verifier.errors import InvalidInput, MalformedData
from verifier.iso7816.object_identifier import decode_object_identifier, encode_object_identifier


@pytest.mark.parametrize(
    ("dotted", "content"),
    [
        ("0.4.0.127.0.7.2.2.4.2.2", "04007F00070202040202"),
        ("2.23.136.1.1.5", "678108010105"),
        ("1.2.840.113549.1.1.1", "2A864886F70D010101"),
        ("2.999", "8837"),
        ("0.0", "00"),
        ("2.5.4.3", "550403"),
    ],
)
def test_identifiers_go_there_and_back(dotted, content):
    assert encode_object_identifier(dotted) == bytes.fromhex(content)
    assert decode_object_identifier(bytes.fromhex(content)) == dotted


@pytest.mark.parametrize("content", ["", "80", "2A80", "2A8001", "01" * 65, "8001"])
def test_what_is_cut_off_padded_or_endless_is_malformed(content):
    with pytest.raises(MalformedData):
        decode_object_identifier(bytes.fromhex(content))


@pytest.mark.parametrize("dotted", ["", "1", "1.40", "3.1", "1.-2", "a.b", "0.4..1"])
def test_what_is_no_identifier_is_refused(dotted):
    with pytest.raises(InvalidInput):
        encode_object_identifier(dotted)
