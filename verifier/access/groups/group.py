"""What PACE needs of a group, whether its elements are points of a curve or numbers modulo a prime."""

from typing import Any, Protocol, TypeAlias, TypeVar

from verifier.access.groups.domain_parameters import Random

E = TypeVar("E")


class EphemeralKey(Protocol[E]):
    """A private key that lives for one step of one session."""

    @property
    def public_element(self) -> E:
        """The public key over the group's own generator."""
        ...

    def multiply(self, element: E) -> E:
        """Return the multiple (curve) or the power (modulo a prime) of an element of the group."""
        ...

    def shared_secret(self, peer: E) -> bytes:
        """Return what the session keys are derived from: as many bytes as the field has, leading zeros kept."""
        ...


class Group(Protocol[E]):
    """A group of prime order. Whatever ``decode`` returns is an element of it, other than the neutral one."""

    @property
    def name(self) -> str:
        """The name that people know: ``brainpoolP256r1``."""
        ...

    @property
    def p(self) -> int:
        """The prime of the field."""
        ...

    @property
    def strength(self) -> int:
        """Bits of security against the best known attack."""
        ...

    @property
    def public_key_tag(self) -> int:
        """The tag of a public key in the input of an authentication token (ICAO 9303-11, 9.4.3 and 9.4.4)."""
        ...

    @property
    def longest_public_key(self) -> int:
        """Bytes of the longest encoded public key."""
        ...

    def draw_key(self, random: Random) -> EphemeralKey[E]:
        """Draw a private key: as many bytes as the order has, redrawn until in range."""
        ...

    def encode(self, element: E) -> bytes:
        """Encode a public key (ICAO 9303-11, 9.4.1)."""
        ...

    def decode(self, encoded: bytes) -> E:
        """Decode a public key that a card sent; raise ``CardProtocolError`` for what is none."""
        ...

    def add_nonce(self, nonce: bytes, shared: E) -> E | None:
        """Return ``s * G + H`` or ``g^s * h`` (ICAO 9303-11, 4.4.3.3.1); ``None`` for the neutral element."""
        ...

    def map_number(self, number: int) -> E | None:
        """Map a number below ``p`` to an element (4.4.3.3.2); ``None`` where there is none or a neutral one."""
        ...


AnyGroup: TypeAlias = Group[Any]
