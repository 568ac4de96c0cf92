"""Why a card is read, and therefore what of it: least data."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from verifier.errors import PolicyError
from verifier.evidence.arguments import members_as_tuple
from verifier.lds.elementary_files import DATA_GROUPS, DG14, DG15

SENSITIVE: Final = frozenset({"DG3", "DG4"})
"""Fingerprints and irises: behind Extended Access Control, and never of any use here."""

READABLE: Final = tuple(file.name for file in DATA_GROUPS if file.name not in SENSITIVE)
"""Every data group that is not protected, in the order of the numbers."""

KEYS: Final = frozenset({DG14.name, DG15.name})
"""What a chip's proof needs: keys and protocols, nothing of the holder. Every purpose may read them."""


class ReadingPurpose(StrEnum):
    """What a reading is for. Each profile says what each purpose may read."""

    ATTENDANCE = "attendance"
    """Who it is, by number and name: the profile's own plan, EF.SOD and DG1 and a proof by DG14 or DG15."""
    IDENTITY_CHECK = "identity-check"
    """The same and DG2, so that a person can compare the face."""
    FULL = "full"
    """Everything that is not protected. Only where the holder asked for it, or the law does."""


class ChipProof(StrEnum):
    """How a chip shows that it is no copy (ICAO 9303-11, 6)."""

    CHIP_AUTHENTICATION = "chip-authentication"
    ACTIVE_AUTHENTICATION = "active-authentication"


@dataclass(frozen=True, slots=True)
class ReadingPlan:
    """What is read, and nothing beyond it: least data.

    EF.SOD always comes first, since nothing can be verified without it. ``data_groups`` follow in their order, then the
    first of ``chip_proofs`` that the card's SOD lists the data group of: DG14 for Chip Authentication, DG15 for Active
    Authentication. A data group that the SOD does not list is not asked for.
    """

    data_groups: tuple[str, ...] = ("DG1",)
    chip_proofs: tuple[ChipProof, ...] = (ChipProof.CHIP_AUTHENTICATION, ChipProof.ACTIVE_AUTHENTICATION)

    def __post_init__(self) -> None:
        require_data_groups(self.data_groups, "a reading plan")
        object.__setattr__(self, "chip_proofs", members_as_tuple(ChipProof, self.chip_proofs, "chip proof"))

    def permits(self, data_group: str) -> bool:
        """Tell whether a reading for this plan's purpose may read the data group."""
        return data_group in self.data_groups or data_group in KEYS


def require_data_groups(names: object, what: str) -> None:
    """Raise ``PolicyError`` unless these are a tuple of data groups that can be read, each named once."""
    if not isinstance(names, tuple) or not all(isinstance(name, str) for name in names):
        msg = f"the data groups of {what} are a tuple of texts"
        raise PolicyError(msg)
    if unknown := [name for name in names if name not in READABLE]:
        msg = f"{what} cannot hold {unknown[0]!r}"
        raise PolicyError(msg)
    if len(set(names)) != len(names):
        msg = f"{what} names a data group twice"
        raise PolicyError(msg)
