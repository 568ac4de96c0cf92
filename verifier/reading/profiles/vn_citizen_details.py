"""DG13 of the Vietnamese citizen card: what its issuer added, decoded only where somebody asks for it.

No reading for attendance or an identity check touches DG13: it names family, religion and origin. Its layout is not
public. What is assumed here is what readers published by others agree on (seen in 2026 in
nguyenddat/ript-virtual-recep, ``ExtractCCCD.py``, and in a document profile VN-CCCD-2024), tried on no real card:

- the template 6D holds sequences (30), anywhere in it, that begin with a small INTEGER: the number of the field;
- the texts after that number are UTF-8, and belong to the field, also where they lie in further sequences;
- fields 1 to 12 mean what ``CitizenDetails`` calls them, field 13 holds the parents' names, 14 a spouse's;
- the readers disagree about 15 and 16: a former number of nine digits is taken from whichever has one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from verifier.errors import MalformedData
from verifier.iso7816 import tlv
from verifier.lds.data_objects import MAX_OBJECTS, text
from verifier.lds.dg13 import DataGroup13

_INTEGER: Final = 0x02
_TEXTS: Final = frozenset({0x04, 0x0C, 0x13, 0x16})
"""OCTET STRING, UTF8String, PrintableString, IA5String."""
_BMP_STRING: Final = 0x1E
_MAX_DEPTH: Final = 12
_MAX_SIZE: Final = 16_384
"""Bytes; the texts of a person take some hundred."""
_PARENTS: Final = 13
_FORMER_NUMBERS: Final = (15, 16)
_FORMER_LENGTH: Final = 9


@dataclass(frozen=True, slots=True)
class CitizenDetails:
    """The fields as texts, as the card writes them (dates as ``dd/mm/yyyy``); ``None`` where there is none.

    Nothing of it is in a repr, and nothing of it is true before DG13 has the hash that a verified EF.SOD signs.
    """

    citizen_number: str | None = field(default=None, repr=False)
    full_name: str | None = field(default=None, repr=False)
    date_of_birth: str | None = field(default=None, repr=False)
    sex: str | None = field(default=None, repr=False)
    nationality: str | None = field(default=None, repr=False)
    ethnicity: str | None = field(default=None, repr=False)
    religion: str | None = field(default=None, repr=False)
    place_of_origin: str | None = field(default=None, repr=False)
    place_of_residence: str | None = field(default=None, repr=False)
    identifying_features: str | None = field(default=None, repr=False)
    date_of_issue: str | None = field(default=None, repr=False)
    date_of_expiry: str | None = field(default=None, repr=False)
    parents: tuple[str, ...] = field(default=(), repr=False)
    spouse: str | None = field(default=None, repr=False)
    former_number: str | None = field(default=None, repr=False)
    """The number of the identity card before this one, nine digits."""
    fields: Mapping[int, tuple[str, ...]] = field(default_factory=dict, repr=False)
    """Every field by its number, so also those that have no name here."""

    @classmethod
    def decode(cls, raw: bytes) -> "CitizenDetails":
        """Decode DG13 as assumed above. Raises ``MalformedData`` where it is not so: no field with a number in it."""
        found = _numbered(DataGroup13.decode(raw).content)
        if not found:
            msg = "DG13 is not laid out as assumed: it holds no numbered field"
            raise MalformedData(msg)
        first = {number: written[0] for number, written in found.items()}
        former = (written for number in _FORMER_NUMBERS for written in found.get(number, ()))
        return cls(
            citizen_number=first.get(1),
            full_name=first.get(2),
            date_of_birth=first.get(3),
            sex=first.get(4),
            nationality=first.get(5),
            ethnicity=first.get(6),
            religion=first.get(7),
            place_of_origin=first.get(8),
            place_of_residence=first.get(9),
            identifying_features=first.get(10),
            date_of_issue=first.get(11),
            date_of_expiry=first.get(12),
            parents=found.get(_PARENTS, ()),
            spouse=first.get(14),
            former_number=next(filter(_is_former_number, former), None),
            fields=MappingProxyType(found),
        )


def _is_former_number(written: str) -> bool:
    return len(written) == _FORMER_LENGTH and written.isascii() and written.isdigit()


def _numbered(content: bytes) -> dict[int, tuple[str, ...]]:
    """Return the texts by the numbers that they follow, empty ones left out."""
    tlv.check_structure(content, max_depth=_MAX_DEPTH, max_length=_MAX_SIZE)
    found: dict[int, tuple[str, ...]] = {}
    for position, (number, written) in enumerate(_walk(content, None)):
        if position >= MAX_OBJECTS:
            msg = f"DG13 holds more than {MAX_OBJECTS} texts"
            raise MalformedData(msg)
        if written:
            found[number] = (*found.get(number, ()), written)
    return found


def _walk(content: bytes, number: int | None) -> Iterator[tuple[int, str]]:
    """Yield each text with the number of its field; as deep as ``check_structure`` let it be."""
    for position, element in enumerate(tlv.decode_all(content)):
        if position == 0 and element.tag == _INTEGER and len(element.value) == 1:
            number = element.value[0]
        elif element.is_constructed:
            yield from _walk(element.value, number)
        elif number is not None and element.tag in _TEXTS:
            yield number, text(element.value)
        elif number is not None and element.tag == _BMP_STRING:
            yield number, text(b"\xfe\xff" + element.value)
