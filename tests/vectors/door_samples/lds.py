"""Show what a card says of its holder, once the report says that it is authentic."""

from datetime import UTC, datetime

from verifier.sdk import CanPassword, ReadingOptions, ReadingPurpose, inspect, load_profile
from verifier.sdk.errors import MalformedData
from verifier.sdk.lds import (
    CommonData,
    DataGroup1,
    DataGroup2,
    DataGroup11,
    DataGroup12,
    ImageFormat,
    MachineReadableZone,
    NameMatch,
    NameOrder,
    compare_names,
    mrz_letters,
)
from verifier.sdk.testing import ChipOptions, SyntheticPki, invented_person, personalise

now = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
pki = SyntheticPki(at=now)
options = ChipOptions(data_groups=frozenset({2, 11, 12}))
card = personalise(pki.issue_document_signer(), invented_person(1), options=options)
inspection = inspect(
    card,
    pki.trust_store(),
    profile=load_profile("icao-mrtd"),
    password=CanPassword("123456"),
    at=now,
    options=ReadingOptions(purpose=ReadingPurpose.FULL),
)
files = inspection.evidence.files
zone: MachineReadableZone = DataGroup1.decode(files["DG1"]).mrz
written = DataGroup11.decode(files["DG11"]).full_name
name = "" if written is None else written.original
match: NameMatch = compare_names(name, zone, order=NameOrder.EITHER)
assert match is not NameMatch.DIFFERENT, (mrz_letters(name), zone.surname)
formats: list[ImageFormat] = [image.format for image in DataGroup2.decode(files["DG2"]).images]
assert formats, "the face is there, and nobody decoded it"
authority: str | None = DataGroup12.decode(files["DG12"]).issuing_authority
try:
    groups: tuple[int, ...] = CommonData.decode(b"\x60\x00").data_groups
except MalformedData:
    groups = ()
assert not groups
