import base64

import pytest

from verifier.errors import InvalidInput, TrustMaterialError
from verifier.pki.certificate import Certificate
from verifier.pki.trust.trust_folder import scan_file
from verifier.pki.trust.trust_store import TrustStore


def pem(label, der):
    body = base64.encodebytes(der).decode()
    return f"-----BEGIN {label}-----\n{body}-----END {label}-----\n"


@pytest.fixture
def folder(make, tmp_path):
    csca, other = make.csca("One"), make.csca("Two")
    (tmp_path / "one.cer").write_bytes(csca.certificate.der)
    (tmp_path / "more.pem").write_text(
        "# two objects\r\n" + pem("CERTIFICATE", other.certificate.der) + pem("X509 CRL", make.crl(csca).der)
    )
    (tmp_path / "lists.der").write_bytes(make.crl(other).der)
    (tmp_path / "plain.crl").write_bytes(make.crl(other, (1,)).der)
    (tmp_path / ".hidden").write_text("nothing")
    return tmp_path


def test_a_folder_of_der_and_pem_is_loaded(folder):
    trust = TrustStore.from_folder(folder)
    assert len(trust.certificates) == len(trust.anchors) == 2
    assert len(trust.crls) == 3
    assert trust.problems == ()
    assert "2 certificates, 3 CRLs" in repr(trust)


def test_junk_is_named_and_spoils_nothing(make, folder):
    damaged = bytearray(make.csca("Three").certificate.der)
    damaged[-1] ^= 1
    good = pem("CERTIFICATE", make.csca("Four").certificate.der)
    (folder / "a-junk.cer").write_bytes(b"junk")
    (folder / "b-empty.crt").write_bytes(b"")
    (folder / "c-key.pem").write_text(pem("PRIVATE KEY", b"secret") + good)
    (folder / "d-cut.pem").write_text(good[:100])
    (folder / "e-base64.pem").write_text("-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n")
    (folder / "f-bad-root.der").write_bytes(bytes(damaged))
    (folder / "g-notes.txt").write_text("hello")
    (folder / "h-crl.crl").write_bytes(b"\x30\x00")
    trust = TrustStore.from_folder(folder)
    assert [name[0] for name, _ in trust.problems] == ["a", "b", "c", "d", "e", "g", "h", "f"]
    assert all(sentence for _, sentence in trust.problems)
    assert len(trust.anchors) == 3
    assert not trust.is_anchor(Certificate.decode(bytes(damaged)))


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(TrustMaterialError, match="cannot be read"):
        TrustStore.from_folder(tmp_path / "nowhere")


def test_a_folder_without_a_root_is_an_error(make, tmp_path):
    csca = make.csca()
    (tmp_path / "ds.cer").write_bytes(make.signer(csca).certificate.der)
    (tmp_path / "link.cer").write_bytes(make.link(make.csca(), csca).der)
    with pytest.raises(TrustMaterialError, match="no usable root"):
        TrustStore.from_folder(tmp_path)


def test_candidates_by_key_come_before_candidates_by_name(make):
    csca = make.csca()
    namesakes = [make.csca().certificate for _ in range(3)]
    signer = make.signer(csca).certificate
    trust = TrustStore.from_certificates([*namesakes, csca.certificate])
    assert trust.issuers_of(signer) == (csca.certificate, *namesakes)


def test_what_is_added_leaves_the_first_store_as_it_was(make):
    old, new = make.csca(), make.csca()
    link, crl = make.link(old, new), make.crl(old)
    trust = TrustStore.from_certificates([old.certificate])
    larger = trust.adding([link, link], [crl])
    assert (len(trust.certificates), len(larger.certificates)) == (1, 2)
    assert larger.anchors == (old.certificate,)
    assert larger.crls_of(old.certificate) == larger.crls_of(old.certificate.subject) == (crl,)
    assert trust.crls_of(old.certificate) == ()


def test_a_root_that_is_not_in_the_store_is_no_anchor(make):
    trust = TrustStore.from_certificates([make.csca().certificate])
    assert not trust.is_anchor(make.csca().certificate)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.cer", b"no certificate"),
        ("a.txt", b""),
        ("a.cer", b"-----BEGIN KEY-----\nAA==\n-----END KEY-----\n"),
        ("a.cer", b"-----BEGIN CERTIFICATE-----\n"),
        ("a.cer", b"-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n"),
    ],
)
def test_what_is_wrong_with_a_file_is_a_whole_sentence(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    ((_, sentence),) = scan_file(tmp_path / name).problems
    assert sentence.startswith(("it is ", "it holds ", "its name is "))


@pytest.mark.parametrize("certificates", [None, 7, [None], [b"0"], ["x"], b"0"])
def test_a_store_of_what_nobody_decoded_is_refused_in_a_sentence(certificates):
    with pytest.raises(InvalidInput, match=r"Certificate\.decode"):
        TrustStore.from_certificates(certificates)


@pytest.mark.parametrize("folder", [None, 7, b"trust", ["trust"]])
def test_a_folder_is_a_path(folder):
    with pytest.raises(InvalidInput):
        TrustStore.from_folder(folder)
