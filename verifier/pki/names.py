"""Distinguished names, comparable although they are encoded differently (RFC 5280, 7.1).

The same issuer is written as PrintableString in its own certificate and as UTF8String in its document signers', in
other letter case, with doubled spaces, in another order, or with the escapes of LDAP still in it. A name is compared
by its attributes, each in Unicode's compatibility form, in one letter case, with single spaces. That is looser than
RFC 5280 asks: a name only selects candidates; a signature decides.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Final

from verifier.errors import MalformedData
from verifier.pki.asn1.der import OBJECT_IDENTIFIER, SEQUENCE, SET, Element, read_one

COUNTRY: Final = "2.5.4.6"
MAX_ATTRIBUTES = 64
_MAX_ATTRIBUTE = 4096
"""Bytes. Unicode puts marks on a letter in order in a time that grows with the square of their number."""
_MAX_SHOWN = 160
_LABELS: Final = {
    "2.5.4.3": "CN",
    "2.5.4.5": "SERIALNUMBER",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
}
_ENCODINGS: Final = {
    0x0C: "utf-8",  # UTF8String
    0x12: "latin-1",  # NumericString
    0x13: "latin-1",  # PrintableString, which in the wild holds what it should not
    0x14: "latin-1",  # TeletexString, as everybody reads it
    0x16: "latin-1",  # IA5String
    0x1C: "utf-32-be",  # UniversalString
    0x1E: "utf-16-be",  # BMPString
}
_ESCAPE = re.compile(r'\\([,+"\\<>;=# ])')
_HEX_ESCAPES = re.compile(r"(?:\\[0-9A-Fa-f]{2})+")
_IGNORED = re.compile(
    "[\u00ad\u034f\u1806\u180b-\u180d\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff\ufffc]"
)
"""What RFC 4518, 2.2 maps to nothing: soft hyphens, joiners, marks of direction."""
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, repr=False)
class Name:
    """A distinguished name; two are equal when their normalised attributes are, in whatever order."""

    attributes: tuple[tuple[str, str], ...]
    """Normalised: (object identifier, value), sorted."""
    der: bytes = field(compare=False)
    text: str = field(compare=False)
    """As it was written, ``C=VN, O=Example, CN=CSCA``; for people take ``str``, which is cut and printable."""

    @classmethod
    def decode(cls, der: bytes) -> "Name":
        """Decode an RDNSequence (RFC 5280, 4.1.2.4). Raises ``MalformedData``."""
        return cls.of(read_one(der, SEQUENCE, "a name"))

    @classmethod
    def of(cls, element: Element) -> "Name":
        """Decode an RDNSequence where it stands; the same bytes give the same object."""
        der = element.raw
        known = _NAMES.get(der)
        if known is None:
            known = _decode(element, der)
            if len(der) <= _MAX_REMEMBERED_LENGTH and len(_NAMES) < _MAX_REMEMBERED:
                _NAMES[der] = known
        return known

    @property
    def country(self) -> str | None:
        """countryName in upper case: two letters, or three where an issuer writes three; ``None`` without one."""
        return next((value.upper() for oid, value in self.attributes if oid == COUNTRY), None)

    def __repr__(self) -> str:
        return f"<Name {self}>"

    def __str__(self) -> str:
        start = self.text[:_MAX_SHOWN]
        shown = "".join(character if character.isprintable() else "?" for character in start)
        return shown if len(self.text) <= _MAX_SHOWN else shown + "…"


def _decode(element: Element, der: bytes) -> Name:
    attributes: list[tuple[str, str]] = []
    texts: list[str] = []
    for relative in element.reader().take_all(SET):
        for attribute in relative.reader().take_all(SEQUENCE):
            reader = attribute.reader()
            oid, value = reader.take(OBJECT_IDENTIFIER).oid, reader.take()
            reader.end()
            if len(value.raw) > _MAX_ATTRIBUTE:
                msg = f"a name has an attribute of more than {_MAX_ATTRIBUTE} bytes"
                raise MalformedData(msg)
            text = _text(value)
            attributes.append((oid, _normalise(text)))
            texts.append(f"{_LABELS.get(oid, oid)}={text}")
            if len(attributes) > MAX_ATTRIBUTES:
                msg = f"a name has more than {MAX_ATTRIBUTES} attributes"
                raise MalformedData(msg)
    return Name(tuple(sorted(attributes)), der, ", ".join(texts))


def _text(value: Element) -> str:
    """The value as text; bytes that are none become their hexadecimal form, as RFC 4514 writes them."""
    encoding = _ENCODINGS.get(value.tag)
    if encoding:
        try:
            return value.content.decode(encoding)
        except UnicodeDecodeError:
            if encoding == "utf-8":  # Latin-1 under the tag of UTF8String
                return value.content.decode("latin-1")
    return "#" + value.raw.hex()


def _unescape(escapes: re.Match[str]) -> str:
    """UTF-8 in pairs of hexadecimal digits; what is none stays as it is."""
    try:
        return bytes.fromhex(escapes[0].replace("\\", "")).decode("utf-8")
    except UnicodeDecodeError:
        return escapes[0]


def _normalise(text: str) -> str:
    """RFC 4518 in short: no escapes (RFC 4514, 2.4), nothing invisible, compatibility form, one case, single spaces."""
    if "\\" in text:
        text = _ESCAPE.sub(r"\1", _HEX_ESCAPES.sub(_unescape, text))
    plain = _IGNORED.sub("", text)
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", plain).casefold()).strip()


_MAX_REMEMBERED = 4096
_MAX_REMEMBERED_LENGTH = 512
_NAMES: dict[bytes, Name] = {}


def label_of(oid: str) -> str:
    """Return how people call an attribute: ``CN``, or its object identifier where it has no short name."""
    return _LABELS.get(oid, oid)
