"""Hash and signature algorithms: object identifiers and parameters become types (RFC 4055, RFC 5754, RFC 5758)."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from cryptography.hazmat.primitives import hashes

from verifier.errors import MalformedData, UnsupportedFeature
from verifier.pki.asn1.der import INTEGER, NULL, OBJECT_IDENTIFIER, SEQUENCE, Element, context, read_one

HASH_ALGORITHMS: Final = {
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.4": "sha224",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
"""Object identifier → name as in ``hashlib``. SHA-1 is here because cards that use it are still valid."""

_HASHES: Final[dict[str, hashes.HashAlgorithm]] = {
    "sha1": hashes.SHA1(),
    "sha224": hashes.SHA224(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}

_MGF1 = "1.2.840.113549.1.1.8"
_RSASSA_PSS = "1.2.840.113549.1.1.10"
MAX_SALT_LENGTH = 2048
"""Bytes; more does not fit into any RSA key."""


class Scheme(StrEnum):
    """How a signature is made."""

    RSA_PKCS1 = "RSASSA-PKCS1-v1_5"
    RSA_PSS = "RSASSA-PSS"
    ECDSA = "ECDSA"
    ECDSA_PLAIN = "plain ECDSA"
    """r ‖ s instead of DER (BSI TR-03111, 5.2.1); found in documents signed by the early editions of TR-03110."""
    DSA = "DSA"


@dataclass(frozen=True, slots=True)
class SignatureAlgorithm:
    """A signature scheme with its hash.

    ``hash_name`` is as in ``hashlib``, and ``None`` where the identifier leaves the hash open (plain rsaEncryption or
    ecPublicKey in a CMS signer): ``with_hash`` fills it in. ``mgf_hash_name`` and ``salt_length`` (bytes) are for PSS.
    """

    scheme: Scheme
    hash_name: str | None
    mgf_hash_name: str | None = None
    salt_length: int = 0

    @classmethod
    def decode(cls, der: bytes) -> "SignatureAlgorithm":
        """Decode an AlgorithmIdentifier. Raises ``MalformedData``, or ``UnsupportedFeature`` with the identifier."""
        return cls.of(read_one(der, SEQUENCE, "a signature algorithm"))

    @classmethod
    def of(cls, identifier: Element) -> "SignatureAlgorithm":
        """Decode an AlgorithmIdentifier where it stands."""
        reader = identifier.reader()
        oid = reader.take(OBJECT_IDENTIFIER).oid
        if oid == _RSASSA_PSS:
            return _decode_pss(reader.take_if(SEQUENCE))
        known = _SIGNATURE_ALGORITHMS.get(oid)
        if known is None:
            msg = f"the signature algorithm {_NAMES.get(oid, oid)} is not supported"
            raise UnsupportedFeature(msg)
        return known

    def with_hash(self, hash_name: str) -> "SignatureAlgorithm":
        """Return the algorithm with its hash where it left that open (RFC 5652, 5.3: digestAlgorithm says it)."""
        return self if self.hash_name else replace(self, hash_name=hash_name)

    @property
    def name(self) -> str:
        """For people: ``ECDSA with SHA256``."""
        return f"{self.scheme} with {self.hash_name.upper()}" if self.hash_name else str(self.scheme)


def decode_hash(identifier: Element) -> str:
    """Return the name of the hash algorithm in an AlgorithmIdentifier, as in ``hashlib``.

    Parameters are absent or NULL (RFC 5754, 2). Raises ``UnsupportedFeature`` with the identifier.
    """
    reader = identifier.reader()
    oid = reader.take(OBJECT_IDENTIFIER).oid
    reader.take_if(NULL)
    name = HASH_ALGORITHMS.get(oid)
    if name is None:
        msg = f"the hash algorithm {_NAMES.get(oid, oid)} is not supported"
        raise UnsupportedFeature(msg)
    return name


def hash_of(name: str) -> hashes.HashAlgorithm:
    """Return ``cryptography``'s object for a name in ``HASH_ALGORITHMS``."""
    return _HASHES[name]


