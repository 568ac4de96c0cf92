"""What somebody asks of a door through the page: the handlers of the board's requests."""

import logging
from collections.abc import Callable, Mapping

from appliance.errors import ApplianceError
from appliance.kiosk.board import CHOOSE_MEMBER, TYPE_CAN, Request
from appliance.roster import RosterService
from appliance.station.passwords import PasswordDesk
from verifier.sdk import CanPassword
from verifier.sdk.errors import InvalidInput

log = logging.getLogger(__name__)


def handlers(roster: RosterService, passwords: PasswordDesk) -> Mapping[str, Callable[[Request], None]]:
    """Return who handles which kind of request at one door."""
    return {
        CHOOSE_MEMBER: lambda request: _offer_password_of_member(request, roster, passwords),
        TYPE_CAN: lambda request: _offer_typed_number(request, passwords),
    }


def _offer_password_of_member(request: Request, roster: RosterService, passwords: PasswordDesk) -> None:
    try:
        password = roster.password_of(int(request.payload["member"]))
    except (LookupError, TypeError, ValueError, OverflowError, ApplianceError) as error:
        log.warning("request %d names no member whose card could be read: %s", request.id, type(error).__name__)
        return
    if password is not None:
        passwords.offer(password)


def _offer_typed_number(request: Request, passwords: PasswordDesk) -> None:
    try:
        passwords.offer(CanPassword(request.payload["digits"]))
    except (LookupError, TypeError, InvalidInput) as error:
        log.warning("request %d holds no card access number: %s", request.id, type(error).__name__)
