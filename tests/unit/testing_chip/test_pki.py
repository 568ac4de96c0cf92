"""The synthetic PKI, held against ``cryptography`` and against the project's own path search."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from verifier.errors import InvalidInput
from verifier.pki.certificate import Certificate
from verifier.pki.path import PathReason, find_path
from verifier.pki.trust.trust_store import TrustStore
from verifier.sdk import CardStatusList
from verifier.sdk.testing import CURVES, CardState, KeyKind, SyntheticPki, chip_key_hash, invented_person
from verifier.sdk.testing.misbehaving import CATALOGUE, Scene
from verifier.sdk.testing.pki import SIGNER_LIFETIME


def test_authority_and_signer_carry_signatures_that_cryptography_accepts(at: datetime) -> None:
    pki = SyntheticPki(at=at)
    csca = x509.load_der_x509_certificate(pki.csca.certificate)
    signer = x509.load_der_x509_certificate(pki.issue_document_signer().certificate)
    csca.verify_directly_issued_by(csca)
    signer.verify_directly_issued_by(csca)
    assert "not a real issuer" in csca.subject.rfc4514_string()
    assert csca.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert signer.extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature
    assert (signer.not_valid_before_utc, signer.not_valid_after_utc) == (at, at + SIGNER_LIFETIME)


@pytest.mark.parametrize("kind", KeyKind)
def test_every_kind_of_authority_signs(at: datetime, kind: KeyKind) -> None:
    pki = SyntheticPki(at=at, key_kind=kind)
    csca = x509.load_der_x509_certificate(pki.csca.certificate)
    csca.verify_directly_issued_by(csca)
    crl = x509.load_der_x509_crl(pki.issue_crl())
    public_key = csca.public_key()
    assert isinstance(public_key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey)
    assert crl.is_signature_valid(public_key)


@pytest.mark.parametrize("curve", CURVES)
def test_explicit_parameters_lead_to_the_named_curve(at: datetime, curve: str) -> None:
    pki = SyntheticPki(at=at, key_kind=KeyKind(curve), explicit_parameters=True)
    signer = pki.issue_document_signer(explicit_parameters=True)
    named = SyntheticPki(at=at, key_kind=KeyKind(curve))
    assert len(pki.csca.certificate) > len(named.csca.certificate) + 100
    assert find_path(Certificate.decode(signer.certificate), pki.trust_store(), at).found


def test_a_crl_names_whom_it_revokes_and_only_from_then_on(at: datetime) -> None:
    pki = SyntheticPki(at=at)
    good, bad = pki.issue_document_signer(), pki.issue_document_signer()
    before = x509.load_der_x509_crl(pki.issue_crl())
    pki.revoke(bad)
    after = x509.load_der_x509_crl(pki.issue_crl(at=at + timedelta(days=1)))
    assert [revoked.serial_number for revoked in before] == []
    assert [revoked.serial_number for revoked in after] == [bad.serial]
    assert after.get_revoked_certificate_by_serial_number(good.serial) is None
    assert after.next_update_utc == at + timedelta(days=91)


def test_a_roll_over_links_both_generations(at: datetime) -> None:
    pki = SyntheticPki(at=at)
    old_signer = pki.issue_document_signer()
    later = at + timedelta(days=1000)
    pki.roll_over(at=later)
    new_signer = pki.issue_document_signer(at=later)
    old, new = pki.generations
    links = [Certificate.decode(link) for link in pki.link_certificates]
    for anchor, signer in ((old, new_signer), (new, old_signer)):
        trust = TrustStore.from_certificates([Certificate.decode(anchor.certificate), *links])
        path = find_path(Certificate.decode(signer.certificate), trust, later)
        assert path.found
        assert len(path.path) == 3


def test_an_expired_signer_has_no_path(at: datetime) -> None:
    pki = SyntheticPki(at=at)
    signer = Certificate.decode(pki.issue_document_signer(lifetime=timedelta(days=1)).certificate)
    assert find_path(signer, pki.trust_store(), at).found
    assert find_path(signer, pki.trust_store(), at + timedelta(days=2)).reason is PathReason.SIGNER_EXPIRED


def test_a_folder_of_it_is_a_trust_store(at: datetime, tmp_path: Path) -> None:
    pki, foreign = SyntheticPki(at=at), SyntheticPki(at=at, country="UT", state="UTO")
    pki.roll_over(at=at + timedelta(days=100))
    pki.issue_crl()
    pki.write_to(tmp_path)
    foreign.write_to(tmp_path)
    store = TrustStore.from_folder(tmp_path)
    assert not store.problems
    assert len(store.anchors) == 3
    assert len(store.crls) == 1


def test_a_seeded_pki_is_the_same_again(at: datetime, seeded: Callable[[int], Callable[[int], bytes]]) -> None:
    first, second = (SyntheticPki(at=at, random=seeded(5)) for _ in range(2))
    assert first.csca.certificate == second.csca.certificate
    assert first.issue_document_signer().certificate == second.issue_document_signer().certificate
    assert first.issue_crl() == second.issue_crl()


def test_a_time_without_a_zone_is_a_mistake_of_the_caller() -> None:
    naive = datetime(2026, 11, 22, 8, 0)
    pki = SyntheticPki(at=naive.replace(tzinfo=UTC))
    for act in (
        lambda: SyntheticPki(at=naive),
        lambda: Scene(at=naive),
        lambda: pki.issue_document_signer(at=naive),
        lambda: pki.issue_crl(at=naive),
        lambda: pki.roll_over(at=naive),
    ):
        with pytest.raises(InvalidInput, match="needs a time zone"):
            act()


@pytest.mark.parametrize("number", [0, -1, 100, 1.5, "1"])
def test_there_are_ninety_nine_invented_people(number: object) -> None:
    with pytest.raises(InvalidInput):
        invented_person(number)  # type: ignore[arg-type]


def test_a_scene_writes_what_opens_as_trust_and_card_status(at: datetime, tmp_path: Path) -> None:
    scene = Scene(at=at)
    lost = CATALOGUE["lost-card"].make(scene)
    scene.write_to(tmp_path)
    assert TrustStore.from_folder(tmp_path).identity == scene.trust_store().identity
    below = tmp_path / "card-status"
    with CardStatusList.open(below / "cards.list", (below / "key.hex").read_bytes()) as listed:
        assert listed.status_of(chip_key_hash(lost.data)).state is CardState.LOST
