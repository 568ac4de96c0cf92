"""Whatever the bytes, the decoders of certificates, CRLs and signed objects raise the project's own errors only."""

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import keys as asn1_keys
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.errors import MalformedData, VerifierError
from verifier.iso7816 import tlv
from verifier.pki.asn1.ber import to_definite
from verifier.pki.certificate import Certificate
from verifier.pki.cms import SignedData
from verifier.pki.crl import CertificateRevocationList
from verifier.pki.keys.algorithms import SignatureAlgorithm
from verifier.pki.keys.curves import CURVES_BY_OID
from verifier.pki.keys.public_key import PublicKey
from verifier.pki.names import Name
from verifier.pki.path import find_path
from verifier.pki.revocation import revocation_status
from verifier.pki.trust.trust_store import TrustStore

NOW = datetime(2026, 6, 1, tzinfo=UTC)
CSCA_KEY = ec.derive_private_key(12345, ec.SECP256R1())
SIGNER_KEY = rsa.generate_private_key(65537, 2048)
USAGE = dict.fromkeys(
    ["content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"],
    False,
)


def issue(subject, key, *, ca):
    names = [
        x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"), x509.NameAttribute(NameOID.COMMON_NAME, text)])
        for text in (subject, "CSCA")
    ]
    usage = x509.KeyUsage(digital_signature=not ca, key_cert_sign=ca, crl_sign=ca, **USAGE)
    return (
        x509.CertificateBuilder()
        .subject_name(names[0])
        .issuer_name(names[1])
        .public_key(key.public_key())
        .serial_number(5)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
        .add_extension(usage, critical=True)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=0 if ca else None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(CSCA_KEY.public_key()), critical=False)
        .sign(CSCA_KEY, hashes.SHA256())
    )


def der(thing):
    return thing.public_bytes(serialization.Encoding.DER)


def revocation_list():
    entry = x509.RevokedCertificateBuilder().serial_number(9).revocation_date(NOW)
    return (
        x509.CertificateRevocationListBuilder()
        .issuer_name(CSCA.subject)
        .last_update(NOW - timedelta(days=1))
        .next_update(NOW + timedelta(days=1))
        .add_revoked_certificate(entry.add_extension(x509.CRLReason(x509.ReasonFlags.superseded), False).build())
        .add_extension(x509.CRLNumber(1), critical=False)
        .add_extension(x509.IssuerAlternativeName([x509.DirectoryName(CSCA.subject)]), critical=False)
        .sign(CSCA_KEY, hashes.SHA256())
    )


CSCA = issue("CSCA", CSCA_KEY, ca=True)
SIGNER = issue("DS", SIGNER_KEY, ca=False)
SIGNED = (
    pkcs7.PKCS7SignatureBuilder()
    .set_data(b"content")
    .add_signer(SIGNER, SIGNER_KEY, hashes.SHA256())
    .sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])
)
SPKI = CSCA_KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
TRUST = TrustStore.from_certificates(
    [Certificate.decode(der(CSCA))], [CertificateRevocationList.decode(der(revocation_list()))]
)


@st.composite
def mutated(draw, original):
    """A few bytes changed, cut out, doubled or put in: near enough to get deep into a decoder."""
    data = bytearray(original)
    for _ in range(draw(st.integers(1, 4))):
        position = draw(st.integers(0, max(len(data) - 1, 0)))
        match draw(st.sampled_from(["change", "cut", "double", "insert", "length"])):
            case "change":
                data[position : position + 1] = draw(st.binary(min_size=1, max_size=1))
            case "cut":
                del data[position : position + draw(st.integers(1, 30))]
            case "double":
                data[position:position] = data[position : position + draw(st.integers(1, 60))]
            case "insert":
                data[position:position] = draw(st.binary(min_size=1, max_size=8))
            case "length":
                data[position : position + 1] = draw(st.sampled_from([b"\x00", b"\x80", b"\x84", b"\x7f", b"\xff"]))
    return bytes(data)


