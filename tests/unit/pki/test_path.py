import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, PathValidationError, ValidationError

from verifier.errors import InvalidInput
from verifier.pki.path import MAX_PATH_LENGTH, MAX_SIGNATURES, PathReason, find_issuer_path, find_path
from verifier.pki.path_rules import tolerate_nothing
from verifier.pki.trust.trust_store import TrustStore

DAY = timedelta(days=1)


def store(*certificates):
    return TrustStore.from_certificates(certificates)


def tolerates_all(code, certificate):
    return True


def test_a_signer_under_a_trusted_root_has_a_path(make, now):
    csca = make.csca()
    signer = make.signer(csca)
    result = find_path(signer.certificate, store(csca.certificate), now)
    assert result.found
    assert result.path == (signer.certificate, csca.certificate)
    assert result.deviations == ()


def test_a_signer_of_an_unknown_root_has_none(make, now):
    result = find_path(make.signer(make.csca("Other")).certificate, store(make.csca("CSCA").certificate), now)
    assert (result.found, result.reason, result.path) == (False, PathReason.ISSUER_UNKNOWN, ())


def test_a_root_of_the_same_name_with_another_key_has_not_signed_it(make, now):
    genuine, impostor = make.csca(), make.csca()
    signer = make.signer(impostor)
    assert find_path(signer.certificate, store(genuine.certificate), now).reason is PathReason.SIGNATURE_INVALID


def test_every_candidate_of_the_name_is_tried(make, now):
    roots = [make.csca() for _ in range(6)]
    for root in roots:
        signer = make.signer(root, authority_key=False)
        result = find_path(signer.certificate, store(*(r.certificate for r in roots)), now)
        assert result.path == (signer.certificate, root.certificate)


def test_the_key_identifier_finds_a_root_whose_name_is_written_differently(make, now, make_name):
    csca = make.csca("CSCA Viet Nam")
    csca.name = make_name("Country Signer")
    signer = make.signer(csca)
    assert find_path(signer.certificate, store(csca.certificate), now).found


def test_letter_case_and_spaces_of_the_issuers_name_do_not_matter(make, now, make_name):
    csca = make.csca("CSCA  Viet Nam")
    csca.name = make_name("csca VIET nam ")
    signer = make.signer(csca, authority_key=False)
    assert find_path(signer.certificate, store(csca.certificate), now).found


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"not_after": datetime.fromisoformat("2026-05-31T00:00:00Z")}, PathReason.SIGNER_EXPIRED),
        ({"not_before": datetime.fromisoformat("2026-06-02T00:00:00Z")}, PathReason.SIGNER_NOT_YET_VALID),
        ({"usage": frozenset({"key_agreement"})}, PathReason.KEY_USAGE_WRONG),
        ({"usage": frozenset()}, PathReason.KEY_USAGE_WRONG),
        ({"country": "LA"}, PathReason.COUNTRY_MISMATCH),
        ({"country": None}, PathReason.COUNTRY_MISMATCH),
        (
            {"extra": ((x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True),)},
            PathReason.CRITICAL_EXTENSION_UNKNOWN,
        ),
        (
            {"extra": ((x509.ExtendedKeyUsage([x509.ObjectIdentifier("2.23.136.1.1.3")]), True),)},
            PathReason.EXTENDED_KEY_USAGE_WRONG,
        ),
    ],
)
def test_a_signer_that_may_not_sign_is_refused_with_its_reason(make, now, options, reason):
    csca = make.csca()
    signer = make.signer(csca, **options)
    result = find_path(signer.certificate, store(csca.certificate), now)
    assert (result.reason, result.path) == (reason, ())


