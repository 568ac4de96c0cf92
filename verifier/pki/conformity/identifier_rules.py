"""Key identifiers, by which paths are found (9303-12, Table 6)."""

from collections.abc import Iterator

from verifier.pki.asn1.der import OCTET_STRING
from verifier.pki.conformity.certificate_parts import CertificateParts
from verifier.pki.conformity.deviation import Deviation
from verifier.pki.conformity.finding import Finding
from verifier.pki.conformity.role import Role
from verifier.pki.extensions import (
    AUTHORITY_KEY_IDENTIFIER,
    SUBJECT_KEY_IDENTIFIER,
    decode_authority_key_identifier,
)


def check_key_identifiers(parts: CertificateParts, role: Role) -> Iterator[Finding]:
    """Yield missing and damaged identifiers; whether the issuer's is right is seen beside the issuer."""
    authority, subject = parts.extension(AUTHORITY_KEY_IDENTIFIER), parts.extension(SUBJECT_KEY_IDENTIFIER)
    if authority is None:
        if role is not Role.ROOT:
            yield Finding(Deviation.AUTHORITY_KEY_IDENTIFIER_MISSING)
    elif decode_authority_key_identifier(authority.value) is None:
        yield Finding(Deviation.EXTENSION_MALFORMED, "authorityKeyIdentifier holds no keyIdentifier.")
    if subject is None:
        if role.is_authority:
            yield Finding(Deviation.SUBJECT_KEY_IDENTIFIER_MISSING)
    elif not _is_octet_string(subject.value):
        yield Finding(Deviation.EXTENSION_MALFORMED, "subjectKeyIdentifier is no OCTET STRING.")


def _is_octet_string(value: bytes) -> bool:
    return len(value) >= 2 and value[0] == OCTET_STRING and value[1] == len(value) - 2
