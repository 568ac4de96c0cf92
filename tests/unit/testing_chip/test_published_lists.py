"""The lists that the synthetic PKI publishes, as the trust store's decoders take them."""

import io
from datetime import datetime, timedelta

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509

from verifier.pki.certificate import Certificate
from verifier.pki.cms import SignedData
from verifier.pki.path import find_path
from verifier.pki.sources.deviation_list import DeviationKind, DeviationList
from verifier.pki.sources.master_list import MasterList
from verifier.pki.sources.pkd import PkdKind, read_directory
from verifier.pki.sources.signed_list import ListSigners
from verifier.pki.trust.trust_store import TrustStore
from verifier.sdk.testing import Deviation, DirectoryBranch, DirectoryEntry, NamedBy, SyntheticPki
from verifier.sdk.testing.writing.object_identifiers import DEVIATION_LIST, MASTER_LIST, NAME_CHANGE

LATER = timedelta(days=10)


@pytest.fixture
def pki(at: datetime) -> SyntheticPki:
    return SyntheticPki(at=at)


@pytest.fixture
def foreign(at: datetime) -> SyntheticPki:
    return SyntheticPki(at=at, country="UT", state="UTO")


def test_a_master_list_holds_the_certificates_of_all_states_and_is_vouched_for_by_its_csca(
    pki: SyntheticPki, foreign: SyntheticPki, at: datetime
) -> None:
    pki.roll_over(at=at + LATER)
    signed = SignedData.decode(pki.master_list([foreign], at=at + LATER))
    assert signed.content_type == MASTER_LIST
    listed = {certificate.der for certificate in MasterList.decode(signed.encap_content).certificates}
    assert listed == {*pki.certificates(), *foreign.certificates()}
    voucher = ListSigners(at=at + 2 * LATER, trust=pki.trust_store()).vouch(signed)
    assert not voucher.pinned


@pytest.mark.parametrize("named_by", NamedBy)
def test_a_deviation_list_says_what_is_wrong_with_whose_documents(
    pki: SyntheticPki, at: datetime, named_by: NamedBy
) -> None:
    meant, other = pki.issue_document_signer(), pki.issue_document_signer()
    deviation = Deviation(
        kind="2.1",
        description="DG11 is malformed",
        parameters=bytes.fromhex("02010B"),
        signer=meant.certificate,
        named_by=named_by,
        document_type="ID",
        issued=(at, at + LATER),
        document_numbers=("000000002", "000000001"),
    )
    signed = SignedData.decode(pki.deviation_list([deviation]))
    assert signed.content_type == DEVIATION_LIST
    ListSigners(at=at + LATER, trust=pki.trust_store()).vouch(signed)  # raises where nobody does
    decoded = DeviationList.decode(signed.encap_content, "VN")
    (known,) = decoded.of(Certificate.decode(meant.certificate))
    assert (known.kind, known.description) == (DeviationKind.DATA_GROUP_MALFORMED, "DG11 is malformed")
    assert (known.document_type, known.issued) == ("ID", (at, at + LATER))
    assert known.document_numbers == {"000000001", "000000002"}
    assert known.parameters == bytes.fromhex("02010B")
    assert decoded.of(Certificate.decode(other.certificate)) == ()


def test_a_directory_holds_signers_crls_and_lists_and_what_does_not_conform(
    pki: SyntheticPki, foreign: SyntheticPki
) -> None:
    signer = pki.issue_document_signer()
    crl = pki.issue_crl()
    odd = DirectoryEntry(DirectoryBranch.SIGNER, "VN", signer.certificate, ("ERR:DSC.SKI.3",), "no identifier")
    objects = list(read_directory(io.BytesIO(pki.ldif([foreign], more=[odd]))))
    assert not [found.problem for found in objects if found.problem]
    found = [(entry.kind, entry.der) for entry in objects if entry.kind is not PkdKind.SIGNED_LIST]
    assert found == [
        (PkdKind.CERTIFICATE, signer.certificate),
        (PkdKind.CRL, crl),
        (PkdKind.CERTIFICATE, signer.certificate),
    ]
    assert sum(entry.kind is PkdKind.SIGNED_LIST for entry in objects) == 2
    remark = objects[-1].remark
    assert remark is not None
    assert (remark.codes, remark.non_conformant) == (("ERR:DSC.SKI.3",), True)


@pytest.mark.parametrize("keep_name", [True, False])
def test_a_roll_over_keeps_the_name_or_says_that_it_changed(pki: SyntheticPki, at: datetime, keep_name: bool) -> None:
    signer = pki.issue_document_signer()
    old = pki.csca
    new = pki.roll_over(at=at + LATER, keep_name=keep_name)
    assert (new.authority.name == old.authority.name) is keep_name
    for link in pki.link_certificates:
        extensions = asn1_x509.Certificate.load(link)["tbs_certificate"]["extensions"]
        assert (NAME_CHANGE not in {extension["extn_id"].dotted for extension in extensions}) is keep_name
    links = [Certificate.decode(link) for link in pki.link_certificates]
    trust = TrustStore.from_certificates([Certificate.decode(new.certificate), *links])
    assert find_path(Certificate.decode(signer.certificate), trust, at + 2 * LATER).found


def test_one_crl_by_the_latest_key_names_the_revoked_signers_of_all_generations(
    pki: SyntheticPki, at: datetime
) -> None:
    first = pki.issue_document_signer()
    pki.roll_over(at=at + LATER, keep_name=True)
    second = pki.issue_document_signer(at=at + LATER)
    for signer in (first, second):
        pki.revoke(signer)
    own, whole = (
        {revoked.serial_number for revoked in x509.load_der_x509_crl(pki.issue_crl(all_generations=every))}
        for every in (False, True)
    )
    assert own == {second.serial}
    assert whole == {first.serial, second.serial}
