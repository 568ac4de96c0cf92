"""What stops a path is waived by its code and by nothing else, and a path that needs no tolerance is preferred."""

from datetime import datetime, timedelta

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from verifier.pki.certificate import Certificate
from verifier.pki.conformity.deviation import Deviation
from verifier.pki.path import PathReason, find_issuer_path, find_path
from verifier.pki.path_rules import Observation
from verifier.pki.revocation import RevocationReasonCode, RevocationState, revocation_status
from verifier.pki.trust.trust_store import TrustStore
from verifier.sdk.testing.writing.signing import shared_rsa_key


def store(*certificates, crls=()):
    return TrustStore.from_certificates(certificates, crls)


def tolerating(*codes):
    return lambda code, certificate: code in codes


def all_but(*codes):
    return lambda code, certificate: code not in codes


NOT_CA = (x509.BasicConstraints(ca=False, path_length=None), True)


@pytest.mark.parametrize(
    ("options", "code", "reason"),
    [
        ({"basic_constraints": False}, Deviation.BASIC_CONSTRAINTS_MISSING, PathReason.NOT_A_CA),
        (
            {"basic_constraints": False, "extra": (NOT_CA,)},
            Deviation.BASIC_CONSTRAINTS_NOT_CA,
            PathReason.NOT_A_CA,
        ),
        ({"usage": frozenset({"crl_sign"})}, Deviation.KEY_USAGE_WITHOUT_CERT_SIGN, PathReason.KEY_USAGE_WRONG),
        ({"usage": frozenset()}, Deviation.KEY_USAGE_MISSING, PathReason.KEY_USAGE_WRONG),
    ],
)
def test_a_root_that_deviates_is_waived_by_its_code_alone(make, now, options, code, reason):
    csca = make.csca(**options)
    signer = make.signer(csca).certificate
    trust = store(csca.certificate)
    strict = find_path(signer, trust, now)
    assert (strict.reason, strict.code) == (reason, code)
    assert find_path(signer, trust, now, all_but(code)).reason is reason
    tolerant = find_path(signer, trust, now, tolerating(code))
    assert tolerant.found
    assert tolerant.tolerated == (Observation(code, csca.certificate),)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"usage": frozenset({"key_agreement"})}, Deviation.KEY_USAGE_WITHOUT_DIGITAL_SIGNATURE),
        ({"usage": frozenset()}, Deviation.KEY_USAGE_MISSING),
        ({"ca": True, "usage": frozenset({"digital_signature"})}, Deviation.SIGNER_IS_CA),
        (
            {"extra": ((x509.ExtendedKeyUsage([x509.ObjectIdentifier("1.3.6.1.5.5.7.3.1")]), True),)},
            Deviation.EXTENDED_KEY_USAGE_PRESENT,
        ),
        ({"country": None}, Deviation.COUNTRY_MISSING),
    ],
)
def test_a_signer_that_deviates_is_waived_by_its_code_alone(make, now, options, code):
    csca = make.csca()
    signer = make.signer(csca, **options).certificate
    trust = store(csca.certificate)
    assert find_path(signer, trust, now).code is code
    assert not find_path(signer, trust, now, all_but(code)).found
    assert find_path(signer, trust, now, tolerating(code)).tolerated == (Observation(code, signer),)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"not_after": datetime.fromisoformat("2026-05-31T00:00:00Z")}, PathReason.SIGNER_EXPIRED),
        ({"country": "LA"}, PathReason.COUNTRY_MISMATCH),
        (
            {"extra": ((x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True),)},
            PathReason.CRITICAL_EXTENSION_UNKNOWN,
        ),
    ],
)
def test_some_things_are_never_waived(make, now, options, reason):
    csca = make.csca()
    result = find_path(make.signer(csca, **options).certificate, store(csca.certificate), now, all_but())
    assert (result.reason, result.code) == (reason, None)


def test_a_forged_signature_is_never_waived(make, now):
    genuine, impostor = make.csca(), make.csca()
    signer = make.signer(impostor).certificate
    assert find_path(signer, store(genuine.certificate), now, all_but()).reason is PathReason.SIGNATURE_INVALID


