"""Certificate revocation lists as CSCAs issue them (RFC 5280, 5; ICAO 9303-12, 7.1.4)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from verifier.errors import MalformedData
from verifier.iso7816.octets import octets
from verifier.pki.asn1.der import INTEGER, SEQUENCE, Reader, context, read_one
from verifier.pki.asn1.der_time import TIME_TAGS, decode_time
from verifier.pki.distribution_points import PointName, decode_issuing_point, decode_points
from verifier.pki.extensions import (
    AUTHORITY_KEY_IDENTIFIER,
    ISSUER_ALTERNATIVE_NAME,
    Extension,
    decode_authority_key_identifier,
    decode_extensions,
)
from verifier.pki.names import Name
from verifier.pki.revoked_entries import REASON_CODE, RevocationReason, RevokedCertificate, RevokedEntries
from verifier.pki.signed_structure import Envelope, SignedStructure

MAX_LENGTH = 4 << 20
"""Bytes; some 150,000 entries."""
MAX_EXTENSIONS_LENGTH = 64 << 10
"""Bytes of a list's extensions: some name what costs time to read, and real ones have a few hundred."""
__all__ = ["MAX_LENGTH", "CertificateRevocationList", "RevocationReason", "RevokedCertificate"]
_WHAT = "a CRL"
_CRL_NUMBER, _INVALIDITY_DATE = "2.5.29.20", "2.5.29.24"
_DELTA_INDICATOR, _ISSUING_DISTRIBUTION_POINT, _CERTIFICATE_ISSUER = "2.5.29.27", "2.5.29.28", "2.5.29.29"
_KNOWN = frozenset({_CRL_NUMBER, AUTHORITY_KEY_IDENTIFIER, ISSUER_ALTERNATIVE_NAME})
_KNOWN_IN_ENTRIES = frozenset({REASON_CODE, _INVALIDITY_DATE})
_ONLY_CA, _ONLY_SOME_REASONS, _INDIRECT, _ONLY_ATTRIBUTES = 0x82, 0x83, 0x84, 0x85
_DIRECTORY_NAME = context(4)


@dataclass(frozen=True, kw_only=True)
class CertificateRevocationList(SignedStructure):
    """One complete CRL, decoded but not judged: ``revocation_status`` says whether it may be used.

    ``unusable`` names why the list must not be used although it is well-formed (a critical extension that is not
    processed, an indirect or delta CRL; RFC 5280, 5.2 and 5.3), and is ``None`` for a usable one.
    """

    issuer: Name = field(compare=False)
    alternative_issuers: tuple[Name, ...] = field(compare=False, repr=False)
    """Directory names in issuerAltName: a CSCA that changed its name (ICAO 9303-12, 7.1.4, note 1)."""
    this_update: datetime = field(compare=False)
    next_update: datetime | None = field(compare=False)
    number: int | None = field(compare=False)
    authority_key_identifier: bytes | None = field(compare=False, repr=False)
    revoked: Mapping[int, RevokedCertificate] = field(compare=False, repr=False)
    """By serial number; one entry is decoded when it is asked for."""
    unusable: str | None = field(compare=False)
    is_partial: bool = field(compare=False, repr=False)
    """Whether the list is for authorities, attribute certificates or some reasons only: who is on it is revoked all the
    same, but who is not may be revoked elsewhere. One for end entities only is for every document signer."""
    point_names: frozenset[PointName] | None = field(compare=False, repr=False)
    """The distribution point that the list is for; ``None``: it is for all certificates of its issuer."""

    @classmethod
    def decode(cls, der: bytes) -> "CertificateRevocationList":
        """Decode a CertificateList of at most 4 MiB. Raises ``MalformedData``."""
        der = octets(der, _WHAT)
        envelope = Envelope.open(der, _WHAT, MAX_LENGTH)
        reader = envelope.tbs.reader()
        reader.take_if(INTEGER)
        envelope.take_algorithm(reader, _WHAT)
        issuer = Name.of(reader.take(SEQUENCE))
        this_update = decode_time(reader.take(*TIME_TAGS))
        next_update = reader.take_if(*TIME_TAGS)
        revoked = RevokedEntries(reader.take_if(SEQUENCE), _why_entry_unusable)
        extensions = _decode_crl_extensions(reader)
        point = extensions.get(_ISSUING_DISTRIBUTION_POINT)
        key_identifier = extensions.get(AUTHORITY_KEY_IDENTIFIER)
        return cls(
            der=der,
            issuer=issuer,
            alternative_issuers=_alternative_issuers(extensions.get(ISSUER_ALTERNATIVE_NAME)),
            this_update=this_update,
            next_update=None if next_update is None else decode_time(next_update),
            number=_number(extensions.get(_CRL_NUMBER)),
            authority_key_identifier=decode_authority_key_identifier(key_identifier.value) if key_identifier else None,
            revoked=revoked,
            unusable=_why_unusable(extensions) or revoked.unusable,
            is_partial=point is not None and _has_any(point, _ONLY_CA, _ONLY_SOME_REASONS, _ONLY_ATTRIBUTES),
            point_names=None if point is None else decode_issuing_point(point.value, issuer),
            tbs=envelope.tbs.raw,
            signature_algorithm_der=envelope.algorithm.raw,
            signature=envelope.signature,
        )

    @property
    def issuers(self) -> tuple[Name, ...]:
        """Every name that the issuer goes by."""
        return (self.issuer, *self.alternative_issuers)

    def covers(self, crl_distribution_points: bytes | None, issuer: Name) -> bool:
        """Whether an end entity's certificate that is not listed is not revoked (RFC 5280, 6.3.3, b, 2).

        Of the certificate: the value of its cRLDistributionPoints, ``None`` without it, and its issuer.
        """
        if self.is_partial:
            return False
        if self.point_names is None:
            return True
        if crl_distribution_points is None:
            return False
        try:
            return not self.point_names.isdisjoint(decode_points(crl_distribution_points, issuer))
        except MalformedData:
            return False


