"""The trust list: what of an issuer's files is published, and what is not."""

import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from publisher.desk import Desk
from publisher.errors import ListRejected
from publisher.trust import current_trust
from verifier.sdk.errors import InvalidInput
from verifier.sdk.testing import SyntheticPki
from verifier.sdk.trust import Certificate, TrustStore

from .conftest import DAY, NOW, taken


def written(folder: Path, name: str, content: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.fixture
def files(tmp_path: Path, pki: SyntheticPki) -> list[Path]:
    """Two generations of a CSCA, the links between them, a CRL."""
    pki.roll_over(at=NOW - 10 * DAY)
    pki.issue_crl(at=NOW - 5 * DAY)
    pki.write_to(tmp_path / "issuers")
    return sorted((tmp_path / "issuers").iterdir())


def kinds(items: tuple) -> list[str]:
    return sorted(item.kind for item in items)


def test_certificates_and_crls_are_staged_and_told_with_fingerprint_and_state(desk: Desk, files: list[Path]) -> None:
    change = desk.add_trust(files, at=NOW)
    assert kinds(change.new) == ["crl", "link", "link", "root", "root"]
    assert (change.roots, change.links, change.crls, change.gone) == (2, 2, 1, ())
    assert {item.state for item in change.new if item.kind != "crl"} == {"VN"}
    told = {item.fingerprint for item in change.new}
    certificates = [path for path in files if path.suffix == ".cer"]
    assert {Certificate.decode(path.read_bytes()).fingerprint.hex() for path in certificates} < told


def test_the_published_archives_are_what_an_appliance_loads(desk: Desk, files: list[Path], tmp_path: Path) -> None:
    desk.add_trust(files, at=NOW)
    desk.publish(at=NOW)
    place = tmp_path / "loaded"
    place.mkdir()
    for path in (desk.public / "targets" / "trust").iterdir():
        (place / path.name).write_bytes(path.read_bytes())
    store = TrustStore.from_folder(place)
    assert (len(store.anchors), len(store.certificates), len(store.crls), store.problems) == (2, 4, 1, ())
    assert set(taken(desk, at=NOW).targets) == {"trust/issuers.zip", "trust/crls.zip"}


def test_the_same_content_is_the_same_archive_to_the_byte(desk: Desk, files: list[Path]) -> None:
    desk.add_trust(files, at=NOW)
    first = {path: file.read_bytes() for path, file in desk.folder.staged.files().items()}
    desk.publish(at=NOW)
    change = desk.add_trust(list(reversed(files)), at=NOW + DAY, replace=True)
    assert (change.new, change.gone) == ((), ())
    assert {path: file.read_bytes() for path, file in desk.folder.staged.files().items()} == first
    assert [role.role for role in desk.publish(at=NOW + DAY).roles] == ["timestamp"]


def test_the_members_of_an_archive_are_named_by_their_hash(desk: Desk, files: list[Path]) -> None:
    desk.add_trust(files, at=NOW)
    with zipfile.ZipFile(desk.folder.staged.files()["trust/issuers.zip"]) as archive:
        for name in archive.namelist():
            assert name == f"{Certificate.decode(archive.read(name)).fingerprint.hex()}.cer"


def test_adding_keeps_what_was_published_and_replacing_does_not(desk: Desk, files: list[Path], tmp_path: Path) -> None:
    desk.add_trust(files, at=NOW)
    desk.publish(at=NOW)
    other = SyntheticPki(at=NOW - DAY, state="UTO", country="UT")
    one = written(tmp_path / "other", "other.cer", other.csca.certificate)
    change = desk.add_trust([one], at=NOW)
    assert (change.roots, kinds(change.new), change.gone) == (3, ["root"], ())
    assert change.new[0].state == "UT"
    change = desk.add_trust([one], at=NOW, replace=True)
    assert (change.roots, kinds(change.gone)) == (1, ["crl", "link", "link", "root", "root"])


def test_a_newer_crl_takes_the_place_of_the_older_one(
    desk: Desk, files: list[Path], pki: SyntheticPki, tmp_path: Path
) -> None:
    desk.add_trust(files, at=NOW)
    older = pki.crls()[-1]
    pki.issue_crl(at=NOW - DAY)
    newest = written(tmp_path / "newer", "today.crl", pki.crls()[-1])
    change = desk.add_trust([newest], at=NOW)
    assert (kinds(change.new), kinds(change.gone), change.crls) == (["crl"], ["crl"], 1)
    again = written(tmp_path / "newer", "older.crl", older)
    assert desk.add_trust([again], at=NOW).new == ()
    assert current_trust(desk.folder).crls[0].this_update == NOW - DAY


def test_a_master_list_counts_only_with_the_word_of_its_signer(desk: Desk, pki: SyntheticPki, tmp_path: Path) -> None:
    signer = pki.issue_list_signer()
    listed = written(tmp_path / "lists", "states.ml", pki.master_list([SyntheticPki(at=NOW - DAY)], signer=signer))
    with pytest.raises(ListRejected, match="no usable root"):
        desk.add_trust([listed], at=NOW)
    with pytest.raises(ListRejected):
        desk.add_trust([listed], at=NOW, list_signers=["ab" * 32])
    fingerprint = Certificate.decode(signer.certificate).fingerprint.hex()
    assert desk.add_trust([listed], at=NOW, list_signers=[fingerprint]).roots == 2
    with pytest.raises(InvalidInput):
        desk.add_trust([listed], at=NOW, list_signers=["not a fingerprint"])


def test_document_signers_and_foreign_crls_are_named_and_not_published(
    desk: Desk, files: list[Path], pki: SyntheticPki, tmp_path: Path
) -> None:
    stranger = SyntheticPki(at=NOW - DAY)
    stranger.issue_crl(at=NOW - DAY)
    folder = tmp_path / "more"
    more = [
        written(folder, "signer.cer", pki.issue_document_signer().certificate),
        written(folder, "stranger.crl", stranger.crls()[-1]),
        written(folder, "noise.cer", b"no certificate"),
    ]
    change = desk.add_trust([*files, *more], at=NOW)
    assert (change.roots, change.links, change.crls) == (2, 2, 1)
    sentences = " ".join(sentence for _, sentence in change.problems)
    assert "no certification authority" in sentences
    assert "not signed by any certificate of the list" in sentences
    assert "noise.cer" in {name for name, _ in change.problems}


def test_a_list_without_a_root_is_refused(desk: Desk, files: list[Path], tmp_path: Path) -> None:
    crls = [path for path in files if path.suffix == ".crl"]
    with pytest.raises(ListRejected, match="no usable root"):
        desk.add_trust(crls, at=NOW)
    with pytest.raises(ListRejected, match="a CRL counts only with the CSCA certificate that signed it"):
        desk.add_trust(crls, at=NOW)
    with pytest.raises(ListRejected, match="no usable root"):
        desk.add_trust([written(tmp_path / "damaged", "root.cer", files[0].read_bytes()[:-4] + b"oops")], at=NOW)
    assert desk.folder.staged.files() == {}


def test_files_of_which_nothing_can_be_used_leave_the_list_as_it_was(
    desk: Desk, files: list[Path], tmp_path: Path
) -> None:
    desk.add_trust(files, at=NOW)
    before = desk.folder.staged.files()["trust/issuers.zip"].read_bytes()
    with pytest.raises(ListRejected, match="noise"):
        desk.add_trust([written(tmp_path / "noise", "noise.cer", b"no certificate")], at=NOW)
    assert desk.folder.staged.files()["trust/issuers.zip"].read_bytes() == before


def test_a_certificate_is_removed_with_the_crls_that_only_it_signed(desk: Desk, files: list[Path]) -> None:
    change = desk.add_trust(files, at=NOW)
    desk.publish(at=NOW)
    for item in change.new:
        if item.kind == "link":
            desk.remove_trust(item.fingerprint)  # links have the keys of the roots
    store = current_trust(desk.folder)
    signer = next(one for one in store.anchors if store.crls[0].is_signed_by(one.public_key).valid)
    gone = desk.remove_trust(signer.fingerprint.hex()[:16].upper())
    assert (kinds(gone.gone), gone.crls) == (["crl", "root"], 0)
    with pytest.raises(ListRejected, match="no usable root"):
        desk.remove_trust(current_trust(desk.folder).certificates[0].fingerprint.hex())


@pytest.mark.parametrize("unknown", ["", "abc", "ab" * 32])
def test_what_is_not_in_the_list_cannot_be_removed(desk: Desk, files: list[Path], unknown: str) -> None:
    desk.add_trust(files, at=NOW)
    with pytest.raises(ListRejected):
        desk.remove_trust(unknown)


def test_sixty_issuers_are_one_list(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    for number in range(60):
        written(folder, f"{number}.cer", SyntheticPki(at=NOW - timedelta(days=number + 1)).csca.certificate)
    assert desk.add_trust(sorted(folder.iterdir()), at=NOW).roots == 60
