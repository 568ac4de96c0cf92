import hashlib

import pytest
from asn1crypto import algos, cms, core
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509 import load_der_x509_certificate

from verifier.errors import MalformedData, UnsupportedFeature
from verifier.pki.asn1.ber import to_definite
from verifier.pki.cms import SignedData, SignerReason
from verifier.pki.keys.public_key import Deviation

CONTENT = b"an LDS security object"
RSA_KEY = rsa.generate_private_key(65537, 2048)


@pytest.fixture
def signer(make):
    return make.signer(make.csca())


def verdict_on(encoded, certificate=None):
    signed = SignedData.decode(encoded)
    (info,) = signed.signers
    if certificate is None:
        (certificate,) = signed.certificates_of(info)
    return signed.verify(info, certificate)


def test_a_good_signature_is_good(make_signed_data, signer):
    signed = SignedData.decode(make_signed_data(CONTENT, signer))
    assert signed.encap_content == CONTENT
    assert signed.content_type == "2.23.136.1.1.1"
    assert signed.certificates == (signer.certificate,)
    verdict = verdict_on(make_signed_data(CONTENT, signer))
    assert (verdict.valid, verdict.deviations) == (True, ())


def test_the_signature_of_another_library_is_good(signer):
    certificate = load_der_x509_certificate(signer.certificate.der)
    encoded = (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(CONTENT)
        .add_signer(certificate, signer.key, hashes.SHA384())
        .sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])
    )
    assert verdict_on(encoded).valid


def test_altered_content_does_not_match_its_digest(make_signed_data, signer):
    encoded = make_signed_data(CONTENT, signer).replace(CONTENT, CONTENT.upper())
    assert verdict_on(encoded).reason is SignerReason.MESSAGE_DIGEST_MISMATCH


def test_an_attacker_who_mends_the_digest_breaks_the_signature(make_signed_data, signer):
    forged = CONTENT.upper()
    encoded = make_signed_data(CONTENT, signer).replace(CONTENT, forged)
    encoded = encoded.replace(hashlib.sha256(CONTENT).digest(), hashlib.sha256(forged).digest())
    assert verdict_on(encoded).reason is SignerReason.SIGNATURE_INVALID


def test_a_clone_signed_with_its_own_key_is_not_the_signers(make, make_signed_data, signer):
    thief = make.signer(make.csca())
    encoded = make_signed_data(CONTENT, signer, sign=lambda m: thief.key.sign(m, ec.ECDSA(hashes.SHA256())))
    assert verdict_on(encoded).reason is SignerReason.SIGNATURE_INVALID


@pytest.mark.parametrize("bound", [None, "1.2.840.113549.1.7.1"])
def test_the_content_type_must_be_signed(make_signed_data, signer, bound):
    encoded = make_signed_data(CONTENT, signer, bound_content_type=bound)
    assert verdict_on(encoded).reason is SignerReason.CONTENT_TYPE_MISMATCH


def test_a_signature_without_signed_attributes_is_refused(make_signed_data, signer):
    encoded = make_signed_data(CONTENT, signer, with_attributes=False)
    assert verdict_on(encoded).reason is SignerReason.SIGNED_ATTRIBUTES_MISSING


def test_attributes_that_were_signed_out_of_order_are_a_deviation(make_signed_data, signer):
    verdict = verdict_on(make_signed_data(CONTENT, signer, reorder=True))
    assert (verdict.valid, verdict.deviations) == (True, (Deviation.SIGNED_ATTRIBUTES_NOT_DER,))


def test_attributes_that_were_sorted_to_sign_but_sent_unsorted_are_good(make_signed_data, signer):
    def sign(message):
        reader = core.SetOf.load(message, spec=core.Any)
        members = sorted(reader[index].dump() for index in range(len(reader)))
        body = b"".join(members)
        return signer.key.sign(b"\x31" + message[1 : len(message) - len(body)] + body, ec.ECDSA(hashes.SHA256()))

    verdict = verdict_on(make_signed_data(CONTENT, signer, reorder=True, sign=sign))
    assert (verdict.valid, verdict.deviations) == (True, ())


