"""Version, serial number, algorithm identifiers and what else stands outside the extensions (9303-12, Table 5)."""

from collections.abc import Iterator
from typing import Final

from verifier.pki.asn1.der import NULL, OBJECT_IDENTIFIER, Element
from verifier.pki.conformity.certificate_parts import CertificateParts
from verifier.pki.conformity.deviation import Deviation
from verifier.pki.conformity.encoding import why_not_der
from verifier.pki.conformity.finding import Finding

_V3: Final = 2
MAX_SERIAL_LENGTH: Final = 20
_RSA: Final = "1.2.840.113549.1.1."
_RSASSA_PSS: Final = "1.2.840.113549.1.1.10"
_ECDSA: Final = "1.2.840.10045.4."


def check_fields(parts: CertificateParts) -> Iterator[Finding]:
    """Yield what is wrong with a certificate outside names, times, key and extensions."""
    problem = why_not_der(parts.der)
    if problem:
        yield Finding(Deviation.ENCODING_NOT_DER, problem)
    if parts.version != _V3:
        yield Finding(Deviation.VERSION_NOT_3, f"The certificate is of version {parts.version + 1}.")
    yield from _check_serial(parts.serial.content)
    yield from check_algorithms(parts.inner_algorithm, parts.outer_algorithm)
    if parts.has_unique_identifiers:
        yield Finding(Deviation.UNIQUE_IDENTIFIER_PRESENT)
    if not parts.extensions:
        yield Finding(Deviation.EXTENSIONS_MISSING)


def check_algorithms(inner: Element, outer: Element) -> Iterator[Finding]:
    """Yield what is wrong with the two algorithm identifiers of a certificate or CRL."""
    if inner.raw != outer.raw:
        yield Finding(Deviation.SIGNATURE_ALGORITHMS_DIFFER)
    reader = outer.reader()
    oid, parameters = reader.take(OBJECT_IDENTIFIER).oid, reader.next_tag
    if oid.startswith(_RSA) and oid != _RSASSA_PSS and parameters != NULL:
        yield Finding(Deviation.ALGORITHM_PARAMETERS_WRONG, "The RSA signature algorithm must have NULL as parameters.")
    if oid.startswith(_ECDSA) and parameters is not None:
        yield Finding(
            Deviation.ALGORITHM_PARAMETERS_WRONG, "The ECDSA signature algorithm has parameters, and must not."
        )


def _check_serial(content: bytes) -> Iterator[Finding]:
    if int.from_bytes(content, signed=True) <= 0:
        yield Finding(Deviation.SERIAL_NOT_POSITIVE)
    if len(content) > MAX_SERIAL_LENGTH:
        yield Finding(Deviation.SERIAL_TOO_LONG, f"The serial number has {len(content)} bytes, more than 20.")
