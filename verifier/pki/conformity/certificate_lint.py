"""Every rule for certificates, in the order in which a certificate is written."""

from collections.abc import Iterator

from verifier.errors import MalformedData
from verifier.pki.certificate import MAX_LENGTH, Certificate
from verifier.pki.conformity.alternative_name_rules import check_alternative_names, check_distribution_points
from verifier.pki.conformity.certificate_parts import CertificateParts
from verifier.pki.conformity.constraint_rules import check_basic_constraints
from verifier.pki.conformity.deviation import Deviation
from verifier.pki.conformity.extension_rules import check_extensions
from verifier.pki.conformity.field_rules import check_fields
from verifier.pki.conformity.finding import Finding
from verifier.pki.conformity.identifier_rules import check_key_identifiers
from verifier.pki.conformity.issuer_rules import FindIssuers, check_issuer, check_self_signature, check_whether_root
from verifier.pki.conformity.key_rules import check_key
from verifier.pki.conformity.key_usage_rules import check_extended_key_usage, check_key_usage, check_usage_period
from verifier.pki.conformity.name_rules import check_names
from verifier.pki.conformity.role import Role, role_of
from verifier.pki.conformity.time_rules import check_validity

_EXTENSION_RULES = (
    check_key_identifiers,
    check_key_usage,
    check_usage_period,
    check_alternative_names,
    check_basic_constraints,
    check_extended_key_usage,
    check_distribution_points,
    check_extensions,
)
_WHY_UNDECODABLE = frozenset(
    {Deviation.SIGNATURE_ALGORITHMS_DIFFER, Deviation.EXTENSION_TWICE, Deviation.EXTENSION_MALFORMED}
)


def lint_certificate(der: bytes, issuers_of: FindIssuers | None = None) -> tuple[Finding, ...]:
    """Return every deviation of a certificate from the profile of its role, each once; never raises.

    ``issuers_of`` finds candidates for the issuer, whose signature is verified; a root's own is in any case.
    """
    if len(der) > MAX_LENGTH:
        return (Finding(Deviation.MALFORMED, f"It is longer than {MAX_LENGTH} bytes."),)
    try:
        parts = CertificateParts.decode(der)
        found = dict.fromkeys(_by_parts(parts, role_of(parts)))
    except MalformedData as error:
        return (_malformed(error),)
    try:
        found |= dict.fromkeys(_by_signature(Certificate.decode(der), role_of(parts), issuers_of))
    except MalformedData as error:
        if not any(finding.code in _WHY_UNDECODABLE for finding in found):
            found[_malformed(error)] = None
    return tuple(found)


def _by_parts(parts: CertificateParts, role: Role) -> Iterator[Finding]:
    yield from check_fields(parts)
    yield from check_names(parts)
    yield from check_validity(parts)
    yield from check_key(parts, role)
    for check in _EXTENSION_RULES:
        yield from check(parts, role)


def _by_signature(certificate: Certificate, role: Role, issuers_of: FindIssuers | None) -> Iterator[Finding]:
    if role is Role.ROOT:
        yield from check_self_signature(certificate)
        return
    if certificate.is_self_issued:
        yield from check_whether_root(certificate)
    if issuers_of is not None:
        yield from check_issuer(certificate, issuers_of(certificate))


def _malformed(error: MalformedData) -> Finding:
    return Finding(Deviation.MALFORMED, f"It does not decode: {error.sentence}.")
