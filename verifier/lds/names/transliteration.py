"""From a name in national letters to the letters of an MRZ (ICAO 9303-3, 4.6 and 6)."""

import re
import string
import unicodedata
from typing import Final, TypeAlias

from verifier.errors import InvalidInput, UnsupportedFeature
from verifier.lds.names.transliteration_tables import SHADDA, TRANSLITERATIONS

Ways: TypeAlias = tuple[str, ...]
"""The ways in which one letter may be written in an MRZ; the preferred one first."""
Word: TypeAlias = tuple[Ways, ...]
"""A component of a name, letter by letter."""

MAX_NAME: Final = 512
"""Characters of a name; DG11 allows 99 bytes."""
_PLAIN: Final = frozenset(string.ascii_uppercase + string.digits)
_SEPARATORS: Final = re.compile(r"[\s,<\u2010-\u2015\u2212-]+")


def words_of(name: str) -> tuple[Word, ...]:
    """Return the components of a name, each letter with the ways in which an MRZ may write it.

    Spaces, hyphens, commas and fillers part components; an apostrophe and other punctuation is left out (9303-3, 4.6).
    Raises ``InvalidInput`` for a name of more than ``MAX_NAME`` characters, and ``UnsupportedFeature`` for a letter of
    a script that ICAO 9303-3 has no table for, such as Greek or Chinese.
    """
    if len(name) > MAX_NAME:
        msg = f"a name has at most {MAX_NAME} characters"
        raise InvalidInput(msg)
    composed = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", name).upper())
    words = (_word(component) for component in _SEPARATORS.split(composed))
    return tuple(word for word in words if word)


def mrz_letters(name: str) -> str:
    """Return a name in the letters of an MRZ, components parted by spaces, each letter in its preferred way.

    Raises what ``words_of`` raises.

    >>> mrz_letters("Đỗ Thị Mẫu"), mrz_letters("D'Artagnan-Müller"), mrz_letters("Людмила Щука")
    ('DO THI MAU', 'DARTAGNAN MUELLER', 'LIUDMILA SHCHUKA')
    """
    return " ".join("".join(ways[0] for ways in word) for word in words_of(name))


def _word(component: str) -> Word:
    letters: list[Ways] = []
    for character in component:
        if character == SHADDA and letters:
            letters[-1] = tuple(way + way.lstrip("X") for way in letters[-1])
        else:
            letters += _ways(character)
    if component.endswith("\u0629") and letters:
        letters[-1] = letters[-1][::-1]  # A final teh marbuta is XAH (9303-3, 6, table C, note 2).
    return tuple(letters)


def _ways(character: str) -> list[Ways]:
    if character in _PLAIN:
        return [(character,)]
    if character in TRANSLITERATIONS:
        ways = TRANSLITERATIONS[character]
        return [] if ways == ("",) else [ways]
    base = unicodedata.normalize("NFD", character)[0]
    if base in _PLAIN:
        return [(base,)]
    if unicodedata.category(character)[0] in "LN":
        msg = f"ICAO 9303-3 has no transliteration for the letter U+{ord(character):04X}"
        raise UnsupportedFeature(msg)
    return []  # Punctuation, and marks that stand alone.
