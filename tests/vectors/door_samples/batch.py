"""Verify a folder of evidence, and count why files were refused."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from verifier.sdk import CanPassword, load_profile, read
from verifier.sdk.batch import Judgement, verify_files
from verifier.sdk.testing import SyntheticPki, invented_person, personalise

now = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
profile = load_profile("icao-mrtd")
pki = SyntheticPki(at=now)
pki.issue_crl()
refused: Counter[str] = Counter()
with TemporaryDirectory() as folder:
    card = personalise(pki.issue_document_signer(), invented_person(1))
    evidence = read(card, profile=profile, password=CanPassword("123456"), at=now)
    Path(folder, "good.json").write_bytes(evidence.to_bytes())
    Path(folder, "damaged.json").write_bytes(b"{}")
    judgement: Judgement
    for judgement in verify_files(sorted(Path(folder).iterdir()), pki.trust_store(), at=now):
        if not judgement.passed:
            refused[judgement.reason] += 1
assert refused == {"evidence-error": 1}, refused
