import shutil
import sqlite3
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from appliance.errors import LedgerDamaged, NotFound, RuleViolation, StorageRefused
from appliance.keys import Keys
from appliance.ledger import EntryKind, Ledger, NewEntry
from appliance.ledger.entry import MAX_BODY_LENGTH, PublicEntry


def append(rooms, start, times=1, **body):
    for _ in range(times):
        last = rooms.ledger.append(NewEntry(EntryKind.REFUSED, 1, body=body), at=start)
    return last


def put_back(rooms, copy):
    rooms.database.close()
    for path in copy.iterdir():
        shutil.copy(path, rooms.state / path.name)


def copy_of_the_store(rooms, tmp_path):
    rooms.database.close()
    (tmp_path / "copy").mkdir()
    for path in rooms.state.glob("thechip.sqlite3*"):
        shutil.copy(path, tmp_path / "copy" / path.name)
    return tmp_path / "copy"


def test_entries_are_numbered_without_a_gap_and_read_back(rooms, start):
    assert [append(rooms, start, reason=f"r{number}") for number in range(3)] == [1, 2, 3]
    entry = rooms.ledger.entry(2)
    assert (entry.sequence, entry.at, entry.kind, entry.meeting_id) == (2, start, EntryKind.REFUSED, 1)
    assert entry.body == {"reason": "r1"}
    assert [entry.sequence for entry in rooms.ledger.entries(after=1, limit=1)] == [2]
    with pytest.raises(NotFound):
        rooms.ledger.entry(4)


@pytest.mark.parametrize("number", [True, False, 1.0, "1"])
def test_nothing_is_signed_that_the_store_would_keep_as_another_number(number):
    for field in ("meeting_id", "refers_to"):
        with pytest.raises(RuleViolation, match="whole number"):
            NewEntry(EntryKind.REFUSED, **{field: number})
    for field in ("sequence", "meeting_id", "refers_to"):
        numbers = {"sequence": 1, "meeting_id": None, "refers_to": None, field: number}
        public = PublicEntry(at="x", kind="refused", commitment=bytes(32), previous_hash=bytes(32), **numbers)
        with pytest.raises(RuleViolation, match="whole number"):
            public.signed_bytes()


def test_a_rolled_back_transaction_leaves_no_gap(rooms, start):
    def append_and_fail():
        with rooms.database.writing() as writer:
            rooms.ledger.append(NewEntry(EntryKind.REFUSED), at=start, connection=writer)
            raise ZeroDivisionError

    append(rooms, start)
    with pytest.raises(ZeroDivisionError):
        append_and_fail()
    assert append(rooms, start) == 2
    assert rooms.ledger.verify().ok


def test_an_empty_ledger_is_intact(rooms):
    verdict = rooms.ledger.verify()
    assert (verdict.ok, verdict.entries, verdict.reason) == (True, 0, "intact")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entries SET at = at",
        "DELETE FROM ledger_entries",
        "INSERT OR REPLACE INTO ledger_entries SELECT * FROM ledger_entries WHERE sequence = 1",
        "INSERT INTO ledger_entries SELECT 9, at, kind, 1, NULL, commitment, previous_hash, entry_hash, signature"
        " FROM ledger_entries",
        "UPDATE ledger_bodies SET sealed = x'00'",
        "DELETE FROM ledger_head",
        "UPDATE ledger_head SET sequence = 1",
    ],
)
def test_the_store_itself_refuses_to_change_the_ledger(rooms, start, statement):
    append(rooms, start, times=2)
    with pytest.raises(StorageRefused), rooms.database.writing() as writer:
        writer.execute(text(statement))
    assert rooms.ledger.verify().ok


@pytest.mark.parametrize(
    "body",
    [
        {"x": "a" * MAX_BODY_LENGTH},
        {"x": 0.5},
        {"x": 2**53},
        {"x": b"bytes"},
        {"x": "\ud800"},
        {"x": [[[[[[[[1]]]]]]]]},
        {"x": {1: "not a text"}},
    ],
)
def test_a_body_that_has_no_one_text_is_refused(rooms, start, body):
    with pytest.raises(RuleViolation):
        append(rooms, start, **body)
    assert rooms.ledger.verify().entries == 0


def test_a_time_without_a_zone_is_refused(rooms):
    with pytest.raises(RuleViolation):
        append(rooms, datetime(2026, 11, 3))


def test_two_equal_bodies_have_different_commitments(rooms, start):
    append(rooms, start, times=2, reason="same")
    with rooms.database.reading() as reader:
        assert reader.scalar(text("SELECT count(DISTINCT commitment) FROM ledger_entries")) == 2


