"""ECDSA verification on curves that ``cryptography`` does not carry: brainpoolP160r1, P192r1, P224r1 and P320r1.

Verification only, and of signatures of certificates and lists only: everything here is public, so it may take a time
that depends on the numbers. No secret ever meets this arithmetic, which is why the access protocols refuse such curves
(FIPS 186-5, 6.4.2; SEC 1, 4.1.4; RFC 5639).
"""

from dataclasses import dataclass

from verifier.errors import MalformedData
from verifier.iso7816 import tlv
from verifier.pki.asn1.der import INTEGER, SEQUENCE, read_one
from verifier.pki.keys.curves import NamedCurve

_Jacobian = tuple[int, int, int]
_INFINITY: _Jacobian = (1, 1, 0)


@dataclass(frozen=True, slots=True)
class PlainPoint:
    """A public key on a curve that only this module calculates with."""

    curve: NamedCurve
    x: int
    y: int

    @property
    def key_size(self) -> int:
        """Bits of the field."""
        return self.curve.p.bit_length()

    @classmethod
    def decode(cls, encoded: bytes, curve: NamedCurve) -> "PlainPoint":
        """Decode a point, uncompressed or compressed (SEC 1, 2.3.4). Raises ``MalformedData`` for none of the curve."""
        size, p = curve.field_length, curve.p
        x = int.from_bytes(encoded[1 : 1 + size])
        right = (pow(x, 3, p) + curve.a * x + curve.b) % p
        if len(encoded) == 1 + 2 * size and encoded[0] == 4:
            y = int.from_bytes(encoded[1 + size :])
        elif len(encoded) == 1 + size and encoded[0] in {2, 3} and p % 4 == 3:
            y = pow(right, (p + 1) // 4, p)
            y = y if y % 2 == encoded[0] % 2 else p - y
        else:
            y = p
        if x >= p or y >= p or y * y % p != right:
            msg = f"the public key is no point of the curve {curve.name}"
            raise MalformedData(msg)
        return cls(curve, x, y)

    def verify(self, signature: bytes, digest: bytes) -> bool:
        """Whether a signature (Ecdsa-Sig-Value in DER) over what has this digest is this key's."""
        n, p = self.curve.n, self.curve.p
        numbers = _decode_signature(signature)
        if numbers is None or not all(0 < number < n for number in numbers):
            return False
        r, s = numbers
        z = int.from_bytes(digest) >> max(0, 8 * len(digest) - n.bit_length())
        inverse = pow(s, -1, n)
        x, _, scale = self._combine(z * inverse % n, r * inverse % n)
        return scale != 0 and x * pow(scale, -2, p) % p % n == r

    def _combine(self, first: int, second: int) -> _Jacobian:
        """Return first·G + second·Q, both scalars walked at once."""
        generator: _Jacobian = (self.curve.gx, self.curve.gy, 1)
        own: _Jacobian = (self.x, self.y, 1)
        table = (_INFINITY, generator, own, self._add(generator, own))
        result = _INFINITY
        for bit in range(max(first.bit_length(), second.bit_length()) - 1, -1, -1):
            result = self._double(result)
            chosen = (first >> bit & 1) | (second >> bit & 1) << 1
            if chosen:
                result = self._add(result, table[chosen])
        return result

    def _double(self, point: _Jacobian) -> _Jacobian:
        x, y, z = point
        p = self.curve.p
        if z == 0 or y == 0:
            return _INFINITY
        squared = y * y % p
        s = 4 * x * squared % p
        m = (3 * x * x + self.curve.a * pow(z, 4, p)) % p
        doubled = (m * m - 2 * s) % p
        return doubled, (m * (s - doubled) - 8 * squared * squared) % p, 2 * y * z % p

    def _add(self, first: _Jacobian, second: _Jacobian) -> _Jacobian:
        x1, y1, z1 = first
        x2, y2, z2 = second
        p = self.curve.p
        if z1 == 0:
            return second
        if z2 == 0:
            return first
        z1z1, z2z2 = z1 * z1 % p, z2 * z2 % p
        u1, s1 = x1 * z2z2 % p, y1 * z2 * z2z2 % p
        h, r = (x2 * z1z1 - u1) % p, (y2 * z1 * z1z1 - s1) % p
        if h == 0:
            return self._double(first) if r == 0 else _INFINITY
        hh = h * h % p
        hhh, v = h * hh % p, u1 * hh % p
        x = (r * r - hhh - 2 * v) % p
        return x, (r * (v - x) - s1 * hhh) % p, z1 * z2 * h % p


def _decode_signature(signature: bytes) -> tuple[int, int] | None:
    try:
        reader = read_one(signature, SEQUENCE, "an ECDSA signature").reader()
        r, s = reader.take(INTEGER), reader.take(INTEGER)
        reader.end()
        numbers = r.integer, s.integer
    except MalformedData:
        return None
    minimal = b"".join(_integer(number) for number in numbers)
    return numbers if signature == tlv.encode(SEQUENCE, minimal) else None


def _integer(number: int) -> bytes:
    content = number.to_bytes(number.bit_length() // 8 + 1, signed=True) if number > 0 else b""
    return bytes([INTEGER, len(content)]) + content
