"""Whether a name, as people write it, can be the name in an MRZ.

An MRZ has 26 letters and little room, so it does not tell a name: it tells what a name may look like. Hence the
question is never "which name is this?", but "may this be it?" (ICAO 9303-3, 4.6 and 6; 9303-4, -5 and -6, 4.2.3).
"""

from collections.abc import Sequence
from enum import StrEnum

from verifier.errors import UnsupportedFeature
from verifier.lds.mrz import MachineReadableZone
from verifier.lds.names.transliteration import Word, words_of


class NameMatch(StrEnum):
    """What a comparison found."""

    SAME = "same"
    """Every letter fits."""
    SAME_AS_FAR_AS_SHOWN = "same-as-far-as-shown"
    """Every letter that the zone shows fits, and the zone is full to its last position: it must be treated as though it
    had been truncated, so the name may go on differently."""
    DIFFERENT = "different"
    NOT_COMPARABLE = "not-comparable"
    """The name has letters that ICAO 9303-3 has no table for."""


class NameOrder(StrEnum):
    """Where the primary identifier, nearly always the surname, stands in the name that is compared."""

    SURNAME_FIRST = "surname-first"
    """As in Vietnam, and in the MRZ itself."""
    SURNAME_LAST = "surname-last"
    EITHER = "either"
    """Not known. Takes "Văn Nguyễn" for "Nguyễn Văn": use it where a person looks at the result."""


def compare_names(name: str, zone: MachineReadableZone, *, order: NameOrder = NameOrder.SURNAME_FIRST) -> NameMatch:
    """Tell whether ``name``, in any letters that ICAO 9303-3 can transliterate, can be the name in ``zone``.

    A comma in ``name`` parts surname from given names ("Eriksson, Anna Maria"), whatever ``order`` says. Raises
    ``InvalidInput`` for a name of more than 512 characters.
    """
    try:
        splits = _splits(name, order)
    except UnsupportedFeature:
        return NameMatch.NOT_COMPARABLE
    primary, secondary = zone.surname.split(), zone.given_names.split()
    if zone.name_may_be_truncated:
        fits = any(_begins(first, primary) and _begins(second, secondary) for first, second in splits)
        return NameMatch.SAME_AS_FAR_AS_SHOWN if fits else NameMatch.DIFFERENT
    fits = any(_equals(first, primary) and _equals(second, secondary) for first, second in splits)
    return NameMatch.SAME if fits else NameMatch.DIFFERENT


def _splits(name: str, order: NameOrder) -> list[tuple[Sequence[Word], Sequence[Word]]]:
    """Return every way to part the name into primary and secondary identifier."""
    surname, comma, given_names = name.partition(",")
    if comma:
        return [(words_of(surname), words_of(given_names))]
    words = words_of(name)
    splits: list[tuple[Sequence[Word], Sequence[Word]]] = []
    if order is not NameOrder.SURNAME_LAST:
        splits += [(words[:cut], words[cut:]) for cut in range(1, len(words) + 1)]
    if order is not NameOrder.SURNAME_FIRST:
        splits += [(words[cut:], words[:cut]) for cut in range(len(words))]
    return splits


def _equals(words: Sequence[Word], components: Sequence[str]) -> bool:
    return len(words) == len(components) and all(
        _reaches(word, component, whole=True) for word, component in zip(words, components, strict=True)
    )


def _begins(words: Sequence[Word], components: Sequence[str]) -> bool:
    """Tell whether each component begins the word at its place; the last words may be missing."""
    return len(components) <= len(words) and all(
        _reaches(word, component, whole=False) for word, component in zip(words, components, strict=False)
    )


def _reaches(word: Word, component: str, *, whole: bool) -> bool:
    """Tell whether some way to write the word gives the component, or begins with it.

    Walks letter by letter with the set of positions that can have been reached, so the effort is the product of the
    lengths however many ways there are.
    """
    positions = {0}
    for ways in word:
        if not whole and len(component) in positions:
            return True
        positions = {
            min(position + len(way), len(component))
            for position in positions
            for way in ways
            if _fits(component, position, way, whole=whole)
        }
    return len(component) in positions


def _fits(component: str, position: int, way: str, *, whole: bool) -> bool:
    rest = component[position:]
    return rest.startswith(way) or (not whole and way.startswith(rest))
