"""DG5: the portrait as displayed on the document (ICAO 9303-10, 4.7.5)."""

from dataclasses import dataclass, field

from verifier.lds.elementary_files import DG5
from verifier.lds.images import OpaqueImage, displayed_images

_PORTRAIT = 0x5F40


@dataclass(frozen=True, slots=True)
class DataGroup5:
    """The decoded file."""

    portraits: tuple[OpaqueImage, ...] = field(repr=False)
    """At least one, opaque."""

    @classmethod
    def decode(cls, raw: bytes) -> "DataGroup5":
        """Decode tag 65 with objects 5F40; raise ``MalformedData`` for anything else."""
        return cls(displayed_images(DG5, raw, _PORTRAIT))
