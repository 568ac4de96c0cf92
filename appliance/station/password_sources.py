"""Where a door's passwords come from by itself: its scanner and its keypad."""

import logging
from contextlib import ExitStack

from appliance.config import ReaderConfig
from appliance.errors import ApplianceError
from appliance.firmware_host.keypad import Keypad
from appliance.firmware_host.scanner import ScannedPassword, Scanner
from appliance.roster import RosterService
from appliance.station.passwords import PasswordSource
from verifier.sdk import Password
from verifier.sdk.errors import ReaderGone

log = logging.getLogger(__name__)


def password_sources(config: ReaderConfig, roster: RosterService, stack: ExitStack) -> list[PasswordSource]:
    """Return what gives passwords at a door; its devices are closed with ``stack``."""
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
