"""Names and other texts that people type: cleaned once, compared without accents."""

import unicodedata

from appliance.errors import RuleViolation

_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Bidirectional embeddings, overrides and isolates (UAX #9): they turn round what follows a name in a sentence."""
_STROKES = str.maketrans({"đ": "d", "Đ": "D"})


def clean(text: str, what: str, *, longest: int = 200) -> str:
    """Return a text in NFC, with single spaces and none at its ends; RuleViolation when empty, too long or unprintable.

    >>> clean("  Đỗ   Thị Hoa ", "the name")
    'Đỗ Thị Hoa'
    """
    cleaned = " ".join(unicodedata.normalize("NFC", text).split())
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


def folded(text: str) -> str:
    """Return a text without accents, strokes and case, for search.

    >>> folded("Đặng Hữu Đức")
    'dang huu duc'
    """
    decomposed = unicodedata.normalize("NFD", text.translate(_STROKES))
    bare = "".join(character for character in decomposed if unicodedata.category(character) != "Mn")
    return " ".join(bare.casefold().split())
