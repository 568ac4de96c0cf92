"""What DG11, DG12 and DG16 are made of: texts, dates and counted lists, read as real cards write them.

ICAO 9303-10 asks for a tag list (5C), UTF-8 and dates of eight digits. Cards in the field leave the tag list out or get
it wrong, write Latin-1, pack dates as binary coded decimals, and put a list's members beside the list. None of that
changes what was meant, so it is read; what cannot be read in any of these ways is ``MalformedData``.
"""

import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from verifier.errors import MalformedData
from verifier.iso7816 import tlv
from verifier.lds.elementary_files import ElementaryFile
from verifier.lds.template import unwrap

MAX_OBJECTS: Final = 256
"""Data objects in one template; the tables of 9303-10 know sixteen."""
MAX_TEXT: Final = 4096
"""Bytes of one text; 9303-10 allows 99, and 999 for custody information."""
_CONTENT_CLASS: Final = 0xA0
_UTF_16_MARKS: Final = (b"\xfe\xff", b"\xff\xfe")
_DATE_DIGITS: Final = 8
_TIME_DIGITS: Final = 14


@dataclass(frozen=True, slots=True)
class NationalName:
    """A name as DG11, DG12 and DG16 write it: in national letters, ``<`` between words, ``<<`` between identifiers."""

    original: str = field(repr=False)
    """As on the card, fillers included."""
    primary: str = field(repr=False)
    """The primary identifier, words parted by single spaces; all of it where the card parts nothing."""
    secondary: str = field(repr=False)
    """The secondary identifier; empty where there is none."""

    @classmethod
    def decode(cls, value: bytes) -> "NationalName":
        """Decode the value of a name's data object; raise ``MalformedData`` where it is no text."""
        original = text(value)
        primary, _, secondary = original.strip("<").partition("<<")
        return cls(original, " ".join(parts(primary)), " ".join(parts(secondary)))


class DataObjects:
    """The data objects of one template by their tags, in any order; the tag list is not needed."""

    def __init__(self, content: bytes) -> None:
        """Decode a sequence of data objects; raise ``MalformedData`` where it is none or holds too many."""
        self._values: dict[int, list[bytes]] = {}
        for element in _bounded(content):
            self._values.setdefault(element.tag, []).append(element.value)

    @classmethod
    def of(cls, file: ElementaryFile, raw: bytes) -> "DataObjects":
        """Decode the content of an elementary file; raise ``MalformedData`` for another file's bytes."""
        return cls(unwrap(file, raw))

    def first(self, tag: int) -> bytes | None:
        """Return the value of the first object with this tag; ``None`` where there is none, or an empty one."""
        values = self._values.get(tag)
        return (values[0] or None) if values else None

    def text(self, tag: int) -> str | None:
        """Return a text; ``None`` where there is none."""
        value = self.first(tag)
        return None if value is None else text(value)

    def lines(self, tag: int) -> tuple[str, ...]:
        """Return a text's parts between ``<``, such as the lines of an address; empty ones are left out."""
        value = self.first(tag)
        return () if value is None else parts(text(value))

    def name(self, tag: int) -> NationalName | None:
        """Return a name; ``None`` where there is none."""
        value = self.first(tag)
        return None if value is None else NationalName.decode(value)

    def names(self, tag: int) -> tuple[NationalName, ...]:
        """Return the names of a counted list (A0 with 02 and the names), or those that stand beside such a list.

        The count is not believed: what is there is returned.
        """
        values = list(self._values.get(tag, ()))
        for content in self._values.get(_CONTENT_CLASS, ()):
            values += [element.value for element in _bounded(content) if element.tag == tag]
        return tuple(NationalName.decode(value) for value in values if value)

    def date(self, tag: int) -> str | None:
        """Return a date as YYYYMMDD, unknown parts as zeros; see ``digits``."""
        value = self.first(tag)
        return None if value is None else digits(value, _DATE_DIGITS)

    def time(self, tag: int) -> str | None:
        """Return a time as YYYYMMDDhhmmss; see ``digits``."""
        value = self.first(tag)
        return None if value is None else digits(value, _TIME_DIGITS)

    def templates(self, tags: range) -> tuple[bytes, ...]:
        """Return the values of all objects with one of these tags, in the order of the tags."""
        return tuple(value for tag in tags for value in self._values.get(tag, ()))


def text(value: bytes) -> str:
    """Return a text of UTF-8, else of UTF-16 with a byte order mark, else of Latin-1; characters composed (NFC).

    Control characters become U+FFFD: what a card says is shown to people, in terminals and pages. Raises
    ``MalformedData`` for more than ``MAX_TEXT`` bytes.
    """
    if len(value) > MAX_TEXT:
        msg = f"a text is longer than {MAX_TEXT} bytes"
        raise MalformedData(msg)
    decoded = _decode(value).strip(" \0\r\n\t")
    shown = "".join("\ufffd" if unicodedata.category(letter) == "Cc" else letter for letter in decoded)
    return unicodedata.normalize("NFC", shown)


def parts(joined: str) -> tuple[str, ...]:
    """Return what stands between fillers, without what is empty."""
    return tuple(part for part in (piece.strip() for piece in joined.split("<")) if part)


def digits(value: bytes, count: int) -> str:
    """Return ``count`` digits, written as ASCII or as binary coded decimals (ICAO 9303-10, 4.7.12 recommends both).

    Fillers and spaces stand for unknown digits and become zeros. Raises ``MalformedData`` for anything else.
    """
    found = value.hex() if len(value) * 2 == count else value.decode("latin-1").replace("<", "0").replace(" ", "0")
    if len(found) != count or not (found.isascii() and found.isdigit()):
        msg = f"a date or time is not made of {count} digits"
        raise MalformedData(msg)
    return found


def _decode(value: bytes) -> str:
    with suppress(UnicodeDecodeError):  # which is no finding: then it is one of the other two
        return value.decode("utf-8")
    if value.startswith(_UTF_16_MARKS):
        return value.decode("utf-16", errors="replace")
    return value.decode("latin-1")


def _bounded(content: bytes) -> Iterator[tlv.Tlv]:
    for position, element in enumerate(tlv.decode_all(content)):
        if position >= MAX_OBJECTS:
            msg = f"a template holds more than {MAX_OBJECTS} data objects"
            raise MalformedData(msg)
        yield element
