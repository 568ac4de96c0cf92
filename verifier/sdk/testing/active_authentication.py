"""The chip's side of Active Authentication (ICAO 9303-11, 6.1): it signs what it is given."""

from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from verifier.sdk.testing.curves import Random

HASHES: dict[str, hashes.HashAlgorithm] = {
    "SHA-1": hashes.SHA1(),
    "SHA-224": hashes.SHA224(),
    "SHA-256": hashes.SHA256(),
    "SHA-384": hashes.SHA384(),
    "SHA-512": hashes.SHA512(),
}
_TRAILERS = {
    "SHA-1": b"\xbc",
    "SHA-224": b"\x38\xcc",
    "SHA-256": b"\x34\xcc",
    "SHA-384": b"\x36\xcc",
    "SHA-512": b"\x35\xcc",
}
"""ISO/IEC 9796-2, 8.1.3: implicit for SHA-1, else the hash's number (ISO/IEC 10118-3) and CC."""


@dataclass(frozen=True)
class RsaSigner:
    """Signs by ISO/IEC 9796-2, digital signature scheme 1 (ICAO 9303-11, 6.1.2.2).

    ``smaller_root`` gives min(S, n − S) instead of S: both are in the standard, and both are in the wild.
    """

    key: rsa.RSAPrivateKey = field(repr=False)
    hash_name: str = "SHA-256"
    smaller_root: bool = False

    @property
    def public_key_der(self) -> bytes:
        """SubjectPublicKeyInfo, as in DG15."""
        return self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, challenge: bytes, random: Random) -> bytes:
        """Return the signature over M1 ‖ RND.IFD; M1, drawn at random, is recovered from the signature."""
        numbers = self.key.private_numbers()
        modulus = numbers.public_numbers.n
        size = (modulus.bit_length() + 7) // 8
        trailer = _TRAILERS[self.hash_name]
        message = random(size - HASHES[self.hash_name].digest_size - len(trailer) - 1)
        digest = hashes.Hash(HASHES[self.hash_name])
        digest.update(message + challenge)
        representative = int.from_bytes(b"\x6a" + message + digest.finalize() + trailer)
        signature = pow(representative, numbers.d, modulus)
        return (min(signature, modulus - signature) if self.smaller_root else signature).to_bytes(size)


@dataclass(frozen=True)
class EcdsaSigner:
    """Signs by ECDSA: plain ``r ‖ s`` as prescribed (BSI TR-03111, 5.2.1), or DER as some chips do."""

    key: ec.EllipticCurvePrivateKey = field(repr=False)
    hash_name: str = "SHA-256"
    der: bool = False

    @property
    def public_key_der(self) -> bytes:
        """SubjectPublicKeyInfo, as in DG15."""
        return self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, challenge: bytes, _random: Random) -> bytes:
        """Return the signature over RND.IFD."""
        signature = self.key.sign(challenge, ec.ECDSA(HASHES[self.hash_name], deterministic_signing=True))
        if self.der:
            return signature
        size = (self.key.curve.group_order.bit_length() + 7) // 8
        return b"".join(number.to_bytes(size) for number in decode_dss_signature(signature))


ActiveAuthenticationSigner = RsaSigner | EcdsaSigner
