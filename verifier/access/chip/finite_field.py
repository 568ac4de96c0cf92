"""Diffie-Hellman in the multiplicative group of a prime field (PKCS #3, RFC 2631; ICAO 9303-11, 9.4.1).

In the standardised groups ``cryptography`` exponentiates, as it does for PACE. In others Python does: the library
spends up to seconds on the primality of groups that it does not know, and refuses those without q. What an observer of
the time may learn there is a trace of an ephemeral key, which is used for one session and then goes into the evidence.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from verifier.access.groups.exponentiation import is_available, power
from verifier.access.groups.modp_group import ModpGroup
from verifier.access.groups.rfc5114 import MODP_GROUPS
from verifier.errors import InvalidInput, MalformedData, UnsupportedFeature

MIN_BITS, MAX_BITS = 1024, 4096
_EXPONENT_BITS = 512
"""Twice the strength of any group up to 4096 bits: where neither q nor a length is given, and where they are longer."""
_MIN_EXPONENT_BITS = 160
_MAX_DRAWS = 128

_STANDARDISED = frozenset((group.p, group.g, group.q) for group in MODP_GROUPS.values())


@dataclass(frozen=True, slots=True)
class FiniteFieldGroup:
    """Domain parameters: prime ``p``, generator ``g``, and where they are known the order ``q`` of the subgroup.

    ``exponent_bits`` is PKCS #3's privateValueLength. Whether p and q are prime is not looked at: the parameters are
    those that an issuer signed, or lead to a session that proves nothing.
    """

    p: int = field(repr=False)
    g: int = field(repr=False)
    q: int | None = field(default=None, repr=False)
    exponent_bits: int | None = None

    def __post_init__(self) -> None:
        """Raise ``UnsupportedFeature`` for the size, ``MalformedData`` for numbers that make no group."""
        bits = self.p.bit_length()
        if self.p <= 0 or not MIN_BITS <= bits <= MAX_BITS:
            msg = f"a Diffie-Hellman group of {bits} bits is not supported, only {MIN_BITS} to {MAX_BITS}"
            raise UnsupportedFeature(msg)
        if self.p % 2 == 0 or not 1 < self.g < self.p - 1:
            msg = "a Diffie-Hellman group with an impossible prime or generator"
            raise MalformedData(msg)
        if self.q is not None:
            self._require_subgroup(self.q)
        if self.exponent_bits is not None and not _MIN_EXPONENT_BITS <= self.exponent_bits <= bits:
            msg = f"a Diffie-Hellman group with private values of {self.exponent_bits} bits is not supported"
            raise UnsupportedFeature(msg)

    @classmethod
    def of(cls, group: ModpGroup) -> "FiniteFieldGroup":
        """Return one of the standardised groups."""
        return cls(group.p, group.g, group.q)

    def _require_subgroup(self, q: int) -> None:
        if q.bit_length() > _EXPONENT_BITS and 2 * q + 1 != self.p:  # to look at a generator of it would take long
            msg = f"a Diffie-Hellman subgroup of {q.bit_length()} bits is supported in safe primes only"
            raise UnsupportedFeature(msg)
        if q <= 0 or q % 2 == 0 or (self.p - 1) % q or not self._has_order_q(self.g, q):
            msg = "a Diffie-Hellman group whose generator does not have the order that it says"
            raise MalformedData(msg)
        if q.bit_length() < _MIN_EXPONENT_BITS:
            msg = f"a Diffie-Hellman subgroup of {q.bit_length()} bits is not supported"
            raise UnsupportedFeature(msg)

    def _has_order_q(self, value: int, q: int) -> bool:
        """Tell whether a number other than 1 is in the subgroup; that of a safe prime is of the squares."""
        return jacobi_symbol(value, self.p) == 1 if 2 * q + 1 == self.p else pow(value, q, self.p) == 1

    @property
    def field_length(self) -> int:
        """Bytes of p, and so of a shared secret."""
        return (self.p.bit_length() + 7) // 8

    @property
    def strength(self) -> int:
        """Bits of security, roughly (NIST SP 800-57-1, table 2)."""
        return next((strength for bits, strength in ((3072, 128), (2048, 112)) if self.p.bit_length() >= bits), 80)

    def is_public_value(self, value: int) -> bool:
        """Tell whether a number may be multiplied with a private key: in range, and in the subgroup where q is known.

        Others would give away the private key modulo a small number (small subgroup attack), or make the secret one
        that everybody knows (RFC 2631, 2.1.5).
        """
        return 1 < value < self.p - 1 and (self.q is None or self._has_order_q(value, self.q))

    def draw(self, random: Callable[[int], bytes]) -> int:
        """Draw a private value: below q, or of ``exponent_bits``, of 512 bits at most; big-endian, until in range."""
        limit = self.q if self.q is not None else 1 << (self.exponent_bits or _EXPONENT_BITS)
        limit = min(limit, 1 << _EXPONENT_BITS)
        bits = (limit - 1).bit_length()
        for _ in range(_MAX_DRAWS):
            value = int.from_bytes(random((bits + 7) // 8)) & ((1 << bits) - 1)
            if 1 < value < limit:
                return value
        msg = "the source of randomness gives no private key"
        raise InvalidInput(msg)

    def public_value(self, private: int) -> int:
        """Return g to the power of a private value."""
        return int.from_bytes(self._power(self.g, private))

    def shared_secret(self, private: int, public: int) -> bytes:
        """Return the shared secret: ``field_length`` bytes, leading zeros kept (ICAO 9303-11, 9.7.1)."""
        return self._power(public, private)

    def _power(self, base: int, private: int) -> bytes:
        if self.q is not None and is_available() and (self.p, self.g, self.q) in _STANDARDISED:
            return power(base, private, p=self.p, g=self.g, q=self.q)
        return pow(base, private, self.p).to_bytes(self.field_length)


def encode_public_value(value: int) -> bytes:
    """Return a public value as it travels: an unsigned integer without leading zeros (ICAO 9303-11, 9.4.1)."""
    return value.to_bytes((value.bit_length() + 7) // 8)


def jacobi_symbol(value: int, modulus: int) -> int:
    """Return 1 for a square modulo an odd prime, -1 for another number, 0 for a multiple (HAC, algorithm 2.149)."""
    value, symbol = value % modulus, 1
    while value:
        twos = (value & -value).bit_length() - 1
        value >>= twos
        if twos % 2 and modulus % 8 in {3, 5}:
            symbol = -symbol
        if value % 4 == modulus % 4 == 3:
            symbol = -symbol
        value, modulus = modulus % value, value
    return symbol if modulus == 1 else 0
