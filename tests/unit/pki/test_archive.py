"""Zip archives in a trust folder: what is in them counts as if it lay there, within bounds."""

import io
import struct
import zipfile

import pytest

from verifier.errors import MalformedData
from verifier.pki.sources import archive
from verifier.pki.sources.archive import MAX_MEMBERS, read_archive
from verifier.pki.trust.trust_store import TrustStore


def zipped(*members, method=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as made:
        for name, content in members:
            made.writestr(name, content)
    return buffer.getvalue()


@pytest.fixture
def folder(tmp_path, make):
    (tmp_path / "own.cer").write_bytes(make.csca("Own").certificate.der)
    return tmp_path


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_what_an_archive_holds_counts_as_if_it_lay_in_the_folder(folder, make, method):
    other = make.csca("Other")
    crl = make.crl(other)
    members = (("DE/a.cer", other.certificate.der), ("b.CRL", crl.der), ("__MACOSX/._a.cer", b"?"), (".x.cer", b"?"))
    (folder / "lists.zip").write_bytes(zipped(*members, method=method))
    store = TrustStore.from_folder(folder)
    assert other.certificate in store.anchors
    assert store.crls == (crl,)
    assert store.problems == ()


def test_whatever_cannot_be_used_is_named_and_spoils_nothing_else(folder, make):
    other = make.csca("Other").certificate
    members = (
        ("readme.txt", b"hello"),
        ("inner.zip", zipped(("c.cer", other.der))),
        ("bad.cer", b"junk"),
        ("bomb.ml", bytes(1 << 20)),
        ("good.cer", other.der),
    )
    (folder / "lists.zip").write_bytes(zipped(*members))
    store = TrustStore.from_folder(folder)
    assert other in store.anchors
    problems = dict(store.problems)
    assert sorted(problems) == [f"lists.zip: {name}" for name in ("bad.cer", "bomb.ml", "inner.zip", "readme.txt")]
    assert "archive in an archive" in problems["lists.zip: inner.zip"]
    assert "100 times" in problems["lists.zip: bomb.ml"]


def test_an_archive_of_too_many_files_is_refused(folder):
    (folder / "many.zip").write_bytes(zipped(*((f"{n}.cer", b"") for n in range(MAX_MEMBERS + 1))))
    store = TrustStore.from_folder(folder)
    assert "more than 1000 files" in dict(store.problems)["many.zip"]


def test_the_files_of_an_archive_are_bounded_together(monkeypatch):
    monkeypatch.setattr(archive, "MAX_TOTAL_LENGTH", 10)
    first, second = read_archive(zipped(("a.cer", b"12345678"), ("b.cer", b"12345678")))
    assert (first.content, first.problem) == (b"12345678", None)
    assert second.content == b""
    assert "longer than" in second.problem


def test_a_member_that_lies_about_its_length_or_content_is_damaged():
    good = zipped(("a.cer", b"1234567890"), method=zipfile.ZIP_STORED)
    entry = good.index(b"PK\x01\x02")
    longer = good[: entry + 24] + struct.pack("<I", 900) + good[entry + 28 :]
    for bad in (longer, good.replace(b"1234567890", b"1234567891")):
        (member,) = read_archive(bad)
        assert member.problem == "it is damaged in the archive"


def test_an_encrypted_member_is_not_read():
    good = bytearray(zipped(("a.cer", b"1234567890")))
    good[good.index(b"PK\x01\x02") + 8] |= 1
    (member,) = read_archive(bytes(good))
    assert "encrypted" in member.problem


def test_hostile_bytes_raise_nothing_else():
    good = zipped(("a.cer", b"1234567890" * 9), ("b.crl", b"x" * 40))
    for position in range(len(good)):
        for value in (0, 0x7F, 0xFF, good[position] ^ 1):
            try:
                list(read_archive(good[:position] + bytes([value]) + good[position + 1 :]))
            except MalformedData:
                continue
    for length in range(len(good)):
        with pytest.raises(MalformedData):
            list(read_archive(good[:length]))
