"""Files that earlier releases wrote stay readable, and are judged as they were then: for as long as there is a release.

The files in ``golden`` were written once and are never written again. Their persons and their state are invented.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from verifier.access.proofs import AccessProtocol
from verifier.errors import EvidenceError
from verifier.evidence.record import Evidence
from verifier.pki.certificate import Certificate
from verifier.pki.crl import CertificateRevocationList
from verifier.pki.trust.trust_store import TrustStore
from verifier.verification.policy import Policy
from verifier.verification.report import CheckName, Outcome
from verifier.verification.verify import verify

GOLDEN = Path(__file__).parent / "golden"
AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
WITHOUT_STATUS = Policy(required=frozenset(CheckName) - {CheckName.CARD_STATUS})


@pytest.fixture(scope="module")
def trust() -> TrustStore:
    csca = Certificate.decode((GOLDEN / "csca.der").read_bytes())
    return TrustStore.from_certificates([csca], [CertificateRevocationList.decode((GOLDEN / "csca.crl").read_bytes())])


@pytest.mark.parametrize(
    ("name", "access", "reason"),
    [
        ("v1-pace-chip-authentication", AccessProtocol.PACE, "chip-authentic-ca"),
        ("v1-bac-active-authentication", AccessProtocol.BAC, "chip-authentic-aa"),
    ],
)
def test_a_file_of_version_1_is_judged_as_it_was(trust, name, access, reason):
    evidence = Evidence.from_bytes((GOLDEN / f"{name}.json").read_bytes())
    assert (evidence.access.protocol, evidence.captured_at) == (access, AT)
    assert (evidence.pace_chip_authentication, evidence.trust_lists) == (None, ())
    report = verify(evidence, trust, WITHOUT_STATUS, at=AT)
    assert (report.outcome, report.result(CheckName.CHIP_AUTHENTICITY).reason) == (Outcome.PASSED, reason)
    assert report.holder is not None


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("v1-*.json")), ids=lambda path: path.stem)
def test_a_file_of_version_1_is_the_same_evidence_in_the_newest_version(path):
    evidence = Evidence.from_bytes(path.read_bytes())
    newest = json.loads(evidence.to_bytes())
    added = {key: newest.pop(key) for key in ("version", "pace_chip_authentication", "trust_lists")}
    assert added == {"version": 2, "pace_chip_authentication": None, "trust_lists": []}
    old = json.loads(path.read_bytes())
    assert newest == {key: value for key, value in old.items() if key != "version"}
    assert Evidence.from_bytes(evidence.to_bytes()) == evidence


@pytest.mark.parametrize("entry", ["pace_chip_authentication", "trust_lists"])
def test_a_file_of_version_1_has_no_entry_of_version_2(entry):
    document = json.loads((GOLDEN / "v1-bac-active-authentication.json").read_bytes())
    document[entry] = None
    with pytest.raises(EvidenceError, match="does not know"):
        Evidence.from_bytes(json.dumps(document).encode())
