"""Alternative names: whom to ask, and the state as in the MRZ; where CRLs are (9303-12, 7.1.1.2 and Table 6)."""

import re
from collections.abc import Iterator
from typing import Final

from verifier.errors import MalformedData
from verifier.pki.asn1.der import SEQUENCE, context, read_one
from verifier.pki.conformity.certificate_parts import CertificateParts
from verifier.pki.conformity.deviation import Deviation
from verifier.pki.conformity.finding import Finding
from verifier.pki.conformity.role import Role
from verifier.pki.extensions import CRL_DISTRIBUTION_POINTS, ISSUER_ALTERNATIVE_NAME, SUBJECT_ALTERNATIVE_NAME
from verifier.pki.names import Name

_CONTACTS: Final = frozenset({0x81, 0x82, 0x86})
"""rfc822Name, dNSName, uniformResourceIdentifier."""
_DIRECTORY_NAME: Final = context(4)
_LOCALITY: Final = "2.5.4.7"
_SCHEME = re.compile(rb"(?:https?|ldaps?)://", re.IGNORECASE)
_URI: Final = 0x86
_ALTERNATIVE_NAMES: Final = (
    (SUBJECT_ALTERNATIVE_NAME, "subjectAltName", Deviation.SUBJECT_ALTERNATIVE_NAME_MISSING),
    (ISSUER_ALTERNATIVE_NAME, "issuerAltName", Deviation.ISSUER_ALTERNATIVE_NAME_MISSING),
)


def check_alternative_names(parts: CertificateParts, role: Role) -> Iterator[Finding]:
    """Yield what is wrong with subjectAltName and issuerAltName."""
    for oid, name, missing in _ALTERNATIVE_NAMES:
        extension = parts.extension(oid)
        if extension is None:
            if role is not Role.OTHER:
                yield Finding(missing)
            continue
        try:
            yield from _check_alternative_name(extension.value, name)
        except MalformedData:
            yield Finding(Deviation.EXTENSION_MALFORMED, f"{name} does not decode.")


def _check_alternative_name(value: bytes, name: str) -> Iterator[Finding]:
    has_contact = has_state = False
    for element in read_one(value, SEQUENCE, name).reader().take_all():
        has_contact |= element.tag in _CONTACTS
        if element.tag == _DIRECTORY_NAME:
            directory = Name.of(element.reader().take(SEQUENCE))
            has_state |= any(oid == _LOCALITY for oid, _ in directory.attributes)
    if not has_contact:
        yield Finding(Deviation.ALTERNATIVE_NAME_WITHOUT_CONTACT, f"{name} holds no address to write to or look at.")
    if not has_state:
        yield Finding(Deviation.ALTERNATIVE_NAME_WITHOUT_STATE, f"{name} lacks the state's code as in the MRZ.")


def check_distribution_points(parts: CertificateParts, role: Role) -> Iterator[Finding]:
    """Yield what is wrong with cRLDistributionPoints."""
    extension = parts.extension(CRL_DISTRIBUTION_POINTS)
    if extension is None:
        if role.is_authority or role is Role.DOCUMENT_SIGNER:
            yield Finding(Deviation.CRL_DISTRIBUTION_POINTS_MISSING)
        return
    try:
        addresses = list(_addresses(extension.value))
    except MalformedData:
        yield Finding(Deviation.EXTENSION_MALFORMED, "cRLDistributionPoints does not decode.")
        return
    if not any(_SCHEME.match(address) for address in addresses):
        yield Finding(Deviation.CRL_DISTRIBUTION_POINT_SCHEME)


def _addresses(value: bytes) -> Iterator[bytes]:
    """Yield the URIs in fullName of every distributionPoint (RFC 5280, 4.2.1.13)."""
    for point in read_one(value, SEQUENCE, "cRLDistributionPoints").reader().take_all(SEQUENCE):
        place = point.reader().take_if(context(0))
        names = place.reader().take_if(context(0)) if place is not None else None
        if names is not None:
            yield from (name.content for name in names.reader().take_all() if name.tag == _URI)
