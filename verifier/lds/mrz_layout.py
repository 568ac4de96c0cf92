"""Where each field of an MRZ stands (ICAO 9303-4, -5 and -6, 4.2.2), counted over all lines from 0."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

Span: TypeAlias = tuple[int, int]
"""First position, and the position after the last."""


class MrzSize(StrEnum):
    """The document sizes of ICAO 9303."""

    TD1 = "TD1"
    TD2 = "TD2"
    TD3 = "TD3"


@dataclass(frozen=True, slots=True)
class Layout:
    """One size: how long the zone is, and each field's span in it."""

    size: MrzSize
    length: int
    document_type: Span
    issuing_state: Span
    names: Span
    document_number: Span
    document_number_check: Span
    nationality: Span
    date_of_birth: Span
    date_of_birth_check: Span
    sex: Span
    date_of_expiry: Span
    date_of_expiry_check: Span
    optional_data: tuple[Span, ...]
    optional_data_check: Span | None
    composite: tuple[Span, ...]
    """What the composite check digit runs over, in this order."""
    composite_check: int
    long_numbers: bool
    """Whether a long document number goes on in the optional data."""

    def cut(self, text: str, span: Span) -> str:
        """Return the characters of one field."""
        return text[span[0] : span[1]]


TD1: Final = Layout(
    size=MrzSize.TD1,
    length=90,
    document_type=(0, 2),
    issuing_state=(2, 5),
    document_number=(5, 14),
    document_number_check=(14, 15),
    optional_data=((15, 30), (48, 59)),
    optional_data_check=None,
    date_of_birth=(30, 36),
    date_of_birth_check=(36, 37),
    sex=(37, 38),
    date_of_expiry=(38, 44),
    date_of_expiry_check=(44, 45),
    nationality=(45, 48),
    composite=((5, 30), (30, 37), (38, 45), (48, 59)),
    composite_check=59,
    names=(60, 90),
    long_numbers=True,
)

TD2: Final = Layout(
    size=MrzSize.TD2,
    length=72,
    document_type=(0, 2),
    issuing_state=(2, 5),
    names=(5, 36),
    document_number=(36, 45),
    document_number_check=(45, 46),
    nationality=(46, 49),
    date_of_birth=(49, 55),
    date_of_birth_check=(55, 56),
    sex=(56, 57),
    date_of_expiry=(57, 63),
    date_of_expiry_check=(63, 64),
    optional_data=((64, 71),),
    optional_data_check=None,
    composite=((36, 46), (49, 56), (57, 71)),
    composite_check=71,
    long_numbers=True,
)

TD3: Final = Layout(
    size=MrzSize.TD3,
    length=88,
    document_type=(0, 2),
    issuing_state=(2, 5),
    names=(5, 44),
    document_number=(44, 53),
    document_number_check=(53, 54),
    nationality=(54, 57),
    date_of_birth=(57, 63),
    date_of_birth_check=(63, 64),
    sex=(64, 65),
    date_of_expiry=(65, 71),
    date_of_expiry_check=(71, 72),
    optional_data=((72, 86),),
    optional_data_check=(86, 87),
    composite=((44, 54), (57, 64), (65, 87)),
    composite_check=87,
    long_numbers=False,
)

LAYOUTS: Final = (TD1, TD2, TD3)
