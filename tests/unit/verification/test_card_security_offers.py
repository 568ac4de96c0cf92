"""EF.CardAccess is not signed: where an authentic EF.CardSecurity repeats its offers, they must be the same."""

from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import pytest

from verifier.access.password import CanPassword
from verifier.sdk.inspection import inspect
from verifier.sdk.profiles import load_profile
from verifier.sdk.testing import CURVES, CipherSuite, DocumentSigner, PaceMapping, PaceParameters, VirtualChip
from verifier.sdk.testing.misbehaving import Scene
from verifier.sdk.testing.writing.security_infos import chip_authentication_infos, pace_infos, write_security_infos
from verifier.sdk.testing.writing.security_object import write_card_security
from verifier.verification.report import CheckName, CheckResult

AT = datetime(2026, 6, 1, tzinfo=UTC)
CURVE = CURVES["brainpoolP256r1"]


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene(at=AT, random=Random("card security").randbytes)


def hashes_of_a_card(scene: Scene, signer: DocumentSigner, *, repeated: int) -> CheckResult:
    """Inspect a card with two offers of PACE, of which EF.CardSecurity repeats so many."""
    plain = PaceParameters(CURVE, CipherSuite.AES_128)
    options = replace(scene.options, pace_mapping=PaceMapping.CHIP_AUTHENTICATION, more_pace=(plain,))
    data = scene.chip_data(options=options)
    keys = chip_authentication_infos(data.chip_authentication, announced=False)
    infos = write_security_infos([*pace_infos(data.pace[:repeated]), *keys])
    files = {**data.files, "EF.CardSecurity": write_card_security(infos, signer.key, signer.certificate)}
    report = inspect(
        VirtualChip(replace(data, files=files), random=scene.random),
        scene.trust_store(),
        profile=load_profile("icao-mrtd"),
        password=CanPassword(scene.can),
        at=AT,
    ).report
    return report.result(CheckName.DATA_GROUP_HASHES)


@pytest.mark.parametrize(
    ("repeated", "reason"), [(2, "data-groups-match"), (1, "card-access-altered"), (0, "data-groups-match")]
)
def test_what_is_repeated_must_be_what_is_offered(scene: Scene, repeated: int, reason: str) -> None:
    """Nothing repeated contradicts nothing: DG14 may do it alone."""
    assert hashes_of_a_card(scene, scene.signer, repeated=repeated).reason == reason


def test_a_stranger_cannot_make_a_card_look_altered(scene: Scene) -> None:
    assert hashes_of_a_card(scene, scene.unknown_signer, repeated=1).reason == "data-groups-match"
