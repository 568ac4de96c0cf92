"""Times in certificates, CRLs and signatures: UTCTime and GeneralizedTime (RFC 5280, 4.1.2.5)."""

import re
from datetime import UTC, datetime, timedelta

from verifier.errors import MalformedData
from verifier.pki.asn1.der import GENERALIZED_TIME, UTC_TIME, Element

TIME_TAGS = (UTC_TIME, GENERALIZED_TIME)
_UTC = re.compile(rb"(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?(Z|[+-]\d{4})")
_GENERALIZED = re.compile(rb"(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?(?:\.\d{1,9})?(Z|[+-]\d{4})")


def decode_time(element: Element) -> datetime:
    """Return the time in UTC, to the second.

    RFC 5280 wants seconds and ``Z``; certificates without seconds or with an offset were issued all the same and are
    read. Two-digit years are 1950 to 2049. Raises ``MalformedData``.
    """
    is_utc_time = element.tag == UTC_TIME
    content = element.content
    match = (_UTC if is_utc_time else _GENERALIZED).fullmatch(content) if len(content) <= 32 else None
    if match is None:
        msg = f"{element.what}: a time that is no time"
        raise MalformedData(msg)
    year, month, day, hour, minute, second = (int(group or 0) for group in match.groups()[:6])
    if is_utc_time:
        year += 1900 if year >= 50 else 2000
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC) - _offset(match[7])
    except (ValueError, OverflowError) as error:
        msg = f"{element.what}: an impossible time"
        raise MalformedData(msg) from error


def whole_seconds(at: datetime) -> datetime:
    """Return a moment without its fractions of a second, as everything is dated that it is compared with.

    notAfter names a second, all of which is still inside (RFC 5280, 4.1.2.5); likewise nextUpdate (5.1.2.5).
    """
    return at.replace(microsecond=0)


def _offset(zone: bytes) -> timedelta:
    if zone == b"Z":
        return timedelta(0)
    size = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))
    return -size if zone[:1] == b"-" else size
