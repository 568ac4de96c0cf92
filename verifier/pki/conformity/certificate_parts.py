"""A certificate taken apart as it is encoded, for those who judge how it was made and not what it says.

More lenient than ``Certificate.decode``: what that refuses (two different algorithms, an extension that is there
twice) is taken as it is, so that it can be named.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from verifier.pki.asn1.der import (
    BIT_STRING,
    BOOLEAN,
    INTEGER,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    Element,
    Reader,
    context,
    read_one,
)
from verifier.pki.asn1.der_time import TIME_TAGS
from verifier.pki.extensions import MAX_EXTENSIONS
from verifier.pki.names import Name

_WHAT = "a certificate"


@dataclass(frozen=True, slots=True)
class ExtensionPart:
    """One extension as encoded; ``writes_default`` where ``critical FALSE`` is written out."""

    oid: str
    critical: bool
    value: bytes = field(repr=False)
    writes_default: bool = False


@dataclass(frozen=True, slots=True)
class CertificateParts:
    """The fields of a certificate (RFC 5280, 4.1) where they stand."""

    der: bytes = field(repr=False)
    version: int
    serial: Element = field(repr=False)
    inner_algorithm: Element = field(repr=False)
    outer_algorithm: Element = field(repr=False)
    issuer: Element = field(repr=False)
    not_before: Element = field(repr=False)
    not_after: Element = field(repr=False)
    subject: Element = field(repr=False)
    public_key: Element = field(repr=False)
    has_unique_identifiers: bool
    extensions: tuple[ExtensionPart, ...]

    @classmethod
    def decode(cls, der: bytes) -> "CertificateParts":
        """Take a certificate apart. Raises ``MalformedData``."""
        outer = read_one(der, SEQUENCE, _WHAT).reader()
        reader, outer_algorithm = outer.take(SEQUENCE).reader(), outer.take(SEQUENCE)
        outer.take(BIT_STRING)
        outer.end()
        version = reader.take_if(context(0))
        serial, inner_algorithm, issuer = reader.take(INTEGER), reader.take(SEQUENCE), reader.take(SEQUENCE)
        validity = reader.take(SEQUENCE).reader()
        return cls(
            der=der,
            version=0 if version is None else version.reader().take(INTEGER).integer,
            serial=serial,
            inner_algorithm=inner_algorithm,
            outer_algorithm=outer_algorithm,
            issuer=issuer,
            not_before=validity.take(*TIME_TAGS),
            not_after=validity.take(*TIME_TAGS),
            subject=reader.take(SEQUENCE),
            public_key=reader.take(SEQUENCE),
            has_unique_identifiers=_take_unique_identifiers(reader),
            extensions=tuple(read_extensions(reader.take_if(context(3)))),
        )

    def extension(self, oid: str) -> ExtensionPart | None:
        """Return the first extension of that kind."""
        return next((extension for extension in self.extensions if extension.oid == oid), None)

    @property
    def issuer_name(self) -> Name:
        """The issuer's name, decoded."""
        return Name.of(self.issuer)

    @property
    def subject_name(self) -> Name:
        """The subject's name, decoded."""
        return Name.of(self.subject)


def read_extensions(wrapper: Element | None) -> Iterator[ExtensionPart]:
    """Yield extensions as they stand inside their explicit tag, at most 64, also one that is there twice."""
    if wrapper is None:
        return
    for count, element in enumerate(wrapper.reader().take(SEQUENCE).reader().take_all(SEQUENCE)):
        if count >= MAX_EXTENSIONS:
            return
        reader = element.reader()
        oid, flag = reader.take(OBJECT_IDENTIFIER).oid, reader.take_if(BOOLEAN)
        critical = flag is not None and flag.boolean
        yield ExtensionPart(oid, critical, reader.take(OCTET_STRING).content, flag is not None and not critical)


def _take_unique_identifiers(reader: Reader) -> bool:
    issuer, subject = reader.take_if(0x81, 0xA1), reader.take_if(0x82, 0xA2)
    return issuer is not None or subject is not None