def test_a_root_that_does_not_say_so_and_did_not_sign_itself_is_none(make, now):
    """A tolerance must not make a root of a self-issued certificate that somebody else signed."""
    impostor = make.csca("Impostor")
    key = make.key()
    subject = make.csca("CSCA").name
    certificate = make.certificate(subject, key, subject, impostor.key, ca=True, basic_constraints=False)
    forged = type(impostor)(subject, key, certificate)
    result = find_path(make.signer(forged).certificate, store(certificate), now, all_but())
    assert not result.found


def with_sha1(certificate, issuer_key):
    """The same certificate, signed once more with ecdsa-with-SHA1."""
    parsed = asn1_x509.Certificate.load(certificate.der)
    algorithm = {"algorithm": "sha1_ecdsa"}
    parsed["tbs_certificate"]["signature"] = parsed["signature_algorithm"] = algorithm
    parsed["signature_value"] = issuer_key.sign(parsed["tbs_certificate"].dump(force=True), ec.ECDSA(hashes.SHA1()))
    return Certificate.decode(parsed.dump(force=True))


def test_a_signer_certified_with_sha1_is_refused_by_name(make, now):
    csca = make.csca()
    signer = with_sha1(make.signer(csca).certificate, csca.key)
    assert_deprecated(signer, csca, now, Deviation.DEPRECATED_HASH_SHA1)


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (lambda: shared_rsa_key("paths", 1024), Deviation.DEPRECATED_RSA_1024),
        (lambda: ec.generate_private_key(ec.SECP192R1()), Deviation.DEPRECATED_CURVE_P192),
    ],
)
def test_a_signer_certified_with_a_weak_key_is_refused_by_name(make, now, key, code):
    csca = make.csca(key=key())
    assert_deprecated(make.signer(csca).certificate, csca, now, code)


def assert_deprecated(signer, csca, now, code):
    trust = store(csca.certificate)
    strict = find_path(signer, trust, now)
    assert (strict.reason, strict.code) == (PathReason.ALGORITHM_DEPRECATED, code)
    assert find_path(signer, trust, now, tolerating(code)).tolerated == (Observation(code, signer),)


def test_how_a_root_signed_itself_is_nobodys_concern(make, now):
    csca = make.csca()
    csca.certificate = with_sha1(csca.certificate, csca.key)
    result = find_path(make.signer(csca).certificate, store(csca.certificate), now)
    assert (result.found, result.tolerated) == (True, ())


def test_a_path_without_tolerances_is_preferred_to_a_shorter_one_with(make, now):
    """The new key stands in the store without basicConstraints, and as a link under the old one."""
    old, new = make.csca(), make.csca(basic_constraints=False)
    link = make.link(old, new)
    signer = make.signer(new).certificate
    result = find_path(signer, store(old.certificate, new.certificate, link), now, all_but())
    assert result.path == (signer, link, old.certificate)
    assert result.tolerated == ()


def test_a_link_that_does_not_announce_its_name_is_waived_by_its_code(make, now):
    old, new = make.csca("CSCA 1"), make.csca("CSCA 2")
    link = make.link(old, new, extra=())
    signer = make.signer(new).certificate
    trust = store(old.certificate, link)
    assert find_path(signer, trust, now).code is Deviation.NAME_CHANGE_MISSING
    tolerant = find_path(signer, trust, now, tolerating(Deviation.NAME_CHANGE_MISSING))
    assert tolerant.tolerated == (Observation(Deviation.NAME_CHANGE_MISSING, link),)


def test_a_link_that_says_it_is_no_authority_is_waived_by_its_code(make, now):
    """As links of Cameroon, Luxembourg, Portugal and Turkey on public master lists."""
    old, new = make.csca(), make.csca()
    link = make.link(old, new, basic_constraints=False, extra=(NOT_CA,))
    signer = make.signer(new).certificate
    trust = store(old.certificate, link)
    assert find_path(signer, trust, now).code is Deviation.BASIC_CONSTRAINTS_NOT_CA
    tolerant = find_path(signer, trust, now, tolerating(Deviation.BASIC_CONSTRAINTS_NOT_CA))
    assert tolerant.path == (signer, link, old.certificate)
    assert tolerant.tolerated == (Observation(Deviation.BASIC_CONSTRAINTS_NOT_CA, link),)


