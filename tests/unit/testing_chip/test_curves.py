"""The chip's own arithmetic, held against ``cryptography``."""

import random

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from verifier.errors import MalformedData
from verifier.sdk.testing.arithmetic.curves import CURVES, Point, draw_scalar, scalar_with_leading_zero
from verifier.sdk.testing.writing.signing import CRYPTOGRAPHY_CURVES


@pytest.mark.parametrize("name", CURVES)
def test_multiples_agree_with_another_implementation(name: str) -> None:
    curve, seeded = CURVES[name], random.Random(name)
    for scalar in (1, 2, 3, 15, 16, 17, curve.n - 1, *(draw_scalar(curve, seeded.randbytes) for _ in range(5))):
        numbers = ec.derive_private_key(scalar, CRYPTOGRAPHY_CURVES[name]).public_key().public_numbers()
        assert curve.multiply(scalar, curve.generator) == (numbers.x, numbers.y)


@pytest.mark.parametrize("name", CURVES)
def test_sums_agree_with_multiples(name: str) -> None:
    curve = CURVES[name]
    two, three = (curve.multiply(scalar, curve.generator) for scalar in (2, 3))
    assert curve.add(curve.generator, curve.generator) == two
    assert curve.add(two, curve.generator) == three
    assert curve.decode(curve.encode(three)) == three


@pytest.mark.parametrize("name", CURVES)
def test_infinity_is_an_error(name: str) -> None:
    curve = CURVES[name]
    minus = Point(curve.generator.x, curve.p - curve.generator.y)
    with pytest.raises(MalformedData):
        curve.add(curve.generator, minus)
    with pytest.raises(MalformedData):
        curve.multiply(curve.n, curve.generator)


@pytest.mark.parametrize("name", CURVES)
def test_a_foreign_encoding_or_point_is_refused(name: str) -> None:
    curve = CURVES[name]
    good = curve.encode(curve.generator)
    for wrong in (b"", b"\x00", good[:-1], good + b"\x00", b"\x02" + good[1:], good[:-1] + bytes([good[-1] ^ 1])):
        with pytest.raises(MalformedData):
            curve.decode(wrong)
    beyond = b"\x04" + (curve.generator.x + curve.p).to_bytes(curve.field_length + 1)[-curve.field_length :]
    with pytest.raises(MalformedData):
        curve.decode(beyond + curve.generator.y.to_bytes(curve.field_length))


@pytest.mark.parametrize("name", CURVES)
def test_a_leading_zero_can_be_forced(name: str) -> None:
    curve, seeded = CURVES[name], random.Random(name)
    peer = curve.multiply(draw_scalar(curve, seeded.randbytes), curve.generator)
    scalar = scalar_with_leading_zero(curve, peer, draw_scalar(curve, seeded.randbytes))
    assert curve.encode_x(curve.multiply(scalar, peer))[0] == 0
