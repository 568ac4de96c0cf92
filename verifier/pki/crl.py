"""Certificate revocation lists as CSCAs issue them (RFC 5280, 5; ICAO 9303-12, 7.1.4)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from types import MappingProxyType

from verifier.pki.der import ENUMERATED, INTEGER, SEQUENCE, Element, Reader, context, read_one
from verifier.pki.der_time import TIME_TAGS, decode_time
from verifier.pki.extensions import (
    AUTHORITY_KEY_IDENTIFIER,
    ISSUER_ALTERNATIVE_NAME,
    Extension,
    decode_authority_key_identifier,
    decode_extensions,
)
from verifier.pki.names import Name
from verifier.pki.signed_structure import Envelope, SignedStructure

MAX_LENGTH = 4 << 20
"""Bytes; some 150,000 entries. A greater one would take a small machine minutes to decode, signed or not."""
_WHAT = "a CRL"
_CRL_NUMBER, _REASON_CODE, _INVALIDITY_DATE = "2.5.29.20", "2.5.29.21", "2.5.29.24"
_DELTA_INDICATOR, _ISSUING_DISTRIBUTION_POINT, _CERTIFICATE_ISSUER = "2.5.29.27", "2.5.29.28", "2.5.29.29"
_KNOWN = frozenset({_CRL_NUMBER, AUTHORITY_KEY_IDENTIFIER, ISSUER_ALTERNATIVE_NAME})
_KNOWN_IN_ENTRIES = frozenset({_REASON_CODE, _INVALIDITY_DATE})
_POINT_NAME, _ONLY_SOME_REASONS = context(0), 0x83
_DIRECTORY_NAME = context(4)


class RevocationReason(IntEnum):
    """Why a certificate was revoked (RFC 5280, 5.3.1)."""

    UNSPECIFIED = 0
    KEY_COMPROMISE = 1
    CA_COMPROMISE = 2
    AFFILIATION_CHANGED = 3
    SUPERSEDED = 4
    CESSATION_OF_OPERATION = 5
    CERTIFICATE_HOLD = 6
    REMOVE_FROM_CRL = 8
    PRIVILEGE_WITHDRAWN = 9
    AA_COMPROMISE = 10


@dataclass(frozen=True, slots=True)
class RevokedCertificate:
    """One entry: since when, and why where the issuer says why."""

    serial: int
    date: datetime
    reason: RevocationReason = RevocationReason.UNSPECIFIED


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
    """By serial number."""
    unusable: str | None = field(compare=False)

    @classmethod
    def decode(cls, der: bytes) -> "CertificateRevocationList":
        """Decode a CertificateList of at most 4 MiB. Raises ``MalformedData``."""
        der = bytes(der)
        envelope = Envelope.open(der, _WHAT, MAX_LENGTH)
        reader = envelope.tbs.reader()
        reader.take_if(INTEGER)
        envelope.take_algorithm(reader, _WHAT)
        issuer = Name.of(reader.take(SEQUENCE))
        this_update = decode_time(reader.take(*TIME_TAGS))
        next_update = reader.take_if(*TIME_TAGS)
        revoked, unusable_entry = _decode_entries(reader.take_if(SEQUENCE))
        extensions = _decode_crl_extensions(reader)
        key_identifier = extensions.get(AUTHORITY_KEY_IDENTIFIER)
        return cls(
            der=der,
            issuer=issuer,
            alternative_issuers=_alternative_issuers(extensions.get(ISSUER_ALTERNATIVE_NAME)),
            this_update=this_update,
            next_update=None if next_update is None else decode_time(next_update),
            number=_number(extensions.get(_CRL_NUMBER)),
            authority_key_identifier=decode_authority_key_identifier(key_identifier.value) if key_identifier else None,
            revoked=MappingProxyType(revoked),
            unusable=_why_unusable(extensions) or unusable_entry,
            tbs=envelope.tbs.raw,
            signature_algorithm_der=envelope.algorithm.raw,
            signature=envelope.signature,
        )

    @property
    def issuers(self) -> tuple[Name, ...]:
        """Every name that the issuer goes by."""
        return (self.issuer, *self.alternative_issuers)


def _decode_entries(sequence: Element | None) -> tuple[dict[int, RevokedCertificate], str | None]:
    """Return the entries by serial, and why they make the list unusable, if they do."""
    revoked: dict[int, RevokedCertificate] = {}
    unusable: str | None = None
    if sequence is None:
        return revoked, None
    for element in sequence.reader().take_all(SEQUENCE):
        reader = element.reader()
        serial, date = reader.take(INTEGER).integer, decode_time(reader.take(*TIME_TAGS))
        wrapper = reader.take_if(SEQUENCE)
        reader.end()
        extensions = decode_extensions(wrapper) if wrapper else {}
        unusable = unusable or _why_entry_unusable(extensions)
        revoked[serial] = RevokedCertificate(serial, date, _reason(extensions.get(_REASON_CODE)))
    return revoked, unusable


def _decode_crl_extensions(reader: Reader) -> dict[str, Extension]:
    wrapper = reader.take_if(context(0))
    reader.end()
    if wrapper is None:
        return {}
    inner = wrapper.reader()
    sequence = inner.take(SEQUENCE)
    inner.end()
    return decode_extensions(sequence)


def _why_unusable(extensions: Mapping[str, Extension]) -> str | None:
    if _DELTA_INDICATOR in extensions:
        return "delta CRLs are not supported"
    point = extensions.get(_ISSUING_DISTRIBUTION_POINT)
    if point is not None and _is_partial(point):
        return "indirect CRLs, and CRLs for a part of the certificates only, are not supported"
    unknown = [e.oid for e in extensions.values() if e.critical and e.oid not in _KNOWN | {_ISSUING_DISTRIBUTION_POINT}]
    return f"the CRL has an unknown critical extension {unknown[0]}" if unknown else None


def _why_entry_unusable(extensions: Mapping[str, Extension]) -> str | None:
    if _CERTIFICATE_ISSUER in extensions:
        return "indirect CRLs are not supported"
    unknown = [e.oid for e in extensions.values() if e.critical and e.oid not in _KNOWN_IN_ENTRIES]
    return f"a CRL entry has an unknown critical extension {unknown[0]}" if unknown else None


def _is_partial(point: Extension) -> bool:
    """Whether issuingDistributionPoint restricts the scope; a mere name of the point ([0]) does not."""
    fields = read_one(point.value, SEQUENCE, _WHAT).reader().take_all()
    return any(e.tag == _ONLY_SOME_REASONS or (e.tag != _POINT_NAME and e.boolean) for e in fields)


def _alternative_issuers(extension: Extension | None) -> tuple[Name, ...]:
    if extension is None:
        return ()
    names = read_one(extension.value, SEQUENCE, _WHAT).reader().take_all()
    return tuple(Name.of(element.reader().take(SEQUENCE)) for element in names if element.tag == _DIRECTORY_NAME)


def _number(extension: Extension | None) -> int | None:
    return read_one(extension.value, INTEGER, _WHAT).integer if extension else None


def _reason(extension: Extension | None) -> RevocationReason:
    if extension is None:
        return RevocationReason.UNSPECIFIED
    code = read_one(extension.value, ENUMERATED, _WHAT).integer
    return _REASONS.get(code, RevocationReason.UNSPECIFIED)


_REASONS = {int(reason): reason for reason in RevocationReason}
