import base64
import io

import pytest

from verifier.errors import TrustMaterialError
from verifier.pki.conformity.deviation import Deviation
from verifier.pki.path import PathReason, find_path
from verifier.pki.revocation import RevocationReasonCode, revocation_status
from verifier.pki.sources.ldif import MAX_ENTRY, read_entries
from verifier.pki.sources.pkd import PkdKind, read_directory
from verifier.pki.trust.trust_store import TrustStore

DATA, NC_DATA = "dc=data,dc=download,dc=pkd,dc=icao,dc=int", "dc=nc-data,dc=download,dc=pkd,dc=icao,dc=int"


def entry(dn, *lines):
    return "\n".join((f"dn: {dn}", *lines, "", "")).encode()


def value(name, der, width=76):
    """In base64, folded as directories write it."""
    line = f"{name}:: {base64.b64encode(der).decode()}"
    return "\n ".join(line[start : start + width] for start in range(0, len(line), width))


def entries(content):
    return list(read_entries(io.BytesIO(content)))


@pytest.fixture
def directory(make):
    """A directory of one state: a CRL, a signer, one signer that does not conform, and a root."""
    csca = make.csca()
    signer, odd = make.signer(csca).certificate, make.signer(csca).certificate
    crl = make.crl(csca, (5,))
    content = b"version: 1\n\n# a comment\n that goes on\n" + b"".join(
        (
            entry(f"c=VN,{DATA}", "objectClass: country"),
            entry(f"cn=1,o=dsc,c=VN,{DATA}", value("userCertificate;binary", signer.der), "pkdVersion: 7"),
            entry(f"cn=2,o=crl,c=VN,{DATA}", value("certificateRevocationList;binary", crl.der)),
            entry(f"cn=3,o=csca,c=VN,{DATA}", value("cACertificate;binary", make.csca().certificate.der)),
            entry(
                f"cn=4,o=dsc,c=VN,{NC_DATA}",
                "pkdConformanceCode: ERR:DSC.KUS.1",
                "pkdConformanceText: key usage",
                "pkdVersion: 9",
                value("userCertificate;binary", odd.der),
            ),
        )
    )
    return csca, signer, odd, crl, content


def test_lines_are_unfolded_and_base64_decoded_on_demand():
    (found,) = entries(b"dn: cn=a,\n c=VN\r\ntext: plain\r\nbinary;x:: AAEC\nempty:\n# comment\n folded comment\n")
    assert found.dn == "cn=a,c=VN"
    assert [(value.name, value.decode()) for value in found.values] == [
        ("text", b"plain"),
        ("binary;x", b"\0\1\2"),
        ("empty", b""),
    ]


def test_names_in_base64_are_read():
    (found,) = entries(b"dn:: " + base64.b64encode("cn=Việt".encode()) + b"\n")
    assert found.dn == "cn=Việt"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"cn: a\n", "does not begin with its name"),
        (b"dn: a\nnonsense\n", "without an attribute's name"),
        (b"dn: a\nphoto:< file:///etc/passwd\n", "elsewhere"),
        (b"dn: a\nchangetype: delete\n", "delete"),
        (b"dn:: !\n", "no base64"),
    ],
)
def test_an_entry_that_is_none_is_named_and_the_next_one_read(content, sentence):
    first, second = entries(content + b"\n\ndn: b\n")
    assert sentence in first.problem
    assert (second.dn, second.problem) == ("b", None)


def test_added_entries_are_content():
    (found,) = entries(b"dn: a\nchangetype: add\nx: y\n")
    assert found.problem is None


def test_a_line_without_folding_may_be_long(make):
    der = make.csca().certificate.der * 20
    (found,) = entries(entry("a", value("x", der, width=1 << 20)))
    assert found.values[0].decode() == der


