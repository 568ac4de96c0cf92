"""Files that are not what was signed: swapped, cut off, too long, without end, or links to something else."""

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from lists_world.appliances import Appliance, BadDay
from lists_world.forgery import Forgery
from lists_world.mirrors import Mirror, cuts_off_after, endless, says
from lists_world.town import Town

from appliance.errors import ListAltered, SourceIncomplete, SourceUnreachable, StorageFull, SyncRuns
from appliance.lists.history import Outcome
from appliance.lists.sources import stick as stick_module
from appliance.lists.sources.source import Source

ISSUERS = "trust/issuers.zip"


@pytest.fixture
def newer(town: Town, tmp_path: Path) -> Path:
    """A copy of the next day's lists, to be spoilt."""
    town.next_day()
    return town.carry_to(tmp_path / "newer")


def delta_of(folder: Path) -> Path:
    (path,) = (folder / "targets" / "card-status").glob("*.delta")
    return path


SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "swapped": lambda content: bytes(len(content)),
    "cut off": lambda content: content[:-1],
    "too long": lambda content: content + b"\0",
    "empty": lambda _: b"",
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_list_that_is_not_what_was_signed_is_refused(bad_day: BadDay, town: Town, newer: Path, how: str) -> None:
    path = delta_of(newer)
    path.write_bytes(SPOILT[how](path.read_bytes()))
    bad_day.refuses(ListAltered, Source.stick(newer), at=town.now)
    bad_day.ends_with(town)


@pytest.mark.parametrize("length", [20 << 20, (16 << 10) + 1])
def test_a_timestamp_of_20_mb_is_not_read_to_its_end(bad_day: BadDay, town: Town, newer: Path, length: int) -> None:
    (newer / "metadata" / "timestamp.json").write_bytes(b" " * length)
    bad_day.refuses(ListAltered, Source.stick(newer), at=town.now)
    with Mirror(newer, behaviours={"metadata/timestamp.json": says(b" " * length)}) as mirror:
        bad_day.refuses(ListAltered, mirror.source, at=town.now)
    bad_day.ends_with(town)


@pytest.mark.parametrize(
    "what", ["metadata/2.root.json", "metadata/timestamp.json", "metadata/*.central.json", "targets/*"]
)
def test_data_without_end_is_cut_off(bad_day: BadDay, town: Town, newer: Path, what: str) -> None:
    with Mirror(newer, behaviours={what: endless()}) as mirror:
        bad_day.refuses(ListAltered, mirror.source, at=town.now)
    bad_day.ends_with(town)


def test_a_mirror_that_hangs_up_is_gone_on_with_where_it_ended(appliance: Appliance, town: Town) -> None:
    town.list_cards(range(30_000), new_base=True)
    town.publish()
    with Mirror(town.public, behaviours={"targets/card-status/*.base.list": cuts_off_after(300_000)}) as mirror:
        with pytest.raises(SourceUnreachable):
            appliance.sync(mirror.source, at=town.now)
        mirror.behaviours.clear()
        assert appliance.sync(mirror.source, at=town.now).outcome is Outcome.INSTALLED
        asked = [one.range for one in mirror.asked if one.path.endswith("base.list")]
    assert asked == [None, "bytes=300000-"]
    assert appliance.knows_card(29_999)


def test_what_a_liar_left_of_a_file_does_not_spoil_the_next_try(appliance: Appliance, town: Town) -> None:
    town.list_cards(range(30_000), new_base=True)
    town.publish()
    base = next((town.public / "targets" / "card-status").glob("*.base.list"), None)
    assert base is not None
    lies = {"targets/card-status/*.base.list": says(bytes(21 * 30_000 + 128))}
    with Mirror(town.public, behaviours=lies) as mirror:
        with pytest.raises(ListAltered):
            appliance.sync(mirror.source, at=town.now)
        mirror.behaviours.clear()
        assert appliance.sync(mirror.source, at=town.now).outcome is Outcome.INSTALLED


def test_the_next_mirror_is_asked_where_the_first_one_lies(appliance: Appliance, town: Town, newer: Path) -> None:
    spoilt = town.carry_to(town.folder / "spoilt")
    delta_of(spoilt).write_bytes(b"")
    with Mirror(spoilt) as liar, Mirror(newer) as honest:
        synced = appliance.sync(liar.source, honest.source, at=town.now)
    assert synced.outcome is Outcome.INSTALLED
    assert [error.reason for _, error in synced.failures] == [ListAltered.reason]


# --- sticks ----------------------------------------------------------------------------------------------------------


