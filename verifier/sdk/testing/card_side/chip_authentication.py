"""The chip's side of Chip Authentication, over curves and in residue fields (ICAO 9303-11, 6.2)."""

from dataclasses import dataclass, field

from verifier.errors import MalformedData
from verifier.iso7816.status import StatusWord
from verifier.sdk.testing.arithmetic.groups import Group, Point
from verifier.sdk.testing.card_side.ciphers import CipherSuite
from verifier.sdk.testing.card_side.refusal import Refusal
from verifier.sdk.testing.card_side.secure_messaging import SecureSession
from verifier.sdk.testing.writing.object_identifiers import AGREEMENT_ARCS, CHIP_AUTHENTICATION


@dataclass(frozen=True)
class ChipAuthenticationKey:
    """The chip's static key pair, and the cipher suite of the session that it leads to.

    ``key_id`` is ``None`` where the chip has one key and DG14 gives it no number.
    """

    curve: Group
    """The curve, or the Diffie-Hellman group."""
    scalar: int = field(repr=False)
    suite: CipherSuite
    key_id: int | None = None

    @property
    def oid(self) -> str:
        """id-CA-ECDH or id-CA-DH with the cipher's arc."""
        return f"{CHIP_AUTHENTICATION}.{AGREEMENT_ARCS[self.curve.agreement]}.{self.suite.arc}"

    @property
    def public_point(self) -> Point:
        """The public key as in DG14."""
        return self.curve.multiply(self.scalar, self.curve.generator)

    def agree(self, reader_public: bytes) -> SecureSession:
        """Return the session shared with an ephemeral public key's holder (``04 ‖ x ‖ y``, or y), or refuse: 6A80."""
        try:
            shared = self.curve.multiply(self.scalar, self.curve.decode(reader_public))
        except MalformedData as error:
            raise Refusal(StatusWord.WRONG_PARAMETERS_IN_DATA) from error
        return SecureSession(self.suite, self.curve.encode_x(shared))
