"""What is no bytes is told in a sentence at every door, and a number of bytes is none."""

import pytest

from verifier.iso7816.octets import octets
from verifier.sdk import CommandApdu, ResponseApdu
from verifier.sdk.errors import InvalidInput
from verifier.sdk.lds import CommonData, DataGroup1, DataGroup2, DataGroup11
from verifier.sdk.recording import Trace
from verifier.sdk.trust import Certificate, CertificateRevocationList, DeviationList, MasterList, decode_signed_list

DOORS = {
    "command": CommandApdu.decode,
    "response": ResponseApdu.decode,
    "EF.COM": CommonData.decode,
    "DG1": DataGroup1.decode,
    "DG2": DataGroup2.decode,
    "DG11": DataGroup11.decode,
    "trace": Trace.from_bytes,
    "certificate": Certificate.decode,
    "CRL": CertificateRevocationList.decode,
    "deviation list": lambda value: DeviationList.decode(value, "UT"),
    "master list": MasterList.decode,
    "signed list": decode_signed_list,
}


@pytest.mark.parametrize("value", [None, 7, 10**12, "text", "", ["x"], {}, 1.5])
@pytest.mark.parametrize("door", DOORS)
def test_what_is_no_bytes_is_told_so(door: str, value: object) -> None:
    with pytest.raises(InvalidInput, match="is bytes, and no"):
        DOORS[door](value)


@pytest.mark.parametrize("value", [b"ab", bytearray(b"ab"), memoryview(b"ab")])
def test_bytes_of_each_kind_are_bytes(value: object) -> None:
    assert octets(value, "x") == b"ab"
    assert type(octets(value, "x")) is bytes
