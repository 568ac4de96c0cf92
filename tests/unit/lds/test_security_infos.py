import pytest

from verifier.errors import MalformedData
from verifier.iso7816.tlv import encode
from verifier.lds.card_access import CardAccess
from verifier.lds.security_infos import (
    ActiveAuthenticationInfo,
    ChipAuthenticationInfo,
    PaceInfo,
    SecurityInfo,
    SecurityInfos,
    TerminalAuthenticationInfo,
)

PACE_INFO = "3012060A04007F0007020204020202010202010D"
PACE_INFO_P256 = "3012060A04007F0007020204020202010202010C"
PACE_CAM_INFO = "3012060A04007F0007020204060202010202010D"
CA_INFO_KEY_195 = "3013060A04007F00070202030202020101020200C3"
CA_INFO = "300F060A04007F00070202030202020101"
TA_INFO = "300D060804007F0007020202020101"
AA_INFO = "30170606678108010105020101060A04007F00070101040105"
EF_DIR_INFO = (
    "303506052B1B01010D042C"
    + "61094F07A000000247100161094F07A000000247200161094F07A000000247200261094F07A0000002472003"
)


def infos_of(*entries: str) -> SecurityInfos:
    return SecurityInfos.decode(encode(0x31, bytes.fromhex("".join(entries))))


def test_each_kind_of_entry_is_found_in_its_place():
    """The entries are those of real documents, as gmrtd's tests have them (document/security_infos_test.go)."""
    infos = infos_of(PACE_INFO, CA_INFO, CA_INFO_KEY_195, TA_INFO, AA_INFO, EF_DIR_INFO)
    assert infos.pace == (PaceInfo("0.4.0.127.0.7.2.2.4.2.2", 2, 13),)
    assert infos.chip_authentication == (
        ChipAuthenticationInfo("0.4.0.127.0.7.2.2.3.2.2", 1),
        ChipAuthenticationInfo("0.4.0.127.0.7.2.2.3.2.2", 1, 195),
    )
    assert infos.terminal_authentication == (TerminalAuthenticationInfo("0.4.0.127.0.7.2.2.2", 1),)
    assert infos.active_authentication == (ActiveAuthenticationInfo("2.23.136.1.1.5", 1, "0.4.0.127.0.7.1.1.4.1.5"),)
    assert infos.others == (SecurityInfo("1.3.27.1.1.13", bytes.fromhex(EF_DIR_INFO)[9:]),)


def test_card_access_is_bare_security_infos():
    raw = encode(0x31, bytes.fromhex(PACE_INFO))
    assert CardAccess.decode(raw).security_infos == SecurityInfos.decode(raw)


@pytest.mark.parametrize(
    ("entries", "ambiguous"),
    [
        ((PACE_INFO,), False),
        ((PACE_INFO, PACE_CAM_INFO), False),
        ((PACE_INFO, PACE_INFO_P256), True),
        ((PACE_INFO, CA_INFO), False),
    ],
)
def test_several_sets_of_parameters_are_ambiguous_and_several_protocols_are_not(entries, ambiguous):
    assert all(info.parameters_ambiguous is ambiguous for info in infos_of(*entries).pace)


def test_proprietary_parameters_are_kept_and_make_the_others_ambiguous():
    oid = bytes.fromhex("060904007F000702020402")
    algorithm = encode(0x30, bytes.fromhex("060804007F0007010102") + bytes.fromhex("0500"))
    infos = infos_of(encode(0x30, oid + algorithm + b"\x02\x01\x29").hex(), PACE_INFO)
    assert infos.pace_domain_parameters[0].parameter_id == 0x29
    assert infos.pace_domain_parameters[0].parameters == algorithm
    assert infos.pace[0].parameters_ambiguous


def test_a_public_key_is_kept_as_encoded():
    spki = encode(0x30, encode(0x30, b"") + b"\x03\x02\x00\x04")
    entry = encode(0x30, bytes.fromhex("060904007F000702020102") + spki + b"\x02\x01\x07")
    key = infos_of(entry.hex()).chip_authentication_public_keys[0]
    assert (key.oid, key.public_key, key.key_id) == ("0.4.0.127.0.7.2.2.1.2", spki, 7)


@pytest.mark.parametrize(
    "entry",
    [
        "3000",
        "0500",
        "300C060A04007F00070202040202",
        "3011060A04007F000702020402020101FF02010D",
        "300F060A04007F000702020402020201FF",
        "300E060A04007F000702020402020200",
        "3015060A04007F0007020204020202010202010D020101",
        "3012060A04007F0007020204020282010202010D",
        "3005020102020102",
        "30170606678108010105020101040A04007F00070101040105",
        "300B060904007F000702020102",
        "300E060904007F000702020102020101",
        "30030601FF0500",
        "300206000500",
    ],
)
def test_an_entry_that_does_not_fit_its_kind_is_malformed(entry):
    with pytest.raises(MalformedData):
        infos_of(entry)


@pytest.mark.parametrize(
    "raw", ["", "31", "3000", "3114" + PACE_INFO + "00", "3113" + PACE_INFO, "3180" + PACE_INFO + "0000"]
)
def test_what_is_no_set_is_malformed(raw):
    with pytest.raises(MalformedData):
        SecurityInfos.decode(bytes.fromhex(raw))


def test_a_flood_of_entries_is_malformed():
    with pytest.raises(MalformedData, match="64"):
        infos_of(CA_INFO * 65)


def test_an_empty_set_is_empty():
    assert infos_of() == SecurityInfos()


@pytest.mark.parametrize("oid", ["04007F00070202040202", "04007F00070202030202"])
def test_a_number_that_nobody_could_write_down_is_malformed(oid):
    """Python refuses to turn numbers of more than 4300 digits into text, with a ValueError."""
    huge = encode(0x02, b"\x01" + bytes(2500))
    entry = encode(0x30, bytes.fromhex("060A" + oid) + huge + huge)
    with pytest.raises(MalformedData, match="63 bits"):
        SecurityInfos.decode(encode(0x31, entry))
