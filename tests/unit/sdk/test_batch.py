"""``verify_files``: for an integrator with a folder full of evidence."""

import itertools
import subprocess
import sys
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest

from verifier.sdk import CanPassword, CardStatusList, Policy, TrustStore, load_profile, read
from verifier.sdk.batch import verify_files
from verifier.sdk.errors import InvalidInput, TrustMaterialError
from verifier.sdk.testing.misbehaving import CATALOGUE, Scene

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene(at=AT)


@pytest.fixture
def genuine(scene: Scene, tmp_path: Path) -> Path:
    card = CATALOGUE["genuine"].make(scene)
    path = tmp_path / "genuine.json"
    evidence = read(card, profile=load_profile("party-card"), password=CanPassword(scene.can), at=AT)
    path.write_bytes(evidence.to_bytes())
    return path


def status_file(scene: Scene, folder: Path) -> Path:
    path = folder / "cards.list"
    path.write_bytes(scene.card_status.issue(at=AT))
    return path


def test_an_endless_supply_is_verified_as_it_comes(scene: Scene, genuine: Path) -> None:
    judgements = verify_files(itertools.repeat(genuine), scene.trust_store(), Policy(), at=AT)
    first = list(itertools.islice(judgements, 3))
    assert [judgement.reason for judgement in first] == ["card-status-list-missing"] * 3
    tracemalloc.start()
    for _ in itertools.islice(judgements, 300):
        pass
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 300_000  # a thousand bytes for each would already be something that grows


def test_workers_see_the_same_trust_and_the_same_list(scene: Scene, genuine: Path, tmp_path: Path) -> None:
    with CardStatusList.open(status_file(scene, tmp_path), scene.card_status.public_key) as card_status:
        judged = list(verify_files([genuine] * 70, scene.trust_store(), at=AT, card_status=card_status, workers=2))
    assert len(judged) == 70
    assert all(judgement.passed for judgement in judged)


def test_a_list_that_is_replaced_before_a_worker_opens_it_is_not_taken_for_the_first(
    scene: Scene, tmp_path: Path
) -> None:
    path = status_file(scene, tmp_path)
    with CardStatusList.open(path, scene.card_status.public_key) as card_status:
        reopen, arguments = card_status.__reduce__()
        newer = tmp_path / "newer"
        newer.write_bytes(scene.card_status.issue(at=AT))
        newer.replace(path)
        with pytest.raises(TrustMaterialError, match="replaced"):
            reopen(*arguments)


def test_what_cannot_be_read_is_a_judgement_too(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    names = ["missing", "folder"]
    judged = list(verify_files([tmp_path / name for name in names], scene.trust_store(), at=AT))
    assert [(judgement.reason, judgement.passed) for judgement in judged] == [("evidence-error", False)] * 2
    assert all(judgement.report is None for judgement in judged)


def test_wrong_arguments_are_refused_at_the_first_step(scene: Scene, genuine: Path) -> None:
    trust = scene.trust_store()
    for wrong in (
        lambda: verify_files([genuine], "folder", at=AT),
        lambda: verify_files([genuine], trust, at=AT.replace(tzinfo=None)),
        lambda: verify_files([genuine], trust, at=AT, workers=0),
        lambda: verify_files([genuine], trust, "policy", at=AT),
    ):
        with pytest.raises(InvalidInput):
            next(wrong())
    assert list(verify_files([], TrustStore([]), at=AT)) == []


@pytest.mark.parametrize("paths", [None, 7, ["card.json"], [None], [b"card.json"]])
def test_files_are_named_by_paths(scene: Scene, paths: object) -> None:
    with pytest.raises(InvalidInput):
        list(verify_files(paths, scene.home.trust_store(), at=scene.at))  # type: ignore[arg-type]


@pytest.mark.parametrize("paths", ["card.json", Path("card.json"), b"card.json"])
def test_one_file_is_no_list_of_files(scene: Scene, paths: object) -> None:
    with pytest.raises(InvalidInput, match="glob"):
        list(verify_files(paths, scene.home.trust_store(), at=scene.at))  # type: ignore[arg-type]


def test_a_folder_among_the_files_says_how_its_files_are_named(scene: Scene, tmp_path: Path) -> None:
    (judged,) = verify_files([tmp_path], scene.trust_store(), at=AT)
    assert judged.reason == "evidence-error"
    assert judged.sentence == "it is a folder; a batch takes files, as folder.glob('*.json') gives them"


def test_a_program_without_a_guard_is_told_of_it(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "from datetime import UTC, datetime\n"
        "from pathlib import Path\n"
        "from verifier.sdk import TrustStore\n"
        "from verifier.sdk.batch import verify_files\n"
        "at = datetime(2026, 11, 22, tzinfo=UTC)\n"
        "list(verify_files([Path('a.json')], TrustStore([]), at=at, workers=2))\n"
    )
    ran = subprocess.run([sys.executable, program], capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 1
    last = ran.stderr.strip().splitlines()[-1]
    assert last.startswith("concurrent.futures.process.BrokenProcessPool: the workers ended before")
    assert 'if __name__ == "__main__":' in last
