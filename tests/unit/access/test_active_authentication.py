import hashlib
import secrets
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from verifier.access.chip.active_authentication import (
    authenticate_actively,
    response_length,
    verify_active_authentication,
)
from verifier.access.chip.iso9796_2 import verify_message_recovery
from verifier.access.proofs import ActiveAuthenticationProof
from verifier.errors import CardRefused, InvalidInput, MalformedData, UnsupportedFeature
from verifier.iso7816.exchange import perform
from verifier.lds.security_infos import ActiveAuthenticationInfo

CHALLENGE = bytes.fromhex("F173589974BF40C6")
PLAIN, DER = "0.4.0.127.0.7.1.1.4.1", "1.2.840.10045.4.3"
TRAILERS = [
    ("BC", "sha1"),
    ("33CC", "sha1"),
    ("34CC", "sha256"),
    ("35CC", "sha512"),
    ("36CC", "sha384"),
    ("38CC", "sha224"),
]


def spki(public_key) -> bytes:
    return public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def info(algorithm: str) -> ActiveAuthenticationInfo:
    return ActiveAuthenticationInfo("2.23.136.1.1.5", 1, algorithm)


@pytest.fixture(scope="module")
def rsa_key():
    return rsa.generate_private_key(65537, 2048)


def recovered_part(
    trailer: str, name: str, challenge: bytes = CHALLENGE, *, length: int = 256, filled: int = 0
) -> bytes:
    """What a chip signs by ISO/IEC 9796-2, scheme 1, with ``filled`` bytes of padding before M1."""
    end = bytes.fromhex(trailer)
    header = b"\x6a" if not filled else b"\x6b" + b"\xbb" * (filled - 1) + b"\xba"
    m1 = secrets.token_bytes(length - len(header) - hashlib.new(name).digest_size - len(end))
    return header + m1 + hashlib.new(name, m1 + challenge).digest() + end


def sign(key: rsa.RSAPrivateKey, recovered: bytes) -> bytes:
    numbers = key.private_numbers()
    return pow(int.from_bytes(recovered), numbers.d, numbers.public_numbers.n).to_bytes(len(recovered))


@pytest.mark.parametrize(("trailer", "name"), TRAILERS)
@pytest.mark.parametrize("filled", [0, 1, 2, 40])
def test_every_trailer_and_padding_of_rsa_is_accepted(rsa_key, trailer, name, filled):
    signature = sign(rsa_key, recovered_part(trailer, name, filled=filled))
    key = spki(rsa_key.public_key())
    assert verify_active_authentication(ActiveAuthenticationProof(CHALLENGE, signature), key, None)
    assert not verify_active_authentication(ActiveAuthenticationProof(bytes(8), signature), key, None)


def test_the_smaller_of_both_roots_is_accepted(rsa_key):
    """ISO/IEC 9796-2, B.6: a signer may give n - s."""
    modulus = rsa_key.public_key().public_numbers().n
    signature = modulus - int.from_bytes(sign(rsa_key, recovered_part("BC", "sha1")))
    proof = ActiveAuthenticationProof(CHALLENGE, signature.to_bytes(256))
    assert verify_active_authentication(proof, spki(rsa_key.public_key()), None)


def test_a_signature_that_recovers_the_whole_message_is_refused_since_it_can_be_replayed(rsa_key):
    message = secrets.token_bytes(256 - 1 - 20 - 1)
    total = b"\x4a" + message + hashlib.sha1(message).digest() + b"\xbc"
    proof = ActiveAuthenticationProof(CHALLENGE, sign(rsa_key, total))
    assert not verify_active_authentication(proof, spki(rsa_key.public_key()), None)


@pytest.mark.parametrize("header", [b"\x4a", b"\x4b\xba", b"\x4b\xbb\xbb\xba"])
@pytest.mark.parametrize(("trailer", "name"), TRAILERS)
def test_total_recovery_is_accepted_where_the_challenge_is_among_what_is_recovered(rsa_key, trailer, name, header):
    end, size = bytes.fromhex(trailer), hashlib.new(name).digest_size
    message = secrets.token_bytes(256 - len(header) - size - len(end) - 8) + CHALLENGE
    signature = sign(rsa_key, header + message + hashlib.new(name, message).digest() + end)
    key = spki(rsa_key.public_key())
    assert verify_active_authentication(ActiveAuthenticationProof(CHALLENGE, signature), key, None)
    assert not verify_active_authentication(ActiveAuthenticationProof(bytes(8), signature), key, None)
    partial = sign(rsa_key, b"\x6a" + header[1:] + message + hashlib.new(name, message).digest() + end)
    assert not verify_active_authentication(ActiveAuthenticationProof(CHALLENGE, partial), key, None)


def test_a_modulus_that_is_not_of_whole_bytes_is_named():
    with pytest.raises(UnsupportedFeature, match="1027 bits"):
        verify_message_recovery((1 << 1026) + 1, 3, bytes(128), CHALLENGE)


@pytest.mark.parametrize(
    "change",
    [
        lambda part: b"\x7a" + part[1:],
        lambda part: b"\x2a" + part[1:],
        lambda part: b"\x6b" + part[1:],
        lambda part: b"\x6b\xbb\xab" + part[3:],
        lambda part: b"\x6b" + b"\xbb" * (len(part) - 2) + b"\xbc",
        lambda part: part[:-2] + b"\x31\xcc",
        lambda part: b"\x4a" + part[1:],
        lambda part: part[:-2] + b"\x37\xcc",
        lambda part: part[:-1] + b"\xcd",
        lambda part: part[:100] + bytes([part[100] ^ 1]) + part[101:],
        lambda part: part[:-5] + bytes([part[-5] ^ 1]) + part[-4:],
    ],
)
def test_any_other_form_of_the_recovered_part_is_refused(rsa_key, change):
    signature = sign(rsa_key, change(recovered_part("BC", "sha1")))
    proof = ActiveAuthenticationProof(CHALLENGE, signature)
    assert not verify_active_authentication(proof, spki(rsa_key.public_key()), None)


