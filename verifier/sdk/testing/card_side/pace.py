"""The chip's side of PACE: every mapping, over curves and in residue fields (ICAO 9303-11, 4.4)."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from verifier.errors import InvalidInput, MalformedData
from verifier.iso7816.status import StatusWord
from verifier.iso7816.tlv import encode
from verifier.sdk.testing.arithmetic.groups import Group, Point, Random, draw_scalar, scalar_with_leading_zero
from verifier.sdk.testing.card_side.ciphers import ENCRYPTION_COUNTER, MAC_COUNTER, PASSWORD_COUNTER, CipherSuite, pad
from verifier.sdk.testing.card_side.pace_mapping import PaceMapping, integrated_generator, nonce_length
from verifier.sdk.testing.card_side.refusal import Refusal, data_objects, require
from verifier.sdk.testing.card_side.secure_messaging import SecureSession
from verifier.sdk.testing.writing.object_identifiers import PACE, encode_oid

ScalarChooser: TypeAlias = Callable[[Group, Point, Point, Random], int]
"""Chooses an ephemeral private key from (curve, generator, the reader's public key, random)."""


def any_scalar(curve: Group, _generator: Point, _peer: Point, random: Random) -> int:
    """Choose as a chip does: at random."""
    return draw_scalar(curve, random)


def leading_zero_in_secret(curve: Group, _generator: Point, peer: Point, random: Random) -> int:
    """Choose so that the shared secret (mapping: the shared point) begins with a zero byte."""
    return scalar_with_leading_zero(curve, peer, draw_scalar(curve, random))


def leading_zero_in_public_key(curve: Group, generator: Point, _peer: Point, random: Random) -> int:
    """Choose so that the chip's ephemeral public key begins with a zero byte."""
    return scalar_with_leading_zero(curve, generator, draw_scalar(curve, random))


@dataclass(frozen=True)
class PaceParameters:
    """One PACE that a chip offers: key agreement and group, cipher, mapping.

    Raises ``InvalidInput`` for combinations that do not exist.
    """

    curve: Group
    """The curve, or the Diffie-Hellman group."""
    suite: CipherSuite
    nonce_length: int = 0
    """Bytes of the nonce s: whole blocks of the cipher; 0 for as many as the cipher's key needs."""
    mapping: PaceMapping = PaceMapping.GENERIC
    static_scalar: int | None = field(default=None, repr=False)
    """The chip's static private key, which chip authentication mapping proves."""

    def __post_init__(self) -> None:
        self.mapping.require_fit(self.curve, self.suite)
        usual = nonce_length(self.suite)
        if not self.nonce_length:
            object.__setattr__(self, "nonce_length", usual)
        if self.mapping is PaceMapping.INTEGRATED and self.nonce_length != usual:
            msg = f"integrated mapping with {self.suite.name} has a nonce of {usual} bytes"
            raise InvalidInput(msg)

    @property
    def oid(self) -> str:
        """id-PACE with the arcs of key agreement, mapping and cipher."""
        return f"{self.mapping_oid}.{self.suite.arc}"

    @property
    def mapping_oid(self) -> str:
        """The same without the cipher: how PACEDomainParameterInfo names it (ICAO 9303-11, 9.2.2)."""
        return f"{PACE}.{self.mapping.arc(self.curve)}"


class PaceResponder:
    """One run of PACE: four GENERAL AUTHENTICATE commands, in this order and no other.

    ``password`` is the SHA-1 of the MRZ information, or the CAN's digits (ICAO 9303-11, 9.7.3). ``random`` yields the
    nonce, then what the ephemeral keys of mapping and key agreement need; ``choose_scalar`` may force those keys.
    The four steps are public so that a chip that misbehaves can override one.
    """

    def __init__(
        self, parameters: PaceParameters, password: bytes, random: Random, choose_scalar: ScalarChooser = any_scalar
    ) -> None:
        self.parameters = parameters
        self.curve = parameters.curve
        self.generator = parameters.curve.generator
        self.session: SecureSession | None = None
        """The secure session that PACE leads to, once the reader has proved the password."""
        self._password = password
        self._random = random
        self._choose_scalar = choose_scalar
        self._next_step = 0
        self._nonce = b""
        self._own_public = self._peer_public = self.generator
        self._own_scalar = self._mapping_scalar = 0
        self._secret = b""

    @property
    def expects_last_command(self) -> bool:
        """Whether the next command must be the last of the chain, sent without the chaining bit."""
        return self._next_step == len(_STEPS) - 1

    def respond(self, data: bytes) -> bytes:
        """Answer the dynamic authentication data (DO'7C') of one command. Raises ``Refusal``; the run is then over."""
        objects = dynamic_authentication_data(data)
        request_tag, response_tag, step = _STEPS[self._next_step]
        require(objects.keys() == ({request_tag} if request_tag else set()), StatusWord.WRONG_PARAMETERS_IN_DATA)
        try:
            answer = step(self, objects.get(request_tag, b""))
        except MalformedData as error:
            raise Refusal(StatusWord.WRONG_PARAMETERS_IN_DATA) from error
        self._next_step += 1
        more = self.further_data() if self._next_step == len(_STEPS) else b""
        return encode(0x7C, encode(response_tag, answer) + more)

    def encrypt_nonce(self, _nothing: bytes) -> bytes:
        """Step 1: return the nonce, encrypted under the password's key."""
        suite = self.parameters.suite
        self._nonce = self._random(self.parameters.nonce_length)
        key = suite.derive_key(self._password, PASSWORD_COUNTER)
        return suite.encrypt(key, bytes(suite.block), self._nonce)

    def map_nonce(self, reader_data: bytes) -> bytes:
        """Step 2: move on to the generator that the nonce is mapped to; return what the reader needs for it.

        That is the public key of the agreement in generic and chip authentication mapping, nothing in integrated.
        """
        if self.parameters.mapping is PaceMapping.INTEGRATED:
            require(len(reader_data) == self.parameters.suite.key_length, StatusWord.WRONG_PARAMETERS_IN_DATA)
            self.generator = integrated_generator(self.curve, self.parameters.suite, self._nonce, reader_data)
            return b""
        public, shared = self._diffie_hellman(reader_data)
        self._mapping_scalar = self._own_scalar
        nonce_point = self.curve.multiply(int.from_bytes(self._nonce), self.curve.generator)
        self.generator = self.curve.add(nonce_point, shared)
        return public

    def agree_on_key(self, reader_public: bytes) -> bytes:
        """Step 3: agree on the shared secret over the new generator, return the ephemeral public key."""
        public, shared = self._diffie_hellman(reader_public)
        self._secret = self.curve.encode_x(shared)
        return public

    def confirm(self, reader_token: bytes) -> bytes:
        """Step 4: check the reader's token, return the chip's. Refuses with 6300 where the password was wrong."""
        require(reader_token == self._token(self._own_public), StatusWord.AUTHENTICATION_FAILED)
        self.session = SecureSession(self.parameters.suite, self._secret)
        return self._token(self._peer_public)

    def further_data(self) -> bytes:
        """What goes with the chip's token: the encrypted Chip Authentication Data (DO'8A'), or nothing."""
        if self.parameters.mapping is not PaceMapping.CHIP_AUTHENTICATION:
            return b""
        suite = self.parameters.suite
        key = suite.derive_key(self._secret, ENCRYPTION_COUNTER)
        iv = suite.encrypt(key, bytes(suite.block), b"\xff" * suite.block)
        return encode(0x8A, suite.encrypt(key, iv, pad(self.chip_authentication_data(), suite.block)))

    def chip_authentication_data(self) -> bytes:
        """Return CA.IC: the mapping's private key divided by the static one (ICAO 9303-11, 4.4.3.5.1)."""
        order = self.curve.n
        quotient = self._mapping_scalar * pow(self.parameters.static_scalar or 1, -1, order) % order
        return quotient.to_bytes(self.curve.order_length)

    def _diffie_hellman(self, reader_public: bytes) -> tuple[bytes, Point]:
        self._peer_public = self.curve.decode(reader_public)
        scalar = self._choose_scalar(self.curve, self.generator, self._peer_public, self._random)
        self._own_scalar = scalar
        self._own_public = self.curve.multiply(scalar, self.generator)
        return self.curve.encode(self._own_public), self.curve.multiply(scalar, self._peer_public)

    def _token(self, public: Point) -> bytes:
        """Return the MAC over the other side's public key (ICAO 9303-11, 4.4.3.4)."""
        suite = self.parameters.suite
        oid = encode(0x06, encode_oid(self.parameters.oid))
        message = encode(0x7F49, oid + encode(self.curve.public_key_tag, self.curve.encode(public)))
        if suite is CipherSuite.TRIPLE_DES:
            message = pad(message, suite.block)
        return suite.mac(suite.derive_key(self._secret, MAC_COUNTER), message)


def dynamic_authentication_data(data: bytes) -> dict[int, bytes]:
    """Return what is inside DO'7C'; refuse with 6A80 what has another form."""
    objects = data_objects(data)
    require(objects.keys() == {0x7C}, StatusWord.WRONG_PARAMETERS_IN_DATA)
    return data_objects(objects[0x7C])


def hashed_mrz_information(mrz_information: bytes) -> bytes:
    """Return the MRZ as a PACE password: 20 bytes."""
    return hashlib.sha1(mrz_information).digest()


_STEPS: tuple[tuple[int, int, Callable[[PaceResponder, bytes], bytes]], ...] = (
    (0, 0x80, lambda run, data: run.encrypt_nonce(data)),
    (0x81, 0x82, lambda run, data: run.map_nonce(data)),
    (0x83, 0x84, lambda run, data: run.agree_on_key(data)),
    (0x85, 0x86, lambda run, data: run.confirm(data)),
)
"""Tag in the command (0: none), tag in the response, step (ICAO 9303-11, 4.4.4.2). Bound late, for overriding."""
