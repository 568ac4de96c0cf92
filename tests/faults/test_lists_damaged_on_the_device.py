"""A card wears out, or somebody writes to the device: what is damaged is not believed, told, and repaired."""

import errno
import os
import random
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from lists_world.appliances import Appliance
from lists_world.keepers import Household
from lists_world.mirrors import Mirror
from lists_world.town import AT, DAY, Town

from appliance.errors import ListRolledBack, ListsDamaged, SyncRuns
from appliance.lists.folder import ListsFolder
from appliance.lists.history import Outcome
from appliance.lists.sealed_set import SET_FILE, PartKind
from appliance.lists.sealed_store import SealedLists
from appliance.lists.sources.source import Source
from appliance.lists.verifying import verify_in_use

Damage = Callable[[Path], None]


def overwrite(path: Path) -> None:
    path.chmod(0o600)
    path.write_bytes(random.Random(path.name).randbytes(path.stat().st_size))


def cut_short(path: Path) -> None:
    path.chmod(0o600)
    os.truncate(path, path.stat().st_size // 2)


def delete(path: Path) -> None:
    path.unlink()


def damaged_files(folder: ListsFolder) -> list[Path]:
    """Everything that is sealed, but indexes, which are made anew, and the copy of the root that is pinned beside."""
    files = (path for where in (folder.sets, folder.parts) for path in where.rglob("*"))
    return sorted(
        path for path in files if path.is_file() and not path.is_symlink() and path.name not in {"index", "1.root.json"}
    )


@pytest.mark.parametrize("damage", [overwrite, cut_short, delete])
def test_whatever_is_damaged_verify_says_so_and_repair_mends_it(
    appliance: Appliance, town: Town, tmp_path: Path, damage: Damage
) -> None:
    town.desk.rotate("timestamp", at=town.now)
    town.publish()
    appliance.take(town.public, at=AT)
    names = [path.relative_to(appliance.folder.path) for path in damaged_files(appliance.folder)]
    assert len(names) > 10
    for number, name in enumerate(names):
        copy = appliance.copy(tmp_path / str(number))
        damage(copy.folder.path / name)
        verdict = verify_in_use(copy.folder, copy.chi_bo)
        assert not verdict.ok, name
        assert verdict.sentence.startswith("The lists in use are damaged: "), name
        assert copy.take(town.public, at=AT, repair=True).outcome in {Outcome.INSTALLED, Outcome.RENEWED}, name
        assert verify_in_use(copy.folder, copy.chi_bo).ok, name
        assert copy.sealed.content == appliance.sealed.content


def test_a_station_goes_on_with_what_it_has_opened_and_says_what_is_wrong(appliance: Appliance, town: Town) -> None:
    lists = SealedLists(appliance.folder)
    opened = lists.current().content
    town.next_day()
    appliance.take(town.public, at=town.now)
    overwrite(appliance.folder.parts / appliance.sealed.parts[PartKind.CARD_STATUS].name / "card-status.list")
    (appliance.folder.parts / appliance.sealed.parts[PartKind.CARD_STATUS].name / "index").unlink()
    assert lists.current().content == opened
    assert lists.problem is not None
    assert "refused: " in lists.summary(at=town.now)
    appliance.take(town.public, at=town.now, repair=True)
    assert lists.current().content == appliance.sealed.content
    assert lists.problem is None
    lists.close()


def test_a_damaged_base_does_not_keep_the_next_days_lists_out(appliance: Appliance, town: Town) -> None:
    """Nobody has to come by: a delta leads to nothing, so the base is fetched once more."""
    base = appliance.folder.parts / appliance.sealed.parts[PartKind.CARD_STATUS_BASE].name / "base.list"
    overwrite(base)
    town.next_day()
    with Mirror(town.public) as mirror:
        assert appliance.sync(mirror.source, at=town.now).outcome is Outcome.INSTALLED
        assert len([one for one in mirror.asked if one.path.endswith("base.list")]) == 1
    assert verify_in_use(appliance.folder, appliance.chi_bo).ok
    assert appliance.knows_card(3)


def test_a_set_that_lost_its_file_is_replaced_and_still_goes_never_back(
    appliance: Appliance, town: Town, tmp_path: Path
) -> None:
    old = town.carry_to(tmp_path / "old")
    town.next_day()
    appliance.take(town.public, at=town.now)
    delete(appliance.folder.current / SET_FILE)
    with pytest.raises(ListRolledBack):
        appliance.take(old, at=town.now)
    assert appliance.take(town.public, at=town.now).outcome is Outcome.INSTALLED


def test_a_spoilt_sector_under_the_metadata_does_not_keep_new_lists_out(
    appliance: Appliance, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoilt = appliance.folder.current.resolve() / "metadata" / "timestamp.json"
    real = Path.read_bytes

    def read(path: Path) -> bytes:
        if path.resolve() == spoilt:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", read)
    town.next_day()
    assert appliance.take(town.public, at=town.now).outcome is Outcome.INSTALLED


# --- two at once -----------------------------------------------------------------------------------------------------

SYNC = """
import sys
from datetime import datetime
from pathlib import Path
from appliance.errors import SyncRuns
from appliance.lists.folder import ListsFolder
from appliance.lists.publication import ChiBo
from appliance.lists.sources.source import Source
from appliance.lists.sync import Sync
lists, public, at = sys.argv[1:]
sync = Sync(ListsFolder(Path(lists)), datetime.fromisoformat(at), chi_bo=ChiBo("01", "phuong-mau-3"))
print("ready", flush=True)
sys.stdin.readline()
try:
    print(sync.run([Source.stick(Path(public))]).outcome.value)
except SyncRuns:
    print("sync-runs")
"""


def test_of_several_processes_that_sync_at_once_one_does_and_the_others_say_so(
    appliance: Appliance, town: Town
) -> None:
    town.list_cards(range(30_000), new_base=True)
    town.publish(days=1)
    command = [sys.executable, "-c", SYNC, str(appliance.folder.path), str(town.public), town.now.isoformat()]
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    ended = sorted(process.communicate()[0].strip() for process in processes)
    assert "installed" in ended
    assert set(ended) <= {"installed", "sync-runs", "unchanged"}
    assert ended.count("installed") == 1
    assert verify_in_use(appliance.folder, appliance.chi_bo).ok
    assert appliance.knows_card(29_999)


def test_while_one_syncs_another_is_told_to_wait(appliance: Appliance, town: Town) -> None:
    town.next_day()
    with appliance.folder.only_sync():
        assert appliance.folder.is_held()
        with pytest.raises(SyncRuns):
            appliance.take(town.public, at=town.now + DAY)
    assert not appliance.folder.is_held()
    assert appliance.sync(Source.stick(town.public), at=town.now).outcome is Outcome.INSTALLED


# --- nobody has to come by -------------------------------------------------------------------------------------------

SHORT_AND_LONG = [
    (PartKind.TRUST, "files/issuers.zip"),
    (PartKind.TRUST, "files/crls.zip"),
    (PartKind.CARD_STATUS, "card-status.list"),
    (PartKind.CARD_STATUS, "issuer.key"),
    (PartKind.RULES, "2026-2.json"),
]


@pytest.mark.parametrize("damage", [overwrite, cut_short, delete])
@pytest.mark.parametrize(("kind", "name"), SHORT_AND_LONG)
def test_the_next_publication_mends_whatever_part_is_damaged_although_its_list_did_not_change(
    appliance: Appliance, town: Town, kind: PartKind, name: str, damage: Damage
) -> None:
    damage(appliance.folder.parts / appliance.sealed.parts[kind].name / name)
    town.publish(days=1)
    appliance.take(town.public, at=town.now)
    assert verify_in_use(appliance.folder, appliance.chi_bo).ok


@pytest.mark.parametrize(("kind", "name"), SHORT_AND_LONG[:4])
def test_a_station_says_what_is_damaged_and_opens_it_when_it_is_mended(
    appliance: Appliance, town: Town, kind: PartKind, name: str
) -> None:
    overwrite(appliance.folder.parts / appliance.sealed.parts[kind].name / name)
    with closing(SealedLists(appliance.folder)) as lists:
        assert lists.problem is not None
        assert lists.problem.reason == "lists-damaged"
        assert lists.in_use.content is None
        town.publish(days=1)
        appliance.take(town.public, at=town.now)
        assert (len(lists.current().trust.anchors), len(lists.in_use.trust.crls)) == (1, 1)
        assert lists.problem is None


@pytest.mark.parametrize(("kind", "name"), [*SHORT_AND_LONG, (PartKind.CARD_STATUS_BASE, "base.list")])
def test_the_daily_check_finds_it_status_tells_it_and_the_same_publication_mends_it(
    household: Household, town: Town, kind: PartKind, name: str
) -> None:
    household.settle(town)
    with Mirror(town.public) as mirror:
        household.mirrors = (mirror.address,)
        with household.keeper() as keeper:
            overwrite(keeper.folder.parts / household.lists.sealed.parts[kind].name / name)
            keeper.check()  # not due
            household.machine.at += DAY
            household.machine.uptime += DAY.total_seconds()
            with pytest.raises(ListsDamaged):
                keeper.check()
            status = keeper.status()
            assert status.problem is not None
            assert status.problem.reason == "lists-damaged"
            assert keeper.sync().outcome is Outcome.RENEWED
            assert keeper.status().problem is None
            assert keeper.verify().ok


def test_whoever_brings_a_stick_mends_what_is_damaged(household: Household, town: Town) -> None:
    household.settle(town)
    with household.keeper() as keeper:
        place = keeper.folder.parts / household.lists.sealed.parts[PartKind.TRUST].name
        overwrite(place / "files" / "crls.zip")
        assert keeper.import_from(town.public).outcome is Outcome.RENEWED
        assert keeper.verify().ok
        assert keeper.import_from(town.public).outcome is Outcome.UNCHANGED
