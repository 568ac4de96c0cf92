"""Plainly invented holders: their names say so ("Mẫu Thử Nghiệm Một" is "Sample Test One")."""

import unicodedata
from dataclasses import dataclass, field

from verifier.errors import InvalidInput

_DIGITS = ("", "Một", "Hai", "Ba", "Bốn", "Năm", "Sáu", "Bảy", "Tám", "Chín")


@dataclass(frozen=True, kw_only=True)
class Person:
    """The holder of a test card. Dates are YYMMDD as in the MRZ."""

    display_name: str = field(repr=False)
    """As written on the card: surname first, with its accents."""
    personal_number: str = field(repr=False)
    """12 digits; the three leading zeros belong to no province."""
    date_of_birth: str = field(default="900517", repr=False)
    sex: str = field(default="F", repr=False)
    date_of_expiry: str = "391231"
    issuing_state: str = "VNM"
    nationality: str = "VNM"
    number: str | None = field(default=None, repr=False)
    """A document number of its own; without one it is the last nine digits of the personal number."""

    @property
    def document_number(self) -> str:
        """What the MRZ calls the document number: nine characters, or more where ``number`` is longer."""
        return self.number or self.personal_number[-9:]

    @property
    def surname(self) -> str:
        """In the letters of the MRZ: ``MAU``."""
        return mrz_letters(self.display_name).split()[0]

    @property
    def given_names(self) -> str:
        """In the letters of the MRZ: ``THU NGHIEM MOT``."""
        return " ".join(mrz_letters(self.display_name).split()[1:])


def invented_person(number: int) -> Person:
    """Return the holder of that number, from 1 to 99; always the same one. Raises ``InvalidInput`` for another.

    >>> invented_person(21).given_names
    'THU NGHIEM HAI MOT'
    """
    if number not in range(1, 100):
        msg = "the invented people have the numbers 1 to 99"
        raise InvalidInput(msg)
    tens, ones = divmod(number, 10)
    words = "Mười" if number == 10 else " ".join(word for word in (_DIGITS[tens], _DIGITS[ones]) if word)
    birth = f"{60 + number % 40:02}{1 + number % 12:02}{1 + number % 28:02}"
    return Person(
        display_name=f"Mẫu Thử Nghiệm {words}",
        personal_number=f"000{number % 2}{birth[:2]}{number:06}",
        date_of_birth=birth,
        sex="FM"[number % 2],
    )


def invented_people(count: int) -> tuple[Person, ...]:
    """Return the first ``count`` holders, at most 99."""
    return tuple(invented_person(number) for number in range(1, count + 1))


def mrz_letters(name: str) -> str:
    """Return a name in A to Z: accents dropped, Đ as D (ICAO 9303-3, 6).

    >>> mrz_letters("Đỗ Thị Mẫu")
    'DO THI MAU'
    """
    decomposed = unicodedata.normalize("NFD", name.replace("Đ", "D").replace("đ", "d").upper())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