def test_a_document_signer_issues_nothing_even_where_everything_is_tolerated_but_its_usage(make, now):
    csca = make.csca()
    careless = make.signer(csca)
    forged = make.signer(careless, "Forged").certificate
    trust = store(csca.certificate, careless.certificate)
    tolerates = all_but(Deviation.KEY_USAGE_WITHOUT_CERT_SIGN)
    assert not find_path(forged, trust, now, tolerates).found
    assert not find_path(forged, trust, now, all_but()).found


def period(first, last):
    """privateKeyUsagePeriod, by hand."""
    ends = [
        b"\x80\x0f%bZ" % first.strftime("%Y%m%d%H%M%S").encode(),
        b"\x81\x0f%bZ" % last.strftime("%Y%m%d%H%M%S").encode(),
    ]
    content = b"".join(ends)
    value = bytes([0x30, len(content)]) + content
    return x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.16"), value), False


@pytest.mark.parametrize(("days", "inside"), [(-10, True), (10, False)])
def test_a_signer_issued_outside_its_issuers_period_is_named_and_believed(make, now, days, inside):
    ends = now - timedelta(days=100)
    csca = make.csca(extra=(period(now - timedelta(days=360), ends),))
    signer = make.signer(csca, not_before=ends + timedelta(days=days)).certificate
    result = find_path(signer, store(csca.certificate), now)
    assert result.found
    expected = () if inside else (Observation(Deviation.PRIVATE_KEY_USAGE_PERIOD_EXCEEDED, signer),)
    assert result.deviations == expected


def test_a_root_that_deviates_is_a_root_for_crls_too_where_that_is_tolerated(make, now):
    csca = make.csca(basic_constraints=False)
    trust = store(csca.certificate)
    assert find_issuer_path(csca.certificate, trust, now).reason is PathReason.NOT_A_CA
    tolerant = find_issuer_path(csca.certificate, trust, now, tolerating(Deviation.BASIC_CONSTRAINTS_MISSING))
    assert tolerant.path == (csca.certificate,)


# --- revocation


def status_of(signer, csca, crl, now, tolerates=None):
    trust = store(csca.certificate, crls=[crl])
    options = {} if tolerates is None else {"tolerates": tolerates}
    return revocation_status(signer, (signer, csca.certificate), trust, now, **options)


def test_a_weakly_signed_crl_revokes_but_shows_nobody_good(make, now):
    csca = make.csca(key=shared_rsa_key("paths", 1024))
    signer = make.signer(csca).certificate
    clean, naming = make.crl(csca), make.crl(csca, (signer.serial,))

    assert status_of(signer, csca, naming, now).state is RevocationState.REVOKED
    strict = status_of(signer, csca, clean, now)
    assert (strict.state, strict.reason) == (RevocationState.UNKNOWN, RevocationReasonCode.CRL_ALGORITHM_DEPRECATED)
    assert strict.code is Deviation.DEPRECATED_RSA_1024
    tolerant = status_of(signer, csca, clean, now, tolerating(Deviation.DEPRECATED_RSA_1024))
    assert tolerant.state is RevocationState.GOOD
    assert tolerant.tolerated == (Observation(Deviation.DEPRECATED_RSA_1024, csca.certificate),)


def test_a_crl_by_a_key_that_may_not_sign_crls_counts_where_that_is_tolerated(make, now):
    csca = make.csca(usage=frozenset({"key_cert_sign"}))
    signer = make.signer(csca).certificate
    crl = make.crl(csca)
    assert status_of(signer, csca, crl, now).reason is RevocationReasonCode.CRL_ISSUER_UNKNOWN
    tolerant = status_of(signer, csca, crl, now, tolerating(Deviation.KEY_USAGE_WITHOUT_CRL_SIGN))
    assert tolerant.state is RevocationState.GOOD
    assert [one.code for one in tolerant.tolerated] == [Deviation.KEY_USAGE_WITHOUT_CRL_SIGN]


def test_a_fresh_crl_by_the_later_key_covers_signers_of_the_earlier_one(make, now):
    old, new = make.csca(), make.csca()
    signer = make.signer(old).certificate
    trust = store(old.certificate, new.certificate, make.link(old, new), crls=[make.crl(new)])
    status = revocation_status(signer, (signer, old.certificate), trust, now)
    assert status.state is RevocationState.GOOD
