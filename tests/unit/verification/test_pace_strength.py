"""A card that offers several kinds of PACE, and a session with one that is not the strongest."""

from dataclasses import replace
from typing import Any

import pytest

from verifier.access.proofs import AccessProtocol
from verifier.evidence.record import Evidence
from verifier.reading.options import ReadingOptions
from verifier.sdk.testing.arithmetic.dh_groups import GROUPS
from verifier.sdk.testing.card_side.ciphers import CipherSuite
from verifier.sdk.testing.card_side.pace import PaceParameters
from verifier.sdk.testing.card_side.pace_mapping import PaceMapping
from verifier.verification.policy import Policy
from verifier.verification.report import CheckName, Outcome

PACE_FIRST = ReadingOptions(access=(AccessProtocol.PACE, AccessProtocol.BAC))
PACE = "0.4.0.127.0.7.2.2.4"
NO_DOWNGRADE = Policy(tolerate_downgrade=False)


@pytest.fixture(scope="module")
def strong(world: Any) -> Evidence:
    """Opened with AES-256 on P-521, the strongest of three."""
    more = (
        PaceParameters(GROUPS["P-521"], CipherSuite.AES_256),
        PaceParameters(GROUPS["P-256"], CipherSuite.AES_128, mapping=PaceMapping.INTEGRATED),
    )
    return world.read(world.write(pace_cipher=CipherSuite.TRIPLE_DES, more_pace=more), PACE_FIRST)


def with_pace(evidence: Evidence, oid: str, parameter_id: int) -> Evidence:
    return replace(evidence, access=replace(evidence.access, pace_oid=oid, pace_parameter_id=parameter_id))


def test_the_strongest_offer_is_what_a_card_is_opened_with(world: Any, strong: Evidence) -> None:
    assert (strong.access.pace_oid, strong.access.pace_parameter_id) == (f"{PACE}.2.4", 18)
    assert world.verify(strong, policy=NO_DOWNGRADE).result(CheckName.ACCESS).reason == "access-pace"


@pytest.mark.parametrize("pace", [(f"{PACE}.2.1", 13), (f"{PACE}.4.2", 12)])
@pytest.mark.parametrize("dropped", ["nothing", "EF.CardAccess", "DG14"])
def test_a_weaker_pace_than_the_card_offers_is_never_silent(
    world: Any, strong: Evidence, altered: Any, pace: tuple[str, int], dropped: str
) -> None:
    """Told by what the issuer signed, and by what the card said without a signature."""
    weaker = with_pace(strong if dropped == "nothing" else altered(strong, **{dropped: None}), *pace)

    lenient = world.verify(weaker).result(CheckName.ACCESS)
    strict = world.verify(weaker, policy=NO_DOWNGRADE).result(CheckName.ACCESS)

    assert (lenient.outcome, lenient.reason) == (Outcome.PASSED, "pace-weaker-than-offered")
    assert (strict.outcome, strict.reason) == (Outcome.FAILED, "pace-weaker-than-offered")


def test_an_offer_that_this_release_does_not_carry_is_none_that_could_have_been_taken(world: Any) -> None:
    more = (PaceParameters(GROUPS["brainpoolP320r1"], CipherSuite.AES_256),)
    evidence = world.read(world.write(more_pace=more), PACE_FIRST)

    assert world.verify(evidence, policy=NO_DOWNGRADE).result(CheckName.ACCESS).reason == "access-pace"


@pytest.mark.parametrize(("oid", "parameter_id"), [(None, None), ("", 13), ("1.2.3", 13), (f"{PACE}.2.2", -1)])
def test_a_record_that_names_no_pace_is_for_others_to_refuse(
    world: Any, strong: Evidence, oid: str, parameter_id: int
) -> None:
    odd = with_pace(strong, oid, parameter_id)
    assert world.verify(odd, policy=NO_DOWNGRADE).result(CheckName.ACCESS).reason == "access-pace"


@pytest.mark.parametrize(
    ("mapping", "parameter_id"),
    [
        (PaceMapping.GENERIC, 2),
        (PaceMapping.INTEGRATED, 0),
        (PaceMapping.INTEGRATED, 13),
        (PaceMapping.CHIP_AUTHENTICATION, 12),
    ],
)
def test_every_mapping_is_compared_with_the_signed_copy_of_its_offer(
    world: Any, altered: Any, mapping: PaceMapping, parameter_id: int
) -> None:
    name = next(name for name, group in GROUPS.items() if group.parameter_id == parameter_id)
    evidence = world.read(world.write(pace_curve=name, pace_mapping=mapping), PACE_FIRST)
    other = world.write(pace_curve="P-521").files["EF.CardAccess"]

    report = world.verify(altered(evidence, **{"EF.CardAccess": other}))

    assert evidence.access.pace_parameter_id == parameter_id
    assert world.verify(evidence, policy=NO_DOWNGRADE).result(CheckName.ACCESS).reason == "access-pace"
    assert report.result(CheckName.DATA_GROUP_HASHES).reason == "card-access-altered"
