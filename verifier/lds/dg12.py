"""DG12: additional details of the document (ICAO 9303-10, 4.7.12). Every one of them is optional."""

from dataclasses import dataclass, field

from verifier.lds.data_objects import DataObjects, NationalName
from verifier.lds.elementary_files import DG12
from verifier.lds.images import OpaqueImage


@dataclass(frozen=True, slots=True)
class DataGroup12:
    """The decoded file. Nothing of it is in a repr: it names people and places of issue."""

    issuing_authority: str | None = field(default=None, repr=False)
    date_of_issue: str | None = field(default=None, repr=False)
    """YYYYMMDD."""
    other_persons: tuple[NationalName, ...] = field(default=(), repr=False)
    endorsements: str | None = field(default=None, repr=False)
    """Endorsements and observations."""
    tax_or_exit_requirements: str | None = field(default=None, repr=False)
    image_of_front: OpaqueImage | None = field(default=None, repr=False)
    image_of_rear: OpaqueImage | None = field(default=None, repr=False)
    personalised_at: str | None = field(default=None, repr=False)
    """YYYYMMDDhhmmss, in no stated time zone."""
    personalisation_system: str | None = field(default=None, repr=False)
    """Its serial number."""

    @classmethod
    def decode(cls, raw: bytes) -> "DataGroup12":
        """Decode tag 6C (table 73), with or without its tag list; raise ``MalformedData`` for anything else."""
        objects = DataObjects.of(DG12, raw)
        front, rear = objects.first(0x5F1D), objects.first(0x5F1E)
        return cls(
            issuing_authority=objects.text(0x5F19),
            date_of_issue=objects.date(0x5F26),
            other_persons=objects.names(0x5F1A),
            endorsements=objects.text(0x5F1B),
            tax_or_exit_requirements=objects.text(0x5F1C),
            image_of_front=None if front is None else OpaqueImage.recognise(front),
            image_of_rear=None if rear is None else OpaqueImage.recognise(rear),
            personalised_at=objects.time(0x5F55),
            personalisation_system=objects.text(0x5F56),
        )