def test_a_signer_named_by_key_identifier_is_found(make_signed_data, signer):
    assert verdict_on(make_signed_data(CONTENT, signer, by_key_identifier=True)).valid


def test_a_signer_whose_issuer_is_written_in_another_string_type_is_found(make_signed_data, signer):
    issuer = asn1_x509.Name.build({"country_name": "vn", "common_name": "csca "}, use_printable=True)
    assert issuer.dump() != signer.certificate.issuer.der
    assert verdict_on(make_signed_data(CONTENT, signer, issuer=issuer)).valid


def test_the_right_one_of_several_certificates_is_taken(make, make_signed_data, signer):
    others = [make.signer(make.csca()).certificate for _ in range(3)]
    encoded = make_signed_data(CONTENT, signer, certificates=(*others, signer.certificate))
    signed = SignedData.decode(encoded)
    assert signed.certificates_of(signed.signers[0]) == (signer.certificate,)
    assert verdict_on(encoded).valid


def test_a_damaged_certificate_beside_the_signers_spoils_nothing(make, make_signed_data, signer, tlv_of):
    encoded = make_signed_data(CONTENT, signer)
    odd = tlv_of(0x30, b"\x02\x01\x01")
    old, new = signer.certificate.der, signer.certificate.der + odd
    grown = cms.ContentInfo.load(encoded)
    inner = grown["content"]["certificates"].dump()
    set_of = tlv_of(0xA0, new)
    body = grown["content"].untag().dump().replace(inner, set_of)
    assert old in body
    content = body[len(body) - len(grown["content"].untag().contents) - len(set_of) + len(inner) :]
    whole = tlv_of(0x30, core.ObjectIdentifier("1.2.840.113549.1.7.2").dump() + tlv_of(0xA0, tlv_of(0x30, content)))
    signed = SignedData.decode(whole)
    assert (signed.certificates, signed.damaged_certificates) == ((signer.certificate,), 1)
    assert verdict_on(whole).valid


def test_no_certificate_is_enclosed_and_one_is_supplied(make_signed_data, signer):
    encoded = make_signed_data(CONTENT, signer, certificates=())
    assert SignedData.decode(encoded).certificates == ()
    assert verdict_on(encoded, signer.certificate).valid


# --- algorithms as they are in the wild -------------------------------------------------------------------------------


@pytest.mark.parametrize("oid", ["1.2.840.10045.2.1", "1.2.840.10045.4.3", "1.2.840.10045.4.3.2"])
def test_ecdsa_without_a_hash_takes_that_of_the_digest(make_signed_data, signer, oid):
    assert verdict_on(make_signed_data(CONTENT, signer, signature_oid=oid)).valid


def test_a_signature_hash_that_differs_from_the_digest_is_a_deviation(make_signed_data, signer):
    encoded = make_signed_data(
        CONTENT,
        signer,
        signature_oid="1.2.840.10045.4.3.4",
        sign=lambda m: signer.key.sign(m, ec.ECDSA(hashes.SHA512())),
    )
    verdict = verdict_on(encoded)
    assert (verdict.valid, verdict.deviations) == (True, (Deviation.DIGEST_ALGORITHM_DIFFERS,))


@pytest.mark.parametrize("oid", ["1.2.840.113549.1.1.1", "1.2.840.113549.1.1.11"])
def test_rsa_with_and_without_a_hash_in_its_name(make, make_signed_data, oid):
    signer = make.signer(make.csca(), key=RSA_KEY)
    encoded = make_signed_data(
        CONTENT,
        signer,
        signature_oid=oid,
        signature_parameters=core.Null(),
        sign=lambda m: RSA_KEY.sign(m, padding.PKCS1v15(), hashes.SHA256()),
    )
    assert verdict_on(encoded).valid


