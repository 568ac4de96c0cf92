"""The chip's side of Active Authentication (ICAO 9303-11, 6.1): it signs what it is given."""

from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from verifier.sdk.testing.arithmetic.curves import Random

HASHES: dict[str, hashes.HashAlgorithm] = {
    "SHA-1": hashes.SHA1(),
    "SHA-224": hashes.SHA224(),
    "SHA-256": hashes.SHA256(),
    "SHA-384": hashes.SHA384(),
    "SHA-512": hashes.SHA512(),
}
_IMPLICIT_TRAILER = b"\xbc"
_TRAILERS = {
    "SHA-1": b"\x33\xcc",
    "SHA-224": b"\x38\xcc",
    "SHA-256": b"\x34\xcc",
    "SHA-384": b"\x36\xcc",
    "SHA-512": b"\x35\xcc",
}
"""ISO/IEC 9796-2, 8.1.3: the hash's number (ISO/IEC 10118-3) and CC; SHA-1 may also go without a number."""
_FILL, _BORDER = 0xBB, 0xBA


@dataclass(frozen=True)
class RsaSigner:
    """Signs by ISO/IEC 9796-2, digital signature scheme 1 (ICAO 9303-11, 6.1.2.2).

    ``smaller_root`` gives min(S, n − S) instead of S: both are in the standard, and both are in the wild. So are BC and
    33CC for SHA-1 (``explicit_trailer``). M1 fills the signature unless ``message_length`` (bytes) says less: padding
    then comes before it.
    """

    key: rsa.RSAPrivateKey = field(repr=False)
    hash_name: str = "SHA-256"
    smaller_root: bool = False
    explicit_trailer: bool = False
    message_length: int | None = None

    @property
    def public_key_der(self) -> bytes:
        """SubjectPublicKeyInfo, as in DG15."""
        return self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, challenge: bytes, random: Random) -> bytes:
        """Return the signature over M1 ‖ RND.IFD; M1, drawn at random, is recovered from the signature."""
        numbers = self.key.private_numbers()
        modulus = numbers.public_numbers.n
        size = (modulus.bit_length() + 7) // 8
        is_implicit = self.hash_name == "SHA-1" and not self.explicit_trailer
        trailer = _IMPLICIT_TRAILER if is_implicit else _TRAILERS[self.hash_name]
        room = size - HASHES[self.hash_name].digest_size - len(trailer) - 1
        message = random(room if self.message_length is None else min(self.message_length, room))
        digest = hashes.Hash(HASHES[self.hash_name])
        digest.update(message + challenge)
        header = _header(room - len(message))
        representative = int.from_bytes(header + message + digest.finalize() + trailer)
        signature = _root(representative, numbers)
        return (min(signature, modulus - signature) if self.smaller_root else signature).to_bytes(size)


def _root(number: int, key: rsa.RSAPrivateNumbers) -> int:
    """Return number^d mod n by the Chinese remainder theorem (RFC 8017, 5.1.2)."""
    first, second = pow(number, key.dmp1, key.p), pow(number, key.dmq1, key.q)
    return second + key.q * ((first - second) * key.iqmp % key.p)


def _header(missing: int) -> bytes:
    """6A where M1 fills its room, else 6B, BB … and BA (ISO/IEC 9796-2, 8.1.2); ``missing`` bytes longer."""
    return b"\x6a" if not missing else bytes([0x6B] + [_FILL] * (missing - 1) + [_BORDER])


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
