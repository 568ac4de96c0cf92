"""An elliptic curve as a group for PACE, with the point encoding of the integrated mapping (ICAO 9303-11, Appendix B).

The scalars are multiplied by ``cryptography``. The point encoding is two exponentiations with public exponents in
Python and the same steps for every number: there is no loop or search that depends on the nonce.
"""

from dataclasses import dataclass

from verifier.access.groups.domain_parameters import Random
from verifier.access.groups.point_arithmetic import Point, PrivateKey, add, decode_card_point
from verifier.pki.keys.curves import NamedCurve

_POINT_TAG = 0x86


@dataclass(frozen=True, slots=True)
class CurveGroup:
    """The points of a named curve; satisfies ``Group[Point]``."""

    curve: NamedCurve

    @property
    def name(self) -> str:
        """The name of the curve."""
        return self.curve.name

    @property
    def p(self) -> int:
        """The prime of the field."""
        return self.curve.p

    @property
    def strength(self) -> int:
        """Half the bits of the order."""
        return self.curve.n.bit_length() // 2

    @property
    def public_key_tag(self) -> int:
        """The tag of a public point."""
        return _POINT_TAG

    @property
    def longest_public_key(self) -> int:
        """Bytes of an uncompressed point."""
        return 1 + 2 * self.curve.field_length

    @property
    def can_map_numbers(self) -> bool:
        """Whether the integrated mapping is defined: p must be 3 modulo 4, which that of P-224 is not."""
        return self.curve.p % 4 == 3

    def draw_key(self, random: Random) -> PrivateKey:
        """Draw a private key."""
        return PrivateKey.draw(self.curve, random)

    def encode(self, element: Point) -> bytes:
        """Return 04, x, y."""
        return element.encode(self.curve)

    def decode(self, encoded: bytes) -> Point:
        """Decode a card's point; raise ``CardProtocolError`` unless it is uncompressed and on the curve."""
        return decode_card_point(encoded, self.curve)

    def add_nonce(self, nonce: bytes, shared: Point) -> Point | None:
        """Return ``s * G + H``; ``None`` is the point at infinity."""
        scalar = int.from_bytes(nonce) % self.curve.n
        return add(self.curve, PrivateKey(self.curve, scalar).public_point, shared) if scalar else shared

    def map_number(self, number: int) -> Point | None:
        """Return the point that Appendix B.2 gives for ``0 < number < p``; ``None`` for the few that it gives none."""
        p, a, b = self.curve.p, self.curve.a, self.curve.b
        alpha = -number * number % p
        denominator = (alpha + alpha * alpha) % p
        if denominator == 0:
            return None
        x2 = -b * (1 + denominator) * pow(a * denominator, -1, p) % p
        x3 = alpha * x2 % p
        h2 = (x2 * x2 * x2 + a * x2 + b) % p
        u = number * number * number * h2 % p
        root = pow(h2, p - 1 - (p + 1) // 4, p)
        candidates = (Point(x3, root * u % p), Point(x2, root * h2 % p))
        return candidates[root * root * h2 % p == 1] if h2 else None
