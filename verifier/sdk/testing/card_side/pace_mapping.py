"""How a nonce becomes a generator on the card's side: the three mappings of PACE (ICAO 9303-11, 4.4.3.3)."""

from enum import StrEnum
from typing import Final

from verifier.errors import InvalidInput
from verifier.sdk.testing.arithmetic.groups import Group, Point
from verifier.sdk.testing.card_side.ciphers import CipherSuite

_CONSTANTS: Final = {
    16: ("a668892a7c41e3ca739f40b057d85904", "a4e136ac725f738b01c1f60217c188ad"),
    32: (
        "d463d65234124ef7897054986dca0a174e28df758cbaa03f240616414d5a1676",
        "54bd7255f0aaf831bec3423fcf39d69b6cbf066677d0faae5aadd99df8e53517",
    ),
}
"""c0 and c1 by the length of the nonce (ICAO 9303-11, 4.4.3.3.2)."""
_MORE_THAN_THE_PRIME = 64


class PaceMapping(StrEnum):
    """A mapping (ICAO 9303-11, 4.4.3.3)."""

    GENERIC = "generic"
    INTEGRATED = "integrated"
    CHIP_AUTHENTICATION = "chip authentication"

    def arc(self, group: Group) -> int:
        """Return the arc that names the mapping over a group (ICAO 9303-11, 9.2.3)."""
        return _ARCS[self, group.agreement]

    def require_fit(self, group: Group, suite: CipherSuite) -> None:
        """Raise ``InvalidInput`` for what no card can have: chip authentication mapping with DH or 3DES, …"""
        is_cam = self is PaceMapping.CHIP_AUTHENTICATION
        if (self, group.agreement) not in _ARCS or (is_cam and suite is CipherSuite.TRIPLE_DES):
            msg = f"there is no PACE with {self} mapping over {group.agreement} with {suite.name}"
            raise InvalidInput(msg)
        if self is PaceMapping.INTEGRATED and group.agreement == "ECDH" and group.p % 4 != 3:
            msg = f"{group.name} cannot be used with integrated mapping (ICAO 9303-11, table 12)"
            raise InvalidInput(msg)


_ARCS = {
    (PaceMapping.GENERIC, "DH"): 1,
    (PaceMapping.GENERIC, "ECDH"): 2,
    (PaceMapping.INTEGRATED, "DH"): 3,
    (PaceMapping.INTEGRATED, "ECDH"): 4,
    (PaceMapping.CHIP_AUTHENTICATION, "ECDH"): 6,
}


def nonce_length(suite: CipherSuite) -> int:
    """Return the bytes of the nonce s: whole blocks, at least as many as the key has (ICAO 9303-11, 4.4.3.3)."""
    return -(-suite.key_length // 16) * 16


def integrated_generator(group: Group, suite: CipherSuite, nonce: bytes, reader_nonce: bytes) -> Point:
    """Return the generator for s (``nonce``) and t (``reader_nonce``, as long as a key of the cipher).

    Raises ``MalformedData`` for the rare numbers that lead to no generator.
    """
    return group.map_number(int.from_bytes(pseudo_random(group.p, suite, nonce, reader_nonce)) % group.p)


def pseudo_random(prime: int, suite: CipherSuite, nonce: bytes, reader_nonce: bytes) -> bytes:
    """Return R(s,t): x1 ‖ x2 ‖ …, at least 64 bits longer than the prime."""
    first, second = (bytes.fromhex(constant) for constant in _CONSTANTS[len(nonce)])
    zero = bytes(suite.block)
    key, result = suite.encrypt(reader_nonce, zero, nonce), b""
    while 8 * len(result) < prime.bit_length() + _MORE_THAN_THE_PRIME:
        key = key[: suite.key_length]
        result += suite.encrypt(key, zero, second)
        key = suite.encrypt(key, zero, first)
    return result
