"""``icao-mrtd`` takes cards without a chip key; no copy, and nobody who writes evidence, may pass for one of them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from verifier.access.proofs import AccessProtocol
from verifier.evidence.record import Evidence
from verifier.reading.options import ReadingOptions
from verifier.sdk import Policy, load_profile, policy_for
from verifier.sdk.testing import SyntheticPki
from verifier.sdk.testing.card_side.pace_mapping import PaceMapping
from verifier.sdk.testing.writing.data_groups import write_dg15
from verifier.sdk.testing.writing.security_object import write_lds_security_object, write_security_object
from verifier.verification.report import Outcome, Report

MRTD = policy_for(load_profile("icao-mrtd"))
PACE = ReadingOptions(access=(AccessProtocol.PACE,))
CAM_ONLY = {"pace_mapping": PaceMapping.CHIP_AUTHENTICATION, "chip_authentication_curve": None}
AA_ONLY = {"chip_authentication_curve": None, "active_authentication": "ECDSA"}


def judged(world: Any, evidence: Evidence, policy: Policy = MRTD) -> Report:
    report = world.verify(evidence, policy=policy, card_status=None)
    assert isinstance(report, Report)
    return report


def bare(evidence: Evidence, *left_out: str) -> Evidence:
    """What somebody who writes evidence makes of it: no proof, no refusal, and some files left out."""
    files = {name: content for name, content in evidence.files.items() if name not in left_out}
    return replace(
        evidence,
        files=files,
        refused={},
        chip_authentication=None,
        active_authentication=None,
        pace_chip_authentication=None,
    )


@pytest.mark.parametrize(
    "options",
    [
        {},
        CAM_ONLY,
        AA_ONLY,
        {"active_authentication": "ECDSA"},
        {"chip_authentication_curve": None},
        {"chip_authentication_curve": None, "pace_curve": None},
    ],
)
def test_a_genuine_card_passes_whatever_it_can_prove(world: Any, options: dict[str, Any]) -> None:
    report = judged(world, world.read(world.write(**options), ReadingOptions()))
    assert (report.outcome, report.reason) == (Outcome.PASSED, "verified")


@pytest.mark.parametrize(
    ("options", "left_out"),
    [
        ({}, ()),
        ({}, ("DG14",)),
        (AA_ONLY, ()),
        (AA_ONLY, ("DG15",)),
        (AA_ONLY, ("DG14", "DG15")),
        (AA_ONLY | {"pace_curve": None}, ("DG15",)),
        (CAM_ONLY, ()),
        (CAM_ONLY, ("DG14",)),
        (CAM_ONLY, ("EF.CardSecurity", "EF.CardAccess")),
    ],
)
def test_evidence_that_leaves_the_proof_out_does_not_pass(
    world: Any, options: dict[str, Any], left_out: tuple[str, ...]
) -> None:
    evidence = world.read(world.write(**options), ReadingOptions())
    report = judged(world, bare(evidence, *left_out))
    assert report.outcome is Outcome.INDETERMINATE
    assert report.reason == "chip-authentication-not-performed"


def test_a_chip_that_proved_one_key_owes_no_other(world: Any) -> None:
    evidence = world.read(world.write(active_authentication="ECDSA"), PACE)
    assert "DG15" not in evidence.files
    assert judged(world, evidence).passed


def test_who_wants_the_data_only_says_so(world: Any) -> None:
    evidence = bare(world.read(world.write(), PACE), "DG14")
    assert judged(world, evidence, replace(MRTD, proof_where_offered=False)).passed


def test_a_card_with_mapping_alone_that_is_opened_with_bac_has_proved_nothing(world: Any) -> None:
    """So is a copy whose EF.CardAccess is gone: DG14 says under the issuer's signature what it would have to do."""
    data = world.write(**CAM_ONLY)
    hidden = replace(data, files={name: data.files[name] for name in data.files if name != "EF.CardAccess"})
    for copy in (world.read(hidden, ReadingOptions()), world.read(data)):
        report = judged(world, copy)
        assert (report.outcome, report.reason) == (Outcome.INDETERMINATE, "chip-authentication-not-performed")


@pytest.mark.parametrize(
    ("country", "expected"),
    [
        ("VN", (Outcome.INDETERMINATE, "card-security-not-trusted")),
        ("UT", (Outcome.FAILED, "card-security-foreign")),
    ],
)
def test_a_card_security_of_an_unknown_authority_never_passes(
    world: Any, country: str, expected: tuple[Outcome, str]
) -> None:
    """A second authority of the same state may be genuine, and missing here; one of another state cannot be meant."""
    stranger = SyntheticPki(at=world.at - timedelta(days=9), country=country).issue_document_signer()
    data, forged = world.write(**CAM_ONLY), replace(world, signer=stranger).write(**CAM_ONLY)
    files = {**data.files, "EF.CardSecurity": forged.files["EF.CardSecurity"]}
    report = judged(world, world.read(replace(data, files=files, pace=forged.pace), PACE))
    assert (report.outcome, report.reason) == expected


def test_a_key_that_this_release_does_not_carry_is_not_asked_for(world: Any) -> None:
    """Nobody could ever pass with such a card; that its copy passes too is told on the page about what a yes means."""
    key = Ed25519PrivateKey.generate().public_key()
    dg15 = write_dg15(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    data = world.write(chip_authentication_curve=None, pace_curve=None)
    content = write_lds_security_object({1: data.files["DG1"], 15: dg15})
    sod = write_security_object(content, world.signer.key, world.signer.certificate)
    data = replace(data, files={"EF.SOD": sod, "DG1": data.files["DG1"], "DG15": dg15})
    evidence = world.read(data)
    assert "DG15" in evidence.files
    assert judged(world, evidence).passed
    assert not judged(world, bare(evidence, "DG15")).passed
