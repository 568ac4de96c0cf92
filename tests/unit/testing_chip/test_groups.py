"""All fourteen standardised groups in the chip's own arithmetic, with what each must be by its own numbers."""

import random
from itertools import pairwise

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from verifier.errors import MalformedData
from verifier.sdk.testing import GROUPS
from verifier.sdk.testing.arithmetic.curves import ALL_CURVES, CURVES
from verifier.sdk.testing.arithmetic.dh_groups import DH_GROUPS
from verifier.sdk.testing.arithmetic.groups import Point, draw_scalar, scalar_with_leading_zero

SMALL = {"P-192": ec.SECP192R1(), "P-224": ec.SECP224R1()}


def test_there_is_a_group_for_every_number_of_the_standard() -> None:
    """ICAO 9303-11, table 12."""
    assert sorted(group.parameter_id for group in GROUPS.values()) == [0, 1, 2, *range(8, 19)]
    assert CURVES.keys() < ALL_CURVES.keys() < GROUPS.keys()


@pytest.mark.parametrize("name", GROUPS)
def test_the_generator_has_the_prime_order(name: str) -> None:
    group = GROUPS[name]
    assert all(pow(base, group.n - 1, group.n) == 1 for base in (2, 3, 5, 7))
    assert all(pow(base, group.p - 1, group.p) == 1 for base in (2, 3, 5, 7))
    with pytest.raises(MalformedData):
        group.multiply(group.n, group.generator)
    assert group.add(group.multiply(group.n - 2, group.generator), group.generator) == group.multiply(
        group.n - 1, group.generator
    )


@pytest.mark.parametrize("name", SMALL)
def test_small_curves_agree_with_another_implementation(name: str) -> None:
    curve = ALL_CURVES[name]
    for scalar in (1, 2, 17, curve.n - 1, draw_scalar(curve, random.Random(name).randbytes)):
        numbers = ec.derive_private_key(scalar, SMALL[name]).public_key().public_numbers()
        assert curve.multiply(scalar, curve.generator) == (numbers.x, numbers.y)


@pytest.mark.parametrize("name", GROUPS)
def test_two_sides_agree(name: str) -> None:
    group, seeded = GROUPS[name], random.Random(name)
    mine, theirs = (draw_scalar(group, seeded.randbytes) for _ in range(2))
    publics = [group.decode(group.encode(group.multiply(scalar, group.generator))) for scalar in (mine, theirs)]
    secrets = {group.encode_x(group.multiply(mine, publics[1])), group.encode_x(group.multiply(theirs, publics[0]))}
    assert [len(secret) for secret in secrets] == [group.field_length]


@pytest.mark.parametrize("name", DH_GROUPS)
def test_a_public_value_has_no_leading_zeros_and_a_secret_keeps_them(name: str) -> None:
    """ICAO 9303-11, 9.4.1 and 9.4.3; PKCS #3, 8.3."""
    group = DH_GROUPS[name]
    scalar = scalar_with_leading_zero(group, group.generator, 1 << 100)
    element = group.multiply(scalar, group.generator)
    assert len(group.encode(element)) < len(group.encode_x(element)) == group.field_length
    assert group.decode(group.encode(element)) == group.decode(group.encode_x(element)) == element


@pytest.mark.parametrize("name", DH_GROUPS)
def test_what_is_not_in_the_subgroup_is_no_public_value(name: str) -> None:
    group = DH_GROUPS[name]
    minus_generator = group.p - group.generator.x
    for number in (0, 1, 2, group.p - 1, group.p, minus_generator):
        with pytest.raises(MalformedData):
            group.decode(group.encode(Point(number)))


def test_a_forced_scalar_is_the_next_that_fits() -> None:
    group = GROUPS["P-192"]
    scalar = scalar_with_leading_zero(group, group.generator, 1)
    points = [group.multiply(number, group.generator).x >> 184 for number in range(1, scalar + 1)]
    assert points[-1] == 0
    assert all(high for high, _ in pairwise(points))
