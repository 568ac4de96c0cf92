"""An issuer that is found by its key, and named differently in what it issued."""

from cryptography import x509
from cryptography.x509.name import _ASN1Type

from verifier.pki.certificate import Certificate
from verifier.pki.conformity.certificate_lint import lint_certificate
from verifier.pki.conformity.deviation import Deviation
from verifier.pki.path import PathReason, find_path
from verifier.pki.path_rules import Observation
from verifier.pki.revocation import RevocationState, revocation_status
from verifier.pki.trust.trust_store import TrustStore


def codes(certificate, *known):
    store = TrustStore.from_certificates(known)
    return {finding.code for finding in lint_certificate(certificate.der, store.issuers_of)}


def signer_under(make, csca, issuer_name):
    key = make.key()
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "VN")])
    return make.certificate(subject, key, issuer_name, csca.key)


def test_a_signer_under_the_old_name_of_a_key_is_believed_and_the_name_is_told(make, now):
    csca, old = make.csca("New"), make.csca("Old").name
    signer = signer_under(make, csca, old)
    store = TrustStore.from_certificates([csca.certificate], [make.crl(csca)])
    result = find_path(signer, store, now)
    assert result.found
    assert result.deviations == (Observation(Deviation.ISSUER_NAME_DIFFERS, signer),)
    assert revocation_status(signer, result.path, store, now).state is RevocationState.GOOD
    assert Deviation.ISSUER_NAME_DIFFERS in codes(signer, csca.certificate)
    ordinary = make.signer(csca).certificate
    assert find_path(ordinary, store, now).deviations == ()
    assert Deviation.ISSUER_NAME_DIFFERS not in codes(ordinary, csca.certificate)


def test_a_name_of_another_country_is_refused_whoever_signed(make, now):
    csca = make.csca("New")
    signer = signer_under(make, csca, make.csca("Old", "FR").name)
    result = find_path(signer, TrustStore.from_certificates([csca.certificate]), now)
    assert result.reason is PathReason.COUNTRY_MISMATCH


def test_a_root_that_names_another_key_as_its_issuers_is_told(make):
    csca = make.csca()
    other = x509.AuthorityKeyIdentifier(b"another key", None, None)
    root = make.csca(authority_key=False, extra=((other, False),)).certificate
    assert isinstance(root, Certificate)
    assert Deviation.AUTHORITY_KEY_IDENTIFIER_WRONG in codes(root)
    assert Deviation.AUTHORITY_KEY_IDENTIFIER_WRONG not in codes(csca.certificate)
    new = make.csca()  # the same name, another key
    assert Deviation.AUTHORITY_KEY_IDENTIFIER_WRONG not in codes(make.link(csca, new), csca.certificate)


def test_the_lint_calls_a_part_of_a_name_as_people_do(make):
    country = x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "VN")
    odd = x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Nước", _ASN1Type.BMPString)
    key = make.key()
    name = x509.Name([country, odd])
    findings = lint_certificate(make.certificate(name, key, name, key, ca=True).der)
    sentences = [finding.sentence for finding in findings if finding.code is Deviation.NAME_STRING_TYPE_WRONG]
    assert sentences == [
        "The issuer has strings of a wrong type in O.",
        "The subject has strings of a wrong type in O.",
    ]
