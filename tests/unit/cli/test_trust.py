"""``thechip trust``."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from verifier.sdk.testing import SyntheticPki

Run = Callable[..., object]
AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("material")
    pki, other = SyntheticPki(at=AT), SyntheticPki(at=AT, country="UT", state="UTO")
    (folder / "root.cer").write_bytes(pki.csca.certificate)
    (folder / "list.crl").write_bytes(pki.issue_crl())
    (folder / "other.crl").write_bytes(other.issue_crl())
    (folder / "signer.cer").write_bytes(pki.issue_document_signer().certificate)
    (folder / "broken.cer").write_bytes(pki.csca.certificate[:-1] + b"\x00")
    (folder / "note.txt").write_text("not a certificate")
    return folder


def test_a_root_then_its_list_are_added_listed_and_shown(run: Run, material: Path, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    (added,) = run("trust", "add", folder, material / "root.cer", "--json").json
    assert (added["kind"], added["added"], added["country"]) == ("root", True, "VN")
    again = run("trust", "add", folder, material / "root.cer", "--json")
    assert (again.code, again.json[0]["added"]) == (0, False)
    assert run("trust", "add", folder, material / "list.crl").code == 0
    assert [line["kind"] for line in run("trust", "list", folder, "--json").json] == ["root", "crl"]
    shown = run("trust", "show", folder, added["fingerprint"][:12].upper(), "--json")
    assert shown.json[0]["serial"]
    assert "Synthetic CSCA" in run("trust", "show", folder, added["fingerprint"]).out
    assert sorted(path.suffix for path in folder.iterdir()) == [".cer", ".crl"]


def test_the_fingerprint_must_be_the_expected_one(run: Run, material: Path, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    refused = run("trust", "add", folder, material / "root.cer", "--fingerprint", "00" * 32)
    assert refused.code == 5
    assert not folder.exists()
    (added,) = run("trust", "add", folder, material / "root.cer", "--json").json
    digest = added["fingerprint"].upper()
    with_colons = ":".join(digest[index : index + 2] for index in range(0, 64, 2))
    assert run("trust", "add", folder, material / "root.cer", "--fingerprint", with_colons).code == 0


@pytest.mark.parametrize("name", ["signer.cer", "broken.cer", "other.crl", "note.txt", "missing.cer"])
def test_what_would_never_be_believed_is_not_added(run: Run, material: Path, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "new"
    run("trust", "add", folder, material / "root.cer")
    ran = run("trust", "add", folder, material / name)
    assert ran.code == 5
    assert ran.err
    assert len(list(folder.iterdir())) == 1


def test_what_cannot_be_used_is_named(run: Run, material: Path) -> None:
    kinds = [line["kind"] for line in run("trust", "list", material, "--json").json]
    assert kinds.count("problem") == 2
    said = run("trust", "list", material).out
    assert "not usable: note.txt: its name is not that of a certificate or CRL" in said
    assert "broken.cer: the self-signature of" in said
    assert "signer" in kinds


def test_an_empty_or_missing_folder_is_no_trust(run: Run, tmp_path: Path) -> None:
    assert run("trust", "list", tmp_path).code == 5
    assert run("trust", "list", tmp_path / "missing").code == 5


@pytest.mark.parametrize("fingerprint", ["", "zz", "0123456789abcdef"])
def test_a_fingerprint_of_none_or_several_is_a_mistake(run: Run, trust: Path, fingerprint: str) -> None:
    assert run("trust", "show", trust, fingerprint).code == 2
