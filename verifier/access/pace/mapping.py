"""PACE mappings: how a nonce becomes a generator that only the holders of the password know (ICAO 9303-11, 4.4.3.3).

A mapping is a function from group, cipher, decrypted nonce and randomness to an exchange that returns the generator.
Chip authentication mapping maps as generic mapping does (4.4.3.3.3); what it adds comes at the end of PACE.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeAlias, TypeVar

from verifier.access.cipher_suite import CipherSuite
from verifier.access.groups.domain_parameters import Random
from verifier.access.groups.group import AnyGroup, Group
from verifier.access.pace.general_authenticate import answer_of, general_authenticate
from verifier.errors import CardProtocolError, InvalidInput
from verifier.iso7816.exchange import Exchange
from verifier.iso7816.tlv import encode

_MAPPING_DATA_TERMINAL, _MAPPING_DATA_CHIP = 0x81, 0x82
_MAPPING: Final = "the mapping of the nonce"
_SURPLUS_BITS: Final = 64
_NO_MAPPING_DATA: Final = (b"", b"\x7c\x00")
"""4.4.5.2.2 wants an empty DO'82'; a chip that leaves it out means the same."""
E = TypeVar("E")
_SHORT_CONSTANTS: Final = (
    bytes.fromhex("a668892a7c41e3ca739f40b057d85904"),
    bytes.fromhex("a4e136ac725f738b01c1f60217c188ad"),
)
_LONG_CONSTANTS: Final = (
    bytes.fromhex("d463d65234124ef7897054986dca0a174e28df758cbaa03f240616414d5a1676"),
    bytes.fromhex("54bd7255f0aaf831bec3423fcf39d69b6cbf066677d0faae5aadd99df8e53517"),
)
"""c0 and c1 of 4.4.3.3.2, for l = 128 and for l = 256."""


@dataclass(frozen=True, slots=True)
class Mapped(Generic[E]):
    """The generator of the key agreement, and the chip's mapping key as it was encoded (generic mapping only)."""

    generator: E
    chip_key: bytes = b""


Mapping: TypeAlias = Callable[[AnyGroup, CipherSuite, bytes, Random], Exchange[Mapped[Any]]]


def generic_mapping(group: Group[E], suite: CipherSuite, nonce: bytes, random: Random) -> Exchange[Mapped[E]]:
    """Agree on a secret element and add the nonce's (ICAO 9303-11, 4.4.3.3.1). One command, one drawn key.

    Raises ``CardProtocolError`` for a mapping key that is none, our own sent back, and a sum that is no generator.
    """
    del suite
    key = group.draw_key(random)
    public = key.public_element
    response = yield general_authenticate(
        encode(_MAPPING_DATA_TERMINAL, group.encode(public)),
        more_to_come=True,
        longest_answer=group.longest_public_key,
    )
    chip_key = answer_of(response, _MAPPING_DATA_CHIP, _MAPPING)
    chip_element = group.decode(chip_key)
    if chip_element == public:
        msg = "the card sent the reader's own mapping key back"
        raise CardProtocolError(msg)
    generator = group.add_nonce(nonce, key.multiply(chip_element))
    if generator is None:
        msg = "the card's mapping key cancels the nonce"
        raise CardProtocolError(msg)
    return Mapped(generator, chip_key)


def integrated_mapping(group: Group[E], suite: CipherSuite, nonce: bytes, random: Random) -> Exchange[Mapped[E]]:
    """Send a nonce of our own and map both into the group (ICAO 9303-11, 4.4.3.3.2). One command.

    Draws the nonce t: as many bytes as a key of ``suite`` has. Raises ``CardProtocolError`` for a nonce of the card
    that has another length than the clause asks for, for mapping data in the answer, and for nonces without a
    generator.
    """
    constants = _constants(suite)
    if len(nonce) != len(constants[0]):
        msg = f"the card sent a nonce of {len(nonce)} bytes, where integrated mapping wants {len(constants[0])}"
        raise CardProtocolError(msg)
    terminal_nonce = random(suite.key_length)
    if len(terminal_nonce) != suite.key_length:
        msg = f"the reader's nonce has {suite.key_length} bytes"
        raise InvalidInput(msg)
    response = yield general_authenticate(encode(_MAPPING_DATA_TERMINAL, terminal_nonce), more_to_come=True)
    if response.require_ok(_MAPPING) not in _NO_MAPPING_DATA and answer_of(response, _MAPPING_DATA_CHIP, _MAPPING):
        msg = "the card sent mapping data, of which integrated mapping has none"
        raise CardProtocolError(msg)
    generator = group.map_number(pseudo_random_number(suite, nonce, terminal_nonce, group.p))
    if generator is None:
        msg = "the nonces of this session do not map to a generator"
        raise CardProtocolError(msg)
    return Mapped(generator)


def pseudo_random_number(suite: CipherSuite, nonce: bytes, terminal_nonce: bytes, p: int) -> int:
    """Return ``Rp(s, t)``: the pseudo-random number of two nonces, below ``p`` (ICAO 9303-11, 4.4.3.3.2)."""
    return int.from_bytes(pseudo_random_bytes(suite, nonce, terminal_nonce, p)) % p


def pseudo_random_bytes(suite: CipherSuite, nonce: bytes, terminal_nonce: bytes, p: int) -> bytes:
    """Return ``R(s, t)``: whole blocks of 16 or 32 bytes, at least 64 bits more than ``p`` has (figure 2)."""
    next_key, output = _constants(suite)
    key, numbers = suite.encrypt(terminal_nonce, nonce), b""
    while 8 * len(numbers) < p.bit_length() + _SURPLUS_BITS:
        key = key[: suite.key_length]
        numbers += suite.encrypt(key, output)
        key = suite.encrypt(key, next_key)
    return numbers


def _constants(suite: CipherSuite) -> tuple[bytes, bytes]:
    short = suite in {CipherSuite.TRIPLE_DES, CipherSuite.AES_128}
    return _SHORT_CONSTANTS if short else _LONG_CONSTANTS
