"""Rules for master lists and deviation lists, and for everything that is on them (9303-12, 9)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from verifier.errors import MalformedData, VerifierError
from verifier.pki.asn1.der import INTEGER, SEQUENCE, SET, read_one
from verifier.pki.certificate import Certificate
from verifier.pki.cms import SignedData
from verifier.pki.conformity.certificate_lint import lint_certificate
from verifier.pki.conformity.certificate_parts import CertificateParts
from verifier.pki.conformity.cms_lint import lint_signed_data
from verifier.pki.conformity.deviation import Deviation
from verifier.pki.conformity.finding import Finding
from verifier.pki.conformity.issuer_rules import FindIssuers
from verifier.pki.conformity.role import role_of
from verifier.pki.names import Name

MASTER_LIST: Final = "2.23.136.1.1.2"
DEVIATION_LIST: Final = "2.23.136.1.1.7"
MAX_LENGTH: Final = 16 << 20
"""Bytes of a list."""
MAX_CERTIFICATES: Final = 8192
"""Certificates of a list that are looked at."""
_WHAT: Final = "a master list"


@dataclass(frozen=True, slots=True)
class SignedListParts:
    """A signed list taken apart: itself decoded, the certificates on it as encoded."""

    signed: SignedData
    version: int
    listed: tuple[bytes, ...]

    @classmethod
    def decode(cls, encoded: bytes) -> "SignedListParts":
        """Take a list apart. Raises ``MalformedData`` or ``UnsupportedFeature``; for another kind nothing is listed."""
        signed = SignedData.decode(encoded, MAX_LENGTH)
        if signed.content_type != MASTER_LIST:
            return cls(signed, 0, ())
        reader = read_one(signed.encap_content, SEQUENCE, _WHAT).reader()
        version = reader.take(INTEGER).integer
        members = islice(reader.take(SET).reader().take_all(), MAX_CERTIFICATES)
        return cls(signed, version, tuple(member.raw for member in members))


def lint_signed_list(encoded: bytes) -> tuple[Finding, ...]:
    """Return every deviation of a list itself, without those of the certificates on it; never raises."""
    try:
        parts = SignedListParts.decode(encoded)
        return tuple(dict.fromkeys(_all(encoded, parts)))
    except VerifierError as error:
        return (Finding(Deviation.MALFORMED, f"It does not decode: {error.sentence}."),)


def _all(encoded: bytes, parts: SignedListParts) -> Iterator[Finding]:
    yield from lint_signed_data(encoded, parts.signed, is_list=True)
    if parts.signed.content_type != MASTER_LIST:
        return
    if parts.version != 0:
        yield Finding(Deviation.MASTER_LIST_VERSION_WRONG, f"The master list is of version {parts.version}.")
    if not parts.listed:
        yield Finding(Deviation.MASTER_LIST_EMPTY)
        return
    if not _holds_issuer(parts):
        yield Finding(Deviation.MASTER_LIST_WITHOUT_OWN_CSCA)
    others = sum(not _is_authority(der) for der in parts.listed)
    if others:
        yield Finding(Deviation.MASTER_LIST_HOLDS_OTHERS, f"{others} of the certificates are no authority's.")


def _holds_issuer(parts: SignedListParts) -> bool:
    """Whether a certificate on the list bears the name of who issued the list signer's."""
    issuers = {c.issuer for signer in parts.signed.signers for c in parts.signed.certificates_of(signer)}
    return not issuers or any(_subject_is_in(der, issuers) for der in parts.listed)


def _subject_is_in(der: bytes, names: set[Name]) -> bool:
    try:
        return CertificateParts.decode(der).subject_name in names
    except MalformedData:
        return False


def _is_authority(der: bytes) -> bool:
    try:
        return role_of(CertificateParts.decode(der)).is_authority
    except MalformedData:  # a finding of its own
        return True


def certificates_of(encoded: bytes) -> tuple[Certificate, ...]:
    """Return what decodes of a list and of what is enclosed, to find issuers among. Raises as ``decode`` does."""
    parts = SignedListParts.decode(encoded)
    found = dict.fromkeys(parts.signed.certificates)
    for der in parts.listed:
        try:
            found[Certificate.decode(der)] = None
        except MalformedData:
            continue
    return tuple(found)


def lint_listed(encoded: bytes, issuers_of: FindIssuers | None = None) -> Iterator[tuple[bytes, tuple[Finding, ...]]]:
    """Yield each certificate of a list, those enclosed first, with its findings; never raises."""
    try:
        parts = SignedListParts.decode(encoded)
    except VerifierError:
        return
    enclosed = [certificate.der for certificate in parts.signed.certificates]
    for der in dict.fromkeys((*enclosed, *parts.listed)):
        yield der, lint_certificate(der, issuers_of)
