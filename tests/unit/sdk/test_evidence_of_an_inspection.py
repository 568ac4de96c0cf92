"""What an inspection leaves for those who judge it again."""

from datetime import UTC, datetime, timedelta

import pytest

from verifier.evidence.record import Evidence
from verifier.evidence.trust_lists import trust_lists_in_use
from verifier.sdk import CanPassword, inspect, load_profile, verify
from verifier.sdk.profiles import policy_for
from verifier.sdk.testing import SyntheticPki, invented_person, personalise
from verifier.sdk.testing.card_status import SyntheticCardStatus

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def pki() -> SyntheticPki:
    pki = SyntheticPki(at=AT - timedelta(days=100))
    pki.issue_crl(at=AT - timedelta(days=1))
    return pki


def test_an_inspection_notes_the_lists_that_it_believed(pki: SyntheticPki) -> None:
    chip = personalise(pki.issue_document_signer(), invented_person(1))
    status, trust, profile = SyntheticCardStatus().card_status_list(at=AT), pki.trust_store(), load_profile("icao-mrtd")
    password = CanPassword("123456")
    inspection = inspect(chip, trust, profile=profile, password=password, at=AT, card_status=status)

    assert inspection.evidence.trust_lists == trust_lists_in_use(trust, status)
    later = Evidence.from_bytes(inspection.evidence.to_bytes())
    assert verify(later, trust, policy_for(profile), at=AT, card_status=status) == inspection.report


def test_who_wants_no_lists_in_the_evidence_says_so(pki: SyntheticPki) -> None:
    chip, trust = personalise(pki.issue_document_signer(), invented_person(1)), pki.trust_store()
    profile, password = load_profile("icao-mrtd"), CanPassword("123456")
    inspection = inspect(chip, trust, profile=profile, password=password, at=AT, note_lists=False)
    assert inspection.evidence.trust_lists == ()
