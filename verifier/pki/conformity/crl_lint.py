"""Every rule for CRLs (9303-12, 7.1.4; RFC 5280, 5)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Final, TypeAlias

from verifier.errors import MalformedData
from verifier.pki.asn1.der import BIT_STRING, INTEGER, SEQUENCE, Element, context, read_one
from verifier.pki.asn1.der_time import TIME_TAGS, decode_time
from verifier.pki.certificate import Certificate
from verifier.pki.conformity.certificate_parts import ExtensionPart, read_extensions
from verifier.pki.conformity.deviation import Deviation
from verifier.pki.conformity.encoding import why_not_der
from verifier.pki.conformity.field_rules import MAX_SERIAL_LENGTH, check_algorithms
from verifier.pki.conformity.finding import Finding
from verifier.pki.conformity.issuer_rules import check_crl_issuer
from verifier.pki.conformity.key_rules import check_signature_hash
from verifier.pki.conformity.name_rules import check_name
from verifier.pki.conformity.time_rules import check_time
from verifier.pki.crl import CertificateRevocationList
from verifier.pki.extensions import AUTHORITY_KEY_IDENTIFIER, ISSUER_ALTERNATIVE_NAME

FindCrlSigners: TypeAlias = Callable[[CertificateRevocationList], Iterable[Certificate]]
"""Returns the candidates for a CRL's signer, as ``TrustStore.crl_signers_of`` does."""
_V2: Final = 1
_WHAT: Final = "a CRL"
_CRL_NUMBER: Final = "2.5.29.20"
_PARTIAL: Final = {"2.5.29.27": "It is a delta CRL.", "2.5.29.28": "It has an issuingDistributionPoint."}
_CERTIFICATE_ISSUER: Final = "2.5.29.29"
_FRESHEST: Final = "2.5.29.46"
_KNOWN: Final = frozenset({AUTHORITY_KEY_IDENTIFIER, ISSUER_ALTERNATIVE_NAME, _CRL_NUMBER, *_PARTIAL})
_LONGEST: Final = timedelta(days=91)
"""90 days (4.1.5), and a day for who counts them from midnight."""
_MAX_ENTRIES_LOOKED_AT: Final = 100_000


@dataclass(frozen=True, slots=True)
class _Parts:
    version: int
    inner_algorithm: Element
    outer_algorithm: Element
    issuer: Element
    this_update: Element
    next_update: Element | None
    entries: Element | None
    extensions: tuple[ExtensionPart, ...]

    @classmethod
    def decode(cls, der: bytes) -> "_Parts":
        outer = read_one(der, SEQUENCE, _WHAT).reader()
        reader, outer_algorithm = outer.take(SEQUENCE).reader(), outer.take(SEQUENCE)
        outer.take(BIT_STRING)
        version = reader.take_if(INTEGER)
        return cls(
            version=0 if version is None else version.integer,
            inner_algorithm=reader.take(SEQUENCE),
            outer_algorithm=outer_algorithm,
            issuer=reader.take(SEQUENCE),
            this_update=reader.take(*TIME_TAGS),
            next_update=reader.take_if(*TIME_TAGS),
            entries=reader.take_if(SEQUENCE),
            extensions=tuple(read_extensions(reader.take_if(context(0)))),
        )

    def extension(self, oid: str) -> ExtensionPart | None:
        return next((extension for extension in self.extensions if extension.oid == oid), None)


def lint_crl(der: bytes, signers_of: FindCrlSigners | None = None) -> tuple[Finding, ...]:
    """Return every deviation of a CRL from the profile, each once; never raises.

    ``signers_of`` finds candidates for who signed it; without, the signature is not looked at.
    """
    crl, problem = _decoded(der)
    try:
        found = dict.fromkeys(_all(_Parts.decode(der), der))
    except MalformedData as error:
        return (Finding(Deviation.MALFORMED, f"It does not decode: {error.sentence}."),)
    if crl is None:
        if Deviation.SIGNATURE_ALGORITHMS_DIFFER not in {finding.code for finding in found}:
            found[Finding(Deviation.MALFORMED, f"It does not decode: {problem}.")] = None
    elif signers_of is not None:
        found |= dict.fromkeys(check_crl_issuer(crl, signers_of(crl)))
    return tuple(found)


