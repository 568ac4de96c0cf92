"""X.509 certificates as CSCAs, link certificates and document signers are (RFC 5280, 4.1; ICAO 9303-12, 7.1.1)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TypeVar

from verifier.iso7816.octets import octets
from verifier.pki.asn1.der import INTEGER, SEQUENCE, Reader, context
from verifier.pki.asn1.der_time import TIME_TAGS, decode_time
from verifier.pki.extensions import (
    AUTHORITY_KEY_IDENTIFIER,
    BASIC_CONSTRAINTS,
    CRL_DISTRIBUTION_POINTS,
    EXTENDED_KEY_USAGE,
    KEY_USAGE,
    KNOWN_IN_CERTIFICATES,
    NAME_CHANGE,
    SUBJECT_KEY_IDENTIFIER,
    BasicConstraints,
    Extension,
    KeyUsage,
    decode_authority_key_identifier,
    decode_basic_constraints,
    decode_extended_key_usage,
    decode_extensions,
    decode_key_usage,
    decode_subject_key_identifier,
)
from verifier.pki.keys.public_key import PublicKey
from verifier.pki.names import Name
from verifier.pki.signed_structure import Envelope, SignedStructure

_T = TypeVar("_T")
_WHAT = "a certificate"
MAX_LENGTH = 1 << 16
"""Bytes; the longest public CSCA certificate has about 3000."""


@dataclass(frozen=True, kw_only=True)
class Certificate(SignedStructure):
    """One certificate, decoded but not judged: whether to believe it is for ``find_path`` to say.

    The public key and the signature algorithm are decoded when they are asked
    for, which may raise ``UnsupportedFeature`` or ``MalformedData``: a folder full of certificates loads without
    touching a curve.
    """

    subject: Name = field(compare=False)
    issuer: Name = field(compare=False, repr=False)
    serial: int = field(compare=False)
    """Negative in a few real certificates; compared as it is."""
    not_before: datetime = field(compare=False)
    not_after: datetime = field(compare=False)
    subject_key_identifier: bytes | None = field(compare=False, repr=False)
    authority_key_identifier: bytes | None = field(compare=False, repr=False)
    key_usage: frozenset[KeyUsage] | None = field(compare=False, repr=False)
    """``None``: the extension is absent."""
    basic_constraints: BasicConstraints | None = field(compare=False, repr=False)
    extended_key_usage: frozenset[str] | None = field(compare=False, repr=False)
    unknown_critical_extensions: tuple[str, ...] = field(compare=False, repr=False)
    """Object identifiers of critical extensions that are not processed: such a certificate must not be used."""
    has_name_change: bool = field(compare=False, repr=False)
    """Whether the certificate says that its CSCA goes by a new name from then on (ICAO 9303-12, 7.1.1.5)."""
    crl_distribution_points: bytes | None = field(compare=False, repr=False)
    """The value of that extension as encoded; ``CertificateRevocationList.covers`` decodes it where it matters."""
    public_key_der: bytes = field(compare=False, repr=False)
    """SubjectPublicKeyInfo as encoded."""

    @classmethod
    def decode(cls, der: bytes) -> "Certificate":
        """Decode a certificate of at most 64 KiB. Raises ``MalformedData``."""
        der = octets(der, _WHAT)
        envelope = Envelope.open(der, _WHAT, MAX_LENGTH)
        reader = envelope.tbs.reader()
        reader.take_if(context(0))
        serial = reader.take(INTEGER).integer
        envelope.take_algorithm(reader, _WHAT)
        issuer = Name.of(reader.take(SEQUENCE))
        validity = reader.take(SEQUENCE).reader()
        not_before, not_after = decode_time(validity.take(*TIME_TAGS)), decode_time(validity.take(*TIME_TAGS))
        subject = Name.of(reader.take(SEQUENCE))
        public_key = reader.take(SEQUENCE).raw
        extensions = _extensions(reader)
        return cls(
            der=der,
            subject=subject,
            issuer=issuer,
            serial=serial,
            not_before=not_before,
            not_after=not_after,
            subject_key_identifier=_optional(extensions, SUBJECT_KEY_IDENTIFIER, decode_subject_key_identifier),
            authority_key_identifier=_optional(extensions, AUTHORITY_KEY_IDENTIFIER, decode_authority_key_identifier),
            key_usage=_optional(extensions, KEY_USAGE, decode_key_usage),
            basic_constraints=_optional(extensions, BASIC_CONSTRAINTS, decode_basic_constraints),
            extended_key_usage=_optional(extensions, EXTENDED_KEY_USAGE, decode_extended_key_usage),
            unknown_critical_extensions=tuple(
                extension.oid
                for extension in extensions.values()
                if extension.critical and extension.oid not in KNOWN_IN_CERTIFICATES
            ),
            has_name_change=NAME_CHANGE in extensions,
            crl_distribution_points=_optional(extensions, CRL_DISTRIBUTION_POINTS, bytes),
            public_key_der=public_key,
            tbs=envelope.tbs.raw,
            signature_algorithm_der=envelope.algorithm.raw,
            signature=envelope.signature,
        )

    @cached_property
    def public_key(self) -> PublicKey:
        """The subject's key. Raises ``MalformedData`` or ``UnsupportedFeature``."""
        return PublicKey.decode(self.public_key_der)

    @property
    def country(self) -> str | None:
        """countryName of the subject in upper case, two letters or three; ``None`` without one."""
        return self.subject.country

    @property
    def is_self_issued(self) -> bool:
        """Whether subject and issuer have the same name; a link certificate usually has that too."""
        return self.subject == self.issuer

    @property
    def is_ca(self) -> bool:
        """Whether basicConstraints says CA."""
        return self.basic_constraints is not None and self.basic_constraints.ca


def _extensions(reader: Reader) -> dict[str, Extension]:
    """The rest of TBSCertificate: unique identifiers, which nobody uses, and the extensions."""
    reader.take_if(0x81, 0xA1)
    reader.take_if(0x82, 0xA2)
    wrapper = reader.take_if(context(3))
    reader.end()
    if wrapper is None:
        return {}
    inner = wrapper.reader()
    sequence = inner.take(SEQUENCE)
    inner.end()
    return decode_extensions(sequence)


def _optional(extensions: Mapping[str, Extension], oid: str, decode: Callable[[bytes], _T]) -> _T | None:
    extension = extensions.get(oid)
    return None if extension is None else decode(extension.value)
