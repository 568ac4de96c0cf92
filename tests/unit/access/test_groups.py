import pytest

from verifier.access.cipher_suite import CipherSuite
from verifier.access.groups.curve_group import CurveGroup
from verifier.access.groups.domain_parameters import standardised_curve
from verifier.access.groups.modp_group import ModpPrivateKey
from verifier.access.groups.rfc5114 import MODP_GROUPS
from verifier.access.groups.standardised import is_supported, standardised_group
from verifier.access.pace.mapping import pseudo_random_bytes
from verifier.errors import InvalidInput, UnsupportedFeature
from verifier.pki.keys.curves import NAMED_CURVES
from verifier.sdk.testing.arithmetic.dh_groups import DH_GROUPS

CURVES = [CurveGroup(standardised_curve(number)) for number in (8, 12, 13, 15, 16, 17, 18)]


@pytest.fixture(params=MODP_GROUPS.values(), ids=lambda group: group.name)
def modp(request):
    return request.param


def test_the_numbers_of_a_group_are_those_that_others_wrote_down_and_belong_together(modp):
    other = next(group for group in DH_GROUPS.values() if MODP_GROUPS.get(group.parameter_id) is modp)
    assert (modp.p, modp.g, modp.q) == (other.p, other.generator.x, other.n)
    assert (modp.p - 1) % modp.q == 0
    assert pow(modp.g, modp.q, modp.p) == 1
    assert pow(2, modp.p - 1, modp.p) == pow(2, modp.q - 1, modp.q) == 1


@pytest.mark.parametrize("exponent", [1, 2, 3, -2, -1])
def test_powers_at_the_ends_of_the_range(modp, exponent):
    element = pow(modp.g, 12345, modp.p)
    key = ModpPrivateKey(modp, exponent % modp.q)
    assert key.public_element == pow(modp.g, exponent, modp.p)
    assert key.multiply(element) == pow(element, exponent, modp.p)


def test_a_secret_keeps_its_leading_zeros_and_a_public_value_has_none(modp):
    """PKCS #3, 8.3, and ICAO 9303-11, 9.4.1: one public value in 256 is shorter than p."""
    exponent = next(number for number in range(1, 5000) if not pow(modp.g, number, modp.p) >> 8 * modp.field_length - 8)
    key = ModpPrivateKey(modp, exponent)
    secret = key.shared_secret(modp.g)
    assert len(secret) == modp.field_length
    assert secret[0] == 0
    encoded = modp.encode(key.public_element)
    assert encoded == secret.lstrip(b"\x00")
    assert modp.decode(encoded) == modp.decode(secret) == key.public_element


def test_a_private_exponent_is_drawn_until_in_range(modp):
    size = (modp.q.bit_length() + 7) // 8
    draws = [bytes(size), modp.q.to_bytes(size), (5).to_bytes(size)]
    assert modp.draw_key(lambda length: draws.pop(0)).public_element == pow(modp.g, 5, modp.p)
    with pytest.raises(InvalidInput):
        modp.draw_key(bytes)


def test_a_private_exponent_does_not_show_itself(modp):
    assert "5" * 20 not in repr(ModpPrivateKey(modp, int("5" * 20)))


@pytest.mark.parametrize("number", [0, 1, -1])
def test_numbers_without_an_element_have_none(modp, number):
    assert modp.map_number(number % modp.p) is None
    for group in CURVES:
        assert group.map_number(number % group.p) is None


def test_a_nonce_of_zero_adds_nothing(modp):
    shared = pow(modp.g, 7, modp.p)
    for nonce in (bytes(16), modp.q.to_bytes(32)):
        assert modp.add_nonce(nonce, shared) == shared


@pytest.mark.parametrize("group", CURVES, ids=lambda group: group.name)
def test_mapped_numbers_are_points_of_the_curve(group):
    curve = group.curve
    seen_both = set()
    for number in range(2, 60):
        point = group.map_number(number)
        assert point is not None
        assert point.y**2 % curve.p == (point.x**3 + curve.a * point.x + curve.b) % curve.p
        assert group.map_number(-number % group.p).x == point.x
        seen_both.add(point.x)
    assert len(seen_both) == 58


def test_only_p_224_cannot_map_numbers():
    assert [curve.name for curve in NAMED_CURVES if not CurveGroup(curve).can_map_numbers] == ["P-224"]


@pytest.mark.parametrize("suite", CipherSuite)
@pytest.mark.parametrize("bits", [192, 256, 320, 521, 1024, 2048])
def test_there_are_as_few_pseudo_random_blocks_as_leave_64_bits_over(suite, bits):
    """ICAO 9303-11, 4.4.3.3.2: n is the smallest number such that n * l is at least log2 p + 64."""
    block = 128 if suite.key_length == 16 else 256
    numbers = pseudo_random_bytes(suite, bytes(block // 8), bytes(suite.key_length), (1 << bits) - 1)
    assert len(numbers) * 8 == -(-(bits + 64) // block) * block


@pytest.mark.parametrize("parameter_id", [None, -1, 3, 7, 9, 11, 14, 19, 31, 32, 1 << 64])
def test_identifiers_that_stand_for_nothing_carried_are_refused(parameter_id):
    assert not is_supported(parameter_id)
    with pytest.raises(UnsupportedFeature):
        standardised_group(parameter_id)
