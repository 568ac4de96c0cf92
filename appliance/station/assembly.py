"""Joining a station's parts as the configuration says. Used by the composition roots only."""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from appliance.clock import TrustedClock
from appliance.config import Config, IndicatorConfig
from appliance.errors import ApplianceError, ClockError, ConfigError, ListRefused
from appliance.firmware_host.indicator import GpioIndicator, Indicator, IndicatorPins, NullIndicator, open_pin_factory
from appliance.firmware_host.keypad import Keypad
from appliance.firmware_host.nfcpy_reader import Pn532Reader
from appliance.firmware_host.scanner import ScannedPassword, Scanner
from appliance.firmware_host.watchdog import Watchdog
from appliance.kiosk.board import CHOOSE_MEMBER, Request
from appliance.lists.device_lists import DeviceLists
from appliance.lists.folder import ListsFolder
from appliance.lists.freshness import FreshnessPolicy
from appliance.lists.hand_placed import HandPlacedLists
from appliance.lists.in_use import ListStore
from appliance.lists.sealed_set import current_set, earliest_end
from appliance.lists.sealed_store import SealedLists
from appliance.lists.usable import UsableLists
from appliance.roster import RosterService
from appliance.services import Services
from appliance.station.loop import Station
from appliance.station.passwords import PasswordDesk, PasswordSource
from appliance.station.screen import Screen
from verifier.sdk import CardProfile, Password, Policy, load_profile, policy_for
from verifier.sdk.errors import ReaderGone

log = logging.getLogger(__name__)

_SECONDS_BETWEEN_LOOKS_AT_LISTS = 2.0


@contextmanager
def open_station(
    services: Services, *, clock: Callable[[], datetime], notify_socket: str | None = None
) -> Iterator[Station]:
    """Join the parts of the one station that the configuration describes; close its devices at the end.

    The station opens its reader itself. Raises ``ConfigError`` where no reader is named, or several.
    """
    config = services.config
    if len(config.readers) != 1:
        msg = "the configuration must name one reader: a table [[readers]] with its device"
        raise ConfigError(msg)
    reader, profile = config.readers[0], load_profile(config.profile)
    with ExitStack() as stack:
        passwords = PasswordDesk(_password_sources(config, services.roster, stack), time.monotonic)
        indicator = _indicator(config.indicator, config.run_directory)
        stack.callback(indicator.close)
        nfc_reader = Pn532Reader(reader.device, patience_s=reader.patience_seconds)
        lists = UsableLists(open_lists(config), config.lists.usable, clock)
        stack.callback(lists.close)
        _remember_when_signed(ListsFolder(config.lists_directory), services.clock)
        yield Station(
            reader=nfc_reader,
            profile=profile,
            policy=station_policy(config, profile),
            lists=lists,
            freshness=FreshnessPolicy(config.lists.green_days, config.lists.amber_days),
            passwords=passwords,
            checkins=services.checkins,
            meeting_is_open=lambda: services.meetings.current() is not None,
            screen=Screen(nfc_reader.name, services.board, indicator, clock),
            clock=clock,
            clock_is_trusted=lambda: services.clock.read().trusted,
            watchdog=Watchdog(notify_socket),
            time_zone=ZoneInfo(config.time_zone),
            session_seconds=config.session_seconds,
            result_seconds=config.result_seconds,
            requests={CHOOSE_MEMBER: _offer_password_of_member(services.roster, passwords)},
        )


def run_station(
    services: Services,
    *,
    clock: Callable[[], datetime],
    stop: threading.Event,
    ready_file: Path | None,
    announce: Callable[[str], None],
) -> None:
    """Serve the configured reader until ``stop`` is set. Raises ``ConfigError`` where none is named, or several.

    ``announce`` is given one line on what the station believes and serves, without persons.
    """
    config = services.config
    with open_station(services, clock=clock, notify_socket=os.environ.get("NOTIFY_SOCKET")) as station:
        announce(f"reader {config.readers[0].device}, profile {config.profile}, {station.lists.summary(at=clock())}")
        if ready_file is not None:
            write_ready_file(ready_file)
        station.watchdog.ready()
        station.run(stop)
        station.watchdog.stopping()


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


def _password_sources(config: Config, roster: RosterService, stack: ExitStack) -> list[PasswordSource]:
    sources: list[PasswordSource] = []
    if config.scanner is not None:
        scanner = Scanner(config.scanner.device, config.scanner.baud_rate)
        stack.callback(scanner.close)
        sources.append(_passwords_of(scanner, roster))
    if config.keypad is not None:
        keypad = Keypad(config.keypad.device)
        stack.callback(keypad.close)
        sources.append(keypad.take_password)
    return sources


def _passwords_of(scanner: Scanner, roster: RosterService) -> PasswordSource:
    """Return what a scan opens a card with: itself, or what the roster keeps for the number on a citizen card."""

    def take() -> Password | None:
        try:
            scanned = scanner.poll()
        except ReaderGone:
            return None
        if scanned is None or isinstance(scanned, ScannedPassword):
            return scanned.password if scanned else None
        try:
            member = roster.find_by_identifier(scanned.number)
            return roster.password_of(member.id) if member is not None else None
        except ApplianceError as error:
            log.warning("the roster cannot be asked whose code was scanned: %s", error.reason)
            return None

    return take


def _offer_password_of_member(roster: RosterService, passwords: PasswordDesk) -> Callable[[Request], None]:
    def offer(request: Request) -> None:
        try:
            password = roster.password_of(int(request.payload["member"]))
        except (LookupError, TypeError, ValueError, OverflowError, ApplianceError) as error:
            log.warning("request %d names no member whose card could be read: %s", request.id, type(error).__name__)
            return
        if password is not None:
            passwords.offer(password)

    return offer


def _indicator(config: IndicatorConfig, run_directory: Path) -> Indicator:
    if config.kind == "none":
        return NullIndicator()
    pins = IndicatorPins(config.green_pin, config.amber_pin, config.red_pin, config.buzzer_pin)
    return GpioIndicator(pins, open_pin_factory(run_directory))
