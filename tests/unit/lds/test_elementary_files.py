import pytest

from verifier.errors import MalformedData, UnsupportedFeature, VerifierError
from verifier.iso7816 import tlv
from verifier.lds.com import CommonData
from verifier.lds.dg1 import DataGroup1
from verifier.lds.dg14 import DataGroup14
from verifier.lds.dg15 import DataGroup15
from verifier.lds.elementary_files import DATA_GROUPS, ELEMENTARY_FILES
from verifier.lds.lds_security_object import LdsSecurityObject
from verifier.lds.security_object import SecurityObject

MRZ = b"I<UTOD231458907<<<<<<<<<<<<<<<7408122F1204159UTO<<<<<<<<<<<6ERIKSSON<<ANNA<MARIA<<<<<<<<<<"
SHA256 = bytes.fromhex("300b0609608648016503040201")
SPKI = bytes.fromhex("300e300a06082a8648ce3d0403020300")


def lds_security_object(
    groups: list[tuple[int, bytes]], *, version: int = 0, algorithm: bytes = SHA256, rest: bytes = b""
) -> bytes:
    entries = b"".join(
        tlv.encode(0x30, tlv.encode(0x02, bytes([number])) + tlv.encode(0x04, digest)) for number, digest in groups
    )
    return tlv.encode(0x30, tlv.encode(0x02, bytes([version])) + algorithm + tlv.encode(0x30, entries) + rest)


def test_the_table_of_files_says_what_the_standard_says() -> None:
    numbers = {
        name: (f"{f.file_identifier:04X}", f"{f.short_identifier:02X}", f.tag) for name, f in ELEMENTARY_FILES.items()
    }

    assert numbers["EF.CardAccess"] == ("011C", "1C", None)
    assert numbers["EF.COM"] == ("011E", "1E", 0x60)
    assert numbers["EF.SOD"] == ("011D", "1D", 0x77)
    assert numbers["DG1"] == ("0101", "01", 0x61)
    assert numbers["DG2"] == ("0102", "02", 0x75)
    assert numbers["DG4"] == ("0104", "04", 0x76)
    assert numbers["DG14"] == ("010E", "0E", 0x6E)
    assert numbers["DG15"] == ("010F", "0F", 0x6F)
    assert numbers["DG16"] == ("0110", "10", 0x70)
    assert [group.data_group for group in DATA_GROUPS] == list(range(1, 17))


def test_ef_com_lists_the_data_groups() -> None:
    com = CommonData.decode(bytes.fromhex("60165f0104303130375f36063034303030305c0461756e6f"))

    assert com == CommonData("0107", "040000", (1, 2, 14, 15))


@pytest.mark.parametrize("raw", ["6000", "61025c00", "60145f0104303130375f36063034303030305c05", "60065f01035a5a5a"])
def test_a_damaged_ef_com_is_refused(raw: str) -> None:
    with pytest.raises(MalformedData):
        CommonData.decode(bytes.fromhex(raw))


def test_dg1_holds_the_mrz() -> None:
    dg1 = DataGroup1.decode(tlv.encode(0x61, tlv.encode(0x5F1F, MRZ)))

    assert dg1.mrz.surname == "ERIKSSON"
    assert "ERIKSSON" not in repr(dg1)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        tlv.encode(0x61, b""),
        tlv.encode(0x62, tlv.encode(0x5F1F, MRZ)),
        tlv.encode(0x61, tlv.encode(0x5F1E, MRZ)),
        tlv.encode(0x61, tlv.encode(0x5F1F, MRZ) * 2),
        tlv.encode(0x61, tlv.encode(0x5F1F, MRZ)) + b"\x00",
        tlv.encode(0x61, tlv.encode(0x5F1F, MRZ[:-1])),
        tlv.encode(0x61, tlv.encode(0x5F1F, MRZ[:30] + b"\n" + MRZ[30:])),
    ],
)
def test_what_is_no_dg1_is_refused(raw: bytes) -> None:
    with pytest.raises(MalformedData):
        DataGroup1.decode(raw)


def test_dg15_keeps_the_key_byte_for_byte() -> None:
    assert DataGroup15.decode(tlv.encode(0x6F, SPKI)).public_key == SPKI


@pytest.mark.parametrize("content", [b"", b"\x04\x00", SPKI + SPKI, b"\x30\x05\x30\x09", b"\x30\x80" * 100])
def test_what_is_no_dg15_is_refused(content: bytes) -> None:
    with pytest.raises(MalformedData):
        DataGroup15.decode(tlv.encode(0x6F, content))


def test_dg14_wraps_security_infos() -> None:
    infos = bytes.fromhex("3114301206 0a 04007f00070202040202 020102 02010d".replace(" ", ""))

    pace = DataGroup14.decode(tlv.encode(0x6E, infos)).security_infos.pace

    assert [(info.version, info.parameter_id) for info in pace] == [(2, 13)]


@pytest.mark.parametrize("version", [0, 1])
def test_both_versions_of_the_lds_security_object_are_decoded(version: int) -> None:
    info = tlv.encode(0x30, tlv.encode(0x13, b"0108") + tlv.encode(0x13, b"040000")) if version else b""
    hashes = [(1, b"a" * 32), (14, b"b" * 32)]

    content = LdsSecurityObject.decode(lds_security_object(hashes, version=version, rest=info))

    assert content.hash_algorithm == "sha256"
    assert content.data_group_hashes == dict(hashes)
    assert content.lds_version == ("0108" if version else None)


def test_a_data_group_listed_twice_is_refused() -> None:
    twice = lds_security_object([(1, b"a" * 32), (1, b"b" * 32)])

    with pytest.raises(MalformedData, match="data group 1 twice"):
        LdsSecurityObject.decode(twice)


@pytest.mark.parametrize(
    "groups", [[], [(0, b"a" * 32)], [(17, b"a" * 32)], [(1, b"a" * 20)], [(1, b"")], [(255, b"a" * 32)]]
)
def test_impossible_hashes_are_refused(groups: list[tuple[int, bytes]]) -> None:
    with pytest.raises(MalformedData):
        LdsSecurityObject.decode(lds_security_object(groups))


def test_an_unknown_hash_algorithm_is_named() -> None:
    md5 = bytes.fromhex("300a06082a864886f70d0205")

    with pytest.raises(UnsupportedFeature, match=r"1\.2\.840\.113549\.2\.5"):
        LdsSecurityObject.decode(lds_security_object([(1, b"a" * 16)], algorithm=md5))


def test_an_unknown_version_is_named() -> None:
    with pytest.raises(UnsupportedFeature, match="version 2"):
        LdsSecurityObject.decode(lds_security_object([(1, b"a" * 32)], version=2))


@pytest.mark.parametrize("content", [b"", b"\x30\x00", b"\x30\x80" * 2000, b"\x30\x03\x02\x01\x00"])
def test_what_is_no_security_object_is_refused(content: bytes) -> None:
    with pytest.raises(VerifierError):
        SecurityObject.decode(tlv.encode(0x77, content))
