"""Which lists a verification believed, as the evidence keeps it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from verifier.access.proofs import AccessProtocol, AccessRecord
from verifier.errors import EvidenceError
from verifier.evidence.record import Evidence
from verifier.evidence.trust_lists import TrustListVersion, trust_lists_in_use
from verifier.pki.trust.trust_store import TrustStore
from verifier.sdk.testing import SyntheticPki
from verifier.sdk.testing.card_status import SyntheticCardStatus

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def pki() -> SyntheticPki:
    pki = SyntheticPki(at=AT - timedelta(days=100))
    pki.issue_crl(at=AT - timedelta(days=1))
    return pki


def test_the_same_certificates_have_the_same_name_in_any_order(pki):
    store = pki.trust_store()
    other = SyntheticPki(at=AT, country="UT", state="UTO").trust_store()
    one = TrustStore.from_certificates([*store.certificates, *other.certificates], store.crls)
    two = TrustStore.from_certificates([*other.certificates, *store.certificates], store.crls)
    assert trust_lists_in_use(one) == trust_lists_in_use(two)
    assert trust_lists_in_use(one) != trust_lists_in_use(store)


def test_each_list_says_its_version_and_its_time(pki):
    status = SyntheticCardStatus().card_status_list(at=AT)
    listed = {entry.name: entry for entry in trust_lists_in_use(pki.trust_store(), status)}
    assert set(listed) == {"issuer-certificates", "revocation-lists", "card-status-list"}
    assert listed["issuer-certificates"].version == "1"
    assert listed["revocation-lists"].issued_at == AT - timedelta(days=1)
    assert listed["card-status-list"].issued_at == status.issued_at


def test_the_lists_come_back_from_the_file(pki):
    evidence = Evidence("icao-mrtd", AT, AccessRecord(AccessProtocol.BAC), {"EF.SOD": b"\x77\x00"})
    listed = (*trust_lists_in_use(pki.trust_store()), TrustListVersion("our master list", "2026-11"))
    noted = replace(evidence, trust_lists=listed)
    assert Evidence.from_bytes(noted.to_bytes()) == noted


@pytest.mark.parametrize(
    "listed",
    [TrustListVersion(""), TrustListVersion("a\n"), TrustListVersion("a", "đ"), TrustListVersion("a", sha256=b"short")],
)
def test_a_list_that_does_not_fit_the_format_cannot_be_written(listed):
    evidence = Evidence("icao-mrtd", AT, AccessRecord(AccessProtocol.BAC), {}, trust_lists=(listed,))
    with pytest.raises(EvidenceError):
        evidence.to_bytes()


def test_the_time_of_a_list_needs_a_zone_and_becomes_utc():
    with pytest.raises(EvidenceError):
        TrustListVersion("a", issued_at=datetime(2026, 1, 1))
    hanoi = timezone(timedelta(hours=7))
    assert TrustListVersion("a", issued_at=datetime(2026, 1, 1, 7, tzinfo=hanoi)).issued_at == datetime(
        2026, 1, 1, tzinfo=UTC
    )
