"""DG1: the machine readable zone as the issuer signed it (ICAO 9303-10, 4.7.1)."""

from dataclasses import dataclass, field

from verifier.errors import MalformedData
from verifier.iso7816 import tlv
from verifier.lds import elementary_files
from verifier.lds.mrz import MachineReadableZone
from verifier.lds.template import unwrap

_MRZ = 0x5F1F


@dataclass(frozen=True, slots=True)
class DataGroup1:
    """The decoded file."""

    mrz: MachineReadableZone = field(repr=False)

    @classmethod
    def decode(cls, raw: bytes) -> "DataGroup1":
        """Decode tag 61 with one 5F1F of 90, 72 or 88 bytes; raise ``MalformedData`` for anything else."""
        element = tlv.decode_one(unwrap(elementary_files.DG1, raw))
        if element.tag != _MRZ:
            msg = "DG1 holds no MRZ data object (tag 5F1F)"
            raise MalformedData(msg)
        zone = MachineReadableZone.decode(element.value)
        if len(zone.text) != len(element.value):
            msg = "the MRZ in DG1 has line breaks"
            raise MalformedData(msg)
        return cls(zone)
