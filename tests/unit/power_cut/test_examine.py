"""What is examined after a power cut: a real store, and what is told of it once something is missing."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from power_cut.acknowledged import Acknowledgement
from power_cut.errors import NotSurvived
from power_cut.examine import ALTERED, LOST, NOT_OPENED, NOT_VERIFIED, examine
from power_cut.workload import CLOSED, ENTRY, ERASED, MEMBER, OPENED, READY, STATE, Trial, config_of, play

TAPS = 22
"""Enough for every thing that a trial does."""


class Played:
    """An appliance's disk after a trial, and what was acknowledged meanwhile."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.acknowledged: list[Acknowledgement] = []
        folder.mkdir()
        play(Trial("tried", TAPS, page=False), config_of(folder, folder / "run"), lambda _pen: self._acknowledge)

    def _acknowledge(self, what: str, **more: Any) -> None:
        self.acknowledged.append(Acknowledgement(len(self.acknowledged), what, more))

    def first(self, what: str) -> Acknowledgement:
        return next(one for one in self.acknowledged if one.what == what)


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return Played(tmp_path_factory.mktemp("played") / "disk")


@pytest.fixture
def disk(once: Played, tmp_path: Path) -> Path:
    """A copy of the disk: whoever examines it goes on with it."""
    return Path(shutil.copytree(once.folder, tmp_path / "disk"))


def with_more(one: Acknowledgement, **more: Any) -> Acknowledgement:
    return replace(one, more={**one.more, **more})


def loss_of(disk: Path, acknowledged: list[Acknowledgement], **more: Any) -> str:
    with pytest.raises(NotSurvived) as raised:
        examine(disk, acknowledged, **more)
    return raised.value.loss


def test_an_undisturbed_disk_has_all_that_was_acknowledged_and_goes_on(once: Played, disk: Path) -> None:
    found = examine(disk, once.acknowledged)
    assert found.entries == found.acknowledged == len(found.history)
    assert {one.what for one in once.acknowledged} == {READY, OPENED, ENTRY, ERASED, CLOSED}
    assert found.entries == TAPS + 4, "one opened, one closed, two erased"


def test_a_disk_on_which_nothing_was_done_yet_is_set_up(tmp_path: Path) -> None:
    assert examine(tmp_path, []).entries == 0


def test_two_entries_may_have_been_under_way_and_no_third(once: Played, disk: Path) -> None:
    told = [one for one in once.acknowledged if one.what != CLOSED]
    *others, last_but_one, last = told
    assert examine(Path(shutil.copytree(disk, disk.parent / "copy")), [*others, last_but_one]).entries
    assert last.what == ENTRY
    assert loss_of(disk, others) == ALTERED


@pytest.mark.parametrize(
    ("what", "more"),
    [
        (ENTRY, {"sequence": 1000}),
        (ENTRY, {"kind": "check-in-by-hand"}),
        (OPENED, {"meeting": 2}),
        (CLOSED, {"meeting": 2}),
        (ERASED, {"sequences": [2]}),
        (ERASED, {"sequences": [1000]}),
        (READY, {"key": "00" * 32}),
    ],
)
def test_what_is_not_as_it_was_acknowledged_is_lost(
    once: Played, disk: Path, what: str, more: dict[str, object]
) -> None:
    assert loss_of(disk, [*once.acknowledged, with_more(once.first(what), **more)]) == LOST


def test_a_member_who_is_not_on_the_roster_is_lost(once: Played, disk: Path) -> None:
    assert loss_of(disk, [*once.acknowledged, Acknowledgement(0, MEMBER, {"id": 1})]) == LOST


def test_a_checkpoint_that_does_not_vouch_for_a_closed_meeting_is_lost(once: Played, disk: Path) -> None:
    (disk / STATE / "ledger.checkpoint").unlink()
    assert loss_of(disk, once.acknowledged) == LOST


def test_keys_that_are_not_whole_are_told(once: Played, disk: Path) -> None:
    (disk / STATE / "keys" / "appliance" / "device.key").write_bytes(b"")
    assert loss_of(disk, once.acknowledged) == NOT_OPENED


def test_a_store_of_zeros_is_told(once: Played, disk: Path) -> None:
    store = disk / STATE / "thechip.sqlite3"
    store.write_bytes(bytes(store.stat().st_size))
    assert loss_of(disk, once.acknowledged) == NOT_OPENED


def test_an_entry_that_was_altered_does_not_verify(once: Played, disk: Path) -> None:
    store = sqlite3.connect(disk / STATE / "thechip.sqlite3")
    with closing(store), store:
        for (trigger,) in store.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            store.execute(f'DROP TRIGGER "{trigger}"')
        store.execute("UPDATE ledger_entries SET signature = zeroblob(64) WHERE sequence = 2")
    assert loss_of(disk, once.acknowledged) == NOT_VERIFIED


def test_other_entries_than_were_recorded_are_another_history(once: Played, disk: Path) -> None:
    assert loss_of(disk, once.acknowledged, history=(bytes(32),) * 1000) == ALTERED
