"""Whatever a stick brings: lists, directories and indexes raise the project's own errors only, and trust nobody new."""

import contextlib
import hashlib
import io
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.errors import VerifierError
from verifier.iso7816.tlv import encode
from verifier.pki.certificate import Certificate
from verifier.pki.crl import CertificateRevocationList
from verifier.pki.sources.deviation_list import DeviationList
from verifier.pki.sources.ldif import read_entries
from verifier.pki.sources.master_list import MasterList
from verifier.pki.sources.pkd import read_directory
from verifier.pki.sources.signed_list import ListSigners, decode_signed_list
from verifier.pki.trust.index_file import FolderState
from verifier.pki.trust.trust_index import TrustIndex
from verifier.pki.trust.trust_store import TrustStore
from verifier.sdk.testing import Deviation, SyntheticPki

AT = datetime(2026, 11, 22, 8, tzinfo=UTC)
PKI = SyntheticPki(at=AT)
SIGNER = PKI.issue_document_signer().certificate
CRL = PKI.issue_crl()
MASTER_LIST = PKI.master_list()
DEVIATION_LIST = PKI.deviation_list([Deviation(kind="2.1", signer=SIGNER, document_numbers=("X1",))])
LDIF = PKI.ldif()
TRUST = PKI.trust_store()
SPLINTERS = [b"\n", b"\n ", b"::", b"\x00", b"\x80", b"\xff", b"dn:"]


def _index() -> bytes:
    with tempfile.TemporaryDirectory() as name:
        PKI.write_to(Path(name) / "trust")
        TrustStore.from_folder(Path(name) / "trust", index=Path(name) / "index")
        return (Path(name) / "index").read_bytes()


INDEX = _index()


@st.composite
def mutated(draw, original):
    data = bytearray(original)
    for _ in range(draw(st.integers(1, 3))):
        position = draw(st.integers(0, max(len(data) - 1, 0)))
        match draw(st.sampled_from(["change", "cut", "double", "insert"])):
            case "change":
                data[position : position + 1] = draw(st.binary(min_size=1, max_size=2))
            case "cut":
                del data[position : position + draw(st.integers(1, 200))]
            case "double":
                data[position:position] = data[position : position + draw(st.integers(1, 300))]
            case "insert":
                data[position:position] = draw(
                    st.sampled_from([b"\n", b"\n ", b"::", b"\x00", b"\x80", b"\xff", b"dn:"])
                )
    return bytes(data)


def test_the_lists_as_they_are_count():
    store, vouchers = ListSigners(AT, trust=TRUST).extend(TrustStore(()), [("1", MASTER_LIST), ("2", DEVIATION_LIST)])
    assert len(vouchers) == 2
    assert not store.problems
    assert store.anchors == TRUST.anchors
    assert store.known_deviations(Certificate.decode(SIGNER))


@given(mutated(MASTER_LIST) | mutated(DEVIATION_LIST) | st.binary(max_size=200))
@settings(max_examples=120, deadline=None)
def test_a_changed_list_adds_nobody(encoded):
    signers = ListSigners(AT, trust=TRUST)
    before = set(TRUST.certificates)
    store, vouchers = signers.extend(TrustStore(()), [("list", encoded)])
    if not vouchers:
        assert not store.certificates
        assert not store.deviation_lists
        assert len(store.problems) == 1
    else:  # what was changed is not what was signed
        assert set(store.certificates) <= before
    with contextlib.suppress(VerifierError):
        content = decode_signed_list(encoded).encap_content
        with contextlib.suppress(VerifierError):
            MasterList.decode(content)
        DeviationList.decode(content, "VN").of(Certificate.decode(SIGNER))


@given(mutated(decode_signed_list(MASTER_LIST).encap_content))
@settings(max_examples=60, deadline=None)
def test_a_master_list_decodes_or_is_malformed(content):
    with contextlib.suppress(VerifierError):
        for certificate in MasterList.decode(content).certificates:
            repr(certificate)


@given(mutated(decode_signed_list(DEVIATION_LIST).encap_content))
@settings(max_examples=120, deadline=None)
def test_a_deviation_list_decodes_or_is_malformed(content):
    with contextlib.suppress(VerifierError):
        repr(DeviationList.decode(content, "VN").of(Certificate.decode(SIGNER)))


@given(mutated(LDIF) | st.binary(max_size=300))
@settings(max_examples=120, deadline=None)
def test_a_directory_is_read_to_its_end(content):
    for entry in read_entries(io.BytesIO(content)):
        for value in entry.values:
            with contextlib.suppress(VerifierError):
                repr(value.text)
    list(read_directory(io.BytesIO(content)))


@given(st.lists(st.tuples(st.integers(-(2**170), 2**170), st.booleans()), max_size=40))
@settings(max_examples=100, deadline=None)
def test_entries_of_a_list_are_found_as_a_dictionary_would(pairs):
    def number(value):
        return value.to_bytes(value.bit_length() // 8 + 1, signed=True)

    reason = bytes.fromhex("300c300a0603551d1504030a0104")
    entries = b"".join(
        encode(0x30, encode(2, number(serial)) + encode(0x17, b"260101000000Z") + (reason if given else b""))
        for serial, given in pairs
    )
    algorithm, name = bytes.fromhex("300a06082a8648ce3d040302"), b"\x30\x00"
    body = encode(0x30, b"\x02\x01\x01" + algorithm + name + encode(0x17, b"260101000000Z") + encode(0x30, entries))
    crl = CertificateRevocationList.decode(encode(0x30, body + algorithm + b"\x03\x02\x00\x00"))
    expected = dict(pairs)
    assert set(crl.revoked) == set(expected)
    assert len(crl.revoked) == len(expected)
    for serial, given_reason in expected.items():
        assert (crl.revoked[serial].reason.value == 4) == given_reason
    assert all(serial + 1 in expected or serial + 1 not in crl.revoked for serial in expected)


@given(mutated(INDEX) | st.binary(max_size=100))
@settings(max_examples=80, deadline=None)
def test_a_changed_index_is_refused(encoded):
    with contextlib.suppress(VerifierError):
        TrustIndex(encoded)
        assert encoded == INDEX


@given(mutated(INDEX[:-32]))
@settings(max_examples=150, deadline=None)
def test_an_index_that_somebody_sealed_breaks_nothing(body):
    with contextlib.suppress(VerifierError):
        index = TrustIndex(body + hashlib.sha256(body).digest())
        store = TrustStore((), index=index)
        signer = Certificate.decode(SIGNER)
        _ = store.issuers_of(signer), store.crls_of(signer.issuer), store.anchors, store.crls, repr(store)


def test_the_state_of_a_folder_is_that_of_its_files(tmp_path):
    (tmp_path / "a").write_bytes(b"")
    first = FolderState(tmp_path, [tmp_path / "a"], "x").key
    assert FolderState(tmp_path, [tmp_path / "a"], "x").key == first
    assert FolderState(tmp_path, [tmp_path / "a"], "y").key != first
    assert FolderState(tmp_path, [], "x").key != first
