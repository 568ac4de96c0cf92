"""What a policy tolerates by code passes and is listed; without the code it is refused, and the refusal names it."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from asn1crypto import core, x509

from verifier.errors import InvalidInput, PolicyError
from verifier.evidence.tolerances import Tolerance
from verifier.sdk.testing import SyntheticPki
from verifier.sdk.testing.writing.certificates import Entity, Validity, _write_certificate
from verifier.verification.policy import Policy
from verifier.verification.report import Outcome


def rewritten(world, certificate, change):
    """The signer's certificate with its extensions changed, under the same authority's signature."""
    parsed = x509.Certificate.load(certificate)["tbs_certificate"]
    extensions = [extension for extension in parsed["extensions"] if change(extension)]
    validity = parsed["validity"]
    return _write_certificate(
        Entity(parsed["subject"], world.signer.key),
        world.pki.csca.authority,
        parsed["serial_number"].native,
        Validity(validity["not_before"].native, validity["not_after"].native),
        extensions,
    )


def card_signed_by(world, certificate):
    signer = replace(world.signer, certificate=certificate)
    return replace(world, signer=signer)


def without(oid):
    return lambda extension: extension["extn_id"].dotted != oid


def test_a_signer_without_key_usage_is_refused_by_a_name_that_a_policy_may_tolerate(world):
    odd = card_signed_by(world, rewritten(world, world.signer.certificate, without("2.5.29.15")))
    evidence = odd.read(odd.write())

    strict = world.verify(evidence)
    assert (strict.outcome, strict.reason, strict.tolerated) == (Outcome.FAILED, "key-usage-wrong", ())
    assert "key-usage-missing" in strict.sentence

    tolerant = world.verify(evidence, policy=Policy(tolerances=(Tolerance("key-usage-missing"),)))
    assert tolerant.passed
    assert [one.code for one in tolerant.tolerated] == ["key-usage-missing"]
    assert json.loads(json.dumps(tolerant.to_dict()))["tolerated"][0]["code"] == "key-usage-missing"


@pytest.mark.parametrize(("states", "passes"), [({"VNM"}, True), ({"LAO"}, False), ({"LAO", "VNM"}, True)])
def test_a_tolerance_for_some_states_holds_for_those_alone(world, states, passes):
    odd = card_signed_by(world, rewritten(world, world.signer.certificate, without("2.5.29.15")))
    policy = Policy(tolerances=(Tolerance("key-usage-missing", frozenset(states)),))
    assert world.verify(odd.read(odd.write()), policy=policy).passed is passes


def test_a_tolerance_that_nobody_needed_is_not_listed(world):
    policy = Policy(tolerances=(Tolerance("key-usage-missing"), Tolerance("deprecated-hash-sha1")))
    report = world.verify(world.read(world.write()), policy=policy)
    assert report.passed
    assert report.tolerated == ()


@pytest.mark.parametrize("code", ["key-usage-mising", "", "signature-invalid", "critical-extension-unknown", 7, None])
def test_what_does_not_exist_or_may_never_be_tolerated_is_no_tolerance(code):
    with pytest.raises(PolicyError):
        Tolerance(code)


@pytest.mark.parametrize(
    "tolerances", [[Tolerance("signer-is-ca")], ("signer-is-ca",), None, Tolerance("signer-is-ca")]
)
def test_tolerances_stand_in_a_tuple(tolerances):
    with pytest.raises(PolicyError):
        Policy(tolerances=tolerances)


@pytest.mark.parametrize("states", [frozenset(), {"VN"}, "VNM"])
def test_a_tolerance_names_states_as_the_mrz_does(states):
    with pytest.raises(PolicyError):
        Tolerance("signer-is-ca", states)


def sha1_signer(world):
    """The same signer, whose documents are signed with SHA-1."""
    return replace(world, signer=replace(world.signer, key=replace(world.signer.key, hash_name="sha1")))


def test_data_signed_with_sha1_is_refused_unless_tolerated(world):
    old = sha1_signer(world)
    evidence = old.read(old.write())

    strict = world.verify(evidence)
    assert (strict.reason, strict.holder) == ("sod-algorithm-deprecated", None)
    assert "deprecated-hash-sha1" in strict.sentence

    tolerant = world.verify(evidence, policy=Policy(tolerances=(Tolerance("deprecated-hash-sha1"),)))
    assert tolerant.passed
    assert [one.code for one in tolerant.tolerated] == ["deprecated-hash-sha1"]


def test_tolerating_sha1_does_not_make_a_forged_signature_good(world):
    old = sha1_signer(world)
    data = old.write()
    evidence = old.read(data)
    files = dict(evidence.files)
    sod = bytearray(files["EF.SOD"])
    sod[-1] ^= 1
    evidence = replace(evidence, files=files | {"EF.SOD": bytes(sod)})
    policy = Policy(tolerances=(Tolerance("deprecated-hash-sha1"),))
    assert world.verify(evidence, policy=policy).reason == "sod-signature-invalid"


def listing(*codes):
    content = (
        core.Integer(0).dump() + core.SetOf([core.PrintableString(c) for c in codes], spec=core.PrintableString).dump()
    )

    def change(extension):
        if extension["extn_id"].dotted == "2.23.136.1.1.6.2":
            sequence = core.Sequence()
            sequence.contents = content
            extension["extn_value"] = core.ParsableOctetString(sequence.dump())
        return True

    return change


@pytest.mark.parametrize(
    ("codes", "passes"), [(("P",), False), (("I",), True), (("PP", "ID"), None), (("P", "I", "A"), True)]
)
def test_a_signer_signs_documents_of_its_types_alone(world, codes, passes):
    odd = card_signed_by(world, rewritten(world, world.signer.certificate, listing(*codes)))
    evidence = odd.read(odd.write())
    report = world.verify(evidence)
    document_type = report.holder.document_type
    allowed = any(document_type == c or (len(c) == 1 and document_type.startswith(c)) for c in codes)
    assert passes in {None, allowed}
    assert report.passed is allowed
    if not allowed:
        assert report.reason == "document-type-not-of-signer"
        tolerant = world.verify(evidence, policy=Policy(tolerances=(Tolerance("document-type-not-listed"),)))
        assert tolerant.passed
        assert [one.code for one in tolerant.tolerated] == ["document-type-not-listed"]


def test_a_signer_without_a_list_of_types_signs_any(world):
    odd = card_signed_by(world, rewritten(world, world.signer.certificate, without("2.23.136.1.1.6.2")))
    assert world.verify(odd.read(odd.write())).passed


@pytest.mark.parametrize("whose", ["authority", "signer"])
@pytest.mark.parametrize("code", ["deprecated-hash-sha1", "deprecated-rsa-1024", "key-usage-missing"])
def test_the_kit_makes_certificates_that_only_a_tolerance_lets_pass(world, code, whose):
    founded = world.at - timedelta(days=100)
    pki = SyntheticPki(at=founded, deviating=code if whose == "authority" else None)
    pki.issue_crl(at=world.at)
    signer = pki.issue_document_signer(deviating=code if whose == "signer" else None)
    odd = replace(world, pki=pki, signer=signer, trust=pki.trust_store())
    evidence = odd.read(odd.write())
    refused = odd.verify(evidence)
    assert refused.outcome is Outcome.FAILED
    assert code in refused.sentence
    tolerant = odd.verify(evidence, policy=Policy(tolerances=(Tolerance(code),)))
    assert tolerant.passed, tolerant.sentence
    assert {one.code for one in tolerant.tolerated} == {code}


@pytest.mark.parametrize("code", ["key-usage-mising", "", 7])
def test_the_kit_says_by_what_it_can_deviate(world, code):
    with pytest.raises(InvalidInput, match="key-usage-missing"):
        world.pki.issue_document_signer(deviating=code)
