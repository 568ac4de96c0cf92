"""``kill -9`` at random instants under load: what was acknowledged is there, and the chain verifies.

``THECHIP_KILLS`` sets how often (20 unless told; the long form is 200). A power cut is harder than a kill, whose page
cache survives: WAL with synchronous=FULL was tried against that with replayed disk writes (docs/ledger.md).
"""

import os
import random
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.checkin.service import Decision
from appliance.keys import Keys
from appliance.ledger import EntryKind, Ledger
from appliance.meetings import MeetingKind, MeetingService
from appliance.storage.database import Database

KILLS = int(os.environ.get("THECHIP_KILLS", "20"))
WRITER = Path(__file__).with_name("ledger_writer.py")
RECORDED_AS = {Decision.VISITING: EntryKind.VISIT, Decision.REFUSED: EntryKind.REFUSED}
AT = datetime(2026, 11, 3, 12, tzinfo=UTC)


class Writer:
    """Starts processes that write to the store, and kills them."""

    def __init__(self, state: Path) -> None:
        arguments = [sys.executable, str(WRITER), str(state)]
        self.process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def write_until_killed(self, run: int, after_seconds: float) -> list[tuple[int, Decision]]:
        """Return what was acknowledged before the kill: numbers of entries, and what was decided."""
        self.process.stdin.write(f"{run} {after_seconds}\n")
        lines = iter(self.process.stdout.readline, "killed\n")
        return [(int(number), Decision(decision)) for number, decision in (line.split() for line in lines)]

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def writer(tmp_path):
    writer = Writer(tmp_path)
    yield writer
    writer.close()


@pytest.mark.timeout(60 + 2 * KILLS)
def test_no_acknowledged_check_in_is_lost_and_the_chain_holds(tmp_path, writer):
    database = Database(tmp_path / "thechip.sqlite3")
    database.upgrade()
    ledger = Ledger(database, Keys.load_or_create(tmp_path / "keys"))
    meetings = MeetingService(database, ledger)
    meeting = meetings.create(kind=MeetingKind.EVENT, title="Thử", place="Thử", starts_at=AT)
    meetings.open(meeting.id, at=AT, officer="an")
    seed = random.randrange(2**32)
    instants = random.Random(seed)
    acknowledged = 0
    for run in range(KILLS):
        before = ledger.verify().entries
        answers = writer.write_until_killed(run, instants.uniform(0, 0.3))
        verdict = ledger.verify()
        assert verdict.ok, (seed, run, verdict)
        entries = {entry.sequence: entry for entry in ledger.entries(after=before, limit=100_000)}
        for sequence, decision in answers:
            assert entries[sequence].kind is RECORDED_AS[decision], (seed, run, sequence)
            assert entries[sequence].body is not None
        assert len(entries) - len(answers) <= 2, "at most what two readers had under way was not acknowledged"
        acknowledged += len(answers)
    assert acknowledged > KILLS
    database.close()
