import random

import pytest

from verifier.access.groups.domain_parameters import describe_parameters, standardised_curve
from verifier.access.groups.point_arithmetic import Point, PrivateKey, add, decode_card_point
from verifier.errors import CardProtocolError, InvalidInput, UnsupportedFeature
from verifier.sdk.testing.arithmetic.dh_groups import GROUPS

SUPPORTED = [8, 10, 12, 13, 15, 16, 17, 18]


@pytest.fixture(params=SUPPORTED, ids=describe_parameters)
def curve(request):
    return standardised_curve(request.param)


def multiply_by_the_book(curve, scalar: int, point: Point) -> Point | None:
    """An independent multiplication, in pure Python: that of the virtual chip."""
    card_curve = GROUPS[curve.name]
    result = card_curve.multiply(scalar, card_curve.decode(point.encode(curve)))
    return decode_card_point(card_curve.encode(result), curve)


@pytest.mark.parametrize("seed", range(3))
def test_a_multiple_is_the_same_as_by_the_book(curve, seed):
    source = random.Random(seed)
    key = PrivateKey.draw(curve, source.randbytes)
    point = PrivateKey.draw(curve, source.randbytes).public_point
    expected = multiply_by_the_book(curve, key._scalar, point)
    assert key.multiply(point) == expected
    assert key.shared_secret(point) == expected.x.to_bytes(curve.field_length)


@pytest.mark.parametrize("scalar", [1, 2, 3, -1, -2, -3])
def test_multiples_at_the_ends_of_the_range(curve, scalar):
    key = PrivateKey(curve, scalar % curve.n)
    point = PrivateKey(curve, 0x1234567).public_point
    assert key.multiply(point) == multiply_by_the_book(curve, scalar % curve.n, point)


def test_multiples_of_the_generator_itself(curve):
    generator = Point(curve.gx, curve.gy)
    for scalar in (1, 2, curve.n - 2, curve.n - 1):
        key = PrivateKey(curve, scalar)
        assert key.multiply(generator) == key.public_point


def test_sums_that_double_or_vanish(curve):
    point = PrivateKey(curve, 5).public_point
    opposite = Point(point.x, curve.p - point.y)
    assert add(curve, point, point) == PrivateKey(curve, 10).public_point
    assert add(curve, point, opposite) is None


def test_a_secret_keeps_its_leading_zeros(curve):
    """A secret that was stripped of them would lead to other keys in one session of 256."""
    card_curve = GROUPS[curve.name]
    step = card_curve.generator
    product, scalar = card_curve.generator, 1
    while product.x.bit_length() > 8 * curve.field_length - 8 - (7 if curve.name == "P-521" else 0):
        product, scalar = card_curve.add(product, step), scalar + 1
    secret = PrivateKey(curve, scalar).shared_secret(Point(curve.gx, curve.gy))
    assert len(secret) == curve.field_length
    assert secret[0] == 0
    encoded = PrivateKey(curve, scalar).public_point.encode(curve)
    assert len(encoded) == 1 + 2 * curve.field_length
    assert decode_card_point(encoded, curve) == PrivateKey(curve, scalar).public_point


def test_points_that_a_card_must_not_send(curve):
    good = PrivateKey(curve, 7).public_point
    size = curve.field_length
    encoded = good.encode(curve)
    off = Point(good.x, (good.y + 1) % curve.p).encode(curve)
    beyond = b"\x04" + b"\xff" * (2 * size)
    compressed = bytes([2 + good.y % 2]) + encoded[1 : 1 + size]
    hybrid = bytes([6 + good.y % 2]) + encoded[1:]
    zero = b"\x04" + bytes(2 * size)
    for bad in (
        off,
        beyond,
        compressed,
        hybrid,
        zero,
        b"\x00",
        b"",
        encoded[:-1],
        encoded + b"\x00",
        b"\x05" + encoded[1:],
    ):
        with pytest.raises(CardProtocolError):
            decode_card_point(bad, curve)


def test_a_worked_examples_key_is_drawn_as_it_is(curve):
    size = (curve.n.bit_length() + 7) // 8
    example = (curve.n - 5).to_bytes(size)
    assert PrivateKey.draw(curve, lambda _: example)._scalar == curve.n - 5


def test_keys_out_of_range_are_drawn_again(curve):
    size = (curve.n.bit_length() + 7) // 8
    draws = [bytes(size), curve.n.to_bytes(size), (3).to_bytes(size)]
    assert PrivateKey.draw(curve, lambda _: draws.pop(0))._scalar == 3
    assert not draws


def test_a_dead_source_of_randomness_ends_in_an_error(curve):
    with pytest.raises(InvalidInput, match="no private key"):
        PrivateKey.draw(curve, bytes)


@pytest.mark.parametrize(
    ("parameter_id", "name"),
    [
        (0, "1024-bit MODP"),
        (2, "2048-bit MODP"),
        (9, "brainpoolP192r1"),
        (11, "brainpoolP224r1"),
        (14, "brainpoolP320r1"),
        (19, "19"),
        (None, "without an identifier"),
    ],
)
def test_other_domain_parameters_are_refused_by_name(parameter_id, name):
    with pytest.raises(UnsupportedFeature, match=name):
        standardised_curve(parameter_id)
