"""The standardised domain parameters (ICAO 9303-11, 9.5.1): numbers that stand for groups."""

from collections.abc import Callable
from functools import cache
from typing import Final, TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec

from verifier.errors import UnsupportedFeature
from verifier.pki.keys.curves import NAMED_CURVES, NamedCurve

Random: TypeAlias = Callable[[int], bytes]
"""A source of randomness: asked for n, it returns n bytes. ``secrets.token_bytes`` in earnest."""

_NAMES: Final = {
    0: "the 1024-bit MODP group with a 160-bit subgroup",
    1: "the 2048-bit MODP group with a 224-bit subgroup",
    2: "the 2048-bit MODP group with a 256-bit subgroup",
    8: "P-192",
    9: "brainpoolP192r1",
    10: "P-224",
    11: "brainpoolP224r1",
    12: "P-256",
    13: "brainpoolP256r1",
    14: "brainpoolP320r1",
    15: "P-384",
    16: "brainpoolP384r1",
    17: "brainpoolP512r1",
    18: "P-521",
}
_CURVES: Final = {
    parameter_id: curve
    for parameter_id, name in _NAMES.items()
    for curve in NAMED_CURVES
    if curve.name == name and curve.implementation is not None
}


def describe_parameters(parameter_id: int | None) -> str:
    """Return a name for people: ``brainpoolP256r1 (13)``."""
    if parameter_id is None:
        return "domain parameters without an identifier"
    return f"{_NAMES.get(parameter_id, 'unknown domain parameters')} ({parameter_id})"


def is_curve(parameter_id: int | None) -> bool:
    """Tell whether ``standardised_curve`` gives a curve for this identifier."""
    return parameter_id in _CURVES and _is_carried(_CURVES[parameter_id])


@cache
def _is_carried(curve: NamedCurve) -> bool:
    """Builds of OpenSSL differ in the curves that they have; only trying tells."""
    try:
        ec.derive_private_key(1, curve.require_implementation())
    except UnsupportedAlgorithm:
        return False
    return True


def standardised_curve(parameter_id: int | None) -> NamedCurve:
    """Return the curve for an identifier of 9.5.1; raise ``UnsupportedFeature`` naming what is not carried."""
    if parameter_id is None or not is_curve(parameter_id):
        msg = f"PACE with {describe_parameters(parameter_id)} is not supported"
        raise UnsupportedFeature(msg)
    return _CURVES[parameter_id]
