"""Points and private keys on an elliptic curve, with the constant-time arithmetic of ``cryptography`` (BSI TR-03111).

``cryptography`` only gives the x of a multiple (ECDH), yet generic mapping needs the whole point. Both come from two
ECDH operations: x(kP) leaves two candidates for kP, and x((k+1)P) = x(kP + P) tells which one it is. Nothing that runs
in variable time sees the scalar; the few field operations in Python see points of one session only.
"""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec

from verifier.access.groups.domain_parameters import Random
from verifier.errors import CardProtocolError, InvalidInput
from verifier.pki.keys.curves import NamedCurve

_MAX_DRAWS = 128
_UNCOMPRESSED = 0x04


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a curve other than the point at infinity."""

    x: int
    y: int

    def encode(self, curve: NamedCurve) -> bytes:
        """Return 04, x, y: 1 + 2 * ``field_length`` bytes, leading zeros kept (ICAO 9303-11, 9.4.3)."""
        size = curve.field_length
        return bytes([_UNCOMPRESSED]) + self.x.to_bytes(size) + self.y.to_bytes(size)


def decode_card_point(encoded: bytes, curve: NamedCurve) -> Point:
    """Decode a point that a card sent.

    Raises ``CardProtocolError`` unless it is uncompressed, of full length and on the curve. A point of another curve
    would have small multiples that give away the private key it is multiplied with (invalid curve attack).
    """
    if len(encoded) != 1 + 2 * curve.field_length or encoded[0] != _UNCOMPRESSED:
        msg = f"the card sent a public key that is no uncompressed point of {curve.name}"
        raise CardProtocolError(msg)
    try:
        return point_of(ec.EllipticCurvePublicKey.from_encoded_point(curve.require_implementation(), encoded))
    except ValueError as error:
        msg = f"the card sent a public key that is not on the curve {curve.name}"
        raise CardProtocolError(msg) from error


def point_of(key: ec.EllipticCurvePublicKey) -> Point:
    """Return the point of a public key."""
    numbers = key.public_numbers()
    return Point(numbers.x, numbers.y)


def add(curve: NamedCurve, first: Point, second: Point) -> Point | None:
    """Return the sum of two points; ``None`` is the point at infinity."""
    if first.x == second.x:
        if (first.y + second.y) % curve.p == 0:
            return None
        slope = (3 * first.x * first.x + curve.a) * pow(2 * first.y, -1, curve.p)
    else:
        slope = (second.y - first.y) * pow(second.x - first.x, -1, curve.p)
    x = (slope * slope - first.x - second.x) % curve.p
    return Point(x, (slope * (first.x - x) - first.y) % curve.p)


class PrivateKey:
    """A private key on a curve: ``1 <= scalar < n``. It has no repr worth reading."""

    def __init__(self, curve: NamedCurve, scalar: int) -> None:
        if not 1 <= scalar < curve.n:
            msg = "a private key lies between 1 and the order of the curve"
            raise InvalidInput(msg)
        self.curve = curve
        self._scalar = scalar
        self.key = ec.derive_private_key(scalar, curve.require_implementation())
        self.public_point = point_of(self.key.public_key())

    @classmethod
    def draw(cls, curve: NamedCurve, random: Random) -> "PrivateKey":
        """Draw a key: as many bytes as the order has, big-endian, surplus bits cut off, redrawn until in range.

        A worked example's private key passes through unchanged. Raises ``InvalidInput`` where the source gives nothing
        usable in 128 draws; a good one gives a key in one or two.
        """
        size, bits = (curve.n.bit_length() + 7) // 8, curve.n.bit_length()
        for _ in range(_MAX_DRAWS):
            scalar = int.from_bytes(random(size)) & ((1 << bits) - 1)
            if 1 <= scalar < curve.n:
                return cls(curve, scalar)
        msg = "the source of randomness gives no private key"
        raise InvalidInput(msg)

    @property
    def public_element(self) -> Point:
        """The public key, as ``groups.group.EphemeralKey`` calls it."""
        return self.public_point

    def shared_secret(self, peer: Point) -> bytes:
        """Return x of the multiple of ``peer``: ``field_length`` bytes, leading zeros kept (ECKA, TR-03111, 4.3.1)."""
        return agree(self.key, self.curve, peer)

    def multiply(self, point: Point) -> Point:
        """Return the multiple of a point of the curve, x and y."""
        if self._scalar == 1:
            return point
        if self._scalar == self.curve.n - 1:
            return Point(point.x, self.curve.p - point.y)
        candidate = _lift(self.curve, self.shared_secret(point))
        next_x = int.from_bytes(agree(self._successor(), self.curve, point))
        total = add(self.curve, candidate, point)
        if total is not None and total.x == next_x:
            return candidate
        return Point(candidate.x, self.curve.p - candidate.y)

    def _successor(self) -> ec.EllipticCurvePrivateKey:
        """The key k + 1. Its public key follows by one addition, which halves what deriving it would cost."""
        point = add(self.curve, self.public_point, Point(self.curve.gx, self.curve.gy))
        if point is None:
            msg = "the greatest private key has no successor"
            raise InvalidInput(msg)
        public = _public_numbers(self.curve, point)
        return ec.EllipticCurvePrivateNumbers(self._scalar + 1, public).private_key()


def _public_numbers(curve: NamedCurve, point: Point) -> ec.EllipticCurvePublicNumbers:
    return ec.EllipticCurvePublicNumbers(point.x, point.y, curve.require_implementation())


def agree(key: ec.EllipticCurvePrivateKey, curve: NamedCurve, point: Point) -> bytes:
    """Return x of the multiple of ``point``, leading zeros kept: the shared secret of ECKA (TR-03111, 4.3.1)."""
    return key.exchange(ec.ECDH(), _public_numbers(curve, point).public_key())


def _lift(curve: NamedCurve, x: bytes) -> Point:
    """Return the point with this x and an even y."""
    return point_of(ec.EllipticCurvePublicKey.from_encoded_point(curve.require_implementation(), b"\x02" + x))
