"""What a state announces in a deviation list is told, and never turns a refusal into a yes."""

from dataclasses import replace

import pytest

from verifier.evidence.tolerances import Tolerance
from verifier.pki.certificate import Certificate
from verifier.pki.sources.deviation_list import DeviationKind, KnownDeviation
from verifier.pki.trust.trust_store import TrustStore
from verifier.sdk.profiles import load_profile, policy_for


class Announcing(TrustStore):
    """A store to which somebody gave a deviation list of one entry for every signer."""

    announced: tuple[KnownDeviation, ...] = ()

    def known_deviations(self, signer: Certificate) -> tuple[KnownDeviation, ...]:
        return self.announced


def announcing(world, **facts):
    known = {
        "kind": DeviationKind.MRZ_CHECK_DIGIT_WRONG,
        "oid": "2.23.136.1.1.7.3.2",
        "description": "Check digit of 2026\x1b[31m",
        "country": "VN",
        "document_type": None,
        "issued": None,
        "document_numbers": frozenset(),
        "parameters": b"",
    } | facts
    store = Announcing(world.trust.certificates, world.trust.crls)
    store.announced = (KnownDeviation(**known),)
    return store


def test_what_the_state_announces_is_a_remark(world):
    report = world.verify(world.read(world.write()), trust=announcing(world))
    assert report.passed
    (remark,) = report.remarks
    assert remark.code == "announced-mrz-check-digit-wrong"
    assert "Check digit of 2026" in remark.sentence
    assert "\x1b" not in remark.sentence
    assert report.tolerated == ()
    assert report.to_dict()["remarks"][0]["code"] == remark.code


@pytest.mark.parametrize("facts", [{"document_type": "P"}, {"document_numbers": frozenset({"NOBODYS"})}])
def test_what_is_said_of_other_documents_is_not_told_of_this_one(world, facts):
    assert world.verify(world.read(world.write()), trust=announcing(world, **facts)).remarks == ()


@pytest.mark.parametrize("kind", [DeviationKind.SOD_SIGNATURE_WRONG, DeviationKind.DATA_GROUP_HASH_WRONG])
def test_an_announcement_makes_no_refused_card_pass(world, kind):
    evidence = world.read(world.write())
    files = dict(evidence.files)
    sod = bytearray(files["EF.SOD"])
    sod[-1] ^= 1
    forged = replace(evidence, files=files | {"EF.SOD": bytes(sod)})
    altered = replace(evidence, files=files | {"DG1": files["DG1"].replace(b"<", b"A", 1)})
    trust = announcing(world, kind=kind)
    assert world.verify(forged, trust=trust).reason == "sod-signature-invalid"
    assert not world.verify(altered, trust=trust).passed


def test_a_profile_hands_its_tolerances_to_the_policy():
    tolerances = (Tolerance("signer-is-ca", frozenset({"VNM"})),)
    assert policy_for(replace(load_profile("vn-cccd"), tolerances=tolerances)).tolerances == tolerances
    assert policy_for(load_profile("vn-cccd")).tolerances == ()
