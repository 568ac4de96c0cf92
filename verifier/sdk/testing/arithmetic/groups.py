"""What PACE and Chip Authentication calculate in: a group of prime order, over a curve or in a residue field."""

from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeAlias

Random: TypeAlias = Callable[[int], bytes]
"""Returns that many random bytes; ``secrets.token_bytes`` is one."""


class Point(NamedTuple):
    """An affine point; in a Diffie-Hellman group ``x`` is the element and ``y`` is 0.

    The neutral element has no such form and is an error wherever it turns up.
    """

    x: int
    y: int = 0


class Group(Protocol):
    """``Curve`` or ``DhGroup``, written as curves are: ``add`` is the group's operation, ``multiply`` repeats it."""

    @property
    def name(self) -> str:
        """As in ``GROUPS``."""

    @property
    def parameter_id(self) -> int:
        """Standardised domain parameter identifier (ICAO 9303-11, 9.5.1), or one from 32 on for proprietary ones."""

    @property
    def agreement(self) -> str:
        """``ECDH`` or ``DH``."""

    @property
    def p(self) -> int:
        """The field's prime."""

    @property
    def n(self) -> int:
        """The prime order of the generator."""

    @property
    def generator(self) -> Point:
        """What public keys are multiples of."""

    @property
    def public_key_tag(self) -> int:
        """Tag of a public key in its data object (ICAO 9303-11, 9.4.3 and 9.4.4)."""

    @property
    def field_length(self) -> int:
        """Bytes of one coordinate."""

    @property
    def order_length(self) -> int:
        """Bytes of a scalar."""

    def add(self, first: Point, second: Point) -> Point:
        """Return the sum (curve) or product (residues); raise ``MalformedData`` where it is the neutral element."""

    def multiply(self, scalar: int, point: Point) -> Point:
        """Return scalar · point, or point to the power; raise ``MalformedData`` where it is the neutral element."""

    def map_number(self, number: int) -> Point:
        """Return the element that integrated mapping makes of a field element (ICAO 9303-11, 4.4.3.3.2)."""

    def encode_x(self, point: Point) -> bytes:
        """Return a shared secret in the field's full length."""

    def encode(self, point: Point) -> bytes:
        """Return a public key as it travels."""

    def decode(self, encoded: bytes) -> Point:
        """Decode a public key; raise ``MalformedData`` where it is none of this group."""


def draw_scalar(group: Group, random: Random) -> int:
    """Draw a private key: ``random`` of the order's length, big-endian; 0 and numbers ≥ n are drawn again.

    Bits above the order's length are cleared first (P-521 has seven of them).
    """
    while True:
        scalar = int.from_bytes(random(group.order_length)) & (1 << group.n.bit_length()) - 1
        if 0 < scalar < group.n:
            return scalar


def scalar_with_leading_zero(group: Group, point: Point, start: int) -> int:
    """Return the least scalar ≥ ``start`` for which the x coordinate of scalar · ``point`` begins with a zero byte.

    With the other side's public key as ``point`` this forces a shared secret with a leading zero; with the generator
    it forces such a public key. One in 256 scalars will do, each a single addition away from the one before.
    """
    limit = 1 << 8 * (group.field_length - 1)
    scalar, product = start, group.multiply(start, point)
    while product.x >= limit:
        scalar, product = scalar + 1, group.add(product, point)
    return scalar
