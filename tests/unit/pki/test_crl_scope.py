"""A CRL that names its distribution point is for the certificates that name it too (RFC 5280, 6.3.3, b, 2, i)."""

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from verifier.pki.conformity.deviation import Deviation
from verifier.pki.path import find_path
from verifier.pki.path_rules import Observation
from verifier.pki.revocation import RevocationReasonCode, RevocationState, revocation_status
from verifier.pki.trust.trust_store import TrustStore

HERE = x509.UniformResourceIdentifier("http://pki.example/here.crl")
THERE = x509.UniformResourceIdentifier("http://pki.example/there.crl")
RELATIVE = x509.RelativeDistinguishedName([x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "Part 1")])


SOME_REASONS = frozenset({x509.ReasonFlags.key_compromise})


def issuing_point(
    full_name=None, relative_name=None, *, users=False, authorities=False, attributes=False, reasons=None
):
    point = x509.IssuingDistributionPoint(full_name, relative_name, users, authorities, reasons, False, attributes)
    return (point, True)


def points(*names, relative=None):
    point = x509.DistributionPoint(list(names) or None, relative, None, None)
    return (x509.CRLDistributionPoints([point]), False)


@pytest.fixture
def csca(make):
    return make.csca()


@pytest.fixture
def status_of(make, now, csca):
    """What a list for some point says of a signer with some points, or none."""

    def status(point, *extra, revoked=False):
        signer = make.signer(csca, extra=extra).certificate
        crl = make.crl(csca, (signer.serial,) if revoked else (), extra=(point,))
        trust = TrustStore.from_certificates([csca.certificate], [crl])
        return revocation_status(signer, find_path(signer, trust, now).path, trust, now)

    return status


def test_a_list_for_the_signers_point_shows_that_it_is_good(status_of):
    assert status_of(issuing_point([THERE, HERE]), points(HERE)).state is RevocationState.GOOD


def test_a_list_for_another_point_shows_nothing(status_of):
    status = status_of(issuing_point([THERE]), points(HERE))
    assert (status.state, status.reason) == (RevocationState.UNKNOWN, RevocationReasonCode.CRL_UNUSABLE)
    assert "another part" in status.sentence


def test_a_list_for_a_point_shows_nothing_of_a_signer_without(status_of):
    assert status_of(issuing_point([HERE])).state is RevocationState.UNKNOWN


def test_a_revocation_counts_whatever_the_point(status_of):
    assert status_of(issuing_point([THERE]), points(HERE), revoked=True).state is RevocationState.REVOKED


def test_a_directory_name_may_be_written_as_a_continuation_of_the_issuers(status_of, csca):
    whole = x509.DirectoryName(x509.Name([*csca.name.rdns, RELATIVE]))
    for point in (issuing_point([whole]), issuing_point(relative_name=RELATIVE)):
        assert status_of(point, points(whole)).state is RevocationState.GOOD
        assert status_of(point, points(relative=RELATIVE)).state is RevocationState.GOOD
        assert status_of(point, points(HERE)).state is RevocationState.UNKNOWN


@pytest.mark.parametrize(
    "part",
    [{"authorities": True}, {"attributes": True}, {"full_name": [HERE], "reasons": SOME_REASONS}],
)
def test_a_list_for_some_kinds_or_reasons_shows_who_is_revoked_and_not_who_is_good(status_of, part):
    """Otherwise a second list, for everything else, would show a revoked signer as good."""
    assert status_of(issuing_point(**part), points(HERE)).reason is RevocationReasonCode.CRL_UNUSABLE
    assert status_of(issuing_point(**part), points(HERE), revoked=True).state is RevocationState.REVOKED


def test_a_list_for_end_entities_only_is_for_every_document_signer(status_of):
    assert status_of(issuing_point(users=True)).state is RevocationState.GOOD
    assert status_of(issuing_point(users=True), revoked=True).state is RevocationState.REVOKED


def test_points_that_do_not_decode_name_none(status_of):
    broken = (x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.31"), b"\x30\x05\x30\x03\xa0"), False)
    assert status_of(issuing_point([HERE]), broken).state is RevocationState.UNKNOWN


def test_a_list_without_a_point_is_for_all(make, now, csca):
    signer = make.signer(csca, extra=(points(HERE),)).certificate
    trust = TrustStore.from_certificates([csca.certificate], [make.crl(csca)])
    assert revocation_status(signer, find_path(signer, trust, now).path, trust, now).state is RevocationState.GOOD


def test_another_address_is_borne_with_where_a_policy_says_so_and_told(make, now, csca):
    code = Deviation.CRL_DISTRIBUTION_POINT_DIFFERS

    def status(*points_of_list, tolerated=True, revoked=False, **part):
        signer = make.signer(csca, extra=(points(HERE),)).certificate
        listed = (signer.serial,) if revoked else ()
        crl = make.crl(csca, listed, extra=(issuing_point(points_of_list or None, **part),))
        trust = TrustStore.from_certificates([csca.certificate], [crl])
        path = find_path(signer, trust, now).path
        return revocation_status(signer, path, trust, now, tolerates=lambda asked, _: tolerated and asked is code)

    borne = status(THERE)
    assert borne.state is RevocationState.GOOD
    assert borne.tolerated == (Observation(code, csca.certificate),)
    refused = status(THERE, tolerated=False)
    assert (refused.state, refused.code) == (RevocationState.UNKNOWN, code)
    assert status(HERE).tolerated == ()
    assert status(THERE, revoked=True).state is RevocationState.REVOKED
    partial = status(THERE, reasons=SOME_REASONS)
    assert (partial.state, partial.code) == (RevocationState.UNKNOWN, None)
