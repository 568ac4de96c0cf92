"""Dates are whole seconds, and all of the last one is inside (RFC 5280, 4.1.2.5)."""

from datetime import timedelta

import pytest
from cryptography import x509

from verifier.errors import TrustMaterialError
from verifier.pki.path import find_issuer_path, find_path
from verifier.pki.revocation import RevocationReasonCode, revocation_status
from verifier.pki.sources.signed_list import ListSigners, decode_signed_list
from verifier.pki.trust.trust_store import TrustStore

HALF = timedelta(seconds=0.5)
MASTER_LIST_SIGNING = (x509.ExtendedKeyUsage([x509.ObjectIdentifier("2.23.136.1.1.3")]), True)


@pytest.mark.parametrize("who", ["root", "signer"])
def test_a_certificate_is_valid_throughout_its_last_second_and_not_before_its_first(make, now, who):
    limited = {"not_before": now, "not_after": now}
    csca = make.csca(**limited if who == "root" else {})
    signer = make.signer(csca, **limited if who == "signer" else {}).certificate
    store = TrustStore.from_certificates([csca.certificate])
    assert find_path(signer, store, now + HALF).found
    assert not find_path(signer, store, now - HALF).found
    assert not find_path(signer, store, now + 2 * HALF).found
    if who == "root":
        assert find_issuer_path(csca.certificate, store, now + HALF).found
        assert not find_issuer_path(csca.certificate, store, now - HALF).found


def test_a_crl_is_fresh_throughout_the_second_of_its_next_update(make, now):
    csca = make.csca()
    signer = make.signer(csca).certificate
    crl = make.crl(csca, this_update=now - HALF * 4, next_update=now)
    store = TrustStore.from_certificates([csca.certificate], [crl])
    path = find_path(signer, store, now).path

    def reason(at):
        return revocation_status(signer, path, store, at).reason

    assert reason(now + HALF) is RevocationReasonCode.NOT_REVOKED
    assert reason(now + 2 * HALF) is RevocationReasonCode.CRL_STALE
    assert reason(crl.this_update - HALF) is RevocationReasonCode.CRL_NOT_YET_VALID


def test_a_list_signer_may_vouch_throughout_its_last_second(make, now, make_signed_data, tlv_of):
    csca = make.csca()
    signer = make.signer(csca, extra=(MASTER_LIST_SIGNING,), not_after=now)
    content = tlv_of(0x30, tlv_of(2, b"\0") + tlv_of(0x31, csca.certificate.der))
    kind = {"content_type": "2.23.136.1.1.2", "bound_content_type": "2.23.136.1.1.2"}
    signed = decode_signed_list(make_signed_data(content, signer, **kind))
    trust = TrustStore.from_certificates([csca.certificate])
    signers = ListSigners(now + HALF, trust=trust)
    voucher = signers.vouch(signed)
    assert voucher.signer == signer.certificate
    assert signers.window([voucher])[1] >= signers.at
    with pytest.raises(TrustMaterialError, match="expired"):
        ListSigners(now + 2 * HALF, trust=trust).vouch(signed)
