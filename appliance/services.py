"""The appliance's services, joined once per process: the station's, the page's, the command line's."""

from dataclasses import dataclass
from typing import Self

from appliance.accounts import AccountService
from appliance.clock import TrustedClock
from appliance.clock.machine import Machine
from appliance.config import Config
from appliance.keys import Keys
from appliance.kiosk.board import Board
from appliance.ledger import Ledger, last_certain_time
from appliance.meetings import MeetingService
from appliance.meetings.checkin import CheckInService
from appliance.roster import RosterService
from appliance.storage.database import Database


@dataclass(frozen=True, slots=True)
class Services:
    """Everything over one state directory. Open it once per process, after a fork."""

    config: Config
    database: Database
    keys: Keys
    accounts: AccountService
    roster: RosterService
    meetings: MeetingService
    ledger: Ledger
    checkins: CheckInService
    board: Board
    clock: TrustedClock

    @classmethod
    def open(cls, config: Config, *, machine: Machine | None = None) -> Self:
        """Open the database (bringing its tables up to date), the keys and the board that ``config`` names.

        ``machine`` tells the time; it is this one unless told.
        """
        database = Database(config.database_path)
        database.upgrade()
        keys = Keys.load_or_create(config.keys_directory)
        roster = RosterService(database, keys)
        last_entry = last_certain_time(database)
        clock = TrustedClock(config.clock_path, config.clock, machine=machine, last_entry=last_entry)
        ledger = Ledger(database, keys, is_time_certain=lambda: clock.read().trusted)
        meetings = MeetingService(database, ledger, time_zone=config.time_zone)
        return cls(
            config=config,
            database=database,
            keys=keys,
            accounts=AccountService(database),
            roster=roster,
            meetings=meetings,
            ledger=ledger,
            checkins=CheckInService(database, ledger, roster, meetings),
            board=Board(config.board_path),
            clock=clock,
        )
