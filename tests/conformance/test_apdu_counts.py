"""Reading with the fewest APDUs, shown by the recorded transport."""

from collections.abc import Callable
from datetime import UTC, datetime
from random import Random

import pytest

from verifier.access.password import CanPassword, MrzPassword
from verifier.access.proofs import AccessProtocol
from verifier.evidence.record import Evidence
from verifier.iso7816.exchange import perform
from verifier.reading.options import ReadingOptions
from verifier.reading.plan import read_card
from verifier.reading.profiles import BUILT_IN_PROFILES
from verifier.sdk.testing import (
    ActiveAuthenticationKind,
    ChipOptions,
    Person,
    SyntheticPki,
    VirtualChip,
    invented_person,
    personalise,
)
from verifier.transport.recorded import RecordingConnection

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
HOLDER: Person = invented_person(7)
MRZ = MrzPassword(HOLDER.document_number, HOLDER.date_of_birth, HOLDER.date_of_expiry)
CAN = CanPassword("123456")
PACE_ONLY, BAC_ONLY = (AccessProtocol.PACE,), (AccessProtocol.BAC,)

MakeChip = Callable[..., VirtualChip]


@pytest.fixture(scope="module")
def make_chip() -> MakeChip:
    signer = SyntheticPki(at=AT).issue_document_signer()
    return lambda **options: personalise(signer, HOLDER, options=ChipOptions(**options))


def read(chip: VirtualChip, password: MrzPassword | CanPassword, options: ReadingOptions) -> tuple[Evidence, list[str]]:
    recording = RecordingConnection(chip)
    profile = BUILT_IN_PROFILES["icao-mrtd"]
    evidence = perform(read_card(profile, password, options, random=Random(1).randbytes, captured_at=AT), recording)
    return evidence, [step.header.hex() for step in recording.trace.steps]


def test_bac_with_sod_and_dg1_takes_5(make_chip: MakeChip) -> None:
    chip = make_chip(pace_curve=None, chip_authentication_curve=None)
    evidence, commands = read(chip, MRZ, ReadingOptions(access=BAC_ONLY))
    assert set(evidence.files) == {"EF.SOD", "DG1"}
    assert commands == ["00a4040c", "00840000", "00820000", "0cb09d00", "0cb08100"]


PACE_STEPS = ["0022c1a4", "10860000", "10860000", "10860000", "00860000"]


@pytest.mark.parametrize("password", [MRZ, CAN], ids=["MRZ", "CAN"])
def test_pace_with_sod_and_dg1_takes_9(make_chip: MakeChip, password: MrzPassword | CanPassword) -> None:
    evidence, commands = read(make_chip(), password, ReadingOptions(access=PACE_ONLY, chip_authentication=False))
    assert commands == ["00b09c00", *PACE_STEPS, "0ca4040c", "0cb09d00", "0cb08100"]
    assert set(evidence.files) == {"EF.CardAccess", "EF.SOD", "DG1"}


def test_pace_with_chip_authentication_and_one_protected_read_takes_13(make_chip: MakeChip) -> None:
    evidence, commands = read(make_chip(), CAN, ReadingOptions(access=PACE_ONLY))
    assert set(evidence.files) == {"EF.CardAccess", "EF.SOD", "DG1", "DG14"}
    assert evidence.chip_authentication is not None
    assert len(commands) == 13
    assert commands[9:] == ["0cb08e00", "0c2241a4", "0c860000", "0cb09d00"]


@pytest.mark.parametrize("kind", ActiveAuthenticationKind)
def test_bac_with_active_authentication_takes_7(make_chip: MakeChip, kind: ActiveAuthenticationKind) -> None:
    chip = make_chip(pace_curve=None, chip_authentication_curve=None, active_authentication=kind)
    evidence, commands = read(chip, MRZ, ReadingOptions(access=BAC_ONLY, chip_authentication=False))
    assert set(evidence.files) == {"EF.SOD", "DG1", "DG15"}
    assert evidence.active_authentication is not None
    assert len(commands) == 7
    assert commands[5:] == ["0cb08f00", "0c880000"]


def test_looking_for_pace_costs_a_bac_card_one_command(make_chip: MakeChip) -> None:
    chip = make_chip(pace_curve=None, chip_authentication_curve=None)
    evidence, commands = read(chip, MRZ, ReadingOptions())
    assert len(commands) == 6
    assert evidence.access.pace_offered is False
