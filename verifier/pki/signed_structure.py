"""What certificates and CRLs have in common: content, algorithm, signature (RFC 5280, 4.1.1 and 5.1.1)."""

import hashlib
from dataclasses import dataclass, field, fields
from functools import cached_property

from verifier.errors import MalformedData
from verifier.pki.asn1.der import BIT_STRING, SEQUENCE, Element, Reader, read_one
from verifier.pki.keys.algorithms import SignatureAlgorithm
from verifier.pki.keys.public_key import PublicKey, SignatureVerdict


@dataclass(frozen=True, kw_only=True)
class SignedStructure:
    """A signed structure as encoded. Equal ones have equal bytes."""

    der: bytes = field(repr=False)
    tbs: bytes = field(compare=False, repr=False)
    """The inner structure as encoded: what is signed."""
    signature_algorithm_der: bytes = field(compare=False, repr=False)
    signature: bytes = field(compare=False, repr=False)

    def __getstate__(self) -> dict[str, object]:
        """Take the fields along to another process, and not what was worked out of them: a key stays in its own."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @cached_property
    def signature_algorithm(self) -> SignatureAlgorithm:
        """How the issuer signed. Raises ``MalformedData`` or ``UnsupportedFeature``."""
        return SignatureAlgorithm.decode(self.signature_algorithm_der)

    @cached_property
    def fingerprint(self) -> bytes:
        """SHA-256 of the whole, 32 bytes."""
        return hashlib.sha256(self.der).digest()

    def is_signed_by(self, public_key: PublicKey) -> SignatureVerdict:
        """Verify the signature. Raises ``MalformedData`` or ``UnsupportedFeature``."""
        return public_key.verify(self.signature_algorithm, self.signature, self.tbs)


@dataclass(frozen=True, slots=True)
class Envelope:
    """The three parts of a signed structure, not looked into."""

    tbs: Element
    algorithm: Element
    signature: bytes

    @classmethod
    def open(cls, der: bytes, what: str, longest: int) -> "Envelope":
        """Split ``what`` ("a certificate") of at most ``longest`` bytes. Raises ``MalformedData``."""
        if len(der) > longest:
            msg = f"{what} is longer than {longest} bytes"
            raise MalformedData(msg)
        reader = read_one(der, SEQUENCE, what).reader()
        tbs, algorithm, signature = reader.take(SEQUENCE), reader.take(SEQUENCE), reader.take(BIT_STRING)
        reader.end()
        return cls(tbs, algorithm, signature.bits)

    def take_algorithm(self, reader: Reader, what: str) -> None:
        """Pass the algorithm inside, which must be the one outside (RFC 5280, 4.1.1.2 and 5.1.1.2)."""
        if reader.take(SEQUENCE).raw != self.algorithm.raw:
            msg = f"{what} names two different signature algorithms"
            raise MalformedData(msg)