@pytest.mark.parametrize(("declared", "salt", "deviates"), [(32, 32, False), (64, 64, False), (32, 64, True)])
def test_rsassa_pss_with_any_salt(make, make_signed_data, declared, salt, deviates):
    signer = make.signer(make.csca(), key=RSA_KEY)
    parameters = algos.RSASSAPSSParams(
        {
            "hash_algorithm": {"algorithm": "sha256"},
            "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": {"algorithm": "sha256"}},
            "salt_length": declared,
        }
    )
    encoded = make_signed_data(
        CONTENT,
        signer,
        signature_oid="1.2.840.113549.1.1.10",
        signature_parameters=parameters,
        sign=lambda m: RSA_KEY.sign(m, padding.PSS(padding.MGF1(hashes.SHA256()), salt), hashes.SHA256()),
    )
    verdict = verdict_on(encoded)
    assert verdict.valid
    assert verdict.deviations == ((Deviation.PSS_SALT_LENGTH_DIFFERS,) if deviates else ())


def test_sha_1_still_verifies(make_signed_data, signer):
    encoded = make_signed_data(CONTENT, signer, digest="sha1", signature_oid="1.2.840.10045.4.1")
    assert verdict_on(encoded).valid


def test_an_algorithm_that_is_not_carried_is_named(make_signed_data, signer):
    verdict = verdict_on(make_signed_data(CONTENT, signer, signature_oid="1.3.101.112"))
    assert verdict.reason is SignerReason.UNSUPPORTED_ALGORITHM
    assert "Ed25519" in verdict.sentence


# --- encodings --------------------------------------------------------------------------------------------------------


def indefinite(encoded, certificate):
    """The same structure in BER: every constructed object of indefinite length, the certificate left alone."""

    def rewrite(data):
        out, position = b"", 0
        while position < len(data):
            tag, first = data[position], data[position + 1]
            header = 2 + (first & 0x7F if first > 0x80 else 0)
            length = first if first < 0x80 else int.from_bytes(data[position + 2 : position + header])
            value = data[position + header : position + header + length]
            whole = data[position : position + header + length]
            if tag == 0x04 and value == CONTENT:
                pieces = b"".join(b"\x04" + bytes([len(p)]) + p for p in (value[:5], value[5:]))
                out += b"\x24\x80" + pieces + b"\x00\x00"
            elif tag & 0x20 and whole != certificate:
                out += bytes([tag]) + b"\x80" + rewrite(value) + b"\x00\x00"
            else:
                out += whole
            position += header + length
        return out

    return rewrite(encoded)


def test_indefinite_lengths_and_content_in_pieces_are_accepted(make_signed_data, signer):
    encoded = make_signed_data(CONTENT, signer)
    ber = indefinite(encoded, signer.certificate.der)
    assert b"\x24\x80" in ber
    assert to_definite(ber) == encoded
    assert verdict_on(ber).valid


def test_definite_lengths_keep_their_bytes(make_signed_data, signer):
    encoded = make_signed_data(CONTENT, signer)
    assert to_definite(encoded) is encoded


def test_an_octet_string_in_pieces_holds_octet_strings_only():
    with pytest.raises(MalformedData):
        to_definite(bytes.fromhex("2480 0201 05 0000"))
    assert to_definite(bytes.fromhex("2480 0401 05 2480 0401 06 0000 0000")) == bytes.fromhex("04020506")


def test_nesting_beyond_all_measure_is_malformed():
    with pytest.raises(MalformedData):
        SignedData.decode(b"\x30\x80" * 10000)


@pytest.mark.parametrize(
    "encoded",
    [b"", b"\x30\x00", bytes.fromhex("300b06092a864886f70d010702"), b"\x77\x03\x30\x01\x00"],
)
def test_what_is_no_signed_data_is_malformed(encoded):
    with pytest.raises(MalformedData):
        SignedData.decode(encoded)


def test_other_cms_content_is_refused_by_its_identifier():
    with pytest.raises(UnsupportedFeature, match=r"1\.2\.840\.113549\.1\.7\.1"):
        SignedData.decode(cms.ContentInfo({"content_type": "data", "content": b"x"}).dump())
