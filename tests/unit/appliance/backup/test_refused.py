"""A backup that is not whole, not ours or not opened is refused, each with its own reason; nothing is left of it."""

import io
import json
import re
import shutil
import tarfile
from types import SimpleNamespace

import pyrage
import pytest
from sqlalchemy import text

from appliance.backup.container import _CONTENT, _HOW, _KEY, open_container, write_container
from appliance.backup.restoring import check_backup, restore
from appliance.backup.tape import END, Part, header, padding
from appliance.errors import (
    BackupDamaged,
    BackupError,
    BackupNotOurs,
    BackupPassphraseWrong,
    KeyLost,
    StateNotEmpty,
    StorageVersion,
)

from .conftest import IDENTITY, PASSPHRASE, Appliance, set_up


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """What a backup is like."""
    one = set_up(tmp_path_factory.mktemp("made") / "old")
    content = one.back_up(one.settings.parent / "made.backup").path.read_bytes()
    one.services.database.close()
    return content


@pytest.fixture
def backup(made, tmp_path):
    (tmp_path / "stick").mkdir()
    (tmp_path / "stick" / "made.backup").write_bytes(made)
    return tmp_path / "stick" / "made.backup"


@pytest.fixture
def refused(tmp_path):
    """Restore what must be refused, and look that nothing is left of it."""

    def refuse(kind, file, passphrase=PASSPHRASE, match=None):
        before = set(tmp_path.rglob("*"))
        for work in (lambda: restore(file, passphrase, tmp_path / "new"), lambda: check_backup(file, passphrase)):
            with pytest.raises(kind, match=match) as caught:
                work()
            assert type(caught.value) is kind
        assert set(tmp_path.rglob("*")) == before

    return refuse


def remade(backup, change):
    """Return a backup whose contents somebody with the passphrase changed."""
    with backup.open("rb") as file, open_container(file, PASSPHRASE) as archive:
        parts = {member.name: archive.extractfile(member).read() for member in archive}
    change(parts)
    with (backup.parent / "remade").open("wb") as file:
        contents = [Part(name, content) for name, content in parts.items()]
        write_container(file, contents, PASSPHRASE, generate=lambda: IDENTITY)
    return backup.parent / "remade"


def test_another_passphrase(backup, refused):
    refused(BackupPassphraseWrong, backup, passphrase="another passphrase")


@pytest.mark.parametrize(
    "content", [b"", b"a shopping list", b"\0" * 10_240, b"age-encryption.org/v1\n", b"PK\x03\x04" * 500]
)
def test_what_is_no_backup(tmp_path, refused, content):
    (tmp_path / "file").write_bytes(content)
    refused(BackupNotOurs, tmp_path / "file")


def test_another_tar_archive(tmp_path, refused):
    with tarfile.open(tmp_path / "file", "w") as archive:
        archive.addfile(tarfile.TarInfo("photo.jpg"), io.BytesIO())
    refused(BackupNotOurs, tmp_path / "file")


@pytest.mark.parametrize("part", [0.99, 0.5, 0.02, 0.005])
def test_a_cut_one(backup, refused, part):
    content = backup.read_bytes()
    backup.write_bytes(content[: int(len(content) * part)])
    refused(BackupDamaged, backup)


@pytest.mark.parametrize("part", [0.1, 0.5, 0.95])
def test_one_changed_bit(backup, refused, part):
    content = bytearray(backup.read_bytes())
    content[int(len(content) * part)] ^= 1
    backup.write_bytes(content)
    refused(BackupDamaged, backup)


def test_one_whose_first_writing_never_ended(backup, refused):
    """Its last header, written at the end, says nothing of the length yet."""
    with tarfile.open(backup) as outer:
        begin = outer.getmember("content.age").offset
    content = bytearray(backup.read_bytes())
    empty = tarfile.TarInfo("content.age")
    content[begin : begin + 512] = empty.tobuf(tarfile.GNU_FORMAT)
    backup.write_bytes(content)
    refused(BackupDamaged, backup)


