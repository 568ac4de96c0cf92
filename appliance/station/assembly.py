"""Joining a station's parts as the configuration says. Used by the composition roots only."""

import gc
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import NoReturn
from zoneinfo import ZoneInfo

from appliance.checkin.service import CheckIn
from appliance.clock import TrustedClock
from appliance.config import Config, IndicatorConfig, ReaderConfig
from appliance.errors import ClockError, ConfigError, ListRefused, StorageError
from appliance.firmware_host.indicator import new_indicator
from appliance.firmware_host.one_device import require_devices_of_their_own
from appliance.firmware_host.readers import new_reader
from appliance.firmware_host.sound import Speaker, open_speaker
from appliance.firmware_host.watchdog import Watchdog
from appliance.kiosk.board import Board
from appliance.kiosk.display import OwnYear
from appliance.lists.device_lists import DeviceLists
from appliance.lists.folder import ListsFolder
from appliance.lists.freshness import FreshnessPolicy
from appliance.lists.hand_placed import HandPlacedLists
from appliance.lists.in_use import ListStore
from appliance.lists.sealed_set import current_set, earliest_end
from appliance.lists.sealed_store import SealedLists
from appliance.lists.shared import SharedLists
from appliance.lists.usable import UsableLists
from appliance.services import Services
from appliance.station.door import Door
from appliance.station.door_in_words import door_in_words
from appliance.station.examiner import Examiner
from appliance.station.password_sources import password_sources
from appliance.station.passwords import PasswordDesk
from appliance.station.readiness import Readiness
from appliance.station.requests import handlers
from appliance.station.screen import Screen
from appliance.station.station import DoorEnded, DoorWedged, Station
from verifier.sdk import CardProfile, Policy, load_profile, policy_for

log = logging.getLogger(__name__)

_SECONDS_BETWEEN_LOOKS_AT_LISTS = 2.0
_EXIT_TROUBLE = 3


@contextmanager
def open_station(
    services: Services, *, clock: Callable[[], datetime], notify_socket: str | None = None
) -> Iterator[Station]:
    """Join the parts of the station that the configuration describes; close its devices at the end.

    Each door opens its reader itself. Raises ``ConfigError`` where no reader is named, or two doors would open one
    device.
    """
    config = services.config
    if not config.readers:
        msg = "the configuration must name a reader: a table [[readers]] with its device"
        raise ConfigError(msg)
    require_devices_of_their_own(config.doors)
    profile = load_profile(config.profile)
    with ExitStack() as stack:
        lists = SharedLists(UsableLists(open_lists(config), config.lists.usable, clock))
        stack.callback(lists.close)
        _remember_when_signed(ListsFolder(config.lists_directory), services.clock)
        policy, trusted = station_policy(config, profile), lambda: services.clock.read().trusted
        examiner = Examiner(
            profile=profile,
            policy=policy,
            lists=lists,
            checkins=services.checkins,
            database=services.database,
            clock=clock,
            time_zone=ZoneInfo(config.time_zone),
            freshness=FreshnessPolicy(config.lists.green_days, config.lists.amber_days),
            clock_is_trusted=trusted,
        )
        readiness = Readiness(lists, policy, lambda: services.meetings.current() is not None, trusted)
        # of a station that was killed, or of readers that are named no more; who starts waits for no screen
        _take_names_off(services.board.for_a_door())
        stack.callback(_take_names_off, services.board)
        speaker = open_speaker(config.sound, config.run_directory)
        if speaker is not None:
            stack.callback(speaker.close)
        doors = [
            _door(services, one, examiner=examiner, readiness=readiness, speaker=speaker, stack=stack)
            for one in config.doors
        ]
        yield Station(doors, lists, Watchdog(notify_socket))


def run_station(
    services: Services,
    *,
    clock: Callable[[], datetime],
    stop: threading.Event,
    ready_file: Path | None,
    announce: Callable[[str], None],
    leave: Callable[[int], NoReturn] = os._exit,
) -> None:
    """Serve the configured readers until ``stop`` is set. Raises ``ConfigError`` where none is named.

    ``announce`` is given a line on each door and one on what the station believes, without persons. Where a door hangs
    or ends by itself the process is left at once, with 3: whatever is closed in order might wait for the driver that
    hangs.
    """
    config = services.config
    with open_station(services, clock=clock, notify_socket=os.environ.get("NOTIFY_SOCKET")) as station:
        for door in config.doors:
            announce(door_in_words(door))
        announce(f"profile {config.profile}, {station.lists.summary(at=clock())}")
        if ready_file is not None:
            write_ready_file(ready_file)
        station.watchdog.ready()
        _keep_from_the_collector()
        try:
            station.run(stop)
        except (DoorWedged, DoorEnded) as error:
            announce(f"{error.sentence} [{error.reason}]")
            leave(_EXIT_TROUBLE)
        station.watchdog.stopping()


