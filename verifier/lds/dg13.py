"""DG13: optional details, at the discretion of the issuing state (ICAO 9303-10, 4.7.13)."""

from dataclasses import dataclass, field

from verifier.lds.elementary_files import DG13
from verifier.lds.template import unwrap


@dataclass(frozen=True, slots=True)
class DataGroup13:
    """The decoded file: bytes whose meaning only the issuer defines."""

    content: bytes = field(repr=False)

    @classmethod
    def decode(cls, raw: bytes) -> "DataGroup13":
        """Decode tag 6D around any bytes; raise ``MalformedData`` for anything else."""
        return cls(unwrap(DG13, raw))
