"""Names: a country in two capital letters, the same in both, and strings of the right types (9303-12, 7.1.1.1)."""

import re
from collections.abc import Iterator
from typing import Final

from verifier.pki.asn1.der import OBJECT_IDENTIFIER, SEQUENCE, SET, Element
from verifier.pki.conformity.certificate_parts import CertificateParts
from verifier.pki.conformity.deviation import Deviation
from verifier.pki.conformity.finding import Finding
from verifier.pki.names import COUNTRY, label_of

_MAX_NAMED: Final = 8
_SERIAL_NUMBER: Final = "2.5.4.5"
_IA5_ATTRIBUTES: Final = frozenset({"1.2.840.113549.1.9.1", "0.9.2342.19200300.100.1.25"})
"""emailAddress and domainComponent, which are IA5String by their definition."""
_UTF8, _PRINTABLE, _IA5 = 0x0C, 0x13, 0x16
_PRINTABLE_TEXT = re.compile(rb"[A-Za-z0-9 '()+,\-./:=?]*")
_TWO_LETTERS = re.compile(rb"[A-Za-z]{2}")


def check_names(parts: CertificateParts) -> Iterator[Finding]:
    """Yield what is wrong with issuer and subject."""
    yield from check_name(parts.issuer, "issuer")
    yield from check_name(parts.subject, "subject")
    issuer, subject = parts.issuer_name.country, parts.subject_name.country
    if issuer is not None and subject is not None and issuer != subject:
        yield Finding(
            Deviation.COUNTRY_MISMATCH, f"The issuer belongs to {_shown(issuer)}, the subject to {_shown(subject)}."
        )


def check_name(name: Element, whose: str) -> Iterator[Finding]:
    """Yield what is wrong with one name; ``whose`` is "issuer" or "subject"."""
    countries = 0
    wrong_types: set[str] = set()
    for relative in name.reader().take_all(SET):
        for attribute in relative.reader().take_all(SEQUENCE):
            reader = attribute.reader()
            oid, value = reader.take(OBJECT_IDENTIFIER).oid, reader.take()
            if oid == COUNTRY:
                countries += 1
                yield from _check_country(value, whose)
            if not _is_of_right_type(oid, value):
                wrong_types.add(oid)
    if not countries:
        yield Finding(Deviation.COUNTRY_MISSING, f"The {whose} has no country.")
    if wrong_types:
        wrong = map(label_of, sorted(wrong_types)[:_MAX_NAMED])
        sentence = f"The {whose} has strings of a wrong type in {', '.join(wrong)}."
        yield Finding(Deviation.NAME_STRING_TYPE_WRONG, sentence)


def _check_country(value: Element, whose: str) -> Iterator[Finding]:
    shown = _shown(value.content.decode("latin-1"))
    if not _TWO_LETTERS.fullmatch(value.content):
        yield Finding(Deviation.COUNTRY_NOT_TWO_LETTERS, f"The {whose}'s country is {shown!r}, not a two-letter code.")
    elif value.content != value.content.upper():
        yield Finding(Deviation.COUNTRY_NOT_UPPER_CASE, f"The {whose}'s country is {shown!r} in small letters.")


def _is_of_right_type(oid: str, value: Element) -> bool:
    if oid in _IA5_ATTRIBUTES:
        return value.tag == _IA5
    if value.tag == _PRINTABLE:
        return _PRINTABLE_TEXT.fullmatch(value.content) is not None
    return value.tag == _UTF8 and oid not in {COUNTRY, _SERIAL_NUMBER}


def _shown(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text[:16])
