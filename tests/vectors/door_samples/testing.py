"""Hold an integration against cards that must not pass."""

from datetime import UTC, datetime

from verifier.sdk import Outcome, inspect, load_profile
from verifier.sdk.errors import VerifierError
from verifier.sdk.testing import Fault, SyntheticPki, VirtualChip, invented_person, personalise
from verifier.sdk.testing.faults import files_removed
from verifier.sdk.testing.misbehaving import CATALOGUE, Expectation, Scene

now = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
scene = Scene(at=now)
profile = load_profile("party-card")
trust, listed = scene.trust_store(), scene.card_status_list()
for name in ("genuine", "forged-sod", "wrong-can"):
    test = CATALOGUE[name]
    chip: VirtualChip = test.make(scene)
    expected: Expectation = test.expectation
    password = test.password(scene, chip)
    try:
        report = inspect(chip, trust, profile=profile, password=password, at=now, card_status=listed).report
    except VerifierError as error:
        as_it_must_be = expected.error is not None and isinstance(error, expected.error)
    else:
        as_it_must_be = report.outcome is expected.outcome
        assert report.passed is (expected.outcome is Outcome.PASSED)
    assert as_it_must_be, name
fault: Fault = files_removed("DG14")
odd: VirtualChip = personalise(SyntheticPki(at=now).issue_document_signer(), invented_person(1), faults=(fault,))
