"""Keys that sign certificates, CRLs and document security objects."""

import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Self, TypeAlias

from asn1crypto import algos
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from verifier.sdk.testing.arithmetic.curves import CURVES, Random, draw_scalar
from verifier.sdk.testing.writing.public_keys import public_key_info


class KeyKind(StrEnum):
    """What a signing key is. RSA keys take long to make, so one of each kind is made and shared in a process."""

    P256 = "P-256"
    P384 = "P-384"
    P521 = "P-521"
    BRAINPOOL_P256 = "brainpoolP256r1"
    BRAINPOOL_P384 = "brainpoolP384r1"
    BRAINPOOL_P512 = "brainpoolP512r1"
    RSA_PKCS1 = "RSA-2048 PKCS #1"
    RSA_PSS = "RSA-2048 PSS"


HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),
    "sha224": hashes.SHA224(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
"""By asn1crypto's names."""
CRYPTOGRAPHY_CURVES: dict[str, ec.EllipticCurve] = {
    KeyKind.P256: ec.SECP256R1(),
    KeyKind.P384: ec.SECP384R1(),
    KeyKind.P521: ec.SECP521R1(),
    KeyKind.BRAINPOOL_P256: ec.BrainpoolP256R1(),
    KeyKind.BRAINPOOL_P384: ec.BrainpoolP384R1(),
    KeyKind.BRAINPOOL_P512: ec.BrainpoolP512R1(),
}
_PrivateKey: TypeAlias = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class SigningKey:
    """A private key with its signature algorithm.

    ``hash_name`` is sha256, sha384 or sha512; by default it fits the key. ``explicit_parameters`` writes an EC
    public key with all parameters of its curve, as many issuers do.
    """

    kind: KeyKind
    private: _PrivateKey = field(repr=False)
    hash_name: str
    explicit_parameters: bool = False

    @classmethod
    def generate(
        cls,
        kind: KeyKind = KeyKind.P256,
        *,
        hash_name: str | None = None,
        explicit_parameters: bool = False,
        random: Random = secrets.token_bytes,
        rsa_bits: int = 2048,
    ) -> Self:
        """Make a key; EC keys depend on ``random`` alone. ``rsa_bits`` is for what is too short on purpose."""
        if kind in CRYPTOGRAPHY_CURVES:
            curve = CRYPTOGRAPHY_CURVES[kind]
            private: _PrivateKey = ec.derive_private_key(draw_scalar(CURVES[kind], random), curve)
            fitting = "sha256" if curve.key_size <= 256 else "sha384" if curve.key_size <= 384 else "sha512"
        else:
            private, fitting = shared_rsa_key(kind, rsa_bits), "sha256"
        return cls(kind, private, hash_name or fitting, explicit_parameters)

    @property
    def public_key_der(self) -> bytes:
        """SubjectPublicKeyInfo."""
        public = self.private.public_key()
        if isinstance(public, ec.EllipticCurvePublicKey) and self.explicit_parameters:
            point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
            return public_key_info(CURVES[self.kind], point, explicit_parameters=True)
        return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @property
    def algorithm(self) -> algos.SignedDigestAlgorithm:
        """The AlgorithmIdentifier of the signatures."""
        if self.kind is KeyKind.RSA_PSS:
            hash_algorithm = {"algorithm": self.hash_name}
            parameters = {
                "hash_algorithm": hash_algorithm,
                "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": hash_algorithm},
                "salt_length": HASHES[self.hash_name].digest_size,
            }
            return algos.SignedDigestAlgorithm({"algorithm": "rsassa_pss", "parameters": parameters})
        family = "rsa" if self.kind is KeyKind.RSA_PKCS1 else "ecdsa"
        return algos.SignedDigestAlgorithm({"algorithm": f"{self.hash_name}_{family}"})

    def sign(self, message: bytes) -> bytes:
        """Return the signature over ``message``."""
        digest = HASHES[self.hash_name]
        if isinstance(self.private, ec.EllipticCurvePrivateKey):
            return self.private.sign(message, ec.ECDSA(digest, deterministic_signing=True))
        if self.kind is KeyKind.RSA_PSS:
            return self.private.sign(message, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
        return self.private.sign(message, padding.PKCS1v15(), digest)


@cache
def shared_rsa_key(purpose: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """Return the process's one RSA key for a purpose, made when first asked for."""
    del purpose
    return rsa.generate_private_key(65537, bits)
