"""The machine readable zone: sizes TD1, TD2, TD3 (ICAO 9303-3, 4; 9303-4, 4.2; 9303-5, 4.2; 9303-6, 4.2)."""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from verifier.errors import MalformedData
from verifier.lds.mrz_layout import LAYOUTS, Layout, MrzSize

_ALPHABET: Final = re.compile(r"[A-Z0-9<]*")
_VALUES: Final = bytes(int(chr(code), 36) if chr(code).isalnum() else 0 for code in range(128)).ljust(256)
"""For each ASCII letter and digit its value in a check digit: 0 to 9, 10 to 35."""


class MrzField(StrEnum):
    """What a check digit protects."""

    DOCUMENT_NUMBER = "document number"
    DATE_OF_BIRTH = "date of birth"
    DATE_OF_EXPIRY = "date of expiry"
    OPTIONAL_DATA = "optional data"
    COMPOSITE = "whole zone"


@dataclass(frozen=True, slots=True)
class MachineReadableZone:
    """A decoded MRZ. Text fields are without trailing fillers; dates are as printed.

    The structure was checked (size, alphabet). Whether the check digits agree is said by ``wrong_check_digits``: a
    signed zone with a wrong check digit is a finding about a document and no reason to look away.
    """

    size: MrzSize
    document_type: str = field(repr=False)
    """One or two characters: ``P``, ``I``, ``ID``."""
    issuing_state: str = field(repr=False)
    """One to three letters: ``VNM``, ``D``."""
    document_number: str = field(repr=False)
    """In full, also where it is longer than nine characters."""
    surname: str = field(repr=False)
    """The primary identifier, words parted by single spaces."""
    given_names: str = field(repr=False)
    """The secondary identifier, words parted by single spaces; empty where there is none."""
    nationality: str = field(repr=False)
    date_of_birth: str = field(repr=False)
    """YYMMDD; unknown parts are ``<<`` (ICAO 9303-3, 4.8)."""
    sex: str = field(repr=False)
    """``M``, ``F``, or ``<`` for unspecified."""
    date_of_expiry: str = field(repr=False)
    """YYMMDD, or ``<<<<<<`` for a document without one."""
    optional_data: tuple[str, ...] = field(repr=False)
    """The optional fields in their order (two in TD1), fillers inside kept, the rest of a long number not included."""
    wrong_check_digits: frozenset[MrzField] = frozenset()
    text: str = field(default="", repr=False)
    """The whole zone without line breaks: 90, 72 or 88 characters."""
    name_field: str = field(default="", repr=False)
    """The name as the card has it, fillers included: 30, 31 or 39 characters. Surname and given names come from it."""

    @property
    def name_may_be_truncated(self) -> bool:
        """Whether the name fills its field to the last position: then it must be taken for a truncated one.

        So ICAO 9303-4, -5 and -6, 4.2.3, which allow no other sign of it.
        """
        return bool(self.name_field) and not self.name_field.endswith("<")

    @classmethod
    def decode(cls, zone: str | bytes) -> "MachineReadableZone":
        """Decode three lines of 30, two of 36 or two of 44 characters, with or without line breaks.

        Raises ``MalformedData`` for any other size and for characters outside ``A``-``Z``, ``0``-``9`` and ``<``.
        """
        text = _normalise(zone)
        layout = next((layout for layout in LAYOUTS if layout.length == len(text)), None)
        if layout is None:
            msg = f"an MRZ has 90, 72 or 88 characters, not {len(text)}"
            raise MalformedData(msg)
        number, number_digit, used = _document_number(layout, text)
        optional = [layout.cut(text, span) for span in layout.optional_data]
        optional[0] = optional[0][used:]
        surname, given_names = _names(layout.cut(text, layout.names))
        return cls(
            size=layout.size,
            document_type=_plain(layout.cut(text, layout.document_type)),
            issuing_state=_plain(layout.cut(text, layout.issuing_state)),
            document_number=_plain(number),
            surname=surname,
            given_names=given_names,
            nationality=_plain(layout.cut(text, layout.nationality)),
            date_of_birth=layout.cut(text, layout.date_of_birth),
            sex=layout.cut(text, layout.sex),
            date_of_expiry=layout.cut(text, layout.date_of_expiry),
            optional_data=tuple(_plain(part) for part in optional),
            wrong_check_digits=_wrong_check_digits(layout, text, number, number_digit),
            text=text,
            name_field=layout.cut(text, layout.names),
        )