def _decode_pss(parameters: Element | None) -> SignatureAlgorithm:
    """RSASSA-PSS-params (RFC 4055, 3.1); whatever is absent has its default: SHA-1, MGF1 with SHA-1, 20 bytes."""
    hash_name, mgf_hash_name, salt_length, trailer = "sha1", "sha1", 20, 1
    if parameters is not None:
        reader = parameters.reader()
        if field := reader.take_if(context(0)):
            hash_name = decode_hash(field.reader().take(SEQUENCE))
        if field := reader.take_if(context(1)):
            mgf_hash_name = _decode_mgf(field.reader().take(SEQUENCE))
        if field := reader.take_if(context(2)):
            salt_length = field.reader().take(INTEGER).integer
        if field := reader.take_if(context(3)):
            trailer = field.reader().take(INTEGER).integer
        reader.end()
    if not 0 <= salt_length <= MAX_SALT_LENGTH or trailer != 1:
        msg = "RSASSA-PSS parameters with an impossible salt length or trailer field"
        raise MalformedData(msg)
    return SignatureAlgorithm(Scheme.RSA_PSS, hash_name, mgf_hash_name, salt_length)


def _decode_mgf(identifier: Element) -> str:
    reader = identifier.reader()
    oid = reader.take(OBJECT_IDENTIFIER).oid
    if oid != _MGF1:
        msg = f"the mask generation function {oid} is not supported"
        raise UnsupportedFeature(msg)
    return decode_hash(reader.take(SEQUENCE))


_SIGNATURE_ALGORITHMS: Final = {
    "1.2.840.113549.1.1.1": SignatureAlgorithm(Scheme.RSA_PKCS1, None),
    "1.2.840.113549.1.1.5": SignatureAlgorithm(Scheme.RSA_PKCS1, "sha1"),
    "1.3.14.3.2.29": SignatureAlgorithm(Scheme.RSA_PKCS1, "sha1"),
    "1.2.840.113549.1.1.14": SignatureAlgorithm(Scheme.RSA_PKCS1, "sha224"),
    "1.2.840.113549.1.1.11": SignatureAlgorithm(Scheme.RSA_PKCS1, "sha256"),
    "1.2.840.113549.1.1.12": SignatureAlgorithm(Scheme.RSA_PKCS1, "sha384"),
    "1.2.840.113549.1.1.13": SignatureAlgorithm(Scheme.RSA_PKCS1, "sha512"),
    "1.2.840.10045.2.1": SignatureAlgorithm(Scheme.ECDSA, None),
    "1.2.840.10045.4": SignatureAlgorithm(Scheme.ECDSA, None),
    "1.2.840.10045.4.1": SignatureAlgorithm(Scheme.ECDSA, "sha1"),
    "1.2.840.10045.4.3": SignatureAlgorithm(Scheme.ECDSA, None),
    "1.2.840.10045.4.3.1": SignatureAlgorithm(Scheme.ECDSA, "sha224"),
    "1.2.840.10045.4.3.2": SignatureAlgorithm(Scheme.ECDSA, "sha256"),
    "1.2.840.10045.4.3.3": SignatureAlgorithm(Scheme.ECDSA, "sha384"),
    "1.2.840.10045.4.3.4": SignatureAlgorithm(Scheme.ECDSA, "sha512"),
    "0.4.0.127.0.7.1.1.4.1.1": SignatureAlgorithm(Scheme.ECDSA_PLAIN, "sha1"),
    "0.4.0.127.0.7.1.1.4.1.2": SignatureAlgorithm(Scheme.ECDSA_PLAIN, "sha224"),
    "0.4.0.127.0.7.1.1.4.1.3": SignatureAlgorithm(Scheme.ECDSA_PLAIN, "sha256"),
    "0.4.0.127.0.7.1.1.4.1.4": SignatureAlgorithm(Scheme.ECDSA_PLAIN, "sha384"),
    "0.4.0.127.0.7.1.1.4.1.5": SignatureAlgorithm(Scheme.ECDSA_PLAIN, "sha512"),
    "1.2.840.10040.4.3": SignatureAlgorithm(Scheme.DSA, "sha1"),
    "2.16.840.1.101.3.4.3.1": SignatureAlgorithm(Scheme.DSA, "sha224"),
    "2.16.840.1.101.3.4.3.2": SignatureAlgorithm(Scheme.DSA, "sha256"),
}

_NAMES: Final = {
    "1.2.840.113549.1.1.2": "MD2 with RSA",
    "1.2.840.113549.1.1.4": "MD5 with RSA",
    "1.2.840.113549.2.5": "MD5",
    "1.3.101.112": "Ed25519",
    "1.3.101.113": "Ed448",
    "1.3.36.3.2.1": "RIPEMD-160",
}
"""For sentences only: what is refused is refused by name where the name is known."""
