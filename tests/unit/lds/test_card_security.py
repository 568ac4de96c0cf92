"""EF.CardSecurity: signed SecurityInfos, and what real cards put into them."""

from datetime import UTC, datetime

import pytest

from verifier.access.chip.chip_authentication_offers import static_key_of
from verifier.access.chip.static_keys import CurveKey
from verifier.errors import MalformedData, UnsupportedFeature
from verifier.iso7816.tlv import encode
from verifier.lds.card_security import CardSecurity
from verifier.lds.security_infos import SecurityInfos
from verifier.sdk.testing import SyntheticPki
from verifier.sdk.testing.writing.security_object import write_card_security
from verifier.sdk.testing.writing.signed_data import write_signed_data

# The infos of a German passport of 2023 (github.com/gmrtd/gmrtd, document/card_security_test.go). Public keys of one
# chip; nothing about a person.
GERMAN_INFOS = bytes.fromhex(
    "31820131300D060804007F00070202020201023012060A04007F000702020302020201020201483012060A04007F00070202"
    "04020202010202010D3012060A04007F0007020204060202010202010D301C060904007F000702020302300C060704007F00"
    "07010202010D0201483062060904007F0007020201023052300C060704007F0007010202010D03420004614CD88B00821A88"
    "7869D0060B44A9D18789353E8CF7DFBC3F29F79327DE30B97B1B2DDA0BE77F24AD415C327C7B7AB2E9C10B0258F5BCBF90C0"
    "1825FBDFDEF702010D3062060904007F0007020201023052300C060704007F0007010202010D034200048488A2DC34B6B36D"
    "6C01A8DFBD70A874610C53B32893A1DE3B1C4BBF477EEF3761AA51DFD6B52DA43587E95386FC34FFE178D90086A7D646047C"
    "82BEBC27DA3E020148"
)


def test_the_infos_of_a_german_passport_decode() -> None:
    infos = SecurityInfos.decode(GERMAN_INFOS)
    assert [info.oid for info in infos.pace] == ["0.4.0.127.0.7.2.2.4.2.2", "0.4.0.127.0.7.2.2.4.6.2"]
    assert [(info.version, info.key_id) for info in infos.chip_authentication] == [(2, 0x48)]
    assert [info.key_id for info in infos.chip_authentication_domain_parameters] == [0x48]
    assert [info.version for info in infos.terminal_authentication] == [2]
    keys = {info.key_id: static_key_of(info) for info in infos.chip_authentication_public_keys}
    assert set(keys) == {13, 0x48}
    assert all(isinstance(key, CurveKey) and key.curve.name == "brainpoolP256r1" for key in keys.values())


@pytest.fixture(scope="module")
def signer():

    return SyntheticPki(at=datetime(2026, 1, 1, tzinfo=UTC)).issue_document_signer()


def test_what_was_signed_comes_back(signer) -> None:
    card_security = CardSecurity.decode(write_card_security(GERMAN_INFOS, signer.key, signer.certificate))
    assert card_security.security_infos == SecurityInfos.decode(GERMAN_INFOS)
    (only,) = card_security.signed_data.signers
    assert card_security.signed_data.verify(only, card_security.signed_data.certificates[0]).valid


def test_signed_content_of_another_type_is_none(signer) -> None:
    signed = write_signed_data("2.23.136.1.1.1", GERMAN_INFOS, signer.key, [signer.certificate])
    with pytest.raises(MalformedData, match=r"2\.23\.136\.1\.1\.1"):
        CardSecurity.decode(signed)


def test_signed_bytes_that_are_no_infos_are_none(signer) -> None:
    signed = write_signed_data("0.4.0.127.0.7.3.2.1", b"\x30\x00", signer.key, [signer.certificate])
    with pytest.raises(MalformedData, match="SecurityInfos"):
        CardSecurity.decode(signed)


def test_bare_infos_are_no_card_security() -> None:
    with pytest.raises((MalformedData, UnsupportedFeature)):
        CardSecurity.decode(GERMAN_INFOS)
    with pytest.raises((MalformedData, UnsupportedFeature)):
        CardSecurity.decode(encode(0x77, GERMAN_INFOS))
