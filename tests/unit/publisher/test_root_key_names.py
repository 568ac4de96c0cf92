"""Root's keys are somebody's, each: they have names that stay, wherever their files are."""

import json
import shutil
from pathlib import Path

import pytest

from publisher.desk import Desk
from publisher.errors import WrongUsage

from .conftest import DAY, NOW, SECRET, taken, versions


def names(desk: Desk) -> list[tuple[str | None, bool]]:
    root = next(role for role in desk.status(at=NOW + DAY).roles if role.role == "root")
    return [(key.name, key.is_here) for key in root.keys]


def without(desk: Desk, *keys: str) -> Desk:
    """The desk when somebody has lost or taken away these keys."""
    for name in keys:
        for path in desk.folder.keys.glob(f"{name}.*.pem"):
            path.unlink()
    return Desk(desk.folder.path, passphrases=SECRET)


def of_an_earlier_release(desk: Desk) -> Desk:
    settings = json.loads(desk.folder.settings_path.read_text())
    del settings["root_names"]
    desk.folder.settings_path.write_text(json.dumps(settings))
    return Desk(desk.folder.path, passphrases=SECRET)


def test_a_key_that_is_not_here_has_its_name_all_the_same(filled: Desk) -> None:
    desk = without(filled, "root-2", "root-3")
    assert names(desk) == [("root-1", True), ("root-2", False), ("root-3", False)]


@pytest.mark.parametrize("is_old", [False, True])
def test_a_lost_key_is_replaced_by_its_name(filled: Desk, is_old: bool) -> None:
    desk = without(filled, "root-2")
    desk = of_an_earlier_release(desk) if is_old else desk
    lost = desk.folder.published().root.signed.roles["root"].keyids[1]
    rotation = desk.rotate("root", at=NOW + DAY, new_key=True, remove=["root-2"])
    assert (rotation.removed, rotation.missing) == ((lost,), 0)
    assert [rotation.names[keyid] for keyid in (*rotation.made, *rotation.removed)] == ["root-4", "root-2"]
    desk.publish(at=NOW + DAY)
    assert versions(taken(desk, at=NOW + DAY))["root"] == 2
    assert names(desk) == [("root-1", True), ("root-3", True), ("root-4", True)]
    assert [path.name[:7] for path in desk.folder.keys.glob("root-4.*")] == ["root-4."]


def test_no_number_comes_twice(filled: Desk) -> None:
    for number in (4, 5, 6):
        filled.rotate("root", at=NOW + DAY, new_key=True, remove=[f"root-{number - 3}"])
        filled.publish(at=NOW + DAY)
    assert [name for name, _ in names(without(filled, "root-5"))] == ["root-4", "root-5", "root-6"]


def test_a_desk_of_an_earlier_release_with_a_later_root_counts_on_from_its_keys(filled: Desk) -> None:
    filled.rotate("timestamp", at=NOW + DAY)
    filled.publish(at=NOW + DAY)
    desk = of_an_earlier_release(without(filled, "root-2"))
    assert names(desk) == [("root-1", True), (None, False), ("root-3", True)]
    lost = desk.folder.published().root.signed.roles["root"].keyids[1]
    rotation = desk.rotate("root", at=NOW + DAY, new_key=True, remove=[lost[:12]])
    assert rotation.names[rotation.made[0]] == "root-4"


def test_a_name_that_is_nobodys_is_told_with_those_that_are(filled: Desk) -> None:
    with pytest.raises(WrongUsage, match=r"0 keys of root are called 'root-9'.*root-1 [0-9a-f]{16}, root-2 "):
        filled.rotate("root", at=NOW, remove=["root-9"])


def test_key_files_that_sign_nothing_any_more_are_told(filled: Desk, tmp_path: Path) -> None:
    assert filled.idle_keys() == ()
    old = next(filled.folder.keys.glob("timestamp.*"))
    filled.rotate("timestamp", at=NOW + DAY)
    assert filled.idle_keys() == ()
    filled.publish(at=NOW + DAY)
    assert filled.idle_keys() == filled.status(at=NOW + DAY).idle_keys == (old.name,)
    old.unlink()
    assert filled.idle_keys() == ()


def test_keys_that_are_pending_or_of_card_status_or_a_province_are_not_idle(filled: Desk, province: Desk) -> None:
    old = next(filled.folder.keys.glob("card-status.*"))
    filled.rotate("root", at=NOW, new_key=True)
    filled.rotate("central", at=NOW)
    filled.rotate_card_status()
    assert filled.idle_keys() == (old.name,)
    assert province.idle_keys() == ()
    shutil.copy(old, province.folder.keys)
    assert province.idle_keys() == (old.name,)
