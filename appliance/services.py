"""The appliance's services, joined once per process: the station's, the page's, the command line's."""

from dataclasses import dataclass
from typing import Self

from appliance.accounts import AccountService
from appliance.bundles.service import BundleService
from appliance.checkin.guests import GuestService
from appliance.checkin.proposals import ProposalService
from appliance.checkin.service import CheckInService
from appliance.clock import TrustedClock
from appliance.clock.machine import Machine
from appliance.config import Config
from appliance.keys import Keys
from appliance.keys.protection import open_keys
from appliance.kiosk.board import Board
from appliance.ledger import Bodies, Ledger, last_certain_time
from appliance.lists.identity import RosterIdentity
from appliance.meetings import MeetingService
from appliance.meetings.events import EventService
from appliance.meetings.home_visits import HomeVisits
from appliance.minutes.years import YearService
from appliance.persons import AccessLog
from appliance.roster import RosterService
from appliance.standing.exemptions import ExemptionService
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
    proposals: ProposalService
    guests: GuestService
    exemptions: ExemptionService
    home_visits: HomeVisits
    events: EventService
    years: YearService
    board: Board
    clock: TrustedClock
    access_log: AccessLog
    bundles: BundleService

    @classmethod
    def open(cls, config: Config, *, machine: Machine | None = None) -> Self:
        """Open the database (bringing its tables up to date), the keys and the board that ``config`` names.

        ``machine`` tells the time; it is this one unless told. Nothing stays open where that fails.
        """
        database = Database(config.database_path)
        try:
            return cls._over(database, config, machine)
        except BaseException:
            database.close()
            raise

    @classmethod
    def _over(cls, database: Database, config: Config, machine: Machine | None) -> Self:
        keys = open_keys(config)
        database.upgrade(keys)
        roster = RosterService(database, keys)
        last_entry = last_certain_time(database, Bodies.under(keys))
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
            proposals=ProposalService(database, ledger, roster, meetings),
            guests=GuestService(database, ledger, roster, meetings),
            exemptions=ExemptionService(database, ledger, roster),
            home_visits=HomeVisits(database, ledger, meetings),
            events=EventService(database, roster, meetings),
            years=YearService(database, ledger, time_zone=config.time_zone),
            board=Board(config.board_path),
            clock=clock,
            access_log=AccessLog(database, ledger.bodies),
            bundles=BundleService(
                database,
                keys,
                ledger,
                roster,
                meetings,
                identity=lambda: RosterIdentity.load_or_create(
                    config.keys_directory, keys=keys, sealed=config.protection.is_on
                ),
                clock_trusted=lambda: clock.read().trusted,
            ),
        )