@pytest.mark.parametrize(
    "extension",
    [
        (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), False),
        (x509.UnrecognizedExtension(x509.ObjectIdentifier("2.23.136.1.1.6.2"), b"\x30\x00"), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]), False),
    ],
)
def test_extensions_that_bind_nobody_are_borne_with(make, now, extension):
    csca = make.csca()
    assert find_path(make.signer(csca, extra=(extension,)).certificate, store(csca.certificate), now).found


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"not_after": datetime.fromisoformat("2026-05-31T00:00:00Z")}, PathReason.ISSUER_EXPIRED),
        ({"not_before": datetime.fromisoformat("2026-06-02T00:00:00Z")}, PathReason.ISSUER_NOT_YET_VALID),
        ({"usage": frozenset({"crl_sign"})}, PathReason.KEY_USAGE_WRONG),
        ({"basic_constraints": False}, PathReason.NOT_A_CA),
        (
            {"extra": ((x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True),)},
            PathReason.CRITICAL_EXTENSION_UNKNOWN,
        ),
    ],
)
def test_a_root_that_may_not_issue_is_refused_with_its_reason(make, now, options, reason):
    csca = make.csca(**options)
    assert find_path(make.signer(csca).certificate, store(csca.certificate), now).reason is reason


def test_the_very_first_and_last_second_are_inside(make, now):
    csca = make.csca(not_before=now, not_after=now + DAY)
    signer = make.signer(csca, not_before=now, not_after=now + DAY).certificate
    trust = store(csca.certificate)
    assert find_path(signer, trust, now).found
    assert find_path(signer, trust, now + DAY).found
    assert not find_path(signer, trust, now - timedelta(seconds=1)).found
    assert not find_path(signer, trust, now + DAY + timedelta(seconds=1)).found


def test_an_expired_signer_of_nobody_known_is_unknown_rather_than_expired(make, now):
    signer = make.signer(make.csca("Other"), not_after=now - DAY)
    result = find_path(signer.certificate, store(make.csca().certificate), now)
    assert result.reason is PathReason.ISSUER_UNKNOWN


def test_an_expired_signer_of_an_expired_root_is_expired_itself(make, now):
    csca = make.csca(not_after=now - DAY)
    result = find_path(make.signer(csca, not_after=now - DAY).certificate, store(csca.certificate), now)
    assert result.reason is PathReason.SIGNER_EXPIRED


# --- link certificates ------------------------------------------------------------------------------------------------


def test_a_link_certificate_leads_from_the_new_key_to_the_old_root(make, now):
    old, new = make.csca(), make.csca()
    link = make.link(old, new)
    signer = make.signer(new)
    result = find_path(signer.certificate, store(old.certificate, link), now)
    assert result.path == (signer.certificate, link, old.certificate)


def test_a_link_certificate_leads_from_the_old_key_to_the_new_root(make, now):
    old, new = make.csca(), make.csca()
    link = make.link(new, old)
    signer = make.signer(old)
    assert find_path(signer.certificate, store(new.certificate, link), now).path[-1] == new.certificate


def test_a_link_to_a_new_name_is_followed(make, now):
    old, new = make.csca("CSCA 1"), make.csca("CSCA 2")
    link = make.link(old, new)
    assert find_path(make.signer(new).certificate, store(old.certificate, link), now).found


def test_a_link_certificate_alone_anchors_nothing(make, now):
    old, new = make.csca(), make.csca()
    trust = store(make.link(old, new))
    assert trust.anchors == ()
    assert find_path(make.signer(new).certificate, trust, now).reason is PathReason.ISSUER_UNKNOWN


def test_an_expired_link_is_not_followed(make, now):
    old, new = make.csca(), make.csca()
    link = make.link(old, new, not_after=now - DAY)
    result = find_path(make.signer(new).certificate, store(old.certificate, link), now)
    assert result.reason is PathReason.ISSUER_EXPIRED


def test_a_link_from_another_country_is_not_followed(make, now):
    old, new = make.csca("Abroad", "LA"), make.csca("CSCA", "VN")
    result = find_path(make.signer(new).certificate, store(old.certificate, make.link(old, new)), now)
    assert result.reason is PathReason.COUNTRY_MISMATCH


