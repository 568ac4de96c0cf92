"""Times: UTCTime through 2049, GeneralizedTime after, with seconds and Z (9303-12, Table 5; RFC 5280, 4.1.2.5)."""

import re
from collections.abc import Iterator

from verifier.errors import MalformedData
from verifier.pki.asn1.der import GENERALIZED_TIME, UTC_TIME, Element
from verifier.pki.asn1.der_time import decode_time
from verifier.pki.conformity.certificate_parts import CertificateParts
from verifier.pki.conformity.deviation import Deviation
from verifier.pki.conformity.finding import Finding

_FORMS = {UTC_TIME: re.compile(rb"\d{12}Z"), GENERALIZED_TIME: re.compile(rb"\d{14}Z")}
_FIRST_GENERALIZED_YEAR = 2050


def check_validity(parts: CertificateParts) -> Iterator[Finding]:
    """Yield what is wrong with a certificate's dates."""
    yield from check_time(parts.not_before, "notBefore")
    yield from check_time(parts.not_after, "notAfter")
    try:
        is_reversed = decode_time(parts.not_after) < decode_time(parts.not_before)
    except MalformedData:
        return
    if is_reversed:
        yield Finding(Deviation.VALIDITY_REVERSED)


def check_time(time: Element, which: str) -> Iterator[Finding]:
    """Yield what is wrong with one time; ``which`` is the name of its field."""
    if not _FORMS[time.tag].fullmatch(time.content):
        yield Finding(Deviation.TIME_FORM_WRONG, f"{which} lacks its seconds or its Z, or has fractions of a second.")
    if time.tag == GENERALIZED_TIME and time.content[:4] < b"%d" % _FIRST_GENERALIZED_YEAR:
        yield Finding(Deviation.TIME_TYPE_WRONG, f"{which} is a GeneralizedTime, though it lies before 2050.")
