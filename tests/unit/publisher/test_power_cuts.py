"""A publication that breaks off anywhere: what is public is the old set or the new one, and the next command ends it.

And a copy made at any moment is one that a client takes: that is what a stick, or a mirror's rsync, makes.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from publisher.desk import Desk
from publisher.errors import DeskError

from .conftest import DAY, NOW, SECRET, taken, versions

Watcher = Callable[[str], None]
CHANGING = ("replace", "rename", "unlink", "mkdir", "rmdir")


class PowerCut(BaseException):
    """The machine is gone: nothing that follows in the program happens, unless it is a ``finally``."""


@contextmanager
def watching(watch: Watcher) -> Iterator[None]:
    """Call ``watch`` before every change of a name in the file system, and every fsync."""
    with pytest.MonkeyPatch.context() as patch:
        for name in CHANGING:
            genuine = getattr(Path, name)

            def changed(self: Path, *rest: object, _name: str = name, _genuine: Callable = genuine, **more: object):
                watch(_name)
                return _genuine(self, *rest, **more)

            patch.setattr(Path, name, changed)
        fsync = os.fsync
        patch.setattr(os, "fsync", lambda descriptor: (watch("fsync"), fsync(descriptor))[1])
        yield


def cut_at(number: int) -> Watcher:
    """Cut the power at the n-th change, and keep it off: cleaning up does not happen either."""
    count = 0

    def watch(_: str) -> None:
        nonlocal count
        count += 1
        if count >= number:
            raise PowerCut

    return watch


def changes_of(do: Callable[[], object]) -> int:
    seen: list[str] = []
    with watching(seen.append):
        do()
    return len(seen)


def prepared(filled: Desk, cards: Callable[..., Path], *, rotated: bool) -> Desk:
    filled.add_card_status(cards(range(1001)), at=NOW + DAY)
    if rotated:
        for role in ("timestamp", "snapshot", "targets"):
            filled.rotate(role, at=NOW + DAY)
    return filled


def copy_of(desk: Desk, to: Path) -> Desk:
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(desk.folder.path, to)
    return Desk(to, passphrases=SECRET)


@pytest.mark.parametrize("rotated", [False, True])
def test_wherever_the_power_is_cut_a_client_takes_the_old_set_or_the_new_one(
    filled: Desk, cards: Callable[..., Path], tmp_path: Path, rotated: bool
) -> None:
    prepared(filled, cards, rotated=rotated)
    whole = copy_of(filled, tmp_path / "whole")
    total = changes_of(lambda: whole.publish(at=NOW + DAY))
    after = taken(whole, at=NOW + DAY)
    assert total > 30
    ends = set()
    for number in range(1, total + 1):
        desk = copy_of(filled, tmp_path / "cut")
        with watching(cut_at(number)), pytest.raises(PowerCut):
            desk.publish(at=NOW + DAY)
        found = taken(desk, at=NOW + DAY)
        ends.add(versions(found)["timestamp"])
        assert set(found.targets) - {"card-status/delta"} == set(after.targets) - {"card-status/delta"}
        again = Desk(desk.folder.path, passphrases=SECRET)
        again.publish(at=NOW + DAY)
        ended = taken(again, at=NOW + DAY)
        assert set(ended.targets) == set(after.targets)
        assert versions(ended)["root"] == versions(after)["root"]
        assert again.status(at=NOW + DAY).staged == {}
        assert again.status(at=NOW + DAY).pending == ()
        assert not again.status(at=NOW + DAY).is_unfinished
    assert ends == {2, 3}


def test_a_copy_made_at_any_moment_is_one_that_a_client_takes(
    filled: Desk, cards: Callable[..., Path], tmp_path: Path
) -> None:
    prepared(filled, cards, rotated=True)
    root, seen = filled.first_root, []

    def copy_and_take(_: str) -> None:
        copy = tmp_path / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(filled.public, copy, ignore=shutil.ignore_patterns(".*"))
        seen.append(versions(taken_from(copy, root)))

    with watching_outside(copy_and_take):
        filled.publish(at=NOW + DAY)
    assert {(one["root"], one["timestamp"]) for one in seen} == {(1, 2), (1, 3), (2, 3)}


def taken_from(folder: Path, root: bytes):
    from publisher.verifying import verify_published

    return verify_published(folder, root, at=NOW + DAY)


@contextmanager
def watching_outside(watch: Watcher) -> Iterator[None]:
    """``watching``, but not of what the watcher itself changes."""
    busy = False

    def once(name: str) -> None:
        nonlocal busy
        if not busy:
            busy = True
            watch(name)
            busy = False

    with watching(once):
        yield


def test_a_publication_that_was_broken_off_is_told_and_nothing_else_comes_before_it(
    filled: Desk, cards: Callable[..., Path]
) -> None:
    prepared(filled, cards, rotated=False)
    genuine = Path.rename

    def cut(self: Path, target: Path) -> Path:
        if target.name == "outgoing.done":
            raise PowerCut
        return genuine(self, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "rename", cut)
        with pytest.raises(PowerCut):
            filled.publish(at=NOW + DAY)
    assert filled.status(at=NOW + DAY).is_unfinished
    assert not filled.status(at=NOW + DAY).is_well
    journal = (filled.folder.path / "journal.jsonl").read_text()
    filled.add_card_status(cards(range(1002)), at=NOW + DAY)
    assert (filled.folder.path / "journal.jsonl").read_text() == journal
    assert set(filled.status(at=NOW + DAY).staged) == {"card-status/delta"}


def test_what_is_staged_meanwhile_is_not_lost_with_what_was_published(filled: Desk, cards: Callable[..., Path]) -> None:
    """The plan names what it published by its hash: a later list under the same path stays staged."""
    prepared(filled, cards, rotated=False)
    published = filled.folder.staged.files()["card-status/delta"].read_bytes()
    filled.publish(at=NOW + DAY)
    filled.folder.staged.put("card-status/delta", published + b"later")
    filled.folder.staged.clear({"card-status/delta": "0" * 64}, frozenset())
    assert "card-status/delta" in filled.folder.staged.files()


def test_a_damaged_plan_is_named(filled: Desk) -> None:
    filled.folder.outgoing.mkdir()
    (filled.folder.outgoing / "plan").write_text("{}")
    with pytest.raises(DeskError, match="unfinished publication"):
        filled.publish(at=NOW + DAY)


def test_a_damaged_journal_is_named_with_its_line(filled: Desk) -> None:
    journal = filled.folder.path / "journal.jsonl"
    journal.write_text(journal.read_text() + "{}\n")
    with pytest.raises(DeskError, match="line 3 of the journal"):
        filled.publish(at=NOW + DAY)


@pytest.mark.parametrize("content", ["", "[]", "{", '{"format": 2}', '{"format": 1, "periods": {"root": 0}}'])
def test_damaged_settings_are_named(filled: Desk, content: str) -> None:
    filled.folder.settings_path.write_text(content)
    with pytest.raises(DeskError, match=r"desk\.json"):
        Desk(filled.folder.path)