def test_the_root_is_preferred_to_the_way_around(make, now):
    old, new = make.csca(), make.csca()
    trust = store(make.link(old, new), old.certificate, new.certificate)
    assert len(find_path(make.signer(new).certificate, trust, now).path) == 2


def chain_of_links(make, length):
    keys = [make.csca(f"CSCA {number}") for number in range(length)]
    return keys, [make.link(a, b) for a, b in pairwise(keys)]


def test_a_long_row_of_links_is_followed_up_to_the_bound(make, now):
    keys, links = chain_of_links(make, MAX_PATH_LENGTH)
    trust = store(keys[0].certificate, *links)
    longest, too_long = make.signer(keys[-2]), make.signer(keys[-1])
    assert len(find_path(longest.certificate, trust, now).path) == MAX_PATH_LENGTH
    assert not find_path(too_long.certificate, trust, now).found


def test_links_in_a_circle_end(make, now):
    one, two = make.csca("One"), make.csca("Two")
    trust = store(make.link(one, two), make.link(two, one))
    assert find_path(make.signer(one).certificate, trust, now).reason is PathReason.ISSUER_UNKNOWN


def test_a_link_to_a_new_name_says_so_or_is_not_followed(make, now):
    """ICAO 9303-12, 7.1.1.5. Without the extension it looks like an authority below the CSCA."""
    old, new = make.csca("CSCA 1"), make.csca("CSCA 2")
    silent = make.link(old, new, extra=())
    signer = make.signer(new).certificate
    assert find_path(signer, store(old.certificate, silent), now).reason is PathReason.NOT_A_LINK
    assert find_path(signer, store(old.certificate, silent, new.certificate), now).found


def test_a_document_signer_cannot_issue_a_document_signer(make, now):
    """A signer that its CSCA issued as a CA by mistake lies in the store, as document signers may, and signs another.

    Neither the store nor pathLenConstraint 0 nor its absence makes an authority of it.
    """
    csca = make.csca()
    careless = make.signer(csca, ca=True, usage=frozenset({"digital_signature", "key_cert_sign", "crl_sign"}))
    forged = make.signer(careless, "Forged")
    trust = store(csca.certificate, careless.certificate)
    assert trust.anchors == (csca.certificate,)
    assert find_path(careless.certificate, trust, now, tolerates_all).found
    for tolerates in (tolerate_nothing, tolerates_all):
        assert find_path(forged.certificate, trust, now, tolerates).reason is PathReason.NOT_A_LINK


def test_a_link_with_the_path_length_of_the_sixth_edition_is_followed(make, now, make_name):
    """ICAO 9303-12, Appendix C: pathLenConstraint 1 in link certificates."""
    old, new = make.csca(), make.csca()
    constraint = (x509.BasicConstraints(ca=True, path_length=1), True)
    link = make.link(old, new, basic_constraints=False, extra=(constraint,))
    assert find_path(make.signer(new).certificate, store(old.certificate, link), now).found


# --- hostile or careless stores ---------------------------------------------------------------------------------------


def test_a_document_signer_in_the_store_vouches_for_nobody(make, now):
    csca = make.csca()
    signer = make.signer(csca)
    forged = make.signer(signer, "Forged")
    result = find_path(forged.certificate, store(csca.certificate, signer.certificate), now)
    assert result.reason is PathReason.NOT_A_CA


def test_a_self_signed_signer_in_the_store_is_no_anchor(make, now, make_name):
    key = make.key()
    lone = make.certificate(make_name("Lone"), key, make_name("Lone"), key)
    trust = store(lone)
    assert trust.anchors == ()
    assert not find_path(lone, trust, now).found


