"""Our own verification, where ``cryptography`` is the oracle: on curves that both of them carry."""

import hashlib

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from verifier.errors import MalformedData
from verifier.pki.keys.curves import NAMED_CURVES
from verifier.pki.keys.plain_ecdsa import PlainPoint

CARRIED = [curve for curve in NAMED_CURVES if curve.implementation is not None]
LACKING = [curve for curve in NAMED_CURVES if curve.implementation is None]
DIGEST = hashlib.sha512(b"message").digest()


def signed(curve):
    key = ec.generate_private_key(curve.implementation)
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return PlainPoint.decode(point, curve), key.sign(b"message", ec.ECDSA(hashes.SHA512()))


@pytest.mark.parametrize("curve", CARRIED, ids=lambda curve: curve.name)
def test_it_agrees_with_the_library(curve):
    for _ in range(3):
        point, signature = signed(curve)
        assert point.verify(signature, DIGEST)
        assert not point.verify(signature, hashlib.sha512(b"another").digest())


@pytest.mark.parametrize("curve", LACKING, ids=lambda curve: curve.name)
def test_a_signature_made_by_hand_is_good_and_a_changed_one_is_not(curve):
    secret, nonce = 0xC0FFEE, 0xBEEF
    generator = PlainPoint(curve, curve.gx, curve.gy)

    def times(scalar):
        x, y, z = generator._combine(scalar, 0)
        return x * pow(z, -2, curve.p) % curve.p, y * pow(z, -3, curve.p) % curve.p

    z = int.from_bytes(DIGEST) >> (512 - curve.n.bit_length())
    r = times(nonce)[0] % curve.n
    s = pow(nonce, -1, curve.n) * (z + r * secret) % curve.n
    point = PlainPoint(curve, *times(secret))
    assert point.verify(encode_dss_signature(r, s), DIGEST)
    assert not point.verify(encode_dss_signature(r, s + 1), DIGEST)
    assert generator._combine(curve.n, 0)[2] == 0


def test_numbers_outside_the_range_are_no_signature():
    curve = LACKING[-1]
    point = PlainPoint(curve, curve.gx, curve.gy)
    for r, s in ((0, 1), (1, 0), (curve.n, 1), (1, curve.n), (curve.n + 1, curve.n + 1)):
        assert not point.verify(encode_dss_signature(r, s), DIGEST)


def test_a_signature_that_is_no_der_is_none():
    point, signature = signed(CARRIED[2])
    r, s = decode_dss_signature(signature)
    assert point.verify(encode_dss_signature(r, s), DIGEST)
    longer = b"\x30\x81" + signature[1:]
    for bad in (b"", b"\x30\x00", signature + b"\x00", signature[:-1], longer):
        assert not point.verify(bad, DIGEST)


@pytest.mark.parametrize("curve", LACKING, ids=lambda curve: curve.name)
def test_points_are_on_the_curve_or_refused(curve):
    size = curve.field_length
    x, y = curve.gx.to_bytes(size), curve.gy.to_bytes(size)
    whole = PlainPoint.decode(b"\x04" + x + y, curve)
    assert PlainPoint.decode(bytes([2 + curve.gy % 2]) + x, curve) == whole
    beyond = (curve.gx + curve.p).to_bytes(size + 1)[-size:]
    for bad in (
        b"",
        b"\x00",
        b"\x04" + x,
        b"\x04" + y + x,
        b"\x05" + x + y,
        b"\x04" + beyond + y,
        b"\x02" + x + b"\x00",
    ):
        with pytest.raises(MalformedData):
            PlainPoint.decode(bad, curve)
