"""Linting whatever it is: a certificate, a CRL, a list with all that is on it, an EF.SOD. Never raises.

Nothing here takes part in a verification; it is computed when somebody asks.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from verifier.errors import MalformedData, VerifierError
from verifier.pki.asn1.der import INTEGER, OBJECT_IDENTIFIER, SEQUENCE, read_one
from verifier.pki.certificate import Certificate
from verifier.pki.cms import SignedData
from verifier.pki.conformity.certificate_lint import lint_certificate
from verifier.pki.conformity.certificate_parts import CertificateParts
from verifier.pki.conformity.cms_lint import lint_signed_data
from verifier.pki.conformity.crl_lint import lint_crl
from verifier.pki.conformity.deviation import Deviation, Severity
from verifier.pki.conformity.finding import Finding
from verifier.pki.conformity.master_list_lint import certificates_of, lint_listed, lint_signed_list
from verifier.pki.conformity.role import role_of
from verifier.pki.crl import CertificateRevocationList
from verifier.pki.trust.trust_store import TrustStore

_SOD_TAG: Final = 0x77
_SHA1: Final = "1.3.14.3.2.26"
_SIGNED_DATA: Final = bytes.fromhex("06092a864886f70d010702")
_MAX_SNIFFED: Final = 32
_BY_WEIGHT: Final = tuple(Severity)


class ObjectKind(StrEnum):
    """What an object turned out to be; a certificate's role says more."""

    CERTIFICATE = "certificate"
    CRL = "crl"
    SIGNED_LIST = "signed-list"
    SECURITY_OBJECT = "security-object"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Linted:
    """One object with its findings."""

    kind: ObjectKind
    role: str
    """A ``Role`` for a certificate, the kind for anything else."""
    name: str
    fingerprint: str
    """SHA-256, hexadecimal."""
    findings: tuple[Finding, ...]

    @property
    def severity(self) -> Severity | None:
        """The gravest; ``None`` for what conforms."""
        found = {finding.severity for finding in self.findings}
        return next((severity for severity in _BY_WEIGHT if severity in found), None)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain types that ``json`` writes."""
        return {
            "kind": self.kind.value,
            "role": self.role,
            "name": self.name,
            "fingerprint": self.fingerprint,
            "findings": [finding.to_dict() for finding in self.findings],
        }


def lint(encoded: bytes, known: TrustStore | None = None) -> Iterator[Linted]:
    """Yield what is wrong with an object, and with each certificate on a list. Issuers are looked for in ``known``."""
    if encoded[:1] == bytes([_SOD_TAG]):
        yield _linted(ObjectKind.SECURITY_OBJECT, "EF.SOD", encoded, lint_security_object(encoded))
        return
    if _SIGNED_DATA in encoded[:_MAX_SNIFFED]:
        yield _linted(ObjectKind.SIGNED_LIST, "signed list", encoded, lint_signed_list(encoded))
        for der, findings in lint_listed(encoded, None if known is None else known.issuers_of):
            yield _linted_certificate(der, findings)
        return
    yield _lint_one(encoded, known)


def lint_security_object(encoded: bytes) -> tuple[Finding, ...]:
    """Return every deviation of an EF.SOD (tag 77) as signed data, and SHA-1 over its data groups."""
    try:
        content = read_one(encoded, _SOD_TAG, "EF.SOD").content
        signed = SignedData.decode(content)
        found = dict.fromkeys(lint_signed_data(content, signed))
        reader = read_one(signed.encap_content, SEQUENCE, "an LDS security object").reader()
        reader.take(INTEGER)
        if reader.take(SEQUENCE).reader().take(OBJECT_IDENTIFIER).oid == _SHA1:
            found[Finding(Deviation.DEPRECATED_LDS_HASH_SHA1)] = None
    except VerifierError as error:
        return (Finding(Deviation.MALFORMED, f"It does not decode: {error.sentence}."),)
    return tuple(found)


def authorities_in(encoded: bytes) -> tuple[Certificate, ...]:
    """Return the certificates of authorities in an object, to find issuers among."""
    try:
        is_list = _SIGNED_DATA in encoded[:_MAX_SNIFFED]
        found = certificates_of(encoded) if is_list else (Certificate.decode(encoded),)
    except VerifierError:
        return ()
    return tuple(one for one in found if one.is_ca or one.is_self_issued)


def _lint_one(encoded: bytes, known: TrustStore | None) -> Linted:
    try:
        CertificateParts.decode(encoded)
    except MalformedData:
        return _lint_crl(encoded, known)
    return _linted_certificate(encoded, lint_certificate(encoded, None if known is None else known.issuers_of))


def _lint_crl(encoded: bytes, known: TrustStore | None) -> Linted:
    findings = lint_crl(encoded, None if known is None else known.crl_signers_of)
    try:
        name = str(CertificateRevocationList.decode(encoded).issuer)
    except MalformedData:
        is_nothing = [finding.code for finding in findings] == [Deviation.MALFORMED]
        kind = ObjectKind.UNKNOWN if is_nothing else ObjectKind.CRL
        return _linted(kind, "not readable", encoded, findings)
    return _linted(ObjectKind.CRL, name, encoded, findings)


def _linted_certificate(der: bytes, findings: tuple[Finding, ...]) -> Linted:
    try:
        parts = CertificateParts.decode(der)
        role, name = role_of(parts).value, str(parts.subject_name)
    except MalformedData:
        return _linted(ObjectKind.UNKNOWN, "not readable", der, findings)
    return Linted(ObjectKind.CERTIFICATE, role, name, hashlib.sha256(der).hexdigest(), findings)


def _linted(kind: ObjectKind, name: str, encoded: bytes, findings: tuple[Finding, ...]) -> Linted:
    return Linted(kind, kind.value, name, hashlib.sha256(encoded).hexdigest(), findings)