def test_an_entry_that_is_too_long_is_named_and_the_next_one_read():
    line = b" " + b"A" * 75 + b"\n"
    first, second = entries(b"dn: a\nx:: AA\n" + line * (MAX_ENTRY // 70) + b"\ndn: b\n")
    assert "longer" in first.problem
    assert second.dn == "b"


def test_the_directory_is_read_with_its_remarks(directory):
    _, _, _, crl, content = directory
    found = list(read_directory(io.BytesIO(content)))
    assert [item.kind for item in found] == [PkdKind.CERTIFICATE, PkdKind.CRL, PkdKind.CERTIFICATE, PkdKind.CERTIFICATE]
    assert [item.der for item in found if item.kind is PkdKind.CRL] == [crl.der]
    remark = found[-1].remark
    assert (remark.codes, remark.text, remark.version) == (("ERR:DSC.KUS.1",), "key usage", "9")
    assert remark.non_conformant
    assert found[0].remark is None


def test_windows_line_ends_make_no_difference(directory):
    content = directory[-1]
    unix = [item.der for item in read_directory(io.BytesIO(content))]
    assert [item.der for item in read_directory(io.BytesIO(content.replace(b"\n", b"\r\n")))] == unix


def test_of_a_directory_only_what_proves_itself_is_taken(directory, tmp_path):
    csca, signer, odd, crl, content = directory
    (tmp_path / "root.cer").write_bytes(csca.certificate.der)
    (tmp_path / "pkd.ldif").write_bytes(content)
    store = TrustStore.from_folder(tmp_path)
    assert store.certificates == store.anchors == (csca.certificate,)
    assert store.crls == (crl,)
    assert store.remarks[odd.fingerprint].codes == ("ERR:DSC.KUS.1",)
    with_signers = TrustStore.from_folder(tmp_path, directory_signers=True)
    assert set(with_signers.certificates) == {csca.certificate, signer, odd}
    assert with_signers.anchors == (csca.certificate,)
    assert "nobody vouches" in with_signers.problems[0][1]


def test_a_directory_alone_is_no_trust(directory, tmp_path):
    (tmp_path / "pkd.ldif").write_bytes(directory[-1])
    with pytest.raises(TrustMaterialError, match="no usable root"):
        TrustStore.from_folder(tmp_path, directory_signers=True)


def listed_as_signers(certificates):
    entries_of = (value("userCertificate;binary", certificate.der) for certificate in certificates)
    return b"".join(entry(f"cn={n},o=dsc,c=VN,{DATA}", text) for n, text in enumerate(entries_of))


def test_a_root_in_disguise_does_not_come_in_by_the_directory(make, make_name, now, tmp_path):
    """It does not say that it is a CA, and the policy bears with roots of that state that do not."""
    name, key, signer_key = make_name("CSCA of nobody"), make.key(), make.key()
    disguised = make.certificate(name, key, name, key, usage=frozenset({"key_cert_sign", "crl_sign"}))
    signer = make.certificate(make_name("Signer of nobody"), signer_key, name, key)
    (tmp_path / "root.cer").write_bytes(make.csca().certificate.der)
    (tmp_path / "pkd.ldif").write_bytes(listed_as_signers([disguised]))
    store = TrustStore.from_folder(tmp_path, directory_signers=True)
    assert disguised not in store.certificates
    assert "nobody vouches" in store.problems[0][1]
    bears_with = {Deviation.BASIC_CONSTRAINTS_MISSING, Deviation.BASIC_CONSTRAINTS_NOT_CA}
    assert not find_path(signer, store, now, lambda code, _: code in bears_with).found


def test_namesakes_in_the_directory_do_not_keep_a_signer_from_its_root(make, make_name, now, tmp_path):
    csca, key, stranger = make.csca(), make.key(), make_name("stranger")
    namesakes = [make.certificate(csca.name, key, stranger, key) for _ in range(300)]
    (tmp_path / "a.ldif").write_bytes(listed_as_signers(namesakes))
    (tmp_path / "root.cer").write_bytes(csca.certificate.der)
    store = TrustStore.from_folder(tmp_path, directory_signers=True)
    assert len(store.certificates) == 301
    signer = make.signer(csca, authority_key=False).certificate
    assert find_path(signer, store, now).reason is PathReason.PATH_FOUND


@pytest.mark.parametrize("is_revoked", [False, True])
def test_forged_lists_in_the_directory_neither_hide_a_revocation_nor_shame_a_signer(make, now, tmp_path, is_revoked):
    csca, forger = make.csca(), make.key()
    signer = make.signer(csca).certificate
    forged = [make.crl(csca, (signer.serial, number), key=forger, this_update=now) for number in range(1, 41)]
    lines = (value("certificateRevocationList;binary", crl.der) for crl in forged)
    content = b"".join(entry(f"cn={n},o=crl,c=VN,{DATA}", line) for n, line in enumerate(lines))
    (tmp_path / "a.ldif").write_bytes(content)
    (tmp_path / "root.cer").write_bytes(csca.certificate.der)
    (tmp_path / "list.crl").write_bytes(make.crl(csca, (signer.serial,) if is_revoked else ()).der)
    store = TrustStore.from_folder(tmp_path)
    status = revocation_status(signer, (signer, csca.certificate), store, now)
    expected = RevocationReasonCode.SIGNER_REVOKED if is_revoked else RevocationReasonCode.NOT_REVOKED
    assert status.reason is expected
    assert any("more than 8 CRLs" in sentence for _, sentence in store.problems)
