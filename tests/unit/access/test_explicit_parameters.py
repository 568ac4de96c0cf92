import pytest

from verifier.access.pace.establishment import choose_pace
from verifier.errors import UnsupportedFeature
from verifier.iso7816.object_identifier import encode_object_identifier
from verifier.iso7816.tlv import decode_one, encode
from verifier.lds.card_access import CardAccess
from verifier.pki.keys.curves import NAMED_CURVES

ECDH_GM, DH_GM = "0.4.0.127.0.7.2.2.4.2", "0.4.0.127.0.7.2.2.4.1"
EC_PUBLIC_KEY, DH_PUBLIC_NUMBER = "1.2.840.10045.2.1", "1.2.840.10046.2.1"
STANDARDISED = "0.4.0.127.0.7.1.2"
P256 = next(curve for curve in NAMED_CURVES if curve.name == "P-256")


def integer(value: int) -> bytes:
    return encode(0x02, value.to_bytes(value.bit_length() // 8 + 1))


def oid(dotted: str) -> bytes:
    return encode(0x06, encode_object_identifier(dotted))


def ec_parameters(b: int) -> bytes:
    size = P256.field_length
    base = b"\x04" + P256.gx.to_bytes(size) + P256.gy.to_bytes(size)
    field = encode(0x30, oid("1.2.840.10045.1.1") + integer(P256.p))
    coefficients = encode(0x30, encode(0x04, P256.a.to_bytes(size)) + encode(0x04, b.to_bytes(size)))
    return encode(0x30, integer(1) + field + coefficients + encode(0x04, base) + integer(P256.n) + integer(1))


def card_access(family: str, algorithm: bytes, parameter_id: int | None = 40) -> bytes:
    number = b"" if parameter_id is None else integer(parameter_id)
    offer = encode(0x30, oid(f"{family}.2") + integer(2) + number)
    parameters = encode(0x30, oid(family) + encode(0x30, algorithm) + number)
    return encode(0x31, offer + parameters)


@pytest.mark.parametrize(
    ("family", "algorithm", "name"),
    [
        (ECDH_GM, oid(EC_PUBLIC_KEY) + ec_parameters(P256.b), "the curve P-256"),
        (ECDH_GM, oid(EC_PUBLIC_KEY) + ec_parameters(P256.b + 1), "an elliptic curve that is not known"),
        (ECDH_GM, oid(STANDARDISED) + integer(13), "the standardised ones of number 13"),
        (DH_GM, oid(DH_PUBLIC_NUMBER) + encode(0x30, integer(1 << 2047)), "a 2048-bit MODP group"),
        (DH_GM, oid("1.2.3") + b"\x05\x00", "of the unknown kind 1.2.3"),
        (DH_GM, oid(DH_PUBLIC_NUMBER), "unreadable"),
        (DH_GM, b"", "unreadable"),
    ],
)
@pytest.mark.parametrize("parameter_id", [40, None])
def test_domain_parameters_of_the_cards_own_are_refused_by_name(family, algorithm, name, parameter_id):
    """ICAO 9303-11, 9.2.2: parameters that nobody signed, and weak ones would leak the password."""
    infos = CardAccess.decode(card_access(family, algorithm, parameter_id)).security_infos
    with pytest.raises(UnsupportedFeature) as caught:
        choose_pace(infos)
    assert f"domain parameters of its own ({name})" in caught.value.sentence


def test_standardised_parameters_beside_the_cards_own_are_taken():
    own = decode_one(card_access(ECDH_GM, oid(EC_PUBLIC_KEY) + ec_parameters(P256.b + 1))).value
    offer = encode(0x30, oid(f"{ECDH_GM}.2") + integer(2) + integer(13))
    infos = CardAccess.decode(encode(0x31, own + offer)).security_infos
    chosen = choose_pace(infos)
    assert chosen.parameter_id == 13
    assert chosen.parameters_ambiguous
