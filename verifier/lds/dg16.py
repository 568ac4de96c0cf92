"""DG16: persons to notify in an emergency (ICAO 9303-10, 4.7.16)."""

from dataclasses import dataclass, field
from typing import Final

from verifier.lds.data_objects import DataObjects, NationalName
from verifier.lds.elementary_files import DG16

_TEMPLATES: Final = range(0xA0, 0xB0)
"""Table 80 counts from A1; cards that count from A0 are read too."""


@dataclass(frozen=True, slots=True)
class PersonToNotify:
    """One person; every detail is optional."""

    name: NationalName | None = field(default=None, repr=False)
    telephone: str | None = field(default=None, repr=False)
    address: tuple[str, ...] = field(default=(), repr=False)
    date_recorded: str | None = field(default=None, repr=False)
    """YYYYMMDD."""


@dataclass(frozen=True, slots=True)
class DataGroup16:
    """The decoded file."""

    persons: tuple[PersonToNotify, ...] = field(repr=False)

    @classmethod
    def decode(cls, raw: bytes) -> "DataGroup16":
        """Decode tag 70 with templates A1, A2 …; their count (02) is not believed. Raises ``MalformedData``."""
        templates = DataObjects.of(DG16, raw).templates(_TEMPLATES)
        return cls(tuple(_person(DataObjects(template)) for template in templates))


def _person(objects: DataObjects) -> PersonToNotify:
    return PersonToNotify(
        name=objects.name(0x5F51),
        telephone=objects.text(0x5F52),
        address=objects.lines(0x5F53),
        date_recorded=objects.date(0x5F50),
    )
