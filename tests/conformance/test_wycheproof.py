"""Wycheproof against our functions, file by file; docs/conformance.md has the counts."""

from pathlib import Path

import pytest
from conformance_suites.wycheproof import packaged_files, run_file

FILES = packaged_files()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_case_comes_out_as_decided(path: Path) -> None:
    assert run_file(path).failures == []


def test_no_file_is_left_without_cases_or_reasons() -> None:
    assert len(FILES) >= 100
    for path in FILES:
        group = run_file(path)
        assert group.run + group.excluded > 0
        assert bool(group.excluded) == bool(group.reasons)


def test_a_verifier_that_accepts_everything_would_be_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    from conformance_suites import wycheproof
    from conformance_suites.wycheproof_primitives import Seen

    monkeypatch.setitem(wycheproof.KINDS, "EcdsaVerify", lambda group, test: Seen(accepted=True))
    path = next(path for path in FILES if path.name == "ecdsa_secp256r1_sha256_test.json")
    assert len(run_file.__wrapped__(path).failures) == 310  # its invalid cases


@pytest.mark.parametrize("curve", ["brainpoolP224r1", "brainpoolP320r1"])
def test_signatures_on_curves_that_only_we_calculate_with_are_run_and_agreements_are_not(curve: str) -> None:
    from conformance_suites import wycheproof
    from conformance_suites.recorded import load

    groups = {group.name: group for suite in load() if "brainpool" in suite.title for group in suite.groups}
    for family in ("ECDSA in DER", "ECDSA as r, s"):
        assert groups[f"{family}: {curve}"].passed == groups[f"{family}: {curve}"].run > 200
    assert groups[f"ECDH with a SubjectPublicKeyInfo: {curve}"].run == 0
    for kind in ("EcdsaVerify", "EcdsaP1363Verify"):
        assert wycheproof._why_not({"type": kind, "sha": "SHA-256", "publicKey": {"curve": curve}}) == ""
    assert "no secret" in wycheproof._why_not({"type": "EcdhTest", "curve": curve})