def _keep_from_the_collector() -> None:
    """What a station is made of stays as long as it: no tap waits 60 ms while the collector looks through all of it."""
    gc.collect()
    gc.freeze()


def _door(
    services: Services,
    config: ReaderConfig,
    *,
    examiner: Examiner,
    readiness: Readiness,
    speaker: Speaker | None,
    stack: ExitStack,
) -> Door:
    settings = services.config
    passwords = PasswordDesk(password_sources(config, services.roster, stack), time.monotonic)
    lamps = config.indicator or IndicatorConfig()
    indicator = new_indicator(lamps, settings.sound, settings.run_directory, speaker)
    stack.callback(indicator.close)
    is_first = config.name == settings.doors[0].name
    return Door(
        reader=new_reader(config, name=config.name),
        examiner=examiner,
        readiness=readiness,
        passwords=passwords,
        screen=Screen(
            config.name,
            services.board,
            indicator,
            examiner.clock,
            is_first=is_first,
            is_private=settings.privacy,
            has_scanner=config.scanner is not None,
        ),
        clock=examiner.clock,
        session_seconds=settings.session_seconds,
        result_seconds=settings.result_seconds,
        requests=handlers(services.roster, passwords),
        year_of=_own_year(services),
    )


def _take_names_off(board: Board) -> None:
    """Leave no name on the board: by default it lies on the card that the system lives on."""
    with suppress(StorageError):  # whatever is wrong with it is said while it is used
        board.forget_displays()


def _own_year(services: Services) -> Callable[[CheckIn], OwnYear | None]:
    """Return what tells members who were just recognised by their card how their year stands."""
    zone = ZoneInfo(services.config.time_zone)

    def year_of(checkin: CheckIn) -> OwnYear | None:
        if checkin.member is None:
            return None
        found = services.years.of_member(checkin.member.id, year=checkin.at.astimezone(zone).year)
        return OwnYear(
            found.year, found.meetings, found.present, found.late, found.excused, found.absent, away=found.away
        )

    return year_of


def station_policy(config: Config, profile: CardProfile) -> Policy:
    """Return what a card must show here: lists count as long as the configuration says; their age is recorded.

    A CRL counts beyond its due date, while the lists that it came with are no older than that: see ``UsableLists``.
    """
    usable = config.lists.usable
    return replace(policy_for(profile), max_card_status_age=usable, max_crl_age=usable)


def _remember_when_signed(folder: ListsFolder, clock: TrustedClock) -> None:
    """Tell the clock when the signed lists in use were signed: its file may have been lost, or never written.

    Who holds the key of ``timestamp`` alone may name any time, but not when all else expires: no later one is believed.
    """
    try:
        found = current_set(folder)
        if found is None:
            return
        if found.issued > earliest_end(found.expires):
            log.warning("the lists in use: signed on %s, they say, and expired before", f"{found.issued:%Y-%m-%d}")
            return
        clock.saw_signed_time(found.issued, "lists")
    except (ClockError, ListRefused) as error:
        log.warning("the lists in use: %s", error.sentence)


def open_lists(config: Config) -> ListStore:
    """Return the signed lists once their root is pinned, and till then what somebody placed by hand."""
    folder = ListsFolder(config.lists_directory)
    return DeviceLists(
        folder,
        by_hand=lambda: HandPlacedLists(
            config.trust_directory,
            config.card_status_path,
            config.card_status_key_path,
            trust_index=config.run_directory / "trust.index",
            look_every_s=_SECONDS_BETWEEN_LOOKS_AT_LISTS,
        ),
        signed=lambda: SealedLists(folder, look_every_s=_SECONDS_BETWEEN_LOOKS_AT_LISTS),
    )


def write_ready_file(path: Path) -> None:
    """Tell whoever waits for this file that the station serves. Raises ``ConfigError`` where it cannot be written."""
    try:
        path.touch()
    except OSError as error:
        msg = f"the ready file {path} cannot be written: {error.strerror}"
        raise ConfigError(msg) from error
