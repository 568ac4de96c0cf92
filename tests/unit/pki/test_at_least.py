"""Paths and revocation where only the earliest time that it may be is known."""

from datetime import UTC, datetime, timedelta

import pytest

from verifier.pki.path import PathReason, find_issuer_path, find_path
from verifier.pki.revocation import RevocationReasonCode, revocation_status
from verifier.pki.trust.trust_store import TrustStore

DAY = timedelta(days=1)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def test_what_is_not_valid_yet_may_be_valid_by_now(make):
    csca = make.csca()
    signer = make.signer(csca).certificate
    trust = TrustStore.from_certificates([csca.certificate])

    assert find_path(signer, trust, LONG_AGO).reason is PathReason.SIGNER_NOT_YET_VALID
    assert find_path(signer, trust, LONG_AGO, at_least=True).found
    assert find_issuer_path(csca.certificate, trust, LONG_AGO, at_least=True).found


def test_what_has_expired_has_expired_for_good(make, now):
    csca = make.csca()
    expired = make.signer(csca, not_after=now - DAY).certificate
    trust = TrustStore.from_certificates([csca.certificate])
    assert find_path(expired, trust, now, at_least=True).reason is PathReason.SIGNER_EXPIRED

    old = make.csca(not_after=now - DAY)
    of_old = make.signer(old).certificate
    trust = TrustStore.from_certificates([old.certificate])
    assert find_path(of_old, trust, now, at_least=True).reason is PathReason.ISSUER_EXPIRED


@pytest.mark.parametrize("newest_first", [True, False])
def test_an_issuer_whose_next_certificate_begins_later_has_not_expired_for_good(make, now, newest_first):
    """now: the first certificate of the key has expired, the second has not begun. Later the second is good."""
    first = make.csca(not_after=now - DAY)
    second = make.csca(key=first.key, not_before=now + DAY)
    signer = make.signer(first).certificate
    roots = [first.certificate, second.certificate]
    trust = TrustStore.from_certificates(reversed(roots) if newest_first else roots)

    assert not find_path(signer, trust, now).found
    assert find_path(signer, trust, now, at_least=True).path == (signer, second.certificate)


def test_a_list_of_later_counts_and_so_does_the_one_who_signed_it(make, now):
    csca = make.csca()
    good, bad = make.signer(csca).certificate, make.signer(csca).certificate
    crl = make.crl(csca, (bad.serial,), this_update=now)
    trust = TrustStore.from_certificates([csca.certificate], [crl])

    def reason(signer, at_least):
        path = (signer, csca.certificate)
        return revocation_status(signer, path, trust, LONG_AGO, at_least=at_least).reason

    assert reason(good, at_least=False) is RevocationReasonCode.CRL_ISSUER_UNKNOWN
    assert reason(good, at_least=True) is RevocationReasonCode.NOT_REVOKED
    assert reason(bad, at_least=True) is RevocationReasonCode.SIGNER_REVOKED


def test_a_stale_list_is_stale_for_good_unless_a_later_one_lies_beside_it(make, now):
    csca = make.csca()
    signer = make.signer(csca).certificate
    stale = make.crl(csca, this_update=now - 90 * DAY, next_update=now - DAY)
    ahead = make.crl(csca, this_update=now + DAY)

    def reason(*crls):
        trust = TrustStore.from_certificates([csca.certificate], crls)
        return revocation_status(signer, (signer, csca.certificate), trust, now, at_least=True).reason

    assert reason(stale) is RevocationReasonCode.CRL_STALE
    assert reason(stale, ahead) is RevocationReasonCode.NOT_REVOKED