def test_a_ledger_of_another_appliance_is_neither_believed_nor_continued(rooms, start, tmp_path):
    append(rooms, start)
    stranger = Ledger(rooms.database, Keys.load_or_create(tmp_path / "other"))
    assert stranger.verify().reason == "wrong-key"
    with pytest.raises(LedgerDamaged):
        stranger.append(NewEntry(EntryKind.REFUSED), at=start)


def test_nothing_is_appended_after_a_cut_tail(rooms, start):
    append(rooms, start, times=3)
    raw = sqlite3.connect(rooms.database.path)
    raw.executescript("DROP TRIGGER ledger_entries_never_go; DELETE FROM ledger_entries WHERE sequence = 3;")
    raw.close()
    with pytest.raises(LedgerDamaged):
        append(rooms, start)
    verdict = rooms.ledger.verify()
    assert (verdict.reason, verdict.first_bad) == ("truncated", 3)


def test_a_store_put_back_as_a_whole_is_told_by_the_checkpoint(rooms, start, tmp_path):
    append(rooms, start, times=2)
    copy = copy_of_the_store(rooms, tmp_path)
    append(rooms, start)
    rooms.ledger.checkpoint()
    put_back(rooms, copy)
    verdict = rooms.ledger.verify()
    assert (verdict.ok, verdict.reason, verdict.first_bad, verdict.checkpoint) == (False, "rolled-back", 3, 3)


def test_another_history_after_a_store_was_put_back_is_told_by_the_checkpoint(rooms, start, tmp_path):
    append(rooms, start, times=2)
    copy = copy_of_the_store(rooms, tmp_path)
    append(rooms, start)
    rooms.ledger.checkpoint()
    put_back(rooms, copy)
    append(rooms, start + timedelta(days=1), times=5)
    verdict = rooms.ledger.verify()
    assert (verdict.reason, verdict.first_bad) == ("rolled-back", 3)


def test_an_entry_taken_from_another_history_of_the_same_appliance_is_found(rooms, start, tmp_path):
    def third():
        raw = sqlite3.connect(rooms.database.path)
        row = raw.execute("SELECT * FROM ledger_entries WHERE sequence = 3").fetchone()
        raw.close()
        return row

    append(rooms, start, times=2)
    copy = copy_of_the_store(rooms, tmp_path)
    append(rooms, start, reason="what happened")
    other = third()
    put_back(rooms, copy)
    append(rooms, start + timedelta(days=1), times=2)
    raw = sqlite3.connect(rooms.database.path)
    raw.executescript("DROP TRIGGER ledger_entries_never_go; DELETE FROM ledger_entries WHERE sequence = 3;")
    raw.execute("DROP TRIGGER ledger_entries_have_no_gap")
    raw.execute("DELETE FROM ledger_bodies WHERE sequence = 3")
    raw.execute("INSERT INTO ledger_entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", other)
    raw.commit()
    raw.close()
    verdict = rooms.ledger.verify()
    assert (verdict.reason, verdict.first_bad) == ("out-of-order", 4)


def test_without_the_checkpoint_a_store_put_back_as_a_whole_is_not_told_and_the_verdict_says_so(rooms, start, tmp_path):
    append(rooms, start, times=2)
    copy = copy_of_the_store(rooms, tmp_path)
    append(rooms, start)
    put_back(rooms, copy)
    verdict = rooms.ledger.verify()
    assert (verdict.ok, verdict.checkpoint) == (True, None)
    assert "no checkpoint" in verdict.sentence


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[" * 900, b'{"sequence":1,"entry_hash":"00","signature":"00"}', b"\xff"]
)
def test_a_damaged_checkpoint_is_said_to_be_one(rooms, start, content):
    append(rooms, start)
    rooms.ledger.checkpoint()
    (rooms.state / "ledger.checkpoint").write_bytes(content)
    assert rooms.ledger.verify().reason == "checkpoint-damaged"


def test_a_checkpoint_that_cannot_be_written_fails_no_check_in(rooms, start, caplog):
    (rooms.state / "ledger.checkpoint").mkdir()
    (rooms.state / "ledger.checkpoint" / "x").write_text("")
    append(rooms, start)
    rooms.ledger.checkpoint()
    assert "could not be written" in caplog.text


def test_a_busy_meeting_is_checkpointed_on_its_way(rooms, report):
    rooms.open_meeting()
    for number in range(40):
        rooms.tap(f"X{number}")
    assert 32 <= rooms.ledger.verify().checkpoint <= 41


def test_damaged_pages_are_a_verdict_and_not_a_crash(rooms, start):
    append(rooms, start, times=60, reason="x" * 500)
    rooms.database.forget()
    rooms.database.close()
    with rooms.database.path.open("r+b") as file:
        size = file.seek(0, 2)
        for page in range(20 * 4096, size, 4096):
            file.seek(page)
            file.write(b"\xff" * 64)
    verdict = rooms.ledger.verify()
    assert not verdict.ok
