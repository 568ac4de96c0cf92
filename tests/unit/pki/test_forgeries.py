"""Known ways to forge signatures, certificates and revocation lists, tried on what judges them."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import core, keys
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from verifier.errors import MalformedData
from verifier.pki.certificate import Certificate
from verifier.pki.keys.algorithms import Scheme, SignatureAlgorithm
from verifier.pki.keys.public_key import PublicKey
from verifier.pki.path import PathReason, find_path
from verifier.pki.revocation import RevocationReasonCode, RevocationState, revocation_status
from verifier.pki.trust.trust_store import TrustStore

DAY = timedelta(days=1)
PKCS1 = SignatureAlgorithm(Scheme.RSA_PKCS1, "sha256")
DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
DIGEST_INFO_WITHOUT_NULL = bytes.fromhex("302f300b06096086480165030402010420")


@pytest.fixture(scope="module")
def rsa3():
    return rsa.generate_private_key(3, 3072)


def public_key_of(numbers):
    info = keys.PublicKeyInfo.wrap(keys.RSAPublicKey({"modulus": numbers.n, "public_exponent": numbers.e}), "rsa")
    return PublicKey.decode(info.dump())


def cube_root_above(number):
    low, high = 0, 1 << (number.bit_length() // 3 + 1)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if middle**3 < number else (low, middle)
    return low


# --- RSA with a small exponent ----------------------------------------------------------------------------------------


def test_an_exponent_of_three_is_borne_with(rsa3):
    public = public_key_of(rsa3.public_key().public_numbers())
    assert public.verify(PKCS1, rsa3.sign(b"m", padding.PKCS1v15(), hashes.SHA256()), b"m")


@pytest.mark.parametrize("prefix", [DIGEST_INFO, DIGEST_INFO_WITHOUT_NULL])
@pytest.mark.parametrize("filling", [0, 1, 8, 60])
def test_a_cube_root_is_no_signature(rsa3, prefix, filling):
    """Bleichenbacher 2006: with e = 3, whoever lets garbage follow the hash is given a cube root for a signature."""
    numbers = rsa3.public_key().public_numbers()
    size = rsa3.key_size // 8
    head = b"\x00\x01" + b"\xff" * filling + b"\x00" + prefix + hashlib.sha256(b"m").digest()
    forged = cube_root_above(int.from_bytes(head + bytes(size - len(head))))
    assert (forged**3).to_bytes(size).startswith(head)
    assert not public_key_of(numbers).verify(PKCS1, forged.to_bytes(size), b"m")


@pytest.mark.parametrize("exponent", [-1, 0, 1, 2, 4])
def test_an_exponent_that_signs_anything_is_no_key(rsa3, exponent):
    numbers = rsa3.public_key().public_numbers()
    info = keys.PublicKeyInfo.wrap(keys.RSAPublicKey({"modulus": numbers.n, "public_exponent": exponent}), "rsa")
    with pytest.raises(MalformedData):
        PublicKey.decode(info.dump())


# --- ECDSA ------------------------------------------------------------------------------------------------------------


def with_signature(certificate, signature):
    parsed = asn1_x509.Certificate.load(certificate.der)
    parsed["signature_value"] = signature
    return Certificate.decode(parsed.dump(force=True))


def test_an_ecdsa_signature_out_of_range_is_no_signature(make, now):
    csca = make.csca()
    signer = make.signer(csca).certificate
    order = csca.key.curve.group_order
    r, s = decode_dss_signature(signer.signature)
    trust = TrustStore.from_certificates([csca.certificate])
    for pair in ((0, 0), (0, s), (r, 0), (order, order), (r + order, s), (r, s + order), (-r, s), (r, -s), (1, 1)):
        forged = with_signature(signer, asn1_signature(*pair))
        assert find_path(forged, trust, now).reason is PathReason.SIGNATURE_INVALID
    mirrored = with_signature(signer, asn1_signature(r, order - s))  # ECDSA allows it: the same key, the same message
    assert find_path(mirrored, trust, now).found


def asn1_signature(r, s):
    content = core.Integer(r).dump() + core.Integer(s).dump()
    return b"\x30" + bytes([len(content)]) + content


# --- certificates -----------------------------------------------------------------------------------------------------


def with_times(make, csca, not_before, not_after):
    """A signer whose validity is written as given: bytes with their tag, signed anew."""
    parsed = asn1_x509.Certificate.load(make.signer(csca).certificate.der)
    return signed_anew(parsed, csca, parsed["tbs_certificate"]["validity"].dump(), tlv(0x30, not_before + not_after))


def signed_anew(parsed, csca, old, new):
    """The certificate with some of its bytes replaced, under a good signature."""
    signed = tlv(0x30, parsed["tbs_certificate"].contents.replace(old, new, 1))
    signature = csca.key.sign(signed, ec.ECDSA(hashes.SHA256()))
    return tlv(0x30, signed + parsed["signature_algorithm"].dump() + core.OctetBitString(signature).dump())


def tlv(tag, content):
    size = len(content)
    length = bytes([size]) if size < 0x80 else bytes([0x82]) + size.to_bytes(2)
    return bytes([tag]) + length + content


def utc(text):
    return tlv(0x17, text.encode())


def generalized(text):
    return tlv(0x18, text.encode())


PAST, FUTURE = utc("200101000000Z"), utc("400101000000Z")


def test_a_validity_that_ends_before_it_begins_is_never(make):
    csca = make.csca(not_before=datetime(2001, 1, 1, tzinfo=UTC), not_after=datetime(2049, 1, 1, tzinfo=UTC))
    trust = TrustStore.from_certificates([csca.certificate])
    signer = Certificate.decode(with_times(make, csca, FUTURE, PAST))
    for year in (2019, 2030, 2041):
        reason = find_path(signer, trust, datetime(year, 1, 1, tzinfo=UTC)).reason
        assert reason in {PathReason.SIGNER_EXPIRED, PathReason.SIGNER_NOT_YET_VALID}


@pytest.mark.parametrize(
    "not_after", [generalized("20400101000000"), generalized("20401301000000Z"), utc("40Z"), tlv(0x04, b"x")]
)
def test_a_time_that_is_none_makes_no_certificate(make, not_after):
    with pytest.raises(MalformedData):
        Certificate.decode(with_times(make, make.csca(), PAST, not_after))


def test_a_signer_until_the_end_of_all_time_is_one(make, now):
    """99991231235959Z: "no well-defined expiration date" (RFC 5280, 4.1.2.5)."""
    csca = make.csca()
    signer = Certificate.decode(with_times(make, csca, PAST, generalized("99991231235959Z")))
    assert find_path(signer, TrustStore.from_certificates([csca.certificate]), now).found


# --- revocation lists -------------------------------------------------------------------------------------------------


def look_up(signer, trust, at):
    return revocation_status(signer, find_path(signer, trust, at).path, trust, at)


def test_the_list_of_a_namesake_that_nobody_trusts_neither_clears_nor_revokes(make, now):
    """Another authority of the very name: its list would clear a revoked signer, or revoke a good one."""
    csca, namesake = make.csca(), make.csca()
    signer = make.signer(csca).certificate
    for serials in ((), (signer.serial,)):
        trust = TrustStore.from_certificates([csca.certificate], [make.crl(namesake, serials)])
        status = look_up(signer, trust, now)
        assert (status.state, status.reason) == (RevocationState.UNKNOWN, RevocationReasonCode.CRL_SIGNATURE_INVALID)
    revoking, clearing = make.crl(csca, (signer.serial,)), make.crl(namesake, this_update=now)
    trust = TrustStore.from_certificates([csca.certificate], [clearing, revoking])
    assert look_up(signer, trust, now).state is RevocationState.REVOKED


def test_the_list_of_another_trusted_state_says_nothing(make, now):
    csca, abroad = make.csca(), make.csca("CSCA", "UT")
    signer = make.signer(csca).certificate
    crls = [make.crl(abroad, (signer.serial,))]
    status = look_up(signer, TrustStore.from_certificates([csca.certificate, abroad.certificate], crls), now)
    assert (status.state, status.reason) == (RevocationState.UNKNOWN, RevocationReasonCode.NO_CRL)


def test_a_list_from_the_future_clears_nobody_but_revokes(make, now):
    csca = make.csca()
    signer = make.signer(csca).certificate
    later = {"this_update": now + DAY, "next_update": now + 2 * DAY}
    clear = look_up(signer, TrustStore.from_certificates([csca.certificate], [make.crl(csca, **later)]), now)
    assert clear.reason is RevocationReasonCode.CRL_NOT_YET_VALID
    revoking = [make.crl(csca, (signer.serial,), **later)]
    assert look_up(signer, TrustStore.from_certificates([csca.certificate], revoking), now).state is (
        RevocationState.REVOKED
    )


def test_a_negative_serial_is_not_its_positive_twin(make, now):
    csca = make.csca()
    parsed = asn1_x509.Certificate.load(make.signer(csca, serial=200).certificate.der)
    assert parsed["tbs_certificate"]["serial_number"].contents == b"\x00\xc8"
    twin = Certificate.decode(signed_anew(parsed, csca, b"\x02\x02\x00\xc8", b"\x02\x01\xc8"))
    assert twin.serial == -56
    trust = TrustStore.from_certificates([csca.certificate], [make.crl(csca, (200,))])
    assert look_up(twin, trust, now).state is RevocationState.GOOD
