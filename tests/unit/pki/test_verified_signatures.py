"""What was verified once is not verified again; what it means is judged anew each time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from verifier.pki.certificate import Certificate
from verifier.pki.crl import CertificateRevocationList
from verifier.pki.path import PathReason, find_path
from verifier.pki.revocation import RevocationReasonCode, RevocationState, revocation_status
from verifier.pki.trust.trust_store import TrustStore
from verifier.pki.trust.verified_signatures import VerifiedSignatures


@pytest.fixture
def counted(monkeypatch):
    """Every signature that is really verified, by kind."""
    calls = []

    def count(kind):
        genuine = kind.is_signed_by

        def counting(self, key):
            calls.append(kind)
            return genuine(self, key)

        monkeypatch.setattr(kind, "is_signed_by", counting)

    count(Certificate)
    count(CertificateRevocationList)
    return calls


def judge(signer, trust, at):
    result = find_path(signer, trust, at)
    return result, revocation_status(signer, result.path, trust, at) if result.found else None


def test_a_second_tap_verifies_no_signature_of_an_authority_again(make, now, counted):
    old, new = make.csca("CSCA 1"), make.csca("CSCA 2")
    link = make.link(old, new)
    trust = TrustStore.from_certificates([old.certificate, link], [make.crl(new)])
    signer = make.signer(new).certificate

    first = judge(signer, trust, now)
    assert counted == [Certificate, Certificate, Certificate, CertificateRevocationList]  # signer, link, root, CRL
    counted.clear()

    assert judge(signer, trust, now) == first
    assert first[1].state is RevocationState.GOOD
    assert counted == []


def test_a_forged_signature_is_refused_each_time_and_takes_no_place(make, now, counted):
    csca, impostor = make.csca(), make.csca()
    trust = TrustStore.from_certificates([csca.certificate])
    forged = make.signer(impostor, authority_key=False).certificate
    for _ in range(2):
        counted.clear()
        assert find_path(forged, trust, now).reason is PathReason.SIGNATURE_INVALID
        assert counted == [Certificate]
    assert len(trust.signatures) == 0


def test_the_same_bytes_under_another_key_are_another_signature(make, now):
    csca, other = make.csca(), make.csca()
    signer = make.signer(csca).certificate
    signatures = VerifiedSignatures()
    assert signatures.verify(signer, csca.certificate.public_key)
    assert not signatures.verify(signer, other.certificate.public_key)
    assert len(signatures) == 1


def test_dates_and_revocation_are_judged_anew(make, now):
    csca = make.csca()
    signer = make.signer(csca, not_after=now + timedelta(days=1)).certificate
    trust = TrustStore.from_certificates([csca.certificate], [make.crl(csca)])
    assert judge(signer, trust, now)[1].state is RevocationState.GOOD

    revoked = trust.adding(crls=[make.crl(csca, (signer.serial,), this_update=now)])
    assert judge(signer, revoked, now)[1].reason is RevocationReasonCode.SIGNER_REVOKED
    assert find_path(signer, trust, now + timedelta(days=2)).reason is PathReason.SIGNER_EXPIRED


def test_a_grown_store_keeps_what_was_verified(make, now, counted):
    csca = make.csca()
    signer = make.signer(csca).certificate
    trust = TrustStore.from_certificates([csca.certificate], [make.crl(csca)])
    judge(signer, trust, now)
    grown = trust.adding([make.csca("Another", "UT").certificate])
    counted.clear()
    judge(signer, grown, now)
    assert counted == [Certificate]  # the root's own signature: who is an anchor, each store decides for itself


def test_the_memory_is_bounded_and_the_longest_unused_makes_room(make, counted):
    csca = make.csca()
    key = csca.certificate.public_key
    often, seldom, new = (make.signer(csca).certificate for _ in range(3))
    signatures = VerifiedSignatures(limit=2)
    for certificate in (often, seldom, often, new, often):
        assert signatures.verify(certificate, key)
    assert len(signatures) == 2
    assert len(counted) == 3
    assert signatures.verify(seldom, key)
    assert len(counted) == 4


def test_threads_share_it(make):
    csca = make.csca()
    key = csca.certificate.public_key
    signers = [make.signer(csca).certificate for _ in range(6)]
    signatures = VerifiedSignatures(limit=3)
    with ThreadPoolExecutor(8) as pool:
        verdicts = list(pool.map(lambda certificate: signatures.verify(certificate, key), signers * 50))
    assert all(verdicts)
    assert len(signatures) == 3
