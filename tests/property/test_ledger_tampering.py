"""Whoever can write the store but lacks the device key changes nothing that a verification does not find."""

# ruff: noqa: S608 - the names of tables and columns are this file's own

import hashlib
import shutil
import sqlite3
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.keys import Keys
from appliance.ledger import EntryKind, Ledger, NewEntry
from appliance.ledger.entry import PublicEntry, head_bytes
from appliance.storage.database import Database

AT = datetime(2026, 11, 3, 12, tzinfo=UTC)
SUBJECTS = ["member:1", "member:2", None, "member:1", "visitor:aa", "member:3", None, "member:2"]
ENTRIES = len(SUBJECTS) + 1  # and one erasure, of the two entries about member 2
COLUMNS = ["at", "kind", "meeting_id", "refers_to", "commitment", "previous_hash", "entry_hash", "signature"]

numbers = st.integers(1, ENTRIES)
values = st.one_of(st.none(), st.integers(-(2**40), 2**40), st.text(max_size=30), st.binary(max_size=70))


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ledger")
    database = Database(folder / "thechip.sqlite3")
    database.upgrade()
    ledger = Ledger(database, Keys.load_or_create(folder / "keys"))
    for number, subject in enumerate(SUBJECTS):
        kind = EntryKind.CHECK_IN if subject else EntryKind.REFUSED
        at = AT + timedelta(seconds=number)
        ledger.append(NewEntry(kind, meeting_id=1, subject=subject, body={"number": number}), at=at)
    ledger.erase("member:2", at=AT, officer="an")
    ledger.checkpoint()
    database.forget()
    database.close()
    return folder


class Attack:
    """A copy of the ledger, opened by somebody who can do everything but sign."""

    def __init__(self, original: Path, folder: Path) -> None:
        self.folder = folder / "attacked"
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(original, self.folder)
        self.raw = sqlite3.connect(self.folder / "thechip.sqlite3")
        self.before = self.content()
        for (name,) in self.raw.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            self.raw.execute(f"DROP TRIGGER {name}")

    def content(self):
        tables = ("ledger_entries", "ledger_bodies", "ledger_head")
        return [self.raw.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() for table in tables]

    def run(self, statement, *arguments):
        # the table's own types already refuse some values
        with suppress(sqlite3.IntegrityError, sqlite3.OperationalError, UnicodeEncodeError):
            self.raw.execute(statement, arguments)

    def verdict(self, *, without_checkpoint=False):
        changed = self.content() != self.before
        self.raw.commit()
        self.raw.close()
        if without_checkpoint:
            (self.folder / "ledger.checkpoint").unlink()
        database = Database(self.folder / "thechip.sqlite3")
        verdict = Ledger(database, Keys.load_or_create(self.folder / "keys")).verify()
        database.close()
        return changed, verdict


@pytest.fixture
def attack(original, tmp_path):
    return lambda: Attack(original, tmp_path)


relaxed = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def assert_found(attack):
    changed, verdict = attack.verdict(without_checkpoint=True)
    assert verdict.ok is not changed, verdict


def test_untouched_it_is_intact(attack):
    changed, verdict = attack().verdict()
    assert not changed
    assert (verdict.ok, verdict.entries, verdict.erased, verdict.checkpoint) == (True, ENTRIES, 2, ENTRIES)


@relaxed
@given(numbers, st.sampled_from([*COLUMNS, "sequence"]), values)
def test_an_altered_entry_is_found(attack, number, column, value):
    attacked = attack()
    attacked.run(f"UPDATE ledger_entries SET {column} = ? WHERE sequence = ?", value, number)
    assert_found(attacked)


@relaxed
@given(numbers, st.sampled_from(["sealed", "subject", "sequence"]), values)
def test_an_altered_body_is_found(attack, number, column, value):
    attacked = attack()
    attacked.run(f"UPDATE ledger_bodies SET {column} = ? WHERE sequence = ?", value, number)
    assert_found(attacked)


@settings(relaxed, max_examples=30)
@given(st.sampled_from(["sequence", "entry_hash", "public_key", "signature"]), values)
def test_an_altered_head_is_found(attack, column, value):
    attacked = attack()
    attacked.run(f"UPDATE ledger_head SET {column} = ?", value)
    assert_found(attacked)


