"""A store of revision 0003, whose ledger lies in plain, is brought up to this release: all sealed, nothing lost."""

import hashlib
import sqlite3
from importlib.resources import files

import pytest
from alembic.command import upgrade
from alembic.config import Config as AlembicConfig
from sqlalchemy import text

import appliance.storage.migrations
from appliance.errors import StorageVersion
from appliance.keys import Keys
from appliance.ledger import EntryKind, Ledger, NewEntry
from appliance.ledger.entry import GENESIS, head_bytes, seal
from appliance.storage.database import Database

NAME = "MAU VAN KHACH"
HAPPENED = (
    NewEntry(EntryKind.CHECK_IN, 1, subject="member:7", body={"late": False}),
    NewEntry(EntryKind.VISIT, 1, subject="visitor:aa", body={"name": NAME, "late": True}),
    NewEntry(EntryKind.REFUSED, 1, body={"reason": "card-revoked"}),
    *(NewEntry(EntryKind.CHECK_IN_BY_HAND, 1, subject=f"member:{n}", body={"reason": NAME}) for n in range(1_200)),
)
FORGING = (
    "CREATE TABLE forged (sequence INTEGER PRIMARY KEY, salt BLOB, body TEXT, subject TEXT)",
    "INSERT INTO forged SELECT * FROM ledger_bodies",
    "DROP TABLE ledger_bodies",
    "ALTER TABLE forged RENAME TO ledger_bodies",
    "CREATE INDEX ix_ledger_bodies_subject ON ledger_bodies (subject)",
)
PLAIN = (NAME.encode(), b"member:7", b"visitor:aa", b"card-revoked", b'"late"')


class OldStore:
    """The files of an appliance that was switched off before the upgrade; its log is not written back yet."""

    def __init__(self, folder, start):
        self.keys = Keys.load_or_create(folder / "keys")
        self.database = Database(folder / "thechip.sqlite3", busy_timeout_s=0.3)
        config = AlembicConfig()
        config.set_main_option("script_location", str(files(appliance.storage.migrations)))
        with self.database.writing() as writer:
            config.attributes["connection"] = writer
            upgrade(config, "0003")
            self._record(writer, start)
        self.ledger = Ledger(self.database, self.keys)

    def _record(self, writer, start):
        last, device = GENESIS, self.keys.device
        for sequence, entry in enumerate(HAPPENED, start=1):
            salt = hashlib.sha256(b"%d" % sequence).digest()
            public = seal(entry, sequence=sequence, at=start, salt=salt, previous_hash=last)
            signed = public.signed_bytes()
            last_but_one, last = last, hashlib.sha256(signed).digest()
            row = (
                sequence,
                public.at,
                public.kind,
                1,
                None,
                public.commitment,
                last_but_one,
                last,
                device.sign(signed),
            )
            writer.exec_driver_sql("INSERT INTO ledger_entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            body = (sequence, salt, entry.body_bytes().decode())
            writer.exec_driver_sql("INSERT INTO ledger_bodies (sequence, salt, body) VALUES (?, ?, ?)", body)
        head = (
            len(HAPPENED),
            last,
            self.keys.device_public.public_bytes_raw(),
            device.sign(head_bytes(sequence, last)),
        )
        writer.exec_driver_sql("INSERT INTO ledger_head VALUES (1, ?, ?, ?, ?)", head)

    def raw(self):
        return b"".join(path.read_bytes() for path in sorted(self.database.path.parent.glob("thechip.sqlite3*")))


@pytest.fixture
def old(tmp_path, start):
    old = OldStore(tmp_path, start)
    yield old
    old.database.close()


def test_what_was_recorded_in_plain_is_read_as_before_and_the_chain_verifies(old, start):
    old.database.upgrade(old.keys)
    verdict = old.ledger.verify()
    assert (verdict.ok, verdict.entries, verdict.erased) == (True, len(HAPPENED), 0)
    entries = old.ledger.entries(limit=10_000)
    assert [entry.kind for entry in entries] == [entry.kind for entry in HAPPENED]
    assert [dict(entry.body) for entry in entries] == [
        dict(entry.body) | ({} if entry.subject is None else {"subject": entry.subject}) for entry in HAPPENED
    ]
    assert [entry.sequence for entry in old.ledger.entries(subject="member:7")] == [1, 11]
    assert old.ledger.append(HAPPENED[0], at=start) == len(HAPPENED) + 1
    assert old.ledger.verify().ok


def test_after_the_upgrade_nothing_plain_is_in_any_file_of_the_store(old):
    before = old.raw()
    assert all(word in before for word in PLAIN)
    old.database.upgrade(old.keys)
    after = old.raw()
    assert [word for word in PLAIN if word in after] == []


def test_what_could_not_be_overwritten_at_once_is_overwritten_at_the_next_start(old):
    """Another process reads, for the whole of the upgrade: its log cannot be emptied under it."""
    reader = sqlite3.connect(old.database.path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM ledger_entries").fetchall()
    old.database.upgrade(old.keys)
    assert NAME.encode() in old.raw()
    assert old.ledger.verify().ok
    reader.close()
    old.database.upgrade()
    assert [word for word in PLAIN if word in old.raw()] == []
    with old.database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA user_version").scalar() == 0


def test_without_keys_nothing_is_half_sealed(old):
    with pytest.raises(StorageVersion, match="keys"):
        old.database.upgrade()
    with old.database.reading() as reader:
        assert reader.scalar(text("SELECT version_num FROM alembic_version")) == "0003"
        assert reader.scalar(text("SELECT count(body) FROM ledger_bodies")) == len(HAPPENED)


@pytest.mark.parametrize("body", ["[[[[", "17", '{"subject":5}', ""])
def test_a_body_that_somebody_forged_before_is_found_after_the_upgrade_too(old, body):
    with old.database.writing() as writer:
        for statement in FORGING:
            writer.exec_driver_sql(statement)
        writer.exec_driver_sql("UPDATE ledger_bodies SET body = ? WHERE sequence = 2", (body,))
    old.database.upgrade(old.keys)
    verdict = old.ledger.verify()
    assert (verdict.reason, verdict.first_bad) == ("body-altered", 2)


def test_what_is_recorded_from_now_on_never_lies_in_plain(rooms, start):
    rooms.ledger.append(HAPPENED[1], at=start)
    files = list(rooms.database.path.parent.glob("thechip.sqlite3*"))
    content = b"".join(path.read_bytes() for path in files)
    assert rooms.ledger.entry(1).body["name"] == NAME
    assert (NAME.encode() in content, b"visitor:aa" in content) == (False, False)