def test_a_damaged_root_is_named(make, now):
    csca = make.csca()
    signer = make.signer(csca)
    damaged = bytearray(csca.certificate.der)
    damaged[-1] ^= 1
    result = find_path(signer.certificate, store(type(csca.certificate).decode(bytes(damaged))), now)
    assert result.reason is PathReason.ANCHOR_DAMAGED


def test_a_thousand_candidates_of_one_name_cost_a_bounded_number_of_signatures(make, now, monkeypatch):
    csca = make.csca()
    signer = make.signer(make.csca(), authority_key=False).certificate
    crowd = [make.certificate(csca.name, make.key(), csca.name, csca.key, ca=True) for _ in range(MAX_SIGNATURES + 10)]
    calls = []
    genuine = type(signer).is_signed_by

    def counting(self, key):
        calls.append(key)
        return genuine(self, key)

    monkeypatch.setattr(type(signer), "is_signed_by", counting)
    result = find_path(signer, store(*crowd), now)
    assert result.reason is PathReason.TOO_MANY_CANDIDATES
    assert len(calls) == MAX_SIGNATURES


def test_many_certificates_of_one_key_cost_one_signature(make, now):
    csca = make.csca()
    copies = [make.csca(key=csca.key, not_after=now - DAY).certificate for _ in range(MAX_SIGNATURES + 10)]
    signer = make.signer(csca)
    assert find_path(signer.certificate, store(*copies, csca.certificate), now).found


def test_a_root_asks_for_its_own_path(make, now):
    csca = make.csca()
    assert find_issuer_path(csca.certificate, store(csca.certificate), now).path == (csca.certificate,)
    assert not find_issuer_path(csca.certificate, store(make.csca("Other").certificate), now).found


def test_a_time_without_zone_is_refused(make):
    csca = make.csca()
    with pytest.raises(InvalidInput):
        find_path(csca.certificate, store(csca.certificate), datetime(2026, 1, 1))


# --- the oracle -------------------------------------------------------------------------------------------------------


def _run(coroutine):
    """Run it in a thread of its own: the browser tests leave an event loop in this one."""
    with ThreadPoolExecutor(1) as executor:
        executor.submit(asyncio.run, coroutine).result()


def pyhanko_finds_a_path(signer, certificates, roots, at):
    context = ValidationContext(
        trust_roots=[asn1_x509.Certificate.load(c.der) for c in roots],
        other_certs=[asn1_x509.Certificate.load(c.der) for c in certificates],
        moment=at,
        allow_fetching=False,
        revocation_mode="soft-fail",
    )
    validator = CertificateValidator(asn1_x509.Certificate.load(signer.der), validation_context=context)
    try:
        _run(validator.async_validate_usage({"digital_signature"}))
    except (PathBuildingError, PathValidationError, ValidationError):
        return False
    return True


@pytest.mark.parametrize(
    ("csca_options", "signer_options"),
    [
        ({}, {}),
        ({}, {"authority_key": False}),
        ({}, {"not_after": datetime.fromisoformat("2026-05-31T00:00:00Z")}),
        ({}, {"usage": frozenset({"key_agreement"})}),
        ({"basic_constraints": False}, {}),
        ({"usage": frozenset({"crl_sign"})}, {}),
        ({}, {"extra": ((x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True),)}),
    ],
)
@pytest.mark.parametrize("case", ["known root", "unknown root", "link"])
def test_pyhanko_certvalidator_agrees(make, now, csca_options, signer_options, case):
    csca = make.csca(**csca_options)
    signer = make.signer(csca, **signer_options).certificate
    if case == "link":
        old = make.csca()
        roots, others = [old.certificate], [make.link(old, csca, **csca_options)]
    else:
        roots, others = [csca.certificate if case == "known root" else make.csca().certificate], []
    ours = find_path(signer, store(*roots, *others), now).found
    if case == "known root" and csca_options:
        assert not ours  # RFC 5280 takes a root's name and key and looks at nothing else; we hold it to its profile
        return
    assert ours == pyhanko_finds_a_path(signer, others, roots, now)
