"""``thechip trust``."""

import hashlib
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


def _fingerprint(der: bytes) -> str:
    return hashlib.sha256(der).hexdigest()


def test_of_a_master_list_what_somebody_vouches_for_is_added(run: Run, tmp_path: Path) -> None:
    pki, other = SyntheticPki(at=AT), SyntheticPki(at=AT, country="UT", state="UTO")
    folder, file = tmp_path / "trust", tmp_path / "list.ml"
    file.write_bytes(pki.master_list([other]))
    refused = run("trust", "add", folder, file)
    assert refused.code == 5
    assert "not trusted" in refused.err
    assert not folder.exists()
    vouched = ("--list-signer", _fingerprint(pki.csca.certificate))
    added = run("trust", "add", folder, file, *vouched, "--country", "UT", "--json").json
    assert [(line["kind"], line["country"]) for line in added] == [("root", "UT")]
    assert [line["country"] for line in run("trust", "add", folder, file, *vouched, "--json").json] == ["VN"]
    assert len(list(folder.iterdir())) == 2


def test_of_a_directory_what_proves_itself_is_added(run: Run, tmp_path: Path) -> None:
    pki, other = SyntheticPki(at=AT), SyntheticPki(at=AT, country="UT", state="UTO")
    for state in (pki, other):
        state.issue_crl()
    folder, file = tmp_path / "trust", tmp_path / "all.ldif"
    pki.write_to(folder)
    before = len(list(folder.iterdir()))
    file.write_bytes(pki.ldif([other]))
    ran = run("trust", "add", folder, file, "--own-roots")
    assert ran.code == 0
    assert "not signed by any certificate" in ran.err
    assert {line["country"] for line in run("trust", "list", folder, "--json").json if line["kind"] == "root"} == {"VN"}
    assert len(list(folder.iterdir())) >= before


def test_a_list_in_the_folder_counts_for_whom_it_is_vouched(run: Run, tmp_path: Path) -> None:
    pki, other = SyntheticPki(at=AT), SyntheticPki(at=AT, country="UT", state="UTO")
    pki.write_to(tmp_path)
    (tmp_path / "list.ml").write_bytes(pki.master_list([other]))
    assert "nobody" in run("trust", "list", tmp_path).out or "not trusted" in run("trust", "list", tmp_path).out
    countries = [line["country"] for line in run("trust", "list", tmp_path, "--own-roots", "--json").json]
    assert set(countries) == {"VN", "UT"}
    assert run("trust", "list", tmp_path, "--list-signer", "123").code == 2


def test_a_state_is_named_by_its_code_of_two_or_three_letters(run: Run, tmp_path: Path) -> None:
    pki, other = SyntheticPki(at=AT), SyntheticPki(at=AT, country="UT", state="UTO")
    file = tmp_path / "list.ml"
    file.write_bytes(pki.master_list([other]))
    vouched = ("--list-signer", _fingerprint(pki.csca.certificate), "--json")
    for number, code in enumerate(("VN", "VNM", "vnm")):
        added = run("trust", "add", tmp_path / str(number), file, *vouched, "--country", code)
        assert [line["country"] for line in added.json] == ["VN"]
    assert run("trust", "add", tmp_path / "no", file, *vouched, "--country", "Vietnam").code == 2


def test_why_nothing_was_added_is_said_and_said_once(run: Run, tmp_path: Path) -> None:
    pki, other = SyntheticPki(at=AT), SyntheticPki(at=AT, country="UT", state="UTO")
    folder, file = tmp_path / "trust", tmp_path / "list.ml"
    file.write_bytes(pki.master_list([other]))
    vouched = ("--list-signer", _fingerprint(pki.csca.certificate))
    elsewhere = run("trust", "add", folder, file, *vouched, "--country", "LAO")
    assert elsewhere.code == 5
    assert "none of its certificates is of LA, LAO; it has those of UT, VN" in elsewhere.err
    assert run("trust", "add", folder, file).err.count("\n") == 1
    assert run("trust", "add", folder, file, *vouched).code == 0
    assert "the folder holds all of it already" in run("trust", "add", folder, file, *vouched).err


def test_of_a_list_that_nobody_vouches_for_it_is_said_what_to_do(
    run: Run, evidence_of: Callable, tmp_path: Path
) -> None:
    pki, folder = SyntheticPki(at=AT), tmp_path / "trust"
    folder.mkdir()
    file = folder / "list.ml"
    file.write_bytes(pki.master_list())
    for arguments in (("verify", "--trust", folder, evidence_of("genuine")), ("trust", "list", folder)):
        ran = run(*arguments)
        assert ran.code == 5
        assert "holds no usable root certificate; list.ml: a " in ran.err
        assert f"thechip trust add {folder} {file} --list-signer SHA256" in ran.err
        assert ran.err.count("\n") == 1
    refused = run("trust", "add", folder, file)
    assert f"thechip trust lint {file} shows who signed it" in refused.err
    assert refused.err.count("list that adds nothing") == 1
    assert run("trust", "add", folder, file, "--list-signer", _fingerprint(pki.csca.certificate)).code == 0
    assert run("trust", "list", folder).code == 0
