"""DG14: the security infos that the issuer signed (ICAO 9303-10, 4.7.14; 9303-11, 9.2)."""

from dataclasses import dataclass

from verifier.lds import elementary_files
from verifier.lds.security_infos import SecurityInfos
from verifier.lds.template import unwrap


@dataclass(frozen=True, slots=True)
class DataGroup14:
    """The decoded file."""

    security_infos: SecurityInfos

    @classmethod
    def decode(cls, raw: bytes) -> "DataGroup14":
        """Decode tag 6E with one SecurityInfos; raise ``MalformedData`` for anything else."""
        return cls(SecurityInfos.decode(unwrap(elementary_files.DG14, raw)))
