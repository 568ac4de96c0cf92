"""DG15: the public key for Active Authentication (ICAO 9303-10, 4.7.15)."""

from dataclasses import dataclass, field

from verifier.errors import MalformedData
from verifier.iso7816 import tlv
from verifier.lds import elementary_files
from verifier.lds.template import unwrap

_SEQUENCE = 0x30


@dataclass(frozen=True, slots=True)
class DataGroup15:
    """The decoded file."""

    public_key: bytes = field(repr=False)
    """SubjectPublicKeyInfo in DER, byte for byte as signed: what a card status list hashes."""

    @classmethod
    def decode(cls, raw: bytes) -> "DataGroup15":
        """Decode tag 6F with one SubjectPublicKeyInfo; raise ``MalformedData`` for anything else.

        What kind of key it is, is looked at by the one who uses it.
        """
        content = unwrap(elementary_files.DG15, raw)
        if tlv.decode_one(content).tag != _SEQUENCE:
            msg = "DG15 holds no SubjectPublicKeyInfo"
            raise MalformedData(msg)
        tlv.check_structure(content)
        return cls(content)
