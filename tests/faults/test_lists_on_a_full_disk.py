"""No room is left, from any call on: the old lists stay in use, whole, nothing hangs, and room heals it."""

import errno
import os
import shutil
from pathlib import Path

import pytest
from lists_world.appliances import Appliance, BadDay
from lists_world.full_disk import Room, disk_with
from lists_world.mirrors import Mirror
from lists_world.town import Town

from appliance.errors import StorageFull
from appliance.lists.history import Outcome
from appliance.lists.publication import Publication
from appliance.lists.sources.source import Source
from appliance.lists.verifying import verify_in_use


def sync(appliance: Appliance, source: Source, town: Town, room: Room) -> bool:
    """Sync where there is so much room; say whether it ended well. Every other end is a full disk's."""
    try:
        with disk_with(room):
            appliance.sync(source, at=town.now)
    except StorageFull:
        return False
    return True


def in_all_turns(appliance: Appliance, source: Source, town: Town, tmp_path: Path, *, lasts: int, step: int) -> int:
    """Let the disk be full from every call on, for so many calls, and look at what that leaves; return how many."""
    counted = Room()
    assert sync(appliance.copy(tmp_path / "counted"), source, town, counted)
    for turn in range(0, counted.calls, step):
        copy = appliance.copy(tmp_path / "copy")
        bad_day = BadDay.begins(copy)
        done = sync(copy, source, town, Room(turn, turn + lasts))
        if copy.sealed.generation == appliance.sealed.generation:
            assert not done
            bad_day.old_set_is_whole()
        else:
            assert verify_in_use(copy.folder, copy.chi_bo).ok
        assert copy.sync(source, at=town.now).taken.after.content
        assert copy.knows_card(3)
        BadDay.begins(copy).nothing_changed()
        shutil.rmtree(copy.folder.path)
    return counted.calls


def test_a_disk_that_is_full_from_any_call_on(appliance: Appliance, town: Town, tmp_path: Path) -> None:
    town.next_day()
    assert in_all_turns(appliance, Source.stick(town.public), town, tmp_path, lasts=1 << 20, step=1) > 50


def test_a_disk_that_has_room_again_at_once(appliance: Appliance, town: Town, tmp_path: Path) -> None:
    town.next_day()
    assert in_all_turns(appliance, Source.stick(town.public), town, tmp_path, lasts=1, step=3) > 50


def test_a_full_disk_while_a_mirror_sends(appliance: Appliance, town: Town, tmp_path: Path) -> None:
    town.list_cards(range(30_000), new_base=True)
    town.publish(days=1)
    with Mirror(town.public) as mirror:
        assert in_all_turns(appliance, mirror.source, town, tmp_path, lasts=1 << 20, step=7) > 50


def test_room_is_asked_for_before_anything_is_downloaded(
    bad_day: BadDay, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.next_day()
    real = os.statvfs
    monkeypatch.setattr(
        os, "statvfs", lambda path: os.statvfs_result((*list(real(path))[:3], 0, 0, *list(real(path))[5:]))
    )
    monkeypatch.setattr(Publication, "download", lambda *_: pytest.fail("something is downloaded"))
    with pytest.raises(StorageFull, match="those in use stay in use"):
        bad_day.appliance.take(town.public, at=town.now)
    monkeypatch.undo()
    bad_day.nothing_changed()
    bad_day.ends_with(town)


def test_downloads_that_were_never_finished_make_room(
    appliance: Appliance, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a card could be full of beginnings, for ever: they are forgotten only once new lists are in use."""
    town.next_day()
    beginning = appliance.folder.partial / ("0" * 64)
    beginning.write_bytes(b"a beginning")
    real = os.statvfs

    def room(path: Path) -> os.statvfs_result:
        found = list(real(path))
        return os.statvfs_result((*found[:3], 0, 0 if beginning.exists() else found[4], *found[5:]))

    monkeypatch.setattr(os, "statvfs", room)
    assert appliance.take(town.public, at=town.now).outcome is Outcome.INSTALLED


def test_a_disk_that_cannot_be_written_to_is_told_as_such(bad_day: BadDay, town: Town) -> None:
    town.next_day()

    def broken(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "mkdir", broken)
        with pytest.raises(Exception, match="Read-only file system"):
            bad_day.appliance.take(town.public, at=town.now)
    bad_day.nothing_changed()
    bad_day.ends_with(town)


def test_what_cannot_be_tidied_up_does_not_undo_new_lists(
    appliance: Appliance, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.next_day()

    def broken(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr("appliance.lists.taking_up.forget_unused", broken)
    assert appliance.take(town.public, at=town.now).outcome is Outcome.INSTALLED
    monkeypatch.undo()
    BadDay.begins(appliance).ends_with(town)