def test_a_key_that_is_none(backup, refused, tmp_path):
    with tarfile.open(backup) as outer, tarfile.open(tmp_path / "forged", "w") as forged:
        for member in outer:
            content = outer.extractfile(member).read()
            if member.name == "key.age":
                content = pyrage.passphrase.encrypt(b"no key", PASSPHRASE)
                member.size = len(content)
            forged.addfile(member, io.BytesIO(content))
    refused(BackupNotOurs, tmp_path / "forged")


@pytest.mark.parametrize(
    "name",
    [
        "../outside",
        "/tmp/outside",
        "keys",
        "keys/../../outside",
        "lists/current",
        "evil.sh",
        "trust//x",
        "./clock.json",
    ],
)
def test_a_file_that_no_backup_has(backup, refused, name):
    refused(BackupDamaged, remade(backup, lambda parts: parts.update({name: b"x"})), match="no backup has")


@pytest.mark.parametrize("name", ["manifest.json", "thechip.sqlite3", "appliance.toml", "keys/appliance/device.key"])
def test_one_that_lacks_what_an_appliance_needs(backup, refused, name):
    refused(BackupDamaged, remade(backup, lambda parts: parts.pop(name)), match="no whole appliance")


def test_one_that_lacks_another_key(backup, refused):
    refused(KeyLost, remade(backup, lambda parts: parts.pop("keys/appliance/sealing.key")))


def test_a_format_of_a_later_release(backup, refused):
    def change(parts):
        parts["manifest.json"] = parts["manifest.json"].replace(b"thechip-backup-1", b"thechip-backup-2")

    refused(BackupDamaged, remade(backup, change), match="does not know")


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"format": "thechip-backup-1"}', b"[" * 60_000])
def test_a_manifest_that_says_nothing(backup, refused, content):
    refused(BackupDamaged, remade(backup, lambda parts: parts.update({"manifest.json": content})))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("made_at", "9999-12-31T23:59:59.999999Z"),
        ("made_at", "1999-12-31T23:59:59.999999Z"),
        ("release", "\x1b[2J\x1b]0;x\x07"),
        ("release", "1" * 65),
        ("release", ""),
        ("device", "\x1b[2J"),
        ("device", "00" * 32),
    ],
)
def test_a_manifest_that_says_what_no_appliance_says_is_never_printed(backup, refused, field, value):
    def change(parts):
        said = {**json.loads(parts["manifest.json"]), field: value}
        parts["manifest.json"] = json.dumps(said).encode()

    refused(BackupDamaged, remade(backup, change))


@pytest.mark.parametrize("settings", ['state_directory = "/var/lib/thechip"\n', "", "\udcff", "a=" + "[" * 30_000])
def test_settings_that_name_a_directory_of_their_own_or_say_nothing(backup, refused, settings):
    content = settings.encode(errors="surrogateescape")
    refused(BackupDamaged, remade(backup, lambda parts: parts.update({"appliance.toml": content})), match="settings")


def container_of(inner, tmp_path, key=None):
    """A file whose contents are not such as our writer makes."""
    key = key or pyrage.passphrase.encrypt(str(IDENTITY).encode(), PASSPHRASE)
    parts = [(_HOW, b"x"), (_KEY, key), (_CONTENT, pyrage.encrypt(inner, [IDENTITY.to_public()]))]
    content = b"".join(header(name, len(part)) + part + padding(len(part)) for name, part in parts) + END
    (tmp_path / "hostile").write_bytes(content)
    return tmp_path / "hostile"


@pytest.mark.parametrize("log2_cost", [21, 22, 63, 99])
def test_a_passphrase_that_would_cost_gigabytes_is_refused_before_anything_is_derived(
    tmp_path, refused, monkeypatch, log2_cost
):
    key = pyrage.passphrase.encrypt(str(IDENTITY).encode(), PASSPHRASE)
    dear = re.sub(rb"(-> scrypt \S+ )\d+", rb"\g<1>%d" % log2_cost, key)
    file = container_of(END, tmp_path, dear)
    monkeypatch.setattr("pyrage.passphrase.decrypt", None)
    refused(BackupDamaged, file, match="more memory")


