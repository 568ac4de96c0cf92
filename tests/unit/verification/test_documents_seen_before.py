"""A document's signature is verified once; whatever differs from it is another document."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from verifier.pki.cms import SignedData
from verifier.sdk import CanPassword, Evidence, Outcome, Report, TrustStore, load_profile, policy_for, read, verify
from verifier.sdk.testing.misbehaving import CATALOGUE, Scene

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
PROFILE = load_profile("party-card")


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene(at=AT)


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many signatures of documents were really verified."""
    counted: Counter[str] = Counter()
    genuine = SignedData.verify

    def counting(self: SignedData, *arguments: object) -> object:
        counted["signatures"] += 1
        return genuine(self, *arguments)

    monkeypatch.setattr(SignedData, "verify", counting)
    return counted


def read_card(scene: Scene, name: str) -> Evidence:
    return read(CATALOGUE[name].make(scene), profile=PROFILE, password=CanPassword(scene.can), at=AT)


def judge(evidence: Evidence, scene: Scene, trust: TrustStore) -> Report:
    return verify(evidence, trust, policy_for(PROFILE), at=AT, card_status=scene.card_status_list())


def test_the_second_time_only_the_chip_proves_itself_anew(scene: Scene, verified: Counter[str]) -> None:
    trust, card = scene.trust_store(), CATALOGUE["genuine"].make(scene)
    reports = []
    for _ in range(3):
        card.reset()
        evidence = read(card, profile=PROFILE, password=CanPassword(scene.can), at=AT)
        reports.append(judge(evidence, scene, trust))
    assert [report.outcome for report in reports] == [Outcome.PASSED] * 3
    assert verified["signatures"] == 1
    trust.signatures.forget_documents()
    assert judge(evidence, scene, trust).passed
    assert verified["signatures"] == 2


def test_a_copy_of_a_document_that_was_seen_is_found_out_all_the_same(scene: Scene, verified: Counter[str]) -> None:
    trust, genuine = scene.trust_store(), read_card(scene, "genuine")
    assert judge(genuine, scene, trust).passed
    proof = genuine.chip_authentication
    assert proof is not None
    spoilt = proof.protected_response[:-1] + bytes([proof.protected_response[-1] ^ 1])
    clone = replace(genuine, chip_authentication=replace(proof, protected_response=spoilt))
    assert judge(clone, scene, trust).outcome is Outcome.FAILED
    other = genuine.files["DG1"][:-1] + bytes([genuine.files["DG1"][-1] ^ 1])
    altered = replace(genuine, files={**genuine.files, "DG1": other})
    assert judge(altered, scene, trust).reason == "data-group-altered"
    assert verified["signatures"] == 1


def test_every_other_encoding_is_another_document(scene: Scene, verified: Counter[str]) -> None:
    trust, genuine = scene.trust_store(), read_card(scene, "genuine")
    assert judge(genuine, scene, trust).passed
    document = genuine.files["EF.SOD"]
    for place in range(len(document) - 40, len(document)):
        spoilt = document[:place] + bytes([document[place] ^ 1]) + document[place + 1 :]
        assert not judge(replace(genuine, files={**genuine.files, "EF.SOD": spoilt}), scene, trust).passed


def test_a_forged_document_is_verified_each_time(scene: Scene, verified: Counter[str]) -> None:
    trust, genuine = scene.trust_store(), read_card(scene, "genuine")
    document = genuine.files["EF.SOD"]
    forged = replace(genuine, files={**genuine.files, "EF.SOD": document[:-1] + bytes([document[-1] ^ 1])})
    for count in (1, 2):
        assert judge(forged, scene, trust).reason == "sod-signature-invalid"
        assert verified["signatures"] == count


def test_a_store_that_has_seen_a_document_does_not_make_another_store_believe_it(scene: Scene) -> None:
    evidence = read_card(scene, "genuine")
    assert judge(evidence, scene, scene.trust_store()).passed
    stranger = Scene(at=AT).trust_store()
    assert judge(evidence, scene, stranger).reason == "signer-certificate-forged"
