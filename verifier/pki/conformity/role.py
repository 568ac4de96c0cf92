"""What a certificate is for, as far as it shows: the columns of ICAO 9303-12, Table 6."""

from enum import StrEnum
from typing import Final

from verifier.errors import MalformedData
from verifier.pki.conformity.certificate_parts import CertificateParts
from verifier.pki.extensions import (
    AUTHORITY_KEY_IDENTIFIER,
    BASIC_CONSTRAINTS,
    EXTENDED_KEY_USAGE,
    KEY_USAGE,
    SUBJECT_KEY_IDENTIFIER,
    KeyUsage,
    decode_authority_key_identifier,
    decode_basic_constraints,
    decode_extended_key_usage,
    decode_key_usage,
    decode_subject_key_identifier,
)

MASTER_LIST_SIGNING: Final = "2.23.136.1.1.3"
DEVIATION_LIST_SIGNING: Final = "2.23.136.1.1.8"
_ICAO_SECURITY: Final = "2.23.136.1.1."


class Role(StrEnum):
    """The kinds of certificate that have a profile."""

    ROOT = "root"
    LINK = "link"
    DOCUMENT_SIGNER = "document-signer"
    MASTER_LIST_SIGNER = "master-list-signer"
    DEVIATION_LIST_SIGNER = "deviation-list-signer"
    OTHER = "other"
    """For a purpose of ICAO's that is not looked at here: only what every certificate must have is asked."""

    @property
    def is_authority(self) -> bool:
        """Whether this is a CSCA's certificate."""
        return self in {Role.ROOT, Role.LINK}

    @property
    def is_signer(self) -> bool:
        """Whether the key signs documents or lists."""
        return self in {Role.DOCUMENT_SIGNER, Role.MASTER_LIST_SIGNER, Role.DEVIATION_LIST_SIGNER}


def role_of(parts: CertificateParts) -> Role:
    """Tell by what is there: an authority that forgot to say so is known by its name, or by what its key may do."""
    purposes = _purposes(parts)
    if MASTER_LIST_SIGNING in purposes:
        return Role.MASTER_LIST_SIGNER
    if DEVIATION_LIST_SIGNING in purposes:
        return Role.DEVIATION_LIST_SIGNER
    if _is_authority(parts):
        return Role.ROOT if _names_itself(parts) else Role.LINK
    if any(purpose.startswith(_ICAO_SECURITY) for purpose in purposes):
        return Role.OTHER
    return Role.DOCUMENT_SIGNER


def _is_authority(parts: CertificateParts) -> bool:
    usage, constraints = parts.extension(KEY_USAGE), parts.extension(BASIC_CONSTRAINTS)
    try:
        allowed = decode_key_usage(usage.value) if usage else frozenset()
        says_so = constraints is not None and decode_basic_constraints(constraints.value).ca
    except MalformedData:
        return parts.subject_name == parts.issuer_name
    if parts.subject_name == parts.issuer_name or KeyUsage.KEY_CERT_SIGN in allowed:
        return True
    return says_so and KeyUsage.DIGITAL_SIGNATURE not in allowed


def _names_itself(parts: CertificateParts) -> bool:
    if parts.subject_name != parts.issuer_name:
        return False
    own, issuers = parts.extension(SUBJECT_KEY_IDENTIFIER), parts.extension(AUTHORITY_KEY_IDENTIFIER)
    if own is None or issuers is None:
        return True
    return decode_authority_key_identifier(issuers.value) in {None, decode_subject_key_identifier(own.value)}


def _purposes(parts: CertificateParts) -> frozenset[str]:
    extension = parts.extension(EXTENDED_KEY_USAGE)
    try:
        return decode_extended_key_usage(extension.value) if extension else frozenset()
    except MalformedData:
        return frozenset()
