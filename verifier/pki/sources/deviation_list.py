"""Deviation lists: what a state says is wrong with documents that it issued (ICAO 9303-3, 10 of 9303-12's lists).

A state may only speak of itself: a deviation counts for document signers of the country of the list's signer.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from verifier.errors import MalformedData
from verifier.pki.asn1.der import (
    GENERALIZED_TIME,
    INTEGER,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    SET,
    UTC_TIME,
    Element,
    Reader,
    context,
    read_one,
)
from verifier.pki.asn1.der_time import decode_time
from verifier.pki.certificate import Certificate
from verifier.pki.keys.algorithms import decode_hash
from verifier.pki.names import Name

MAX_DEVIATIONS = 4096
MAX_DOCUMENT_NUMBERS = 65536
_WHAT = "a deviation list"
_PRINTABLE_STRING = 0x13
_STRINGS = frozenset({0x0C, _PRINTABLE_STRING, 0x16})
_BASE = "2.23.136.1.1.7."


class DeviationKind(StrEnum):
    """What deviates, by the object identifiers of the standard; the codes are stable."""

    CERTIFICATE_OR_KEY = "certificate-or-key"
    SIGNER_SIGNATURE = "signer-signature"
    SIGNER_ENCODING = "signer-encoding"
    CSCA_ENCODING = "csca-encoding"
    ACTIVE_AUTHENTICATION_KEY_COMPROMISED = "active-authentication-key-compromised"
    LDS = "lds"
    DATA_GROUP_MALFORMED = "data-group-malformed"
    DATA_GROUP_HASH_WRONG = "data-group-hash-wrong"
    SOD_SIGNATURE_WRONG = "sod-signature-wrong"
    COM_INCONSISTENT = "com-inconsistent"
    MRZ = "mrz"
    MRZ_DATA_WRONG = "mrz-data-wrong"
    MRZ_CHECK_DIGIT_WRONG = "mrz-check-digit-wrong"
    CHIP = "chip"
    NATIONAL_USE = "national-use"
    OTHER = "other"


_KINDS = {
    "1": DeviationKind.CERTIFICATE_OR_KEY,
    "1.1": DeviationKind.SIGNER_SIGNATURE,
    "1.2": DeviationKind.SIGNER_ENCODING,
    "1.3": DeviationKind.CSCA_ENCODING,
    "1.4": DeviationKind.ACTIVE_AUTHENTICATION_KEY_COMPROMISED,
    "2": DeviationKind.LDS,
    "2.1": DeviationKind.DATA_GROUP_MALFORMED,
    "2.2": DeviationKind.DATA_GROUP_HASH_WRONG,
    "2.3": DeviationKind.SOD_SIGNATURE_WRONG,
    "2.4": DeviationKind.COM_INCONSISTENT,
    "3": DeviationKind.MRZ,
    "3.1": DeviationKind.MRZ_DATA_WRONG,
    "3.2": DeviationKind.MRZ_CHECK_DIGIT_WRONG,
    "4": DeviationKind.CHIP,
    "5": DeviationKind.NATIONAL_USE,
}


@dataclass(frozen=True, slots=True)
class KnownDeviation:
    """One thing that an issuing state says of some of its documents."""

    kind: DeviationKind
    oid: str
    """Object identifier of the kind, also where it is not known here."""
    description: str
    country: str
    """Of the state that says so, two letters."""
    document_type: str | None
    """As in the machine-readable zone, ``P``; ``None``: any."""
    issued: tuple[datetime, datetime] | None
    """First and last date of issue of the documents; ``None``: any."""
    document_numbers: frozenset[str] = field(repr=False)
    """Empty: any."""
    parameters: bytes = field(repr=False)
    """As encoded, by the kind: the field of the certificate, the data group. Empty where there are none."""


@dataclass(frozen=True, slots=True)
class _Identifier:
    """Which document signers are meant; all of the country where everything is ``None``."""

    issuer: Name | None = None
    serial: int | None = None
    key_identifier: bytes | None = None
    digest: bytes | None = field(default=None, repr=False)

    def means(self, signer: Certificate, hash_name: str) -> bool:
        if self.issuer is not None:
            return signer.serial == self.serial and signer.issuer == self.issuer
        if self.key_identifier is not None:
            return signer.subject_key_identifier == self.key_identifier
        return self.digest is None or hashlib.new(hash_name, signer.der).digest() == self.digest


@dataclass(frozen=True, slots=True)
class DeviationList:
    """The content of one list, for the country of whoever signed it."""

    country: str
    hash_name: str
    """Of certificate digests, as in ``hashlib``."""
    deviations: tuple[tuple[_Identifier, KnownDeviation], ...] = field(repr=False)
    content: bytes = field(repr=False)
    """As it was decoded."""

    @classmethod
    def decode(cls, content: bytes, country: str) -> "DeviationList":
        """Decode a DeviationList of at most 4096 deviations. Raises ``MalformedData`` or ``UnsupportedFeature``."""
        reader = read_one(content, SEQUENCE, _WHAT).reader()
        reader.take(INTEGER)
        algorithm = reader.take_if(SEQUENCE)
        members = reader.take(SET).reader()
        reader.end()
        found: list[tuple[_Identifier, KnownDeviation]] = []
        for element in members.take_all(SEQUENCE):
            found += _decode_deviation(element, country)
            if len(found) > MAX_DEVIATIONS:
                msg = f"{_WHAT} holds more than {MAX_DEVIATIONS} deviations"
                raise MalformedData(msg)
        return cls(country, decode_hash(algorithm) if algorithm else "sha256", tuple(found), content)

    def of(self, signer: Certificate) -> tuple[KnownDeviation, ...]:
        """Return what is said of documents of this signer."""
        if signer.country != self.country:
            return ()
        return tuple(known for which, known in self.deviations if which.means(signer, self.hash_name))


def _decode_deviation(element: Element, country: str) -> list[tuple[_Identifier, KnownDeviation]]:
    reader = element.reader()
    documents, descriptions = reader.take(SEQUENCE).reader(), reader.take(SET).reader()
    reader.end()
    kind = documents.take_if(0x80, context(0))
    identifier = _decode_identifier(documents.take_if(context(1), 0x82, context(2), 0x83, context(3)))
    period = documents.take_if(context(4))
    numbers = documents.take_if(context(5))
    documents.end()
    return [
        (
            identifier,
            KnownDeviation(
                kind=_KINDS.get(oid.removeprefix(_BASE), DeviationKind.OTHER),
                oid=oid,
                description=description,
                country=country,
                document_type=None if kind is None else _inner_text(kind),
                issued=None if period is None else _decode_period(period.reader()),
                document_numbers=frozenset() if numbers is None else _decode_numbers(numbers),
                parameters=parameters,
            ),
        )
        for oid, description, parameters in map(_decode_description, descriptions.take_all(SEQUENCE))
    ]


def _decode_description(element: Element) -> tuple[str, str, bytes]:
    reader = element.reader()
    text = reader.take_if(*_STRINGS)
    oid = reader.take(OBJECT_IDENTIFIER).oid
    parameters = reader.take_if(0x80, context(0))
    reader.take_if(0x81, context(1))
    reader.end()
    return oid, "" if text is None else _text(text), b"" if parameters is None else parameters.content


def _decode_identifier(element: Element | None) -> _Identifier:
    """DocumentSignerIdentifier; [2] and [3] are borne with in explicit form."""
    if element is None:
        return _Identifier()
    if element.tag == context(1):
        reader = element.reader()
        first = reader.take(SEQUENCE)
        if not reader:  # explicitly tagged: the sequence stands inside once more
            reader = first.reader()
            first = reader.take(SEQUENCE)
        serial = reader.take(INTEGER).integer
        reader.end()
        return _Identifier(issuer=Name.of(first), serial=serial)
    content = element.content if element.tag & 0x20 == 0 else element.reader().take(OCTET_STRING).content
    return _Identifier(key_identifier=content) if element.tag & 0x0F == 2 else _Identifier(digest=content)


def _decode_period(reader: Reader) -> tuple[datetime, datetime]:
    first = decode_time(reader.take(GENERALIZED_TIME, UTC_TIME))
    last = decode_time(reader.take(GENERALIZED_TIME, UTC_TIME))
    reader.end()
    return first, last


def _decode_numbers(element: Element) -> frozenset[str]:
    numbers: set[str] = set()
    for number in element.reader().take_all():
        numbers.add(_text(number))
        if len(numbers) > MAX_DOCUMENT_NUMBERS:
            msg = f"{_WHAT} names more than {MAX_DOCUMENT_NUMBERS} document numbers in one place"
            raise MalformedData(msg)
    return frozenset(numbers)


def _inner_text(element: Element) -> str:
    return _text(element if element.tag & 0x20 == 0 else element.reader().take())


def _text(element: Element) -> str:
    return element.content[:512].decode("utf-8", "replace")