def link_to_passwords(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def link_to_itself(path: Path) -> None:
    path.symlink_to(path)


def pipe(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("odd", [link_to_passwords, link_to_itself, pipe, device, Path.mkdir])
@pytest.mark.parametrize("what", ["timestamp", "delta"])
def test_what_is_no_file_on_a_stick_is_not_opened(
    bad_day: BadDay, town: Town, newer: Path, odd: Callable[[Path], None], what: str
) -> None:
    path = newer / "metadata" / "timestamp.json" if what == "timestamp" else delta_of(newer)
    path.unlink()
    odd(path)
    bad_day.refuses(SourceIncomplete, Source.stick(newer), at=town.now)
    bad_day.ends_with(town)


def test_a_link_to_a_folder_is_not_followed(bad_day: BadDay, town: Town, newer: Path, tmp_path: Path) -> None:
    shutil.move(newer / "targets", tmp_path / "elsewhere")
    (newer / "targets").symlink_to(tmp_path / "elsewhere")
    bad_day.refuses(SourceIncomplete, Source.stick(newer), at=town.now)
    bad_day.ends_with(town)


def test_a_target_whose_name_leads_out_of_the_folder_is_never_opened(
    appliance: Appliance, town: Town, forgery: Forgery, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    forgery.target("rules/ok.json", b"secret")
    signed = forgery.newest("central").signed
    target = signed.targets[ISSUERS]
    forgery.change_and_chain("central", lambda central: central.targets.update({"rules/../../secret.json": target}))
    synced = appliance.take(forgery.public, at=town.now)
    assert synced.outcome in {Outcome.RENEWED, Outcome.INSTALLED}
    assert not list(appliance.folder.path.rglob("*secret*"))


def test_a_hundred_thousand_other_files_do_not_matter(appliance: Appliance, town: Town, newer: Path) -> None:
    for number in range(100_000):
        os.mknod(newer / "metadata" / f"{number}.junk")
    assert appliance.take(newer, at=town.now).outcome is Outcome.INSTALLED


def test_a_file_that_grows_while_it_is_read_is_refused(
    bad_day: BadDay, town: Town, newer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = delta_of(newer)
    whole = stick_module._chunks

    def growing(descriptor: int) -> Iterator[bytes]:
        for chunk in whole(descriptor):
            with path.open("ab") as file:
                file.write(b"more")
            yield chunk

    monkeypatch.setattr(stick_module, "_chunks", growing)
    error = bad_day.refuses(ListAltered, Source.stick(newer), at=town.now)
    assert "longer" in error.sentence or "not the one" in error.sentence
    monkeypatch.undo()
    bad_day.ends_with(town)


@pytest.mark.parametrize("number", [errno.EIO, errno.ENODEV])
def test_a_stick_that_is_pulled_leaves_the_old_lists(
    bad_day: BadDay, town: Town, newer: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    whole, seen = stick_module._chunks, []

    def pulled(descriptor: int) -> Iterator[bytes]:
        seen.append(descriptor)
        if len(seen) > 4:
            os.close(descriptor)
            raise OSError(number, os.strerror(number))
        yield from whole(descriptor)

    monkeypatch.setattr(stick_module, "_chunks", pulled)
    bad_day.refuses(SourceUnreachable, Source.stick(newer), at=town.now)
    monkeypatch.undo()
    bad_day.ends_with(town)


def test_a_folder_without_lists_says_so(bad_day: BadDay, town: Town, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    bad_day.refuses(SourceIncomplete, Source.stick(tmp_path / "empty"), at=town.now)
    bad_day.refuses(SourceIncomplete, Source.stick(tmp_path / "nowhere"), at=town.now)


def test_two_syncs_at_once_do_not_come_into_each_others_way(appliance: Appliance, town: Town, newer: Path) -> None:
    with appliance.folder.only_sync(), pytest.raises(SyncRuns):
        appliance.take(newer, at=town.now)
    assert appliance.take(newer, at=town.now).outcome is Outcome.INSTALLED


def test_wherever_the_disk_is_full_the_old_lists_stay_and_room_heals(
    appliance: Appliance, town: Town, newer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every call that makes something durable fails in its turn, as it does where no block is left."""
    real, failures = os.fsync, 0
    for turn in range(200):
        copy = appliance.copy(tmp_path / f"copy-{turn}")
        bad_day, calls = BadDay.begins(copy), iter(range(1000))

        def full(descriptor: int, turn: int = turn, calls: Iterator[int] = calls) -> None:
            if next(calls) == turn:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            real(descriptor)

        monkeypatch.setattr(os, "fsync", full)
        with suppress(StorageFull):
            copy.take(newer, at=town.now)
        monkeypatch.undo()
        if next(calls) <= turn:
            break
        failures += 1
        if not (copy.sealed.generation > appliance.sealed.generation):
            bad_day.nothing_changed()
        assert copy.take(newer, at=town.now).taken.after.content
        assert copy.knows_card(3)
        shutil.rmtree(copy.folder.path)
    assert failures > 10