@pytest.mark.parametrize("stanza", [b"-> X25519 abc\nabc\n", b"-> scrypt abc 18\nabc\n-> scrypt abc 30\nabc\n", b""])
def test_a_key_that_is_under_anything_else_than_one_passphrase(tmp_path, refused, monkeypatch, stanza):
    monkeypatch.setattr("pyrage.passphrase.decrypt", None)
    refused(BackupDamaged, container_of(END, tmp_path, b"age-encryption.org/v1\n" + stanza + b"--- abc\n"))


def sparse(name, size):
    """The header of a file that is one hole."""
    headers = {"GNU.sparse.major": "0", "GNU.sparse.minor": "1", "GNU.sparse.map": f"{size},0"}
    info = tarfile.TarInfo(name)
    info.pax_headers = {**headers, "GNU.sparse.size": str(size)}
    return info.tobuf(tarfile.PAX_FORMAT)


def test_a_hole_of_three_gigabytes_is_not_unpacked(tmp_path, refused, monkeypatch):
    monkeypatch.setattr("shutil.copyfileobj", None)
    file = container_of(sparse("thechip.sqlite3", 3 * 2**30) + END, tmp_path)
    refused(BackupDamaged, file, match="something else than files")


def test_there_must_be_room_for_the_whole_file_before_anything_is_unpacked(backup, refused, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=backup.stat().st_size - 1))
    refused(BackupError, backup, match=r"the backup needs \d+ MB, and .* has \d+ MB left")


def test_more_keys_than_any_appliance_has_fill_no_memory(backup, tmp_path):
    def change(parts):
        parts["keys/more"] = bytes(1_048_577)

    with pytest.raises(BackupDamaged, match="keys that no appliance has"):
        check_backup(remade(backup, change), PASSPHRASE)


def test_a_store_of_a_later_release(appliance, tmp_path, refused):
    with appliance.services.database.writing() as writer:
        writer.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    refused(StorageVersion, appliance.back_up(tmp_path / "later.backup").path)


def test_a_ledger_that_is_not_what_was_recorded(appliance, tmp_path, refused):
    with appliance.services.database.writing() as writer:
        writer.execute(text("DROP TRIGGER ledger_entries_never_change"))
        writer.execute(text("UPDATE ledger_entries SET at = '2026-11-29T12:03:06.000000Z'"))
    refused(BackupDamaged, appliance.back_up(tmp_path / "altered.backup").path, match="entry 1 was altered")


def test_a_store_that_was_put_back_before_it_was_backed_up(appliance, tmp_path, refused):
    older = tmp_path / "older"
    appliance.services.database.forget()
    shutil.copyfile(appliance.config.database_path, older)
    appliance.services.meetings.close(1, at=appliance.services.meetings.get(1).starts_at, officer="an")
    appliance.services.database.close()
    shutil.copyfile(older, appliance.config.database_path)
    again = Appliance.at(appliance.config.state_directory)
    refused(BackupDamaged, again.back_up(tmp_path / "rolled.backup").path, match="the checkpoint saw")


def test_a_directory_that_holds_anything_is_left_as_it_is(backup, tmp_path):
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "mine").write_bytes(b"mine")
    with pytest.raises(StateNotEmpty):
        restore(backup, PASSPHRASE, tmp_path / "new")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["mine"]


def test_a_mount_point_is_refused_in_words(backup):
    with pytest.raises(BackupError, match="is a mount point"):
        restore(backup, PASSPHRASE, backup.parents[len(backup.parents) - 1])


def test_a_backup_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(BackupError, match="No such file"):
        restore(tmp_path / "none", PASSPHRASE, tmp_path / "new")
    assert not (tmp_path / "new").exists()
