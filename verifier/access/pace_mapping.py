"""PACE mappings: how a nonce becomes a generator that only the holders of the password know (ICAO 9303-11, 4.4.3.3).

A mapping is a function from curve, decrypted nonce and randomness to an exchange that returns the generator. Generic
mapping is here; a further one is a further function, and a line in ``pace_protocols``.
"""

from collections.abc import Callable
from typing import TypeAlias

from verifier.access.domain_parameters import Random
from verifier.access.general_authenticate import answer_of, general_authenticate
from verifier.access.point_arithmetic import Point, PrivateKey, add, decode_card_point
from verifier.errors import CardProtocolError
from verifier.iso7816.exchange import Exchange
from verifier.iso7816.tlv import encode
from verifier.pki.curves import NamedCurve

Mapping: TypeAlias = Callable[[NamedCurve, bytes, Random], Exchange[Point]]
_MAPPING_DATA_TERMINAL, _MAPPING_DATA_CHIP = 0x81, 0x82


def generic_mapping(curve: NamedCurve, nonce: bytes, random: Random) -> Exchange[Point]:
    """Agree on a secret point H and return ``s * G + H`` (ICAO 9303-11, 4.4.3.3.1). One command, one drawn key.

    Raises ``CardProtocolError`` for a point off the curve, our own key sent back, and a sum without a point.
    """
    key = PrivateKey.draw(curve, random)
    response = yield general_authenticate(
        encode(_MAPPING_DATA_TERMINAL, key.public_point.encode(curve)), more_to_come=True
    )
    chip_key = decode_card_point(answer_of(response, _MAPPING_DATA_CHIP, "the mapping of the nonce"), curve)
    if chip_key == key.public_point:
        msg = "the card sent the reader's own mapping key back"
        raise CardProtocolError(msg)
    shared = key.multiply(chip_key)
    scalar = int.from_bytes(nonce) % curve.n
    generator = add(curve, PrivateKey(curve, scalar).public_point, shared) if scalar else shared
    if generator is None:
        msg = "the card's mapping key cancels the nonce"
        raise CardProtocolError(msg)
    return generator
