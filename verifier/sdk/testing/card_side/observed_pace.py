"""The chip's side of PACE under observation: which secrets and points began with a zero byte, and forcing them to."""

from collections.abc import Callable
from enum import StrEnum
from random import Random as SeededRandom

from verifier.sdk.testing.arithmetic.groups import Group, Point, Random, draw_scalar
from verifier.sdk.testing.card_side.pace import (
    PaceParameters,
    PaceResponder,
    ScalarChooser,
    any_scalar,
    leading_zero_in_public_key,
    leading_zero_in_secret,
)


class Forced(StrEnum):
    """Where a session of PACE is given a leading zero byte."""

    SECRETS = "the shared secrets of mapping and key agreement"
    CHIP_KEYS = "the chip's ephemeral public keys"
    READER_KEY = "the reader's ephemeral public key of the mapping"
    GENERATOR = "the mapped generator"


_CHOOSERS = {Forced.SECRETS: leading_zero_in_secret, Forced.CHIP_KEYS: leading_zero_in_public_key}


class ObservedPace(PaceResponder):
    """A well-behaved chip that notes in ``seen`` what began with a zero byte.

    Use it as ``pace_responder=partial(ObservedPace, seen=…, forced=…)``.
    """

    def __init__(
        self,
        parameters: PaceParameters,
        password: bytes,
        random: Random,
        choose_scalar: ScalarChooser = any_scalar,
        *,
        seen: set[str],
        forced: Forced | None = None,
    ) -> None:
        chosen = _CHOOSERS.get(forced, choose_scalar) if forced is not None else choose_scalar
        super().__init__(parameters, password, random, chosen)
        self._seen = seen
        self._shared = self.generator
        self._forced = forced

    def map_nonce(self, reader_public: bytes) -> bytes:
        """Step 2, noting the shared point and the generator."""
        usual = self._choose_scalar
        if self._forced is Forced.GENERATOR:
            self._choose_scalar = self._scalar_for_generator
        answer = super().map_nonce(reader_public)
        self._choose_scalar = usual
        self._seen |= zeros_of("mapping's shared point", self._shared, self.curve)
        self._seen |= zeros_of("mapped generator", self.generator, self.curve)
        return answer

    def agree_on_key(self, reader_public: bytes) -> bytes:
        """Step 3, noting the shared secret."""
        answer = super().agree_on_key(reader_public)
        if self._secret[0] == 0:
            self._seen.add("shared secret")
        return answer

    def _scalar_for_generator(self, curve: Group, _generator: Point, peer: Point, random: Random) -> int:
        """Choose so that s·G + scalar·peer begins with a zero byte; one in 256 scalars will do."""
        limit = 1 << 8 * (curve.field_length - 1)
        scalar = draw_scalar(curve, random)
        nonce_point = curve.multiply(int.from_bytes(self._nonce), curve.generator)
        point = curve.add(nonce_point, curve.multiply(scalar, peer))
        while point.x >= limit:
            scalar, point = scalar + 1, curve.add(point, peer)
        return scalar

    def _diffie_hellman(self, reader_public: bytes) -> tuple[bytes, Point]:
        public, shared = super()._diffie_hellman(reader_public)
        self._seen |= zeros_of("reader's ephemeral key", self._peer_public, self.curve)
        self._seen |= zeros_of("chip's ephemeral key", self._own_public, self.curve)
        self._shared = shared
        return public, shared


class ReaderRandom:
    """A reader's seeded randomness, of which draws of a kind can be forced and are remembered.

    ``is_meant`` tells those draws by their length in bytes.
    """

    def __init__(self, random: SeededRandom, is_meant: Callable[[int], bool]) -> None:
        self._random = random
        self._is_meant = is_meant
        self._draws = 0
        self._forced: dict[int, int] = {}
        self._last = b""

    def __call__(self, count: int) -> bytes:
        """Return ``count`` bytes: a forced value where one waits for this draw."""
        if not self._is_meant(count):
            return self._random.randbytes(count)
        self._draws += 1
        forced = self._forced.get(self._draws)
        self._last = self._random.randbytes(count) if forced is None else forced.to_bytes(count)
        return self._last

    def force(self, value: int, *, draw: int = 1) -> None:
        """Let that draw of the kind, counted from 1, give this number."""
        self._forced[draw] = value

    def last_scalar(self, group: Group) -> int:
        """Return the last draw of the kind as the private key that a reader makes of it."""
        scalar = int.from_bytes(self._last)
        return scalar & (1 << group.n.bit_length()) - 1 if len(self._last) == group.order_length else scalar


def zeros_of(name: str, point: Point, curve: Group) -> set[str]:
    """Return which coordinates of a point begin with a zero byte: ``{"NAME, x"}``."""
    limit = 1 << 8 * (curve.field_length - 1)
    axes = "xy" if curve.agreement == "ECDH" else "x"
    return {f"{name}, {axis}" for axis, value in zip(axes, point, strict=False) if value < limit}
