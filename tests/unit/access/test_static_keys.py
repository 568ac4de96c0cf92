"""The chip's static key in every form that cards write it in, and in forms that no group has."""

import random

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from verifier.access.chip.finite_field import FiniteFieldGroup, encode_public_value, jacobi_symbol
from verifier.access.chip.static_keys import CurveKey, FieldKey, decode_static_key
from verifier.access.groups.rfc5114 import MODP_GROUPS
from verifier.errors import CardProtocolError, InvalidInput, MalformedData, UnsupportedFeature
from verifier.iso7816.object_identifier import encode_object_identifier
from verifier.iso7816.tlv import encode

PKCS3, X942, STANDARDISED = "1.2.840.113549.1.3.1", "1.2.840.10046.2.1", "0.4.0.127.0.7.1.2"
RFC5114 = MODP_GROUPS[2]
# A group that no standard has: p = q * j + 1 with a prime q of 160 bits, drawn for this test.
OWN_P = int(
    "8ab5783047e8612c2716f505f47c13d7f270af7466808a1314f9cae2afa8b32b92637bbca7c2bf49226d42082f0379d1"
    "c943439651149e6873c019af8ab2951625e68b2afd40277f59ee5e9055ed8ef3188fb055114e78b5fea290d52584dfc9"
    "8d018656458c49daca904ea154fc114a3a856720a1fe28b420b09c1af6b1d489",
    16,
)
OWN_Q = 0x8F0A577C6D2F64EE64A9A8A12BB2148F6995514F
OWN_G = pow(2, (OWN_P - 1) // OWN_Q, OWN_P)


def integer(value: int) -> bytes:
    return encode(0x02, value.to_bytes(value.bit_length() // 8 + 1))


def algorithm(oid: str, parameters: bytes) -> bytes:
    return encode(0x30, encode(0x06, encode_object_identifier(oid)) + parameters)


def spki(oid: str, numbers: tuple[int, ...], value: int, more: bytes = b"") -> bytes:
    parameters = encode(0x30, b"".join(integer(number) for number in numbers) + more)
    return encode(0x30, algorithm(oid, parameters) + encode(0x03, b"\x00" + integer(value)))


def seeded(seed: int = 1):
    return random.Random(seed).randbytes


FORMS = {
    "PKCS #3": spki(PKCS3, (OWN_P, OWN_G), pow(OWN_G, 99, OWN_P)),
    "PKCS #3 with a length": spki(PKCS3, (OWN_P, OWN_G, 160), pow(OWN_G, 99, OWN_P)),
    "X9.42": spki(X942, (OWN_P, OWN_G, OWN_Q), pow(OWN_G, 99, OWN_P)),
    "X9.42 with j": spki(X942, (OWN_P, OWN_G, OWN_Q, (OWN_P - 1) // OWN_Q), pow(OWN_G, 99, OWN_P)),
    "X9.42 with a validation": spki(
        X942, (OWN_P, OWN_G, OWN_Q), pow(OWN_G, 99, OWN_P), encode(0x30, encode(0x03, b"\x00seed") + integer(7))
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_diffie_hellman_key_agrees_with_its_private_half(form):
    key = decode_static_key(FORMS[form])
    agreement = key.agree(seeded())
    public = int.from_bytes(agreement.public_key)
    assert agreement.secret == pow(public, 99, OWN_P).to_bytes(128)
    assert key.agree_again(agreement.private_key) == agreement.secret


@pytest.mark.parametrize("parameter_id", [0, 1, 2])
def test_standardised_groups_are_known_by_number_by_parameters_and_without_q(parameter_id):
    group = MODP_GROUPS[parameter_id]
    value = pow(group.g, 12345, group.p)
    by_number = encode(0x30, algorithm(STANDARDISED, integer(parameter_id)) + encode(0x03, b"\x00" + integer(value)))
    forms = [
        by_number,
        spki(PKCS3, (group.p, group.g), value),
        spki(X942, (group.p, group.g, group.q), value),
    ]
    keys = [decode_static_key(form) for form in forms]
    assert keys[0] == keys[1] == keys[2] == FieldKey(FiniteFieldGroup.of(group), value)
    agreement = keys[0].agree(seeded())
    assert agreement.secret == pow(int.from_bytes(agreement.public_key), 12345, group.p).to_bytes(group.field_length)


def test_a_standardised_curve_is_known_by_number():
    """So German passports write both keys of EF.CardSecurity."""
    key = ec.derive_private_key(7, ec.BrainpoolP256R1()).public_key()
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    by_number = encode(0x30, algorithm(STANDARDISED, integer(13)) + encode(0x03, b"\x00" + point))
    by_name = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert decode_static_key(by_number) == decode_static_key(by_name)
    assert isinstance(decode_static_key(by_number), CurveKey)


def test_a_secret_keeps_its_leading_zeros_and_a_public_value_has_none():
    group = FiniteFieldGroup.of(RFC5114)
    private = next(x for x in range(2, 2000) if pow(RFC5114.g, x * 7919, RFC5114.p).bit_length() <= 2040)
    key = FieldKey(group, pow(RFC5114.g, 7919, RFC5114.p))
    secret = key.agree(private.to_bytes).secret
    assert (len(secret), secret[0]) == (256, 0)
    short = next(x for x in range(2, 2000) if pow(RFC5114.g, x, RFC5114.p).bit_length() <= 2040)
    assert len(encode_public_value(group.public_value(short))) == 255


@pytest.mark.parametrize("value", [0, 1, RFC5114.p - 1, RFC5114.p, RFC5114.p + 5, 2])
def test_a_value_outside_the_subgroup_is_refused(value):
    """Its few powers would give the reader's private key away, or the secret would be known to everybody."""
    with pytest.raises(MalformedData, match="no member"):
        decode_static_key(spki(X942, (RFC5114.p, RFC5114.g, RFC5114.q), value))


@pytest.mark.parametrize("value", [0, 1, OWN_P - 1, OWN_P])
def test_without_q_a_value_out_of_range_is_refused(value):
    with pytest.raises(MalformedData, match="no member"):
        decode_static_key(spki(PKCS3, (OWN_P, OWN_G), value))


@pytest.mark.parametrize(
    ("numbers", "error", "sentence"),
    [
        (((1 << 767) + 1, 2), UnsupportedFeature, "768 bits"),
        (((1 << 4096) + 1, 2), UnsupportedFeature, "4097 bits"),
        ((OWN_P - 1, OWN_G), MalformedData, "impossible"),
        ((OWN_P, 1), MalformedData, "impossible"),
        ((OWN_P, OWN_P - 1), MalformedData, "impossible"),
        ((OWN_P, OWN_G, 8), UnsupportedFeature, "private values of 8 bits"),
        ((OWN_P, OWN_G, 5000), UnsupportedFeature, "private values of 5000 bits"),
    ],
)
def test_a_group_that_is_none_or_too_small_or_too_large_is_named(numbers, error, sentence):
    with pytest.raises(error, match=sentence):
        decode_static_key(spki(PKCS3, numbers, 4))


@pytest.mark.parametrize("q", [0, 1, 2, OWN_Q + 2, OWN_P - 1], ids=["0", "1", "2", "another prime", "p - 1"])
def test_an_order_that_is_not_the_generators_is_refused(q):
    with pytest.raises((MalformedData, UnsupportedFeature)):
        decode_static_key(spki(X942, (OWN_P, OWN_G + 1, q), 4))


def test_a_chip_whose_key_is_the_readers_own_is_refused():
    group = FiniteFieldGroup.of(RFC5114)
    drawn = FieldKey(group, RFC5114.g).agree(seeded(3))
    mirror = FieldKey(group, int.from_bytes(drawn.public_key))
    with pytest.raises(CardProtocolError, match="own ephemeral key"):
        mirror.agree(seeded(3))
    assert mirror.agree_again(drawn.private_key) is None


def test_a_readers_key_of_another_group_or_kind_is_none():
    key = FieldKey(FiniteFieldGroup.of(RFC5114), pow(RFC5114.g, 5, RFC5114.p))
    other = FieldKey(FiniteFieldGroup(OWN_P, OWN_G, OWN_Q), pow(OWN_G, 5, OWN_P)).agree(seeded()).private_key
    curve = ec.generate_private_key(ec.SECP256R1())
    pkcs8 = curve.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    for wrong in (other, pkcs8, b"", b"\x30\x00", bytes(5000)):
        assert key.agree_again(wrong) is None
    on_curve = decode_static_key(curve.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    assert on_curve.agree_again(other) is None


@pytest.mark.parametrize("private", [0, 1, RFC5114.q, RFC5114.p])
def test_a_private_value_that_could_not_have_been_drawn_is_none(private):
    key = FieldKey(FiniteFieldGroup.of(RFC5114), pow(RFC5114.g, 5, RFC5114.p))
    parameters = encode(0x30, integer(RFC5114.p) + integer(RFC5114.g) + integer(RFC5114.q))
    pkcs8 = encode(0x30, integer(0) + algorithm(X942, parameters) + encode(0x04, integer(private)))
    assert key.agree_again(pkcs8) is None


def test_a_source_of_zeros_gives_no_key():
    with pytest.raises(InvalidInput):
        FiniteFieldGroup.of(RFC5114).draw(bytes)


# The 2048-bit group of RFC 7919, A.1 (ffdhe2048): a safe prime, whose subgroup of squares has the order (p - 1) / 2.
SAFE_P = int(
    "ffffffffffffffffadf85458a2bb4a9aafdc5620273d3cf1d8b9c583ce2d3695a9e13641146433fbcc939dce249b3ef9"
    "7d2fe363630c75d8f681b202aec4617ad3df1ed5d5fd65612433f51f5f066ed0856365553ded1af3b557135e7f57c935"
    "984f0c70e0e68b77e2a689daf3efe8721df158a136ade73530acca4f483a797abc0ab182b324fb61d108a94bb2c8e3fb"
    "b96adab760d7f4681d4f42a3de394df4ae56ede76372bb190b07a7c8ee0a6d709e02fce1cdf7e2ecc03404cd28342f61"
    "9172fe9ce98583ff8e4f1232eef28183c3fe3b1b4c6fad733bb5fcbc2ec22005c58ef1837d1683b2c6f34a26c1b2effa"
    "886b423861285c97ffffffffffffffff",
    16,
)
SAFE_Q = (SAFE_P - 1) // 2


def test_the_squares_of_a_safe_prime_are_a_group_and_a_private_value_is_never_long():
    key = decode_static_key(spki(X942, (SAFE_P, 4, SAFE_Q), pow(4, 99, SAFE_P)))
    agreement = key.agree(seeded())
    assert agreement.secret == pow(int.from_bytes(agreement.public_key), 99, SAFE_P).to_bytes(256)
    assert key.agree_again(agreement.private_key) == agreement.secret
    assert key.group.draw(seeded()).bit_length() <= 512


@pytest.mark.parametrize(("g", "value"), [(4, SAFE_P - 4), (SAFE_P - 4, 4)])
def test_what_is_no_square_of_a_safe_prime_is_outside_its_group(g, value):
    with pytest.raises(MalformedData):
        decode_static_key(spki(X942, (SAFE_P, g, SAFE_Q), value))


@pytest.mark.parametrize("q", [SAFE_P - 1, (SAFE_P - 1) // 2 - 2, 3 << 600])
def test_another_subgroup_of_so_many_bits_is_not_looked_at(q):
    with pytest.raises(UnsupportedFeature):
        decode_static_key(spki(X942, (SAFE_P, 4, q), 16))


@pytest.mark.parametrize("modulus", [3, 7, 101, 997])
def test_the_jacobi_symbol_tells_squares(modulus):
    squares = {value * value % modulus for value in range(1, modulus)}
    assert all((jacobi_symbol(value, modulus) == 1) is (value in squares) for value in range(modulus))
