"""DG11: additional personal details (ICAO 9303-10, 4.7.11). Every one of them is optional."""

from dataclasses import dataclass, field

from verifier.lds.data_objects import DataObjects, NationalName
from verifier.lds.elementary_files import DG11
from verifier.lds.images import OpaqueImage


@dataclass(frozen=True, slots=True)
class DataGroup11:
    """The decoded file. Nothing of it is in a repr."""

    full_name: NationalName | None = field(default=None, repr=False)
    """In national characters, never truncated: what the MRZ only transliterates."""
    other_names: tuple[NationalName, ...] = field(default=(), repr=False)
    personal_number: str | None = field(default=None, repr=False)
    full_date_of_birth: str | None = field(default=None, repr=False)
    """YYYYMMDD; an unknown year, month or day is zeros."""
    place_of_birth: tuple[str, ...] = field(default=(), repr=False)
    address: tuple[str, ...] = field(default=(), repr=False)
    telephone: str | None = field(default=None, repr=False)
    profession: str | None = field(default=None, repr=False)
    title: str | None = field(default=None, repr=False)
    personal_summary: str | None = field(default=None, repr=False)
    proof_of_citizenship: OpaqueImage | None = field(default=None, repr=False)
    other_documents: tuple[str, ...] = field(default=(), repr=False)
    """Numbers of other valid travel documents."""
    custody_information: str | None = field(default=None, repr=False)

    @classmethod
    def decode(cls, raw: bytes) -> "DataGroup11":
        """Decode tag 6B (table 71), with or without its tag list; raise ``MalformedData`` for anything else."""
        objects = DataObjects.of(DG11, raw)
        proof = objects.first(0x5F16)
        return cls(
            full_name=objects.name(0x5F0E),
            other_names=objects.names(0x5F0F),
            personal_number=objects.text(0x5F10),
            full_date_of_birth=objects.date(0x5F2B),
            place_of_birth=objects.lines(0x5F11),
            address=objects.lines(0x5F42),
            telephone=objects.text(0x5F12),
            profession=objects.text(0x5F13),
            title=objects.text(0x5F14),
            personal_summary=objects.text(0x5F15),
            proof_of_citizenship=None if proof is None else OpaqueImage.recognise(proof),
            other_documents=objects.lines(0x5F17),
            custody_information=objects.text(0x5F18),
        )
