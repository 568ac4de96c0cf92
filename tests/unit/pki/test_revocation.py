from datetime import datetime, timedelta

import pytest
from cryptography import x509

from verifier.errors import InvalidInput, MalformedData
from verifier.pki.crl import CertificateRevocationList, RevocationReason
from verifier.pki.path import find_path
from verifier.pki.revocation import RevocationReasonCode, RevocationState, revocation_status
from verifier.pki.trust.trust_store import TrustStore

DAY = timedelta(days=1)


def look_up(signer, certificates, crls, at, **options):
    trust = TrustStore.from_certificates(certificates, crls)
    path = find_path(signer, trust, at).path
    assert path
    return revocation_status(signer, path, trust, at, **options)


@pytest.fixture
def csca(make):
    return make.csca()


@pytest.fixture
def signer(make, csca):
    return make.signer(csca).certificate


def test_a_signer_that_a_current_list_does_not_name_is_good(make, now, csca, signer):
    status = look_up(signer, [csca.certificate], [make.crl(csca, (1, 2, 3))], now)
    assert (status.state, status.reason) == (RevocationState.GOOD, RevocationReasonCode.NOT_REVOKED)


def test_a_signer_that_the_list_names_is_revoked_since_then_and_for_that(make, now, csca, signer):
    crl = make.crl(csca, (7, signer.serial), reason=x509.ReasonFlags.key_compromise)
    status = look_up(signer, [csca.certificate], [crl], now)
    assert (status.state, status.reason) == (RevocationState.REVOKED, RevocationReasonCode.SIGNER_REVOKED)
    assert status.entry.reason is RevocationReason.KEY_COMPROMISE
    assert status.entry.date == now - 10 * DAY


def test_without_a_list_nobody_knows(now, csca, signer):
    status = look_up(signer, [csca.certificate], [], now)
    assert (status.state, status.reason) == (RevocationState.UNKNOWN, RevocationReasonCode.NO_CRL)


def test_the_list_of_another_issuer_says_nothing(make, now, csca, signer):
    other = make.csca("Other")
    status = look_up(signer, [csca.certificate, other.certificate], [make.crl(other)], now)
    assert status.reason is RevocationReasonCode.NO_CRL


def test_a_list_past_its_next_update_is_stale_unless_the_policy_bears_with_it(make, now, csca, signer):
    crl = make.crl(csca, next_update=now - 2 * DAY)
    assert look_up(signer, [csca.certificate], [crl], now).reason is RevocationReasonCode.CRL_STALE
    assert look_up(signer, [csca.certificate], [crl], now, max_crl_age=3 * DAY).state is RevocationState.GOOD


def test_a_revocation_in_a_stale_list_still_counts(make, now, csca, signer):
    crl = make.crl(csca, (signer.serial,), next_update=now - 2 * DAY)
    assert look_up(signer, [csca.certificate], [crl], now).state is RevocationState.REVOKED


def test_a_list_of_tomorrow_does_not_show_that_a_signer_is_good(make, now, csca, signer):
    crl = make.crl(csca, this_update=now + DAY)
    assert look_up(signer, [csca.certificate], [crl], now).reason is RevocationReasonCode.CRL_NOT_YET_VALID


def test_a_forged_list_is_not_believed_either_way(make, now, csca, signer):
    forged = make.crl(csca, (signer.serial,), key=make.key())
    status = look_up(signer, [csca.certificate], [forged], now)
    assert (status.state, status.reason) == (RevocationState.UNKNOWN, RevocationReasonCode.CRL_SIGNATURE_INVALID)
    assert look_up(signer, [csca.certificate], [forged, make.crl(csca)], now).state is RevocationState.GOOD


def test_any_good_list_that_names_the_signer_outweighs_newer_ones(make, now, csca, signer):
    old = make.crl(csca, (signer.serial,), this_update=now - 50 * DAY)
    assert look_up(signer, [csca.certificate], [make.crl(csca), old], now).state is RevocationState.REVOKED


def test_the_issuer_must_be_allowed_to_sign_lists(make, now):
    csca = make.csca(usage=frozenset({"key_cert_sign"}))
    status = look_up(make.signer(csca).certificate, [csca.certificate], [make.crl(csca)], now)
    assert status.reason is RevocationReasonCode.CRL_ISSUER_UNKNOWN


