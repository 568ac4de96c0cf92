"""What a reading for each purpose may read, and what it may not."""

from collections.abc import Callable

import pytest

from verifier.access.password import CanPassword
from verifier.errors import CardProtocolError, InvalidInput, PolicyError
from verifier.evidence.record import Evidence
from verifier.iso7816.apdu import CommandApdu, ResponseApdu
from verifier.reading.options import FileProgress, ReadingOptions
from verifier.reading.profile import CardProfile, ReadingPlan, ReadingPurpose
from verifier.reading.profiles import BUILT_IN_PROFILES
from verifier.reading.purpose import READABLE
from verifier.sdk.testing import Behaviour, VirtualChip
from verifier.transport.recorded import RecordingConnection

MakeChip = Callable[..., VirtualChip]
Read = Callable[..., Evidence]
FACE = b"\x75\x82\x9c\x40" + bytes(40_000)
MORE_FILES = (("DG2", FACE), ("DG11", b"\x6b\x01\x00"), ("DG13", b"\x6d\x01\x00"))
ALWAYS = {"EF.CardAccess", "EF.SOD", "DG1", "DG14"}


@pytest.mark.parametrize("profile", BUILT_IN_PROFILES.values(), ids=BUILT_IN_PROFILES)
@pytest.mark.parametrize(
    ("purpose", "more"),
    [("attendance", set()), ("identity-check", {"DG2"}), ("full", {"DG2", "DG11", "DG13"})],
)
def test_each_purpose_reads_what_it_needs(
    *, make_chip: MakeChip, read: Read, can: CanPassword, profile: CardProfile, purpose: str, more: set[str]
) -> None:
    chip = make_chip(more_files=MORE_FILES)
    evidence = read(chip, can, ReadingOptions(purpose=ReadingPurpose(purpose)), profile=profile)
    assert set(evidence.files) == ALWAYS | more
    assert evidence.chip_authentication is not None
    assert not evidence.refused


def test_less_than_the_purpose_permits_may_be_asked_for(make_chip: MakeChip, read: Read, can: CanPassword) -> None:
    options = ReadingOptions(purpose=ReadingPurpose.FULL, data_groups=("DG11",))
    evidence = read(make_chip(more_files=MORE_FILES), can, options)
    assert set(evidence.files) == ALWAYS - {"DG1"} | {"DG11"}


@pytest.mark.parametrize("data_groups", [("DG2",), ("DG1", "DG13")])
def test_more_than_the_purpose_permits_is_refused_before_anything_is_sent(
    make_chip: MakeChip, read: Read, can: CanPassword, data_groups: tuple[str, ...]
) -> None:
    recording = RecordingConnection(make_chip(more_files=MORE_FILES))
    with pytest.raises(PolicyError, match="attendance"):
        read(recording, can, ReadingOptions(data_groups=data_groups))
    assert not recording.trace.steps


@pytest.mark.parametrize("data_groups", [("DG3",), ("DG4", "DG1"), ("DG1", "DG1"), ("EF.COM",), "DG1", (1,)])
def test_what_no_purpose_may_read_cannot_even_be_asked_for(data_groups: object) -> None:
    with pytest.raises(PolicyError):
        ReadingOptions(purpose=ReadingPurpose.FULL, data_groups=data_groups)  # type: ignore[arg-type]


def test_a_profile_may_permit_less_and_other_things() -> None:
    face_only = {ReadingPurpose.IDENTITY_CHECK: ReadingPlan(data_groups=("DG2",))}
    profile = CardProfile("strict", "For a test", plans=face_only)
    assert profile.plan_for(ReadingPurpose.ATTENDANCE).data_groups == ("DG1",)
    assert profile.plan_for(ReadingPurpose.IDENTITY_CHECK).data_groups == ("DG2",)
    with pytest.raises(PolicyError, match="permits no reading"):
        profile.plan_for(ReadingPurpose.FULL)
    with pytest.raises(PolicyError, match="DG1 "):
        profile.plan_for(ReadingPurpose.IDENTITY_CHECK, ("DG1",))
    face_only.clear()
    assert profile.plan_for(ReadingPurpose.IDENTITY_CHECK).data_groups == ("DG2",)
    assert len({profile, CardProfile("strict", "For a test")}) == 2


def test_a_full_reading_is_everything_but_fingerprints_and_irises() -> None:
    plan = BUILT_IN_PROFILES["icao-mrtd"].plan_for(ReadingPurpose.FULL)
    assert plan.data_groups == READABLE
    assert {"DG3", "DG4"}.isdisjoint(plan.data_groups)
    assert len(plan.data_groups) == 14


@pytest.mark.parametrize(
    "plans",
    [
        {"attendance": ReadingPlan()},
        {"identity-chek": ReadingPlan()},
        {"full": ("DG1",)},
        [ReadingPurpose.FULL],
    ],
)
def test_plans_that_cannot_be_are_refused_as_they_are_made(plans: object) -> None:
    with pytest.raises(PolicyError):
        CardProfile("broken", "For a test", plans=plans)  # type: ignore[arg-type]


@pytest.mark.parametrize("bad", [{"purpose": "attendence"}, {"memory": {}}, {"file_progress": 1}])
def test_options_of_another_kind_are_refused_as_they_are_made(bad: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        ReadingOptions(**bad)  # type: ignore[arg-type]


# --- large files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(),
        Behaviour(extended_length=False),
        Behaviour(max_read=5_000),
        Behaviour(extended_length=False, corrects_le=True),
        Behaviour(corrects_le=True, warn_at_end=False),
        Behaviour(short_identifiers=False),
        Behaviour(response_chunk=150),
    ],
    ids=["extended", "chunks", "less-than-asked", "6C-in-chunks", "6C", "selected", "61-in-parts"],
)
def test_a_face_arrives_whole_and_its_bytes_are_counted(
    make_chip: MakeChip, read: Read, can: CanPassword, behaviour: Behaviour
) -> None:
    seen: list[FileProgress] = []
    options = ReadingOptions(purpose=ReadingPurpose.IDENTITY_CHECK, file_progress=seen.append)
    chip = make_chip(more_files=(("DG2", FACE),), behaviour=behaviour)
    evidence = read(chip, can, options)
    assert evidence.files["DG2"] == FACE
    face = [step.received for step in seen if step.file == "DG2"]
    assert face == sorted(face)
    assert face[-1] == len(FACE)
    assert {step.total for step in seen if step.file == "DG2"} == {len(FACE)}
    assert seen[-1].file == "DG14"


@pytest.mark.parametrize("part", [b"", b"\x00"])
def test_a_card_that_announces_more_without_end_is_left(read: Read, can: CanPassword, part: bytes) -> None:
    class Endless:
        sent = 0

        def transmit(self, _: CommandApdu) -> ResponseApdu:
            self.sent += 1
            return ResponseApdu(part, 0x6101)

    card = Endless()
    with pytest.raises(CardProtocolError):
        read(card, can)
    assert card.sent <= 1_025
