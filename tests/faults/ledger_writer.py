"""What test_ledger_survives_kill kills: two readers in one process check cards in as fast as they can.

    ledger_writer.py STATE_DIRECTORY

Each line "RUN SECONDS" of standard input starts a process that writes to the store, and kills it after those seconds.
Standard output has a line "SEQUENCE DECISION" for every check-in that was acknowledged, and "killed" after each run.
"""

import os
import signal
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from appliance.checkin.service import CheckInService
from appliance.keys import Keys
from appliance.ledger import Ledger
from appliance.meetings import MeetingService
from appliance.roster import RosterService
from appliance.storage.database import Database
from verifier.sdk import Holder, Outcome, Report

AT = datetime(2026, 11, 3, 12, tzinfo=UTC)


def report(outcome: Outcome) -> Report:
    holder = Holder("NGUYEN", "VAN THU", "0", None, "VNM", "VNM", "700101", "M", None, "ID")
    return Report(outcome, "tried", "", "party-card", AT, (), holder=holder)


def read_cards(state: Path, name: str) -> None:
    database = Database(state / "thechip.sqlite3")
    keys = Keys.load_or_create(state / "keys")
    ledger = Ledger(database, keys)
    roster = RosterService(database, keys)
    checkins = CheckInService(database, ledger, roster, MeetingService(database, ledger))
    number = 0
    while True:
        number += 1
        outcome = Outcome.FAILED if number % 5 == 0 else Outcome.PASSED
        checkin = checkins.admit(report(outcome), identifier=f"{name}-{number}", at=AT)
        os.write(1, b"%d %s\n" % (checkin.sequence or 0, checkin.decision.encode()))


def write_until_killed(state: Path, run: str, after_seconds: float) -> None:
    child = os.fork()
    if child == 0:
        for reader in range(2):
            threading.Thread(target=read_cards, args=(state, f"{run}-{reader}")).start()
        signal.pause()
    time.sleep(after_seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.write(1, b"killed\n")


if __name__ == "__main__":
    for line in sys.stdin:
        run, after_seconds = line.split()
        write_until_killed(Path(sys.argv[1]), run, float(after_seconds))
