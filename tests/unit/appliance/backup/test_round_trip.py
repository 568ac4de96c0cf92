"""What was backed up is there again on another appliance, and goes on from where it was."""

import stat
import subprocess
import tarfile

import pyrage
import pytest

from appliance.backup.making import make_backup
from appliance.backup.restoring import check_backup, restore
from appliance.errors import BackupNotWritten, ConfigError, NotFound
from appliance.roster import MemberClass

from .conftest import MADE_AT, PASSPHRASE, Appliance


def test_the_list_the_keys_and_the_trust_are_those_of_before(appliance, backup, tmp_path):
    state = tmp_path / "new"
    examined = restore(backup, PASSPHRASE, state)
    for path in ("card-status.key", "lists/root.json", "keys/roster-identity/identity.txt", "clock.json"):
        assert (state / path).read_bytes() == (appliance.config.state_directory / path).read_bytes()
    new = Appliance.at(state)
    assert (examined.members, examined.verdict.entries, examined.manifest.made_at) == (2, 1, MADE_AT)
    assert new.names() == appliance.names()
    assert new.services.keys.device_public == appliance.services.keys.device_public
    assert [path.read_bytes() for path in state.glob("trust/deep/Gốc*.cer")] == [b"root"]
    assert not (state / "lists" / "history.jsonl").exists()
    new.services.database.close()


def test_the_next_entry_continues_the_chain(appliance, backup, tmp_path):
    restore(backup, PASSPHRASE, tmp_path / "new")
    new = Appliance.at(tmp_path / "new")
    sen = new.services.roster.find_by_identifier("A1")
    done = new.services.checkins.record_by_hand(
        sen.id, reason="Quên thẻ", recorded_by="an", confirmed_by="bình", at=MADE_AT
    )
    assert done.sequence == 2
    verdict = new.services.ledger.verify()
    assert (verdict.ok, verdict.entries, verdict.checkpoint) == (True, 2, 1)
    new.services.database.close()


def test_the_settings_lead_to_the_new_directory_and_are_otherwise_what_they_were(backup, tmp_path):
    restore(backup, PASSPHRASE, tmp_path / "new")
    text = (tmp_path / "new" / "appliance.toml").read_text(encoding="utf-8")
    assert text == '# the first one\nstate_directory = "."\n\n[clock]\ntrust = "system"\n'


def test_what_is_restored_is_its_owners_only_and_holds_nothing_else(appliance, backup, tmp_path):
    state = tmp_path / "new"
    restore(backup, PASSPHRASE, state)
    assert {stat.S_IMODE(path.stat().st_mode) for path in state.rglob("*")} == {0o600, 0o700}
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    had = {"appliance.toml", "card-status.key", "clock.json", "keys", "ledger.checkpoint", "lists", "thechip.sqlite3"}
    assert {path.name for path in state.iterdir()} == {*had, "trust"}
    assert {path.name for path in tmp_path.iterdir()} == {"old", "stick", "new"}


def test_an_empty_directory_may_be_there_already(backup, tmp_path):
    (tmp_path / "new").mkdir()
    assert restore(backup, PASSPHRASE, tmp_path / "new").verdict.ok


def test_a_check_says_what_is_in_it_and_leaves_nothing(backup, tmp_path):
    (tmp_path / "scratch").mkdir()
    examined = check_backup(backup, PASSPHRASE, scratch=tmp_path / "scratch")
    assert (examined.members, examined.verdict.ok) == (2, True)
    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_backup_shows_no_name_and_no_key_to_whoever_finds_it(appliance, backup):
    content = backup.read_bytes()
    secret = (appliance.config.keys_directory / "appliance" / "device.key").read_bytes()
    for plain in ("Mẫu Thị Sen".encode(), b"mau thi sen", b"SQLite format 3", secret, b"trust"):
        assert plain not in content


def test_tar_and_age_open_it_without_this_program(backup, tmp_path):
    outer = tmp_path / "outer"
    outer.mkdir()
    subprocess.run(["tar", "xf", backup, "-C", outer], check=True)
    assert "age -d -i key.txt content.age | tar x" in (outer / "thechip-backup-1.txt").read_text()
    key = pyrage.passphrase.decrypt((outer / "key.age").read_bytes(), PASSPHRASE).decode()
    inner = pyrage.decrypt((outer / "content.age").read_bytes(), [pyrage.x25519.Identity.from_str(key)])
    (outer / "content.tar").write_bytes(inner)
    with tarfile.open(outer / "content.tar") as archive:
        assert {"manifest.json", "thechip.sqlite3", "keys/appliance/device.key"} <= set(archive.getnames())


def test_a_folder_gets_a_file_named_by_the_time_and_an_older_backup_stays(appliance, backup):
    assert backup.name == "thechip-20261129-120305.backup"
    before = backup.read_bytes()
    with pytest.raises(BackupNotWritten, match="already; it is not overwritten"):
        appliance.back_up(backup.parent)
    assert backup.read_bytes() == before
    assert list(backup.parent.iterdir()) == [backup]


def test_what_a_pulled_stick_kept_of_a_beginning_is_cleared_by_the_next_backup(appliance, tmp_path):
    stick = tmp_path / "stick"
    stick.mkdir()
    (stick / ".unfinished-abc.backup").write_bytes(b"half")
    (stick / "photo.jpg").write_bytes(b"mine")
    appliance.back_up(stick / "mine.backup")
    assert {path.name for path in stick.iterdir()} == {"photo.jpg", "mine.backup"}


def test_the_copy_of_the_store_is_gone_from_the_state_directory(appliance, backup):
    assert list(appliance.config.state_directory.glob(".backup-*")) == []


def test_progress_is_told_to_the_end(appliance, tmp_path):
    told = []
    appliance.back_up(tmp_path / "a.backup", progress=lambda *step: told.append(step))
    for what in ("store", "backup"):
        steps = [(done, total) for named, done, total in told if named == what]
        assert steps == sorted(steps)
        assert steps[-1][0] == steps[-1][1] > 0


def test_settings_that_cannot_be_carried_elsewhere_are_said_before_anything_is_written(appliance, tmp_path):
    state = appliance.config.state_directory
    appliance.settings.write_text(f'"state_directory" = "{state}"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="on a line of its own"):
        appliance.back_up(tmp_path / "a.backup")
    assert not (tmp_path / "a.backup").exists()


def test_where_there_is_no_store_there_is_nothing_to_back_up(appliance, tmp_path):
    keys = appliance.services.keys
    appliance.config.database_path.rename(tmp_path / "away")
    with pytest.raises(NotFound, match="no store"):
        make_backup(appliance.config, keys, appliance.settings, tmp_path / "a.backup", PASSPHRASE, at=MADE_AT)
    assert not (tmp_path / "a.backup").exists()


def test_a_member_who_came_after_the_backup_is_not_in_it(appliance, backup, tmp_path):
    appliance.services.roster.add("Mẫu Thị Mai", MemberClass.OFFICIAL)
    restore(backup, PASSPHRASE, tmp_path / "new")
    new = Appliance.at(tmp_path / "new")
    assert new.names() == ["Mẫu Thị Sen", "Mẫu Văn Tre"]
    new.services.database.close()
