"""What the key is for and for how long: keyUsage, privateKeyUsagePeriod, extKeyUsage (9303-12, Table 6, 7.1.1.3)."""

from collections.abc import Iterator
from typing import Final

from verifier.errors import MalformedData
from verifier.pki.conformity.certificate_parts import CertificateParts
from verifier.pki.conformity.deviation import Deviation
from verifier.pki.conformity.finding import Finding
from verifier.pki.conformity.role import Role
from verifier.pki.conformity.usage_period import decode_usage_period
from verifier.pki.extensions import EXTENDED_KEY_USAGE, KEY_USAGE, PRIVATE_KEY_USAGE_PERIOD, KeyUsage, decode_key_usage

_NEEDED: Final = {
    KeyUsage.KEY_CERT_SIGN: Deviation.KEY_USAGE_WITHOUT_CERT_SIGN,
    KeyUsage.CRL_SIGN: Deviation.KEY_USAGE_WITHOUT_CRL_SIGN,
    KeyUsage.DIGITAL_SIGNATURE: Deviation.KEY_USAGE_WITHOUT_DIGITAL_SIGNATURE,
}
_OF_AUTHORITIES: Final = (KeyUsage.KEY_CERT_SIGN, KeyUsage.CRL_SIGN)
_OF_SIGNERS: Final = (KeyUsage.DIGITAL_SIGNATURE,)


def check_key_usage(parts: CertificateParts, role: Role) -> Iterator[Finding]:
    """Yield what is wrong with keyUsage."""
    extension = parts.extension(KEY_USAGE)
    if extension is None:
        yield Finding(Deviation.KEY_USAGE_MISSING)
        return
    if not extension.critical:
        yield Finding(Deviation.KEY_USAGE_NOT_CRITICAL)
    try:
        usage = decode_key_usage(extension.value)
    except MalformedData:
        yield Finding(Deviation.EXTENSION_MALFORMED, "keyUsage does not decode.")
        return
    if role is not Role.OTHER:
        yield from _check_bits(usage, _OF_AUTHORITIES if role.is_authority else _OF_SIGNERS)


def _check_bits(usage: frozenset[KeyUsage], meant: tuple[KeyUsage, ...]) -> Iterator[Finding]:
    for bit in meant:
        if bit not in usage:
            yield Finding(_NEEDED[bit])
    excessive = sorted(usage.difference(meant))
    if excessive:
        named = ", ".join(bit.name.lower().replace("_", " ") for bit in excessive)
        yield Finding(Deviation.KEY_USAGE_EXCESSIVE, f"The key may also be used for: {named}.")


def check_usage_period(parts: CertificateParts, role: Role) -> Iterator[Finding]:
    """Yield what is wrong with privateKeyUsagePeriod, which authorities and document signers must have."""
    extension = parts.extension(PRIVATE_KEY_USAGE_PERIOD)
    if extension is None:
        if role.is_authority or role is Role.DOCUMENT_SIGNER:
            yield Finding(Deviation.PRIVATE_KEY_USAGE_PERIOD_MISSING)
        return
    try:
        decode_usage_period(extension.value)
    except MalformedData:
        yield Finding(Deviation.EXTENSION_MALFORMED, "privateKeyUsagePeriod does not decode.")


def check_extended_key_usage(parts: CertificateParts, role: Role) -> Iterator[Finding]:
    """Yield an extKeyUsage where it does not belong, and one that is not critical where it does."""
    extension = parts.extension(EXTENDED_KEY_USAGE)
    if extension is None:
        return
    if role.is_authority or role is Role.DOCUMENT_SIGNER:
        yield Finding(Deviation.EXTENDED_KEY_USAGE_PRESENT)
    elif not extension.critical:
        yield Finding(Deviation.EXTENDED_KEY_USAGE_NOT_CRITICAL)
