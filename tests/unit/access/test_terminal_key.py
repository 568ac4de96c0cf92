"""The reader's key in a proof comes from a file that anybody may have written."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from verifier.access.chip.chip_authentication import verify_chip_authentication
from verifier.access.cipher_suite import CipherSuite
from verifier.access.proofs import ChipAuthenticationProof
from verifier.lds.security_infos import ChipAuthenticationInfo, ChipAuthenticationPublicKeyInfo

CA, PK = "0.4.0.127.0.7.2.2.3.2.2", "0.4.0.127.0.7.2.2.1.2"
SUITE = CipherSuite.AES_128
STATUS = bytes.fromhex("99029000")


@pytest.fixture
def keys() -> tuple[ec.EllipticCurvePrivateKey, ec.EllipticCurvePrivateKey]:
    return ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())


def is_proof(chip: ec.EllipticCurvePrivateKey, terminal: ec.EllipticCurvePrivateKey, pkcs8: bytes) -> bool:
    """Tell whether an answer that chip and terminal would agree on is taken as a proof with this terminal key."""
    secret = terminal.exchange(ec.ECDH(), chip.public_key())
    _, mac_key = SUITE.derive_session_keys(secret)
    mac = SUITE.mac(mac_key, (2).to_bytes(16) + SUITE.pad(STATUS))
    proof = ChipAuthenticationProof(CA, None, pkcs8, STATUS + b"\x8e\x08" + mac)
    static = chip.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return verify_chip_authentication(
        proof, ChipAuthenticationInfo(CA, 1, None), ChipAuthenticationPublicKeyInfo(PK, static, None)
    )


def encoded(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def test_a_key_of_the_readers_own_is_a_proof(keys):
    chip, reader = keys
    assert is_proof(chip, reader, encoded(reader))


def test_the_chips_own_key_is_no_proof(keys):
    chip, _ = keys
    assert not is_proof(chip, chip, encoded(chip))


def test_the_chips_own_key_is_no_proof_under_a_false_public_half(keys):
    chip, other = keys
    disguised = encoded(chip).replace(point(chip), point(other))
    assert disguised != encoded(chip)
    assert not is_proof(chip, chip, disguised)
