"""DG7: the holder's signature or usual mark as displayed on the document (ICAO 9303-10, 4.7.7)."""

from dataclasses import dataclass, field

from verifier.lds.elementary_files import DG7
from verifier.lds.images import OpaqueImage, displayed_images

_SIGNATURE = 0x5F43


@dataclass(frozen=True, slots=True)
class DataGroup7:
    """The decoded file."""

    signatures: tuple[OpaqueImage, ...] = field(repr=False)
    """At least one, opaque."""

    @classmethod
    def decode(cls, raw: bytes) -> "DataGroup7":
        """Decode tag 67 with objects 5F43; raise ``MalformedData`` for anything else."""
        return cls(displayed_images(DG7, raw, _SIGNATURE))
