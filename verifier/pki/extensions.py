"""Extensions of certificates and CRLs (RFC 5280, 4.2 and 5.2; ICAO 9303-12, 7.1.1 and 7.1.4)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from verifier.errors import MalformedData
from verifier.pki.asn1.der import (
    BIT_STRING,
    BOOLEAN,
    INTEGER,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    Element,
    read_one,
)

SUBJECT_KEY_IDENTIFIER: Final = "2.5.29.14"
KEY_USAGE: Final = "2.5.29.15"
PRIVATE_KEY_USAGE_PERIOD: Final = "2.5.29.16"
SUBJECT_ALTERNATIVE_NAME: Final = "2.5.29.17"
ISSUER_ALTERNATIVE_NAME: Final = "2.5.29.18"
BASIC_CONSTRAINTS: Final = "2.5.29.19"
CRL_DISTRIBUTION_POINTS: Final = "2.5.29.31"
CERTIFICATE_POLICIES: Final = "2.5.29.32"
AUTHORITY_KEY_IDENTIFIER: Final = "2.5.29.35"
EXTENDED_KEY_USAGE: Final = "2.5.29.37"
ANY_EXTENDED_KEY_USAGE: Final = "2.5.29.37.0"
NAME_CHANGE: Final = "2.23.136.1.1.6.1"
DOCUMENT_TYPE_LIST: Final = "2.23.136.1.1.6.2"

KNOWN_IN_CERTIFICATES: Final = frozenset(
    {
        SUBJECT_KEY_IDENTIFIER,
        KEY_USAGE,
        PRIVATE_KEY_USAGE_PERIOD,  # binds the signer, not who verifies (ICAO 9303-12, 4.1.1)
        SUBJECT_ALTERNATIVE_NAME,
        ISSUER_ALTERNATIVE_NAME,
        BASIC_CONSTRAINTS,
        CRL_DISTRIBUTION_POINTS,
        CERTIFICATE_POLICIES,  # no policy is required, so every one is acceptable
        AUTHORITY_KEY_IDENTIFIER,
        EXTENDED_KEY_USAGE,
        NAME_CHANGE,
        DOCUMENT_TYPE_LIST,
    }
)
"""Extensions that may be critical: they are processed, or bind nobody who verifies."""
MAX_EXTENSIONS = 64


class KeyUsage(IntEnum):
    """The bits of keyUsage (RFC 5280, 4.2.1.3)."""

    DIGITAL_SIGNATURE = 0
    NON_REPUDIATION = 1
    KEY_ENCIPHERMENT = 2
    DATA_ENCIPHERMENT = 3
    KEY_AGREEMENT = 4
    KEY_CERT_SIGN = 5
    CRL_SIGN = 6
    ENCIPHER_ONLY = 7
    DECIPHER_ONLY = 8


@dataclass(frozen=True, slots=True)
class BasicConstraints:
    """Whether the subject is a CA, and how many CAs may follow (RFC 5280, 4.2.1.9)."""

    ca: bool
    path_length: int | None = None


@dataclass(frozen=True, slots=True)
class Extension:
    """One extension; ``value`` is the content of its OCTET STRING."""

    oid: str
    critical: bool
    value: bytes = field(repr=False)


def decode_extensions(sequence: Element) -> dict[str, Extension]:
    """Decode Extensions by identifier. Raises ``MalformedData``, also for one that is there twice (RFC 5280, 4.2)."""
    extensions: dict[str, Extension] = {}
    for extension in _each(sequence):
        if extension.oid in extensions or len(extensions) >= MAX_EXTENSIONS:
            msg = f"{sequence.what}: the extension {extension.oid} is there twice, or there are too many"
            raise MalformedData(msg)
        extensions[extension.oid] = extension
    return extensions


def _each(sequence: Element) -> Iterator[Extension]:
    for element in sequence.reader().take_all(SEQUENCE):
        reader = element.reader()
        oid = reader.take(OBJECT_IDENTIFIER).oid
        critical = reader.take_if(BOOLEAN)
        yield Extension(oid, critical is not None and critical.boolean, reader.take(OCTET_STRING).content)
        reader.end()


def decode_key_usage(value: bytes) -> frozenset[KeyUsage]:
    """Decode keyUsage."""
    bits = read_one(value, BIT_STRING, "key usage").named_bits
    return frozenset(usage for usage in KeyUsage if usage in bits)


def decode_basic_constraints(value: bytes) -> BasicConstraints:
    """Decode basicConstraints."""
    reader = read_one(value, SEQUENCE, "basic constraints").reader()
    ca = reader.take_if(BOOLEAN)
    length = reader.take_if(INTEGER)
    reader.end()
    return BasicConstraints(ca is not None and ca.boolean, None if length is None else length.integer)


def decode_subject_key_identifier(value: bytes) -> bytes:
    """Decode subjectKeyIdentifier.

    Three public CSCA certificates hold the bare identifier where its OCTET STRING belongs. As it is only a hint to
    find an issuer by, whatever does not decode is taken as it is.
    """
    try:
        return read_one(value, OCTET_STRING, "subject key identifier").content
    except MalformedData:
        return value


def decode_authority_key_identifier(value: bytes) -> bytes | None:
    """Decode the keyIdentifier of authorityKeyIdentifier; issuer and serial number in it are not used.

    It is a hint as well: one that does not decode is as good as none.
    """
    try:
        identifier = read_one(value, SEQUENCE, "authority key identifier").reader().take_if(0x80)
    except MalformedData:
        return None
    return None if identifier is None else identifier.content


def decode_extended_key_usage(value: bytes) -> frozenset[str]:
    """Decode extKeyUsage as object identifiers."""
    purposes = read_one(value, SEQUENCE, "extended key usage").reader()
    return frozenset(element.oid for element in purposes.take_all(OBJECT_IDENTIFIER))
