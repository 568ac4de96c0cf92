"""``thechip trust lint``: sentences for people, lines for machines, an exit status for scripts."""

import base64
import hashlib
import itertools
import json
import zipfile
from pathlib import Path

import pytest

from verifier.sdk.testing import SyntheticPki

WARNINGS, ERRORS, UNUSABLE = 3, 1, 5


@pytest.fixture
def root(trust: Path) -> Path:
    return next(iter(sorted(trust.glob("*csca*.cer"))))


def test_each_deviation_is_a_line_with_severity_code_and_sentence(run, root):
    ran = run("trust", "lint", root)
    assert ran.code == WARNINGS
    first, *findings = ran.out.splitlines()
    assert first.startswith(f"{root.name}: root ")
    assert any(
        line.split()
        == [
            "warning",
            "private-key-usage-period-missing",
            *["It", "does", "not", "say", "how", "long", "the", "private", "key", "is", "used."],
        ]
        for line in findings
    )
    assert "1 objects, 0 without deviations" in ran.out


def test_the_gravest_comes_first(run, root, tmp_path):
    damaged = bytearray(root.read_bytes())
    damaged[-1] ^= 1
    file = tmp_path / "damaged.cer"
    file.write_bytes(bytes(damaged))
    ran = run("trust", "lint", file)
    assert ran.code == ERRORS
    assert ran.out.splitlines()[1].split()[:2] == ["error", "self-signature-invalid"]


def test_machines_get_an_object_a_line_and_the_counts_last(run, trust):
    ran = run("trust", "lint", trust, "--json")
    *objects, counts = ran.json
    assert {one["kind"] for one in objects} <= {"certificate", "crl"}
    for one in objects:
        assert one["source"]
        assert len(one["fingerprint"]) == 64
        assert all({"code", "severity", "sentence", "clause", "treatment"} == set(f) for f in one["findings"])
    assert counts["objects"] == len(objects)
    assert (
        sum(any(f["code"] == "crl-distribution-points-missing" for f in one["findings"]) for one in objects)
        == (counts["counts"]["crl-distribution-points-missing"])
    )


def test_what_is_less_grave_can_be_left_out(run, root):
    assert run("trust", "lint", root, "--at-least", "error").code == 0
    assert "warning" in run("trust", "lint", root, "--summary").out


def test_what_was_left_out_is_never_told_as_nothing(run, root):
    (all_of_it,) = (one for one in run("trust", "lint", root, "--json").json if one.get("findings"))
    found = [finding["severity"] for finding in all_of_it["findings"]]
    lesser = [f"{found.count(severity)} {severity}s" for severity in ("warning", "notice") if severity in found]
    ran = run("trust", "lint", root, "--at-least", "error")
    expected = f"1 objects, 0 without deviations; left out, as --at-least error asks: {', '.join(lesser)}"
    assert ran.out.splitlines() == [expected]
    counts = run("trust", "lint", root, "--at-least", "error", "--json").json[-1]
    assert (counts["without_deviations"], sum(counts["left_out"].values())) == (0, len(found))


def test_pem_with_several_blocks_and_rubbish_is_told_block_by_block(run, root, tmp_path):
    block = b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(root.read_bytes()) + b"-----END CERTIFICATE-----\n"
    rubbish = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    file = tmp_path / "several.pem"
    file.write_bytes(block + rubbish + block)
    ran = run("trust", "lint", file, "--json")
    assert ran.code == ERRORS
    assert [one.get("kind") for one in ran.json] == ["certificate", "unknown", "certificate", None]


def test_a_directory_is_read_entry_by_entry(run, root, tmp_path):
    encoded = base64.b64encode(root.read_bytes()).decode()
    entry = f"dn: cn=x,o=csca,c=UT,dc=data\nobjectClass: pkdDownload\nuserCertificate;binary:: {encoded}\n\n"
    file = tmp_path / "directory.ldif"
    file.write_text(f"version: 1\n\n{entry}{entry}")
    ran = run("trust", "lint", file, "--json")
    assert ran.code == WARNINGS
    assert ran.json[-1]["objects"] == 2


def test_a_file_that_is_not_there_is_an_unusable_file(run, tmp_path):
    ran = run("trust", "lint", tmp_path / "nothing.cer")
    assert (ran.code, ran.out) == (UNUSABLE, "")
    assert ran.err.count("\n") == 1


def test_a_security_object_is_linted(run, stored, tmp_path):
    evidence = json.loads(next(iter(stored.values())))
    file = tmp_path / "EF.SOD"
    file.write_bytes(base64.b64decode(evidence["files"]["EF.SOD"]))
    assert run("trust", "lint", file, "--json").json[0]["kind"] == "security-object"


def test_names_do_not_steer_a_terminal(run, tmp_path, scene):
    pki = SyntheticPki(at=scene.at, name="\x1b[31mred")
    file = tmp_path / "red.cer"
    file.write_bytes(pki.csca.certificate)
    assert "\x1b" not in run("trust", "lint", file).out


def test_the_files_of_an_archive_are_named_one_by_one(run, root, tmp_path):
    archive = tmp_path / "lists.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        made.write(root, "folder/root.cer")
        made.writestr("bomb.ml", bytes(1 << 20))
    ran = run("trust", "lint", archive)
    assert "lists.zip: root.cer: root " in ran.out
    assert "more than 100 times as long" in ran.out


@pytest.mark.parametrize("content", [b'{"format": "thechip-evidence"}', b"some text", b"", b"{}"])
def test_what_is_no_certificate_at_all_is_an_unusable_file(run, root, tmp_path, content):
    file = tmp_path / "other.json"
    file.write_bytes(content)
    ran = run("trust", "lint", file)
    assert (ran.code, ran.out) == (UNUSABLE, "")
    assert ran.err.startswith("thechip: other.json: this is no certificate, CRL, signed list or EF.SOD")
    assert "tag" not in ran.err
    beside = run("trust", "lint", file, root, "--json")
    assert beside.code == UNUSABLE
    assert [one.get("kind") for one in beside.json] == [None, "certificate", None]


def test_the_signer_of_a_list_is_shown_with_the_fingerprint_that_list_signer_takes(run, scene, tmp_path):
    signer = scene.home.issue_list_signer()
    file, folder = tmp_path / "list.ml", tmp_path / "trust"
    file.write_bytes(scene.home.master_list(signer=signer))
    said = run("trust", "lint", file, "--at-least", "error").out.splitlines()
    shown = next(after for before, after in itertools.pairwise(said) if "master-list-signer" in before)
    label, fingerprint = shown.split()
    assert (label, fingerprint) == ("SHA-256", hashlib.sha256(signer.certificate).hexdigest())
    assert run("trust", "add", folder, file, "--list-signer", fingerprint).code == 0


def test_a_folder_without_files_is_no_clean_one(run, tmp_path):
    (tmp_path / "inside").mkdir()
    ran = run("trust", "lint", tmp_path)
    assert (ran.code, ran.out) == (5, "")
    assert "nothing was found" in ran.err