@pytest.mark.parametrize("signature", [b"", b"\x00", b"\x01", bytes(256), b"\xff" * 256, b"\x01" * 257])
def test_a_number_that_is_no_signature_is_false(rsa_key, signature):
    proof = ActiveAuthenticationProof(CHALLENGE, signature)
    assert not verify_active_authentication(proof, spki(rsa_key.public_key()), None)


def test_a_digest_larger_than_the_key_is_false():
    assert not verify_message_recovery((1 << 511) + 1, 1, b"\x6a" + bytes(61) + b"\x35\xcc", CHALLENGE)


CURVES = [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1(), ec.BrainpoolP256R1(), ec.BrainpoolP512R1()]
DIGESTS = [hashes.SHA1(), hashes.SHA224(), hashes.SHA256(), hashes.SHA384(), hashes.SHA512()]


@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.name)
@pytest.mark.parametrize(("arc", "digest"), list(enumerate(DIGESTS, 1)), ids=lambda value: getattr(value, "name", ""))
def test_ecdsa_is_accepted_plain_and_in_der_with_the_digest_named_or_tried(curve, arc, digest):
    key = ec.generate_private_key(curve)
    der = key.sign(CHALLENGE, ec.ECDSA(digest))
    size = (curve.key_size + 7) // 8
    plain = b"".join(number.to_bytes(size) for number in decode_dss_signature(der))
    named = info(f"{PLAIN}.{arc}")
    for signature in (der, plain):
        proof = ActiveAuthenticationProof(CHALLENGE, signature)
        assert verify_active_authentication(proof, spki(key.public_key()), named)
        assert verify_active_authentication(proof, spki(key.public_key()), None)
        assert not verify_active_authentication(replace(proof, challenge=bytes(8)), spki(key.public_key()), None)


def test_the_digest_that_dg14_names_is_the_only_one():
    key = ec.generate_private_key(ec.SECP256R1())
    proof = ActiveAuthenticationProof(CHALLENGE, key.sign(CHALLENGE, ec.ECDSA(hashes.SHA256())))
    assert verify_active_authentication(proof, spki(key.public_key()), info(f"{DER}.2"))
    assert not verify_active_authentication(proof, spki(key.public_key()), info(f"{PLAIN}.1"))


@pytest.mark.parametrize(
    "signature", [b"", b"\x30", bytes(64), b"\xff" * 64, b"\x30\x06\x02\x01\xff\x02\x01\x01", b"\x01" * 63]
)
def test_what_is_no_ecdsa_signature_is_false(signature):
    key = ec.derive_private_key(5, ec.SECP256R1())
    proof = ActiveAuthenticationProof(CHALLENGE, signature)
    assert not verify_active_authentication(proof, spki(key.public_key()), None)


def test_an_unknown_algorithm_is_named():
    key = ec.derive_private_key(5, ec.SECP256R1())
    with pytest.raises(UnsupportedFeature, match=rf"{PLAIN}\.6"):
        verify_active_authentication(
            ActiveAuthenticationProof(CHALLENGE, bytes(64)), spki(key.public_key()), info(f"{PLAIN}.6")
        )


def test_a_key_that_is_none_is_malformed():
    with pytest.raises(MalformedData):
        verify_active_authentication(ActiveAuthenticationProof(CHALLENGE, bytes(64)), b"\x30\x00", None)


def test_a_challenge_of_another_length_proves_nothing():
    key = ec.generate_private_key(ec.SECP256R1())
    proof = ActiveAuthenticationProof(b"", key.sign(b"", ec.ECDSA(hashes.SHA256())))
    assert not verify_active_authentication(proof, spki(key.public_key()), None)


@pytest.mark.parametrize(("bits", "length"), [(1024, 256), (1536, 256), (2048, 65_536), (4096, 65_536)])
def test_only_long_rsa_signatures_ask_for_an_extended_response(bits, length):
    numbers = rsa.RSAPublicNumbers(65537, (1 << bits) - 1)
    assert response_length(spki(numbers.public_key())) == length


def test_an_ecdsa_signature_fits_a_short_response():
    assert response_length(spki(ec.generate_private_key(ec.SECP521R1()).public_key())) == 256


def test_one_command_asks_the_chip(answering_card):
    card = answering_card(b"signed" + b"\x90\x00")
    proof = perform(authenticate_actively(lambda _: CHALLENGE), card)
    assert card.commands[0].encode() == bytes.fromhex("0088000008F173589974BF40C600")
    assert (proof.challenge, proof.signature) == (CHALLENGE, b"signed")


def test_a_chip_that_refuses_is_a_refusal(answering_card):
    with pytest.raises(CardRefused, match="6D00"):
        perform(authenticate_actively(lambda _: CHALLENGE), answering_card(b"\x6d\x00"))


def test_a_short_challenge_is_not_sent(answering_card):
    card = answering_card()
    with pytest.raises(InvalidInput):
        perform(authenticate_actively(lambda _: b"short"), card)
    assert not card.commands
