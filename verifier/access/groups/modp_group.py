"""A subgroup of prime order modulo a prime as a group for PACE (ICAO 9303-11, 4.4.3.1 and 9.4.3; RFC 2631)."""

from dataclasses import dataclass, field

from verifier.access.groups.domain_parameters import Random
from verifier.access.groups.exponentiation import power
from verifier.errors import CardProtocolError, InvalidInput

_MAX_DRAWS = 128
_PUBLIC_VALUE_TAG = 0x84


@dataclass(frozen=True, slots=True)
class ModpGroup:
    """The powers of g modulo p, of which there are q, a prime; satisfies ``Group[int]``."""

    name: str
    p: int
    g: int
    q: int
    strength: int

    @property
    def field_length(self) -> int:
        """Bytes of p."""
        return (self.p.bit_length() + 7) // 8

    @property
    def longest_public_key(self) -> int:
        """Bytes of p."""
        return self.field_length

    @property
    def public_key_tag(self) -> int:
        """The tag of a public value."""
        return _PUBLIC_VALUE_TAG

    def draw_key(self, random: Random) -> "ModpPrivateKey":
        """Draw a private key: as many bytes as q has, surplus bits cut off, redrawn until in range."""
        size, bits = (self.q.bit_length() + 7) // 8, self.q.bit_length()
        for _ in range(_MAX_DRAWS):
            exponent = int.from_bytes(random(size)) & ((1 << bits) - 1)
            if 1 <= exponent < self.q:
                return ModpPrivateKey(self, exponent)
        msg = "the source of randomness gives no private key"
        raise InvalidInput(msg)

    def encode(self, element: int) -> bytes:
        """Return the number without leading zero bytes (ICAO 9303-11, 9.4.1)."""
        return element.to_bytes((element.bit_length() + 7) // 8)

    def decode(self, encoded: bytes) -> int:
        """Decode a card's public value; leading zeros are borne with.

        Raises ``CardProtocolError`` unless the value is an element of the subgroup other than 1 (RFC 2631, 2.1.5).
        One outside would have few powers, which give away the private key that it is raised to.
        """
        value = int.from_bytes(encoded)
        if len(encoded) > self.field_length or not 2 <= value <= self.p - 2:
            msg = f"the card sent a public key that lies outside {self.name}"
            raise CardProtocolError(msg)
        if pow(value, self.q, self.p) != 1:
            msg = f"the card sent a public key that is not in the subgroup of {self.name}"
            raise CardProtocolError(msg)
        return value

    def add_nonce(self, nonce: bytes, shared: int) -> int | None:
        """Return ``g^s * h mod p``; ``None`` where that is 1."""
        exponent = int.from_bytes(nonce) % self.q
        mapped = ModpPrivateKey(self, exponent).multiply(self.g) * shared % self.p if exponent else shared
        return None if mapped == 1 else mapped

    def map_number(self, number: int) -> int | None:
        """Return ``number ^ ((p - 1) / q) mod p``; ``None`` where that is 1, as the clause asks, or 0.

        The exponent is public, and the same each time: Python's ``pow`` has nothing to give away but the size of the
        number.
        """
        mapped = pow(number, (self.p - 1) // self.q, self.p)
        return mapped if mapped > 1 else None


@dataclass(frozen=True, slots=True)
class ModpPrivateKey:
    """A private exponent: ``1 <= exponent < q``."""

    group: ModpGroup
    _exponent: int = field(repr=False)

    @property
    def public_element(self) -> int:
        """The public value over the group's own generator."""
        return self.multiply(self.group.g)

    def multiply(self, element: int) -> int:
        """Return the power of an element."""
        return int.from_bytes(self.shared_secret(element))

    def shared_secret(self, peer: int) -> bytes:
        """Return the power of ``peer``, as long as p is, leading zeros kept (PKCS #3, 8.3)."""
        return power(peer, self._exponent, p=self.group.p, g=self.group.g, q=self.group.q)
