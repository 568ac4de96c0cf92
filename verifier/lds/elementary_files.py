"""The elementary files of LDS1: name, file identifier, short file identifier, tag (ICAO 9303-10, 4.7, table 38)."""

from dataclasses import dataclass
from typing import Final

LDS1_AID: Final = bytes.fromhex("A0000002471001")
"""The eMRTD application (ICAO 9303-10, 4.1)."""


@dataclass(frozen=True, slots=True)
class ElementaryFile:
    """One elementary file: identifiers for SELECT and READ BINARY, and the tag that its content starts with."""

    name: str
    file_identifier: int
    """Two bytes: 0x0101 for DG1."""
    short_identifier: int
    """Five bits: 0x01 for DG1."""
    tag: int | None
    """``None`` where the content is no template (EF.ATR/INFO, EF.CardAccess, EF.CardSecurity)."""
    data_group: int | None = None
    """1 to 16 for a data group, as the security object counts them."""


ATR_INFO: Final = ElementaryFile("EF.ATR/INFO", 0x2F01, 0x01, None)
CARD_ACCESS: Final = ElementaryFile("EF.CardAccess", 0x011C, 0x1C, None)
CARD_SECURITY: Final = ElementaryFile("EF.CardSecurity", 0x011D, 0x1D, None)
COM: Final = ElementaryFile("EF.COM", 0x011E, 0x1E, 0x60)
SOD: Final = ElementaryFile("EF.SOD", 0x011D, 0x1D, 0x77)

_DATA_GROUP_TAGS: Final = (
    *(0x61, 0x75, 0x63, 0x76, 0x65, 0x66, 0x67, 0x68),
    *(0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0x70),
)
DATA_GROUPS: Final = tuple(
    ElementaryFile(f"DG{number}", 0x0100 + number, number, tag, data_group=number)
    for number, tag in enumerate(_DATA_GROUP_TAGS, start=1)
)
"""DG1 to DG16, in this order."""

DG1: Final = DATA_GROUPS[0]
DG2: Final = DATA_GROUPS[1]
DG5: Final = DATA_GROUPS[4]
DG7: Final = DATA_GROUPS[6]
DG11: Final = DATA_GROUPS[10]
DG12: Final = DATA_GROUPS[11]
DG13: Final = DATA_GROUPS[12]
DG14: Final = DATA_GROUPS[13]
DG15: Final = DATA_GROUPS[14]
DG16: Final = DATA_GROUPS[15]

ELEMENTARY_FILES: Final = {file.name: file for file in (ATR_INFO, CARD_ACCESS, CARD_SECURITY, COM, SOD, *DATA_GROUPS)}
"""Every file by its name. EF.ATR/INFO, EF.CardAccess and EF.CardSecurity lie in the master file, all others in the
application."""


def data_group_name(number: int) -> str:
    """Return the file's name for a data group number: ``DG14`` for 14."""
    return f"DG{number}"
