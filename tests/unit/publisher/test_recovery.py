"""A desk whose disk died: the backup is of last week, and the mirrors are of yesterday."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from publisher.desk import Desk
from publisher.errors import DeskError, PublicationInvalid, WrongUsage

from .conftest import DAY, NOW, SECRET, taken, versions


@pytest.fixture
def backup(filled: Desk, tmp_path: Path) -> Path:
    shutil.copytree(filled.folder.path, tmp_path / "backup")
    return tmp_path / "backup"


@pytest.fixture
def mirror(filled: Desk, backup: Path, province: Desk, cards: Callable[..., Path], tmp_path: Path) -> Path:
    """What a mirror has after the backup: two more lists, another timestamp key, a province."""
    assert backup.is_dir()
    for day in (1, 2):
        filled.add_card_status(cards(range(1000 + day)), at=NOW + day * DAY)
        filled.publish(at=NOW + day * DAY)
    province.publish(at=NOW + 2 * DAY)
    filled.delegate("01", province.request, at=NOW + 2 * DAY)
    filled.accept(province.public, at=NOW + 2 * DAY)
    filled.rotate("root", at=NOW + 2 * DAY)
    filled.publish(at=NOW + 2 * DAY)
    shutil.copytree(filled.public, tmp_path / "mirror")
    return tmp_path / "mirror"


def restored(backup: Path, mirror: Path) -> Desk:
    shutil.rmtree(backup / "public")
    shutil.copytree(mirror, backup / "public")
    return Desk(backup, passphrases=SECRET)


def test_a_restored_desk_signs_nothing_before_it_was_told_to_go_on(backup: Path, mirror: Path) -> None:
    with pytest.raises(DeskError):
        restored(backup, mirror).publish(at=NOW + 3 * DAY)


def test_a_restored_desk_goes_on_with_higher_numbers(
    filled: Desk, backup: Path, mirror: Path, cards: Callable[..., Path]
) -> None:
    desk = restored(backup, mirror)
    recovered = desk.recover()
    assert recovered.published_at == NOW + 2 * DAY
    assert recovered.versions == filled.folder.published().versions()
    assert desk.add_card_status(cards(range(1003)), at=NOW + 3 * DAY).sequence == 4
    done = desk.publish(at=NOW + 3 * DAY)
    assert all(done.versions[role] >= version for role, version in recovered.versions.items())
    assert versions(taken(desk, at=NOW + 3 * DAY))["root"] == 2


def test_a_mirror_that_expired_long_ago_serves_as_well(backup: Path, mirror: Path) -> None:
    desk = restored(backup, mirror)
    desk.recover()
    desk.publish(at=NOW + 80 * DAY)
    assert len(taken(desk, at=NOW + 80 * DAY).targets) == 5


def test_a_mirror_older_than_the_desk_is_refused(filled: Desk, backup: Path, mirror: Path) -> None:
    shutil.rmtree(filled.public)
    shutil.copytree(backup / "public", filled.public)
    with pytest.raises(DeskError, match="older than this desk's journal"):
        Desk(filled.folder.path, passphrases=SECRET).recover()


def test_a_mirror_with_anything_swapped_is_refused(backup: Path, mirror: Path) -> None:
    for path in (mirror / "targets").rglob("*.delta"):  # older ones lie there, too
        path.write_bytes(b"swapped")
    with pytest.raises(PublicationInvalid):
        restored(backup, mirror).recover()


def test_a_mirror_with_a_root_of_somebody_else_is_refused(backup: Path, mirror: Path, tmp_path: Path) -> None:
    other = Desk.found(tmp_path / "other", at=NOW, passphrases=SECRET)
    other.rotate("root", at=NOW)
    other.publish(at=NOW)
    shutil.copy(other.public / "metadata" / "2.root.json", mirror / "metadata")
    with pytest.raises(DeskError, match=r"2\.root\.json is not signed"):
        restored(backup, mirror).recover()


def test_a_provinces_desk_has_nothing_to_recover_from(province: Desk) -> None:
    with pytest.raises(WrongUsage):
        province.recover()