def _decoded(der: bytes) -> tuple[CertificateRevocationList | None, str]:
    try:
        return CertificateRevocationList.decode(der), ""
    except MalformedData as error:
        return None, error.sentence


def _all(parts: _Parts, der: bytes) -> Iterator[Finding]:
    problem = why_not_der(der)
    if problem:
        yield Finding(Deviation.ENCODING_NOT_DER, problem)
    if parts.version != _V2:
        yield Finding(Deviation.CRL_VERSION_NOT_2, f"The CRL is of version {parts.version + 1}.")
    yield from check_algorithms(parts.inner_algorithm, parts.outer_algorithm)
    yield from check_signature_hash(parts.outer_algorithm)
    yield from check_name(parts.issuer, "issuer")
    yield from _check_times(parts)
    yield from _check_entries(parts.entries)
    yield from _check_extensions(parts)


def _check_times(parts: _Parts) -> Iterator[Finding]:
    yield from check_time(parts.this_update, "thisUpdate")
    if parts.next_update is None:
        yield Finding(Deviation.CRL_NEXT_UPDATE_MISSING)
        return
    yield from check_time(parts.next_update, "nextUpdate")
    period = decode_time(parts.next_update) - decode_time(parts.this_update)
    if period < timedelta(0):
        yield Finding(Deviation.VALIDITY_REVERSED, "The next CRL was due before this one was issued.")
    if period > _LONGEST:
        yield Finding(Deviation.CRL_PERIOD_TOO_LONG, f"The next CRL is due after {period.days} days.")


def _check_entries(entries: Element | None) -> Iterator[Finding]:
    if entries is None:
        return
    reader = entries.reader()
    if not reader:
        yield Finding(Deviation.CRL_ENTRIES_EMPTY)
    for element in islice(reader.take_all(SEQUENCE), _MAX_ENTRIES_LOOKED_AT):
        entry = element.reader()
        entry.take(INTEGER)
        yield from check_time(entry.take(*TIME_TAGS), "An entry's revocationDate")
        if entry:
            yield Finding(Deviation.CRL_ENTRY_EXTENSION_PRESENT)
            if any(part.oid == _CERTIFICATE_ISSUER for part in read_extensions(_wrapped(element, entry.position))):
                yield Finding(Deviation.CRL_PARTIAL, "An entry is of another issuer's certificate.")


def _wrapped(entry: Element, start: int) -> Element:
    """The rest of an entry, as if its extensions had an explicit tag."""
    return Element(entry.data, context(0), start, start, entry.stop, entry.what)


def _check_extensions(parts: _Parts) -> Iterator[Finding]:
    if not parts.extensions:
        yield Finding(Deviation.EXTENSIONS_MISSING)
        return
    if parts.extension(AUTHORITY_KEY_IDENTIFIER) is None:
        yield Finding(Deviation.AUTHORITY_KEY_IDENTIFIER_MISSING)
    yield from _check_number(parts.extension(_CRL_NUMBER))
    for extension in parts.extensions:
        if extension.oid in _PARTIAL:
            yield Finding(Deviation.CRL_PARTIAL, _PARTIAL[extension.oid])
        elif extension.oid == _FRESHEST:
            yield Finding(Deviation.EXTENSION_FORBIDDEN, "freshestCRL does not belong into a CRL.")
        if extension.critical and extension.oid not in _KNOWN:
            sentence = f"The critical extension {extension.oid} is not known."
            yield Finding(Deviation.CRITICAL_EXTENSION_UNKNOWN, sentence)
        elif extension.critical and extension.oid not in _PARTIAL:
            yield Finding(Deviation.EXTENSION_CRITICAL, f"The extension {extension.oid} must not be critical.")


def _check_number(extension: ExtensionPart | None) -> Iterator[Finding]:
    if extension is None:
        yield Finding(Deviation.CRL_NUMBER_MISSING)
        return
    try:
        number = read_one(extension.value, INTEGER, _WHAT)
    except MalformedData:
        yield Finding(Deviation.EXTENSION_MALFORMED, "cRLNumber does not decode.")
        return
    if len(number.content) > MAX_SERIAL_LENGTH or number.content[:1] >= b"\x80":
        yield Finding(Deviation.CRL_NUMBER_WRONG)
