"""The proof that PACE with chip authentication mapping leaves, judged (ICAO 9303-11, 4.4.3.3.3 and 4.4.3.5).

In PACE the chip showed that it knows the private half of its mapping key: without it there is no session. It then told
how that key and its static key are related. Whoever knows both knows the private half of the static key.
"""

from typing import Final

from verifier.access.chip.static_keys import CurveKey, StaticKey
from verifier.access.groups.point_arithmetic import PrivateKey, decode_card_point
from verifier.access.proofs import PaceChipAuthenticationProof
from verifier.errors import CardProtocolError
from verifier.lds.security_infos import ID_PACE

_CHIP_AUTHENTICATION_MAPPING: Final = f"{ID_PACE}.6."


def verify_mapping_proof(proof: PaceChipAuthenticationProof, static_key: StaticKey) -> bool:
    """Tell whether ``PK_Map,IC = CA_IC * PK_IC`` holds for this static key, x and y, on the key's own curve.

    ``static_key`` is one of an authentic EF.CardSecurity. A proof that is none, or one on another curve, is ``False``.
    """
    if not proof.oid.startswith(_CHIP_AUTHENTICATION_MAPPING) or not isinstance(static_key, CurveKey):
        return False
    curve = static_key.curve
    scalar = int.from_bytes(proof.chip_authentication_data)
    if not 1 <= scalar < curve.n:
        return False
    try:
        mapping_key = decode_card_point(proof.mapping_public_key, curve)
    except CardProtocolError:
        return False
    return PrivateKey(curve, scalar).multiply(static_key.point) == mapping_key
