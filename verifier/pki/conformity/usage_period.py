"""privateKeyUsagePeriod: how long a key signs, which is less than its certificate is valid (ICAO 9303-12, 4.1.1)."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from verifier.errors import MalformedData
from verifier.pki.asn1.der import GENERALIZED_TIME, SEQUENCE, Element, read_one
from verifier.pki.asn1.der_time import decode_time
from verifier.pki.certificate import Certificate
from verifier.pki.conformity.certificate_parts import CertificateParts
from verifier.pki.extensions import PRIVATE_KEY_USAGE_PERIOD

_REMEMBERED = 256


@dataclass(frozen=True, slots=True)
class UsagePeriod:
    """From when to when a private key is used; ``None`` where an end is open."""

    not_before: datetime | None
    not_after: datetime | None

    def covers(self, moment: datetime) -> bool:
        """Whether the key was to be used then."""
        return (self.not_before is None or self.not_before <= moment) and (
            self.not_after is None or moment <= self.not_after
        )


def decode_usage_period(value: bytes) -> UsagePeriod:
    """Decode privateKeyUsagePeriod (RFC 3280, 4.2.1.4), at least one end of it. Raises ``MalformedData``."""
    reader = read_one(value, SEQUENCE, "private key usage period").reader()
    starts, ends = reader.take_if(0x80), reader.take_if(0x81)
    reader.end()
    if starts is None and ends is None:
        msg = "a private key usage period without an end"
        raise MalformedData(msg)
    return UsagePeriod(_time(starts), _time(ends))


def was_issued_outside_usage_period(child: Certificate, issuer: Certificate) -> bool:
    """Whether the child's notBefore lies outside the time in which the issuer's key was to be used, if it says so."""
    period = usage_period_of(issuer)
    return period is not None and not period.covers(child.not_before)


@lru_cache(maxsize=_REMEMBERED)
def usage_period_of(certificate: Certificate) -> UsagePeriod | None:
    """Return a certificate's private key usage period; ``None`` without a readable one. A few issuers come often."""
    extension = CertificateParts.decode(certificate.der).extension(PRIVATE_KEY_USAGE_PERIOD)
    try:
        return None if extension is None else decode_usage_period(extension.value)
    except MalformedData:
        return None


def _time(element: Element | None) -> datetime | None:
    """An IMPLICIT GeneralizedTime."""
    if element is None:
        return None
    return decode_time(
        Element(element.data, GENERALIZED_TIME, element.start, element.content_start, element.stop, element.what)
    )
