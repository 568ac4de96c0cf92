"""Names and other texts that people type: cleaned once, compared without accents. And how many there are of a thing."""

import unicodedata

from appliance.errors import RuleViolation

_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Bidirectional embeddings, overrides and isolates (UAX #9): they turn round what follows a name in a sentence."""
_VOWELS = frozenset("aeiou")
_STROKES = str.maketrans({"đ": "d", "Đ": "D"})
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
"""The tones of Vietnamese as combining marks: huyền, sắc, ngã, hỏi, nặng."""


def clean(text: str, what: str, *, longest: int = 200) -> str:
    """Return a text in NFC, with single spaces and none at its ends; RuleViolation when empty, too long or unprintable.

    Characters that nobody sees (category Cf: a zero-width space, a soft hyphen), which spreadsheets and web pages leave
    in what is copied from them, are dropped, so that they tell nobody from anybody. What turns a text round is refused.

    >>> clean("  Đỗ   Thị Hoa\\u200b ", "the name")
    'Đỗ Thị Hoa'
    """
    cleaned = " ".join(unicodedata.normalize("NFC", _visible(text)).split())
    if not cleaned:
        msg = f"{what} is missing"
        raise RuleViolation(msg)
    if len(cleaned) > longest:
        msg = f"{what} may be {longest} characters long"
        raise RuleViolation(msg)
    if any(unicodedata.category(character) in ("Cc", "Cs") or character in _TURNS for character in cleaned):
        msg = f"{what} holds a character that cannot be printed"
        raise RuleViolation(msg)
    return cleaned


def spelled(name: str) -> str:
    """Return a name for asking whether two are one: the width and case of letters and punctuation do not matter.

    Nor does the letter of a syllable on which its tone is written. Accents do: Hùng and Hưng are two people.

    >>> spelled("Mẫu Thị Hoà.") == spelled("ＭẪU THỊ HÒA")
    True
    >>> spelled("Mẫu Văn Hùng") == spelled("Mẫu Văn Hưng")
    False
    """
    decomposed = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", _visible(name)).casefold())
    words = "".join(character if unicodedata.category(character)[0] in "LMN" else " " for character in decomposed)
    return " ".join("".join(sorted(word, key=_TONES.__contains__)) for word in words.split())


def folded(text: str) -> str:
    """Return a text without accents, strokes and case, for search.

    >>> folded("Đặng Hữu Đức")
    'dang huu duc'
    """
    decomposed = unicodedata.normalize("NFD", text.translate(_STROKES))
    bare = "".join(character for character in decomposed if unicodedata.category(character) != "Mn")
    return " ".join(bare.casefold().split())


def count(number: int, thing: str) -> str:
    """Return a number of things, for sentences.

    >>> count(1, "entry"), count(2, "entry"), count(0, "day")
    ('1 entry', '2 entries', '0 days')
    """
    if number == 1:
        return f"1 {thing}"
    is_of_consonant = thing.endswith("y") and thing[-2:-1] not in _VOWELS
    return f"{number} {thing[:-1]}ies" if is_of_consonant else f"{number} {thing}s"


def _visible(text: str) -> str:
    return "".join(character for character in text if character in _TURNS or unicodedata.category(character) != "Cf")
