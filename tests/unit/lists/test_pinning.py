"""The root that a device is given by hand: only a real one, only once, and never exchanged by the way."""

import hashlib
from pathlib import Path

import pytest
from lists_world.appliances import Appliance
from lists_world.forgery import Forgery
from lists_world.town import Town

from appliance.errors import ConfigError, ListRefused, ListsNotSetUp
from appliance.lists.folder import ListsFolder
from appliance.lists.pinning import decode_root, pin, pinned_root
from appliance.lists.publication import LONGEST_ROOT


def test_a_root_says_who_signs_and_its_fingerprint_can_be_read_aloud(town: Town) -> None:
    root = decode_root(town.first_root)
    assert (root.version, root.threshold, root.keys) == (1, 2, 3)
    assert root.sha256 == hashlib.sha256(town.first_root).hexdigest()
    groups = root.read_aloud.split(" ")
    assert [len(group) for group in groups] == [8] * 8
    assert "".join(groups) == root.sha256


def test_it_is_pinned_for_its_owner_alone(town: Town, tmp_path: Path) -> None:
    folder = ListsFolder(tmp_path / "lists")
    assert pinned_root(folder) is None
    pin(folder, town.first_root)
    assert folder.pinned_root.read_bytes() == town.first_root
    assert folder.pinned_root.stat().st_mode & 0o777 == 0o600
    assert folder.path.stat().st_mode & 0o777 == 0o700
    assert pinned_root(folder) == decode_root(town.first_root)


def test_to_pin_the_same_one_again_changes_nothing(appliance: Appliance, town: Town) -> None:
    assert pin(appliance.folder, town.first_root).version == 1


def test_another_one_is_refused_and_the_first_stays(
    appliance: Appliance, town: Town, forgery: Forgery, tmp_path: Path
) -> None:
    following = forgery.change("root").read_bytes()
    with pytest.raises(ConfigError, match="another root is pinned"):
        pin(appliance.folder, following)
    assert appliance.folder.pinned_root.read_bytes() == town.first_root


@pytest.mark.parametrize("content", [b"", b"{}", b"no root", b"[" * 60_000, b"\xff" * 100, bytes(LONGEST_ROOT + 1)])
def test_what_is_no_root_is_refused(tmp_path: Path, content: bytes) -> None:
    folder = ListsFolder(tmp_path / "lists")
    with pytest.raises(ListRefused):
        pin(folder, content)
    assert not folder.is_set_up


@pytest.mark.parametrize("name", ["timestamp.json", "1.targets.json", "2.snapshot.json"])
def test_other_metadata_is_refused_and_the_right_file_named(town: Town, name: str) -> None:
    content = (town.public / "metadata" / name).read_bytes()
    with pytest.raises(ListRefused, match=r"take the file 1\.root\.json"):
        decode_root(content)


@pytest.mark.parametrize("signatures", [0, 1])
def test_a_root_that_too_few_of_its_own_keys_signed_is_refused(town: Town, forgery: Forgery, signatures: int) -> None:
    path = forgery.change("root", by=town.signers_of("root")[:signatures])
    with pytest.raises(ListRefused, match="not signed by its own keys"):
        decode_root(path.read_bytes())


def test_without_a_root_nothing_is_taken_up(town: Town, tmp_path: Path) -> None:
    with pytest.raises(ListsNotSetUp, match="lists pin"):
        Appliance(ListsFolder(tmp_path / "lists")).take(town.public, at=town.now)


@pytest.mark.parametrize("damage", [b"", b"spoilt", bytes(LONGEST_ROOT + 1)])
def test_a_pinned_root_that_is_damaged_is_none(appliance: Appliance, damage: bytes) -> None:
    appliance.folder.pinned_root.write_bytes(damage)
    assert pinned_root(appliance.folder) is None


@pytest.mark.parametrize("damage", [b"", b"spoilt", bytes(LONGEST_ROOT + 1)])
def test_nothing_is_taken_up_under_a_damaged_root(appliance: Appliance, town: Town, damage: bytes) -> None:
    town.next_day()
    appliance.folder.pinned_root.write_bytes(damage)
    with pytest.raises((ListsNotSetUp, ListRefused)):
        appliance.take(town.public, at=town.now)


def test_a_damaged_root_can_be_pinned_again_and_no_other_one(
    appliance: Appliance, town: Town, forgery: Forgery
) -> None:
    appliance.folder.pinned_root.write_bytes(b"a spoilt sector")
    with pytest.raises(ConfigError, match="another root is pinned"):
        pin(appliance.folder, forgery.change("root").read_bytes())
    pin(appliance.folder, town.first_root)
    town.next_day()
    assert appliance.take(town.public, at=town.now).taken.is_new
