"""Signing keys for the plan's cards: its algorithms are more than a synthetic PKI needs (TR-03105-5.1, 7.1.2)."""

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

from asn1crypto import algos, core
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from verifier.sdk.testing import GROUPS
from verifier.sdk.testing.writing.public_keys import public_key_info
from verifier.sdk.testing.writing.signing import HASHES, shared_rsa_key

PrivateKey = rsa.RSAPrivateKey | dsa.DSAPrivateKey | ec.EllipticCurvePrivateKey
_HASHES = {**HASHES, "md5": hashes.MD5()}
_BSI = "0.4.0.127.0.7.1.1.4.1"
_BSI_ARCS = {"sha1": 1, "sha224": 2, "sha256": 3, "sha384": 4, "sha512": 5}
_DSA_IDENTIFIERS = {
    "sha1": "1.2.840.10040.4.3",
    "sha224": "2.16.840.1.101.3.4.3.1",
    "sha256": "2.16.840.1.101.3.4.3.2",
}
_CURVES: dict[int, ec.EllipticCurve] = {
    224: ec.SECP224R1(),
    256: ec.BrainpoolP256R1(),
    384: ec.BrainpoolP384R1(),
    512: ec.BrainpoolP512R1(),
}
_NAMES = {224: "P-224", 256: "brainpoolP256r1", 384: "brainpoolP384r1", 512: "brainpoolP512r1"}


class PlanScheme(StrEnum):
    """A signature scheme of the plan."""

    RSA_PKCS1 = "RSASSA-PKCS1-v1_5"
    RSA_ENCRYPTION = "RSASSA-PKCS1-v1_5, named rsaEncryption"
    RSA_PSS = "RSASSA-PSS"
    ECDSA = "ECDSA"
    ECDSA_PLAIN = "ECDSA by BSI TR-03111"
    DSA = "DSA"


@dataclass(frozen=True)
class PlanKey:
    """A private key with its signature algorithm; stands in for a ``SigningKey``.

    ``digest`` is the digest of a CMS signer's attributes where that is not the signature's own.
    """

    scheme: PlanScheme
    signature_hash: str
    private: PrivateKey = field(repr=False)
    digest: str | None = None

    @property
    def hash_name(self) -> str:
        """The digest algorithm that a CMS signer names."""
        return self.digest or self.signature_hash

    @property
    def public_key_der(self) -> bytes:
        """SubjectPublicKeyInfo; curves with all of their parameters (ICAO 9303-12, 4.1.6.3)."""
        if isinstance(self.private, ec.EllipticCurvePrivateKey):
            public = self.private.public_key()
            point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
            return public_key_info(GROUPS[_NAMES[public.key_size]], point, explicit_parameters=True)
        return self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @property
    def algorithm(self) -> algos.SignedDigestAlgorithm:
        """The AlgorithmIdentifier of the signatures."""
        match self.scheme:
            case PlanScheme.RSA_PSS:
                return _pss_identifier(self.signature_hash)
            case PlanScheme.ECDSA_PLAIN:
                return _identifier(f"{_BSI}.{_BSI_ARCS[self.signature_hash]}")
            case PlanScheme.DSA:
                return _identifier(_DSA_IDENTIFIERS[self.signature_hash])
            case PlanScheme.RSA_ENCRYPTION:
                return algos.SignedDigestAlgorithm({"algorithm": "rsassa_pkcs1v15"})
            case PlanScheme.ECDSA | PlanScheme.RSA_PKCS1:
                name = f"{self.signature_hash}_{'rsa' if self.scheme is PlanScheme.RSA_PKCS1 else 'ecdsa'}"
                parameters = {"parameters": core.Null()} if self.scheme is PlanScheme.RSA_PKCS1 else {}
                return algos.SignedDigestAlgorithm({"algorithm": name, **parameters})

    def sign(self, message: bytes) -> bytes:
        """Return the signature over ``message``."""
        digest = _HASHES[self.signature_hash]
        if isinstance(self.private, ec.EllipticCurvePrivateKey):
            signature = self.private.sign(message, ec.ECDSA(digest, deterministic_signing=True))
            return _plain(signature, self.private) if self.scheme is PlanScheme.ECDSA_PLAIN else signature
        if isinstance(self.private, dsa.DSAPrivateKey):
            return self.private.sign(message, digest)
        if self.scheme is PlanScheme.RSA_PSS:
            return self.private.sign(message, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
        return self.private.sign(message, padding.PKCS1v15(), digest)


@cache
def plan_key(scheme: PlanScheme, hash_name: str, bits: int, owner: str) -> PlanKey:
    """Return ``owner``'s key of that scheme and length; RSA keys of one length are shared in a process."""
    return PlanKey(scheme, hash_name, _private(scheme, bits, owner))


def _private(scheme: PlanScheme, bits: int, owner: str) -> PrivateKey:
    if scheme in {PlanScheme.RSA_PKCS1, PlanScheme.RSA_PSS, PlanScheme.RSA_ENCRYPTION}:
        return shared_rsa_key(f"test plan, {owner}", bits)
    scalar = int.from_bytes(hashlib.sha256(f"test plan, {owner}".encode()).digest()[:24])
    return _dsa_key(scalar) if scheme is PlanScheme.DSA else ec.derive_private_key(scalar, _CURVES[bits])


def _dsa_key(scalar: int) -> dsa.DSAPrivateKey:
    """A key over the group of RFC 5114, 2.3: 2048 bits with a subgroup of 256, which takes no time to find."""
    group = GROUPS["MODP-2048-256"]
    parameters = dsa.DSAParameterNumbers(group.p, group.n, group.generator.x)
    public = dsa.DSAPublicNumbers(pow(group.generator.x, scalar, group.p), parameters)
    return dsa.DSAPrivateNumbers(scalar, public).private_key()


def _pss_identifier(hash_name: str) -> algos.SignedDigestAlgorithm:
    named = {"algorithm": hash_name}
    mask = {"algorithm": "mgf1", "parameters": named}
    parameters = {"hash_algorithm": named, "mask_gen_algorithm": mask, "salt_length": _HASHES[hash_name].digest_size}
    return algos.SignedDigestAlgorithm({"algorithm": "rsassa_pss", "parameters": parameters})


def _identifier(oid: str) -> algos.SignedDigestAlgorithm:
    """Return an AlgorithmIdentifier without parameters; asn1crypto has no names for all of the plan's."""
    encoded = core.ObjectIdentifier(oid).dump()
    return algos.SignedDigestAlgorithm.load(b"\x30" + bytes([len(encoded)]) + encoded)


def _plain(signature: bytes, key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return r ‖ s (BSI TR-03111, 5.2.1)."""
    size = (key.curve.group_order.bit_length() + 7) // 8
    return b"".join(number.to_bytes(size) for number in decode_dss_signature(signature))