def _decode_crl_extensions(reader: Reader) -> dict[str, Extension]:
    wrapper = reader.take_if(context(0))
    reader.end()
    if wrapper is None:
        return {}
    if wrapper.stop - wrapper.content_start > MAX_EXTENSIONS_LENGTH:
        msg = f"{_WHAT}: more than {MAX_EXTENSIONS_LENGTH} bytes of extensions"
        raise MalformedData(msg)
    inner = wrapper.reader()
    sequence = inner.take(SEQUENCE)
    inner.end()
    return decode_extensions(sequence)


def _why_unusable(extensions: Mapping[str, Extension]) -> str | None:
    if _DELTA_INDICATOR in extensions:
        return "delta CRLs are not supported"
    point = extensions.get(_ISSUING_DISTRIBUTION_POINT)
    if point is not None and _has_any(point, _INDIRECT):
        return "indirect CRLs are not supported"
    unknown = [e.oid for e in extensions.values() if e.critical and e.oid not in _KNOWN | {_ISSUING_DISTRIBUTION_POINT}]
    return f"the CRL has an unknown critical extension {unknown[0]}" if unknown else None


def _why_entry_unusable(extensions: Mapping[str, Extension]) -> str | None:
    if _CERTIFICATE_ISSUER in extensions:
        return "indirect CRLs are not supported"
    unknown = [e.oid for e in extensions.values() if e.critical and e.oid not in _KNOWN_IN_ENTRIES]
    return f"a CRL entry has an unknown critical extension {unknown[0]}" if unknown else None


def _has_any(point: Extension, *tags: int) -> bool:
    """Whether issuingDistributionPoint sets one of these fields (RFC 5280, 5.2.5)."""
    fields = read_one(point.value, SEQUENCE, _WHAT).reader().take_all()
    return any(e.tag in tags and (e.tag == _ONLY_SOME_REASONS or e.boolean) for e in fields)


def _alternative_issuers(extension: Extension | None) -> tuple[Name, ...]:
    if extension is None:
        return ()
    names = read_one(extension.value, SEQUENCE, _WHAT).reader().take_all()
    return tuple(Name.of(element.reader().take(SEQUENCE)) for element in names if element.tag == _DIRECTORY_NAME)


def _number(extension: Extension | None) -> int | None:
    return read_one(extension.value, INTEGER, _WHAT).integer if extension else None
