"""Which extensions may be there at all, which of them critical, and ICAO's own two (9303-12, Table 6, 7.1.1.5, -6)."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from verifier.errors import MalformedData
from verifier.pki.conformity.certificate_parts import CertificateParts, ExtensionPart
from verifier.pki.conformity.deviation import Deviation
from verifier.pki.conformity.document_types import decode_document_types
from verifier.pki.conformity.finding import Finding
from verifier.pki.conformity.role import Role
from verifier.pki.extensions import (
    BASIC_CONSTRAINTS,
    DOCUMENT_TYPE_LIST,
    EXTENDED_KEY_USAGE,
    KEY_USAGE,
    KNOWN_IN_CERTIFICATES,
    NAME_CHANGE,
)

_FORBIDDEN: Final = {
    "2.5.29.9": "subjectDirectoryAttributes",
    "2.5.29.30": "nameConstraints",
    "2.5.29.33": "policyMappings",
    "2.5.29.36": "policyConstraints",
    "2.5.29.46": "freshestCRL",
    "2.5.29.54": "inhibitAnyPolicy",
}
_NETSCAPE: Final = "2.16.840.1.113730.1."
_MAY_BE_CRITICAL: Final = frozenset({KEY_USAGE, BASIC_CONSTRAINTS, EXTENDED_KEY_USAGE})


def check_extensions(parts: CertificateParts, role: Role) -> Iterator[Finding]:
    """Yield what is wrong with the set of extensions."""
    for oid, count in Counter(extension.oid for extension in parts.extensions).items():
        if count > 1:
            yield Finding(Deviation.EXTENSION_TWICE, f"The extension {oid} is there {count} times.")
    for extension in parts.extensions:
        yield from _check_flags(extension)
        name = forbidden_name(extension.oid)
        if name is not None:
            yield Finding(Deviation.EXTENSION_FORBIDDEN, f"{name} does not belong into such a certificate.")
    yield from _check_document_types(parts.extension(DOCUMENT_TYPE_LIST), role)
    yield from _check_name_change(parts, role)


def forbidden_name(oid: str) -> str | None:
    """Return the name of an extension that no certificate of this kind has."""
    return "Netscape's extension" if oid.startswith(_NETSCAPE) else _FORBIDDEN.get(oid)


def _check_flags(extension: ExtensionPart) -> Iterator[Finding]:
    if extension.writes_default:
        sentence = f"The extension {extension.oid} writes out that it is not critical."
        yield Finding(Deviation.DEFAULT_VALUE_ENCODED, sentence)
    if not extension.critical or extension.oid in _MAY_BE_CRITICAL:
        return
    if extension.oid in KNOWN_IN_CERTIFICATES:
        yield Finding(Deviation.EXTENSION_CRITICAL, f"The extension {extension.oid} must not be critical.")
    else:
        sentence = f"The critical extension {extension.oid} is not known."
        yield Finding(Deviation.CRITICAL_EXTENSION_UNKNOWN, sentence)


def _check_document_types(extension: ExtensionPart | None, role: Role) -> Iterator[Finding]:
    if extension is None:
        if role is Role.DOCUMENT_SIGNER:
            yield Finding(Deviation.DOCUMENT_TYPE_LIST_MISSING)
        return
    if role is not Role.DOCUMENT_SIGNER:
        sentence = "documentTypeList belongs into a document signer's certificate only."
        yield Finding(Deviation.EXTENSION_FORBIDDEN, sentence)
    try:
        decode_document_types(extension.value)
    except MalformedData:
        yield Finding(Deviation.EXTENSION_MALFORMED, "documentTypeList does not decode.")


def _check_name_change(parts: CertificateParts, role: Role) -> Iterator[Finding]:
    is_there = parts.extension(NAME_CHANGE) is not None
    if is_there and not role.is_authority:
        yield Finding(Deviation.EXTENSION_FORBIDDEN, "nameChange belongs into an authority's certificate only.")
    if not is_there and role is Role.LINK and parts.subject_name != parts.issuer_name:
        yield Finding(Deviation.NAME_CHANGE_MISSING)
