"""From an identifier of standardised domain parameters to the group that it stands for (ICAO 9303-11, 9.5.1)."""

from verifier.access.groups.curve_group import CurveGroup
from verifier.access.groups.domain_parameters import describe_parameters, is_curve, standardised_curve
from verifier.access.groups.exponentiation import is_available
from verifier.access.groups.modp_group import ModpGroup
from verifier.access.groups.rfc5114 import MODP_GROUPS
from verifier.errors import UnsupportedFeature


def is_supported(parameter_id: int | None) -> bool:
    """Tell whether ``standardised_group`` knows this identifier."""
    return is_curve(parameter_id) or (parameter_id in MODP_GROUPS and is_available())


def standardised_group(parameter_id: int | None) -> CurveGroup | ModpGroup:
    """Return the group for an identifier; raise ``UnsupportedFeature`` naming what is not carried."""
    if parameter_id is not None and parameter_id in MODP_GROUPS and is_available():
        return MODP_GROUPS[parameter_id]
    if is_curve(parameter_id):
        return CurveGroup(standardised_curve(parameter_id))
    msg = f"PACE with {describe_parameters(parameter_id)} is not supported"
    raise UnsupportedFeature(msg)
