"""Issuers' signatures by DSA and by plain ECDSA: rare, and allowed or once prescribed."""

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from verifier.access.chip.active_authentication import response_length
from verifier.errors import MalformedData, UnsupportedFeature
from verifier.pki.keys.algorithms import Scheme, SignatureAlgorithm
from verifier.pki.keys.public_key import PublicKey
from verifier.sdk.testing import GROUPS
from verifier.sdk.testing.writing.der_writing import integer, object_identifier, sequence

GROUP = GROUPS["MODP-2048-256"]
SECRET = 0x1234567890ABCDEF1234567890ABCDEF1234567890ABCDEF
Y = pow(GROUP.generator.x, SECRET, GROUP.p)
PARAMETERS = (GROUP.p, GROUP.n, GROUP.generator.x)
MESSAGE = b"what the issuer signed"


def dsa_key_info(y: int = Y, parameters: tuple[int, ...] | None = PARAMETERS) -> bytes:
    numbers = () if parameters is None else (sequence(*map(integer, parameters)),)
    key = b"\x00" + integer(y)
    algorithm = sequence(object_identifier("1.2.840.10040.4.1"), *numbers)
    bits = b"\x03\x82" + len(key).to_bytes(2) + key
    return sequence(algorithm, bits)


def dsa_signature(hash_algorithm: hashes.HashAlgorithm) -> bytes:
    public = dsa.DSAPublicNumbers(Y, dsa.DSAParameterNumbers(*PARAMETERS))
    return dsa.DSAPrivateNumbers(SECRET, public).private_key().sign(MESSAGE, hash_algorithm)


@pytest.mark.parametrize("oid", ["2.16.840.1.101.3.4.3.1", "2.16.840.1.101.3.4.3.2"])
def test_a_dsa_signature_is_verified(oid: str) -> None:
    algorithm = SignatureAlgorithm.decode(sequence(object_identifier(oid)))
    key = PublicKey.decode(dsa_key_info())
    signature = dsa_signature(hashes.SHA224() if algorithm.hash_name == "sha224" else hashes.SHA256())
    assert key.description == "DSA 2048"
    assert key.verify(algorithm, signature, MESSAGE)
    assert not key.verify(algorithm, signature, MESSAGE + b".")
    assert not key.verify(algorithm, signature[:-1], MESSAGE)
    assert not key.verify(SignatureAlgorithm(Scheme.ECDSA, algorithm.hash_name), signature, MESSAGE)


def test_a_dsa_key_without_its_own_parameters_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedFeature, match="parameters"):
        PublicKey.decode(dsa_key_info(parameters=None))


def test_a_short_dsa_key_is_refused_by_name() -> None:
    short = GROUPS["MODP-1024-160"]
    with pytest.raises(UnsupportedFeature, match="1024"):
        PublicKey.decode(dsa_key_info(short.generator.x, (short.p, short.n, short.generator.x)))


@pytest.mark.parametrize("y", [0, 1, GROUP.p - 1, GROUP.p, 2])
def test_a_dsa_key_outside_the_subgroup_is_none(y: int) -> None:
    with pytest.raises(MalformedData):
        PublicKey.decode(dsa_key_info(y))


def test_no_chip_proves_itself_with_dsa() -> None:
    with pytest.raises(UnsupportedFeature):
        response_length(dsa_key_info())
    with pytest.raises(UnsupportedFeature, match="DSA"):
        _ = PublicKey.decode(dsa_key_info()).key


@pytest.mark.parametrize("curve", [ec.SECP224R1(), ec.BrainpoolP256R1(), ec.SECP521R1()])
def test_a_plain_signature_is_verified_under_its_own_identifier_only(curve: ec.EllipticCurve) -> None:
    private = ec.derive_private_key(SECRET, curve)
    key = PublicKey.decode(private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    plain = SignatureAlgorithm.decode(sequence(object_identifier("0.4.0.127.0.7.1.1.4.1.3")))
    der = private.sign(MESSAGE, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    size = (curve.group_order.bit_length() + 7) // 8
    signature = b"".join(number.to_bytes(size) for number in decode_dss_signature(der))
    assert key.verify(plain, signature, MESSAGE)
    assert not key.verify(plain, der, MESSAGE)
    assert not key.verify(plain, signature[:-1], MESSAGE)
    assert not key.verify(plain, bytes(2 * size), MESSAGE)
    assert not key.verify(SignatureAlgorithm(Scheme.ECDSA, "sha256"), signature, MESSAGE)
    assert not key.verify(plain, signature, MESSAGE + b".")