@settings(relaxed, max_examples=30)
@given(st.sets(numbers, min_size=1), st.booleans(), st.booleans())
def test_removed_entries_are_found(attack, gone, with_bodies, with_head):
    attacked = attack()
    for number in gone:
        attacked.run("DELETE FROM ledger_entries WHERE sequence = ?", number)
        if with_bodies:
            attacked.run("DELETE FROM ledger_bodies WHERE sequence = ?", number)
    if with_head and len(gone) < ENTRIES:
        attacked.run("DELETE FROM ledger_head")
    assert_found(attacked)


@settings(relaxed, max_examples=20)
@given(numbers)
def test_a_body_that_goes_without_an_erasure_on_record_is_found(attack, number):
    attacked = attack()
    attacked.run("DELETE FROM ledger_bodies WHERE sequence = ?", number)
    assert_found(attacked)


@settings(relaxed, max_examples=30)
@given(st.lists(numbers, min_size=2, max_size=2, unique=True), st.booleans())
def test_reordered_entries_are_found(attack, pair, with_bodies):
    attacked = attack()
    first, second = pair
    for table in ("ledger_entries", "ledger_bodies") if with_bodies else ("ledger_entries",):
        for old, new in ((first, -1), (second, first), (-1, second)):
            attacked.run(f"UPDATE {table} SET sequence = ? WHERE sequence = ?", new, old)
    assert_found(attacked)


@pytest.mark.parametrize(
    ("statement", "reason", "first_bad"),
    [
        ("UPDATE ledger_entries SET at = '2026-11-03T11:00:00.000000Z' WHERE sequence = 5", "altered", 5),
        ("UPDATE ledger_entries SET entry_hash = zeroblob(32) WHERE sequence = 5", "altered", 5),
        ("UPDATE ledger_entries SET signature = zeroblob(64) WHERE sequence = 5", "not-signed", 5),
        ("DELETE FROM ledger_entries WHERE sequence = 5", "removed", 5),
        ("DELETE FROM ledger_entries WHERE sequence >= 5", "truncated", 5),
        ("UPDATE ledger_bodies SET sealed = x'00' WHERE sequence = 5", "body-altered", 5),
        ("DELETE FROM ledger_bodies WHERE sequence = 5", "body-missing", 5),
        ("INSERT INTO ledger_bodies (sequence, sealed) VALUES (99, x'00')", "removed", 99),
        ("DELETE FROM ledger_head", "head-damaged", None),
    ],
)
def test_a_finding_names_what_was_done_and_where(attack, statement, reason, first_bad):
    attacked = attack()
    attacked.run(statement)
    _, verdict = attacked.verdict()
    assert (verdict.ok, verdict.reason, verdict.first_bad) == (False, reason, first_bad)
    assert first_bad is None or str(first_bad) in verdict.sentence


def test_an_emptied_ledger_is_found_by_the_checkpoint(attack):
    attacked = attack()
    for table in ("ledger_bodies", "ledger_entries", "ledger_head"):
        attacked.run(f"DELETE FROM {table}")
    _, verdict = attacked.verdict()
    assert (verdict.reason, verdict.first_bad) == ("rolled-back", 1)


@pytest.mark.parametrize(("own_public_key", "reason"), [(False, "not-signed"), (True, "wrong-key")])
def test_a_chain_forged_anew_with_another_key_is_found(attack, own_public_key, reason):
    attacked = attack()
    forger = Ed25519PrivateKey.generate()
    rows = attacked.raw.execute("SELECT * FROM ledger_entries ORDER BY sequence").fetchall()
    last_hash = bytes(32)
    for sequence, _, kind, meeting_id, refers_to, commitment, *_ in rows:
        forged = PublicEntry(
            sequence, "2020-01-01T00:00:00.000000Z", kind, meeting_id, refers_to, commitment, last_hash
        )
        signed = forged.signed_bytes()
        attacked.run(
            "UPDATE ledger_entries SET at = ?, previous_hash = ?, entry_hash = ?, signature = ? WHERE sequence = ?",
            forged.at,
            last_hash,
            last_hash := hashlib.sha256(signed).digest(),
            forger.sign(signed),
            sequence,
        )
    attacked.run(
        "UPDATE ledger_head SET entry_hash = ?, signature = ?", last_hash, forger.sign(head_bytes(ENTRIES, last_hash))
    )
    if own_public_key:
        attacked.run("UPDATE ledger_head SET public_key = ?", forger.public_key().public_bytes_raw())
    _, verdict = attacked.verdict()
    assert (verdict.ok, verdict.reason) == (False, reason)