def test_the_cscas_later_key_signs_for_the_signers_of_the_old_one(make, now, csca, signer):
    new = make.csca()
    link = make.link(csca, new)
    revoking, clean = make.crl(new, (signer.serial,)), make.crl(new)
    for certificates in ([csca.certificate, new.certificate], [csca.certificate, link]):
        assert look_up(signer, certificates, [clean], now).state is RevocationState.GOOD
        assert look_up(signer, certificates, [revoking], now).state is RevocationState.REVOKED


def renamed(make, csca, new):
    return (x509.IssuerAlternativeName([x509.DirectoryName(csca.name)]), False)


def test_a_csca_with_a_new_name_signs_for_the_old_one_only_with_a_link(make, now, csca, signer):
    new = make.csca("CSCA under another name")
    crl = make.crl(new, (signer.serial,), extra=(renamed(make, csca, new),))
    linked = [csca.certificate, new.certificate, make.link(csca, new)]
    assert look_up(signer, linked, [crl], now).state is RevocationState.REVOKED
    alone = look_up(signer, [csca.certificate, new.certificate], [crl], now)
    assert alone.state is RevocationState.UNKNOWN


def test_an_untrusted_issuer_of_the_right_name_is_not_heard(make, now, csca, signer):
    stray = make.csca()
    stray_link = make.link(make.csca("Nobody"), stray)
    crl = make.crl(stray, (signer.serial,))
    status = look_up(signer, [csca.certificate, stray_link], [crl], now)
    assert status.state is RevocationState.UNKNOWN


def test_a_revoked_link_spoils_the_path(make, now, csca):
    new = make.csca()
    link = make.link(csca, new)
    signer = make.signer(new).certificate
    status = look_up(signer, [csca.certificate, link], [make.crl(csca, (link.serial,))], now)
    assert (status.state, status.reason) == (RevocationState.REVOKED, RevocationReasonCode.ISSUER_REVOKED)


def test_a_root_that_revokes_itself_spoils_the_path(make, now, csca, signer):
    crl = make.crl(csca, (csca.certificate.serial,))
    assert look_up(signer, [csca.certificate], [crl], now).reason is RevocationReasonCode.ISSUER_REVOKED


UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")


def distribution_point(**options):
    fields = {
        "full_name": None,
        "relative_name": None,
        "only_contains_user_certs": False,
        "only_contains_ca_certs": False,
        "only_some_reasons": None,
        "indirect_crl": False,
        "only_contains_attribute_certs": False,
    }
    return x509.IssuingDistributionPoint(**{**fields, **options})


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"extra": ((UNKNOWN, True),)}, "critical extension 1.2.3.4"),
        ({"entry_extra": ((UNKNOWN, True),)}, "critical extension 1.2.3.4"),
        ({"extra": ((x509.DeltaCRLIndicator(6), True),)}, "delta"),
        ({"extra": ((distribution_point(indirect_crl=True), True),)}, "indirect"),
        ({"entry_extra": ((x509.CertificateIssuer([x509.DirectoryName(x509.Name([]))]), True),)}, "indirect"),
    ],
)
def test_a_list_of_a_kind_that_is_not_carried_is_unusable_and_says_why(make, now, csca, options, sentence):
    signer = make.signer(csca).certificate
    crl = make.crl(csca, (5,), **options)
    assert sentence in crl.unusable
    status = look_up(signer, [csca.certificate], [crl], now)
    assert status.reason is RevocationReasonCode.CRL_UNUSABLE


def test_extensions_that_restrict_nothing_leave_a_list_usable(make, now, csca):
    address = x509.UniformResourceIdentifier("http://example.org/crl")
    point = distribution_point(full_name=[address])
    same = x509.CRLDistributionPoints([x509.DistributionPoint([address], None, None, None)])
    signer = make.signer(csca, extra=((same, False),)).certificate
    assert look_up(signer, [csca.certificate], [make.crl(csca, (5,), extra=((point, True),))], now).state == "good"
    assert look_up(signer, [csca.certificate], [make.crl(csca, (5,), extra=((UNKNOWN, False),))], now).state == "good"


def test_fields_of_a_list_are_decoded(make, now, csca):
    crl = make.crl(csca, (5, 1 << 150))
    assert crl.number == 7
    assert crl.next_update == now + 80 * DAY
    assert set(crl.revoked) == {5, 1 << 150}
    with pytest.raises(MalformedData):
        CertificateRevocationList.decode(crl.der[:-1])


def test_a_time_without_zone_is_refused(csca, signer):
    with pytest.raises(InvalidInput):
        revocation_status(signer, (), TrustStore.from_certificates([csca.certificate]), datetime(2026, 1, 1))