def use_certificate(encoded):
    certificate = Certificate.decode(encoded)
    find_path(certificate, TRUST, NOW)
    revocation_status(certificate, (), TRUST, NOW)
    trust = TrustStore.from_certificates([certificate, *TRUST.certificates])
    find_path(Certificate.decode(der(SIGNER)), trust, NOW)
    _ = (repr(certificate), str(certificate.subject), certificate.fingerprint, certificate.signature_algorithm.name)
    _ = certificate.public_key.description


def use_list(encoded):
    crl = CertificateRevocationList.decode(encoded)
    signer = Certificate.decode(der(SIGNER))
    trust = TrustStore.from_certificates(TRUST.certificates, [crl])
    revocation_status(signer, (signer, *TRUST.certificates), trust, NOW)


def use_signed_data(encoded):
    signed = SignedData.decode(encoded)
    for signer in signed.signers:
        for certificate in (*signed.certificates_of(signer), *TRUST.certificates):
            signed.verify(signer, certificate)


def use_public_key(encoded):
    key = PublicKey.decode(encoded)
    key.verify(SignatureAlgorithm.decode(bytes.fromhex("300a06082a8648ce3d040302")), encoded, encoded)


P256 = CURVES_BY_OID["1.2.840.10045.3.1.7"]
EXPLICIT = asn1_keys.PublicKeyInfo.load(SPKI)
EXPLICIT["algorithm"]["parameters"] = asn1_keys.ECDomainParameters(
    name="specified",
    value=asn1_keys.SpecifiedECDomain(
        {
            "version": "ecdpVer1",
            "field_id": {"field_type": "prime_field", "parameters": P256.p},
            "curve": {"a": P256.a.to_bytes(32), "b": P256.b.to_bytes(32)},
            "base": b"\x04" + P256.gx.to_bytes(32) + P256.gy.to_bytes(32),
            "order": P256.n,
            "cofactor": 1,
        }
    ),
)
CASES = [
    (use_certificate, der(CSCA)),
    (use_certificate, der(SIGNER)),
    (use_list, der(revocation_list())),
    (use_signed_data, SIGNED),
    (use_public_key, SPKI),
    (use_public_key, EXPLICIT.dump(force=True)),
    (Name.decode, CSCA.subject.public_bytes()),
    (to_definite, bytes.fromhex("3080248004016104016200000201050000")),
]
NAMES = [f"{use.__name__}-{number}" for number, (use, _) in enumerate(CASES)]


@pytest.mark.parametrize(("use", "original"), CASES, ids=NAMES)
def test_the_original_is_used_without_a_murmur(use, original):
    use(original)


@pytest.mark.parametrize(("use", "original"), CASES, ids=NAMES)
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_damaged_structures_raise_only_our_errors(use, original, data):
    encoded = data.draw(mutated(original))
    with contextlib.suppress(VerifierError):
        use(encoded)


@pytest.mark.parametrize("use", [use for use, _ in CASES[2:]], ids=NAMES[2:])
@given(encoded=st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_random_bytes_raise_only_our_errors(use, encoded):
    with contextlib.suppress(VerifierError):
        use(encoded)


@given(encoded=st.recursive(st.binary(max_size=8), lambda inner: st.lists(inner, max_size=4), max_leaves=20))
@settings(max_examples=150, deadline=None)
def test_what_was_made_definite_stays_as_it_is(encoded):
    """Any tree in BER with indefinite lengths becomes definite, and is not changed again."""

    def write(node):
        if isinstance(node, bytes):
            return b"\x04" + bytes([len(node)]) + node
        return b"\x30\x80" + b"".join(write(child) for child in node) + b"\x00\x00"

    def write_definite(node):
        if isinstance(node, bytes):
            return b"\x04" + bytes([len(node)]) + node
        return tlv.encode(0x30, b"".join(write_definite(child) for child in node))

    definite = to_definite(write(encoded))
    assert definite == write_definite(encoded)
    assert to_definite(definite) is definite


@given(depth=st.integers(41, 3000), tag=st.sampled_from([0x30, 0x31, 0xA0, 0x24]))
@settings(max_examples=20, deadline=None)
def test_deep_nesting_is_malformed_and_no_recursion(depth, tag):
    encoded = bytes([tag, 0x80]) * depth + b"\x00\x00" * depth
    with pytest.raises(MalformedData):
        SignedData.decode(encoded)