def check_digit(text: str) -> str:
    """Return the check digit over ``text``: weights 7, 3, 1, modulo 10 (ICAO 9303-3, 4.9).

    ``A`` to ``Z`` count 10 to 35, ``<`` counts nothing. Raises ``MalformedData`` for other characters.

    >>> check_digit("520727"), check_digit("AB2134<<<")
    ('3', '5')
    """
    if not _ALPHABET.fullmatch(text):
        msg = "a check digit is only defined over A-Z, 0-9 and <"
        raise MalformedData(msg)
    values = text.encode("ascii").translate(_VALUES)
    return str((7 * sum(values[0::3]) + 3 * sum(values[1::3]) + sum(values[2::3])) % 10)


def _normalise(zone: str | bytes) -> str:
    if isinstance(zone, bytes):
        if not zone.isascii():  # rather than to catch an error, which would keep the whole MRZ as its object
            msg = "an MRZ holds a byte that is no ASCII character"
            raise MalformedData(msg)
        zone = zone.decode("ascii")
    text = "".join(zone.splitlines())
    if not _ALPHABET.fullmatch(text):
        msg = "an MRZ holds a character other than A-Z, 0-9 and <"
        raise MalformedData(msg)
    return text


def _plain(text: str) -> str:
    return text.rstrip("<")


def _names(text: str) -> tuple[str, str]:
    """Part the primary from the secondary identifier at the first ``<<`` (ICAO 9303-3, 4.6)."""
    primary, _, secondary = text.strip("<").partition("<<")
    return _words(primary), _words(secondary)


def _words(text: str) -> str:
    return " ".join(word for word in text.split("<") if word)


def _document_number(layout: Layout, text: str) -> tuple[str, str, int]:
    """Return the number, its check digit, and how much of the optional data they took.

    A number longer than nine characters has ``<`` for its check digit, and goes on in the optional data up to the first
    filler, the last character before that being the check digit (ICAO 9303-5, 4.2.2, note j; 9303-6, 4.2.2, note j).
    """
    number = layout.cut(text, layout.document_number)
    digit = layout.cut(text, layout.document_number_check)
    if digit != "<" or not layout.long_numbers or number.endswith("<"):
        return number, digit, 0
    rest = layout.cut(text, layout.optional_data[0]).partition("<")[0]
    if len(rest) < 2:
        return number, digit, 0
    return number + rest[:-1], rest[-1], len(rest)


def _wrong_check_digits(layout: Layout, text: str, number: str, number_digit: str) -> frozenset[MrzField]:
    fields = [
        (MrzField.DOCUMENT_NUMBER, number, number_digit),
        (MrzField.DATE_OF_BIRTH, layout.cut(text, layout.date_of_birth), layout.cut(text, layout.date_of_birth_check)),
        (
            MrzField.DATE_OF_EXPIRY,
            layout.cut(text, layout.date_of_expiry),
            layout.cut(text, layout.date_of_expiry_check),
        ),
        (
            MrzField.COMPOSITE,
            "".join(layout.cut(text, span) for span in layout.composite),
            text[layout.composite_check],
        ),
    ]
    if layout.optional_data_check is not None:
        optional = layout.cut(text, layout.optional_data[0])
        fields.append((MrzField.OPTIONAL_DATA, optional, layout.cut(text, layout.optional_data_check)))
    return frozenset(name for name, content, digit in fields if not _agrees(content, digit))


def _agrees(content: str, digit: str) -> bool:
    """Whether a check digit is right; that of an empty field may be a filler itself (ICAO 9303-4, 4.2.2.2)."""
    return digit == check_digit(content) or (digit == "<" and not _plain(content))
