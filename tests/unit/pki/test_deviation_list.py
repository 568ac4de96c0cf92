import hashlib
from datetime import UTC, datetime

import pytest
from asn1crypto import core
from cryptography import x509

from verifier.errors import MalformedData
from verifier.pki.sources.deviation_list import DeviationKind, DeviationList
from verifier.pki.sources.signed_list import ListSigners
from verifier.pki.trust.trust_store import TrustStore

SHA256_IDENTIFIER = bytes.fromhex("300b0609608648016503040201")
HASH_WRONG, UNKNOWN = "2.23.136.1.1.7.2.2", "2.23.136.1.1.7.9.9"
DEVIATION_LIST, DEVIATION_LIST_SIGNER = "2.23.136.1.1.7", "2.23.136.1.1.8"


@pytest.fixture
def write(tlv_of):
    """Writes a DeviationList with one deviation."""

    def description(oid, text="wrong", parameters=b""):
        return tlv_of(0x30, tlv_of(0x13, text.encode()) + core.ObjectIdentifier(oid).dump() + parameters)

    def write(identifier=b"", *, oid=HASH_WRONG, parameters=b"", before=b"", after=b""):
        documents = tlv_of(0x30, before + identifier + after)
        deviation = tlv_of(0x30, documents + tlv_of(0x31, description(oid, parameters=parameters)))
        return tlv_of(0x30, b"\x02\x01\x00" + SHA256_IDENTIFIER + tlv_of(0x31, deviation))

    return write


@pytest.fixture
def signers(make):
    csca = make.csca()
    return make.signer(csca).certificate, make.signer(csca).certificate


def test_every_way_to_name_a_signer_is_understood(write, tlv_of, signers):
    meant, other = signers
    issuer_and_serial = meant.issuer.der + core.Integer(meant.serial).dump()
    for identifier in (
        tlv_of(0xA1, issuer_and_serial),
        tlv_of(0xA1, tlv_of(0x30, issuer_and_serial)),
        tlv_of(0x82, meant.subject_key_identifier),
        tlv_of(0xA2, tlv_of(0x04, meant.subject_key_identifier)),
        tlv_of(0x83, hashlib.sha256(meant.der).digest()),
    ):
        listed = DeviationList.decode(write(identifier), "VN")
        (known,) = listed.of(meant)
        assert known.kind is DeviationKind.DATA_GROUP_HASH_WRONG
        assert known.description == "wrong"
        assert listed.of(other) == ()


def test_a_deviation_without_a_signer_is_one_of_all_signers_of_the_state(write, signers, make):
    listed = DeviationList.decode(write(), "VN")
    assert all(listed.of(signer) for signer in signers)
    assert not listed.of(make.signer(make.csca("CSCA", "FR"), "DS", "FR").certificate)
    assert not DeviationList.decode(write(), "FR").of(signers[0])


def test_documents_are_bounded_by_kind_dates_and_numbers(write, tlv_of, signers):
    period = tlv_of(0xA4, tlv_of(0x18, b"20200101000000Z") + tlv_of(0x18, b"20201231000000Z"))
    numbers = tlv_of(0xA5, tlv_of(0x13, b"X1") + tlv_of(0x13, b"X2"))
    listed = DeviationList.decode(write(before=tlv_of(0x80, b"P"), after=period + numbers), "VN")
    (known,) = listed.of(signers[0])
    assert known.document_type == "P"
    assert known.issued == (datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 12, 31, tzinfo=UTC))
    assert known.document_numbers == {"X1", "X2"}
    assert "X1" not in repr(listed) + repr(known)


def test_a_kind_that_is_not_known_keeps_its_identifier_and_parameters(write, tlv_of, signers):
    listed = DeviationList.decode(write(oid=UNKNOWN, parameters=tlv_of(0xA0, b"\x02\x01\x05")), "VN")
    (known,) = listed.of(signers[0])
    assert (known.kind, known.oid, known.parameters) == (DeviationKind.OTHER, UNKNOWN, b"\x02\x01\x05")


def test_a_signed_list_speaks_for_its_own_state_only(write, make, make_signed_data, now):
    csca, other = make.csca("CSCA", "VN"), make.csca("CSCA", "FR")
    extra = ((x509.ExtendedKeyUsage([x509.ObjectIdentifier(DEVIATION_LIST_SIGNER)]), True),)
    by_whom = make.signer(csca, "Deviations", "VN", extra=extra)
    options = {"content_type": DEVIATION_LIST, "bound_content_type": DEVIATION_LIST}
    encoded = make_signed_data(write(), by_whom, **options)
    trust = TrustStore.from_certificates([csca.certificate, other.certificate])
    store, _ = ListSigners(now, trust=trust).extend(trust, [("list", encoded)])
    assert store.known_deviations(make.signer(csca).certificate)
    assert not store.known_deviations(make.signer(other, "DS", "FR").certificate)
    assert not trust.known_deviations(make.signer(csca).certificate)


@pytest.mark.parametrize(
    "content", [b"", b"\x30\x00", b"\x30\x05\x02\x01\x00\x31\x02", b"\x30\x07\x02\x01\x00\x31\x02\x30\x00"]
)
def test_a_content_that_is_no_deviation_list_is_malformed(content):
    with pytest.raises(MalformedData):
        DeviationList.decode(content, "VN")
