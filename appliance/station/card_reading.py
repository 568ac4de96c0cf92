"""Reading one card: a session that breaks is begun once more from the start while the card stays."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Event

from appliance.checkin.service import Decision
from appliance.firmware_host.reader import CardInField
from appliance.station.answers import GaveUp
from verifier.sdk import CardProfile, CommandApdu, Evidence, Password, ResponseApdu, read
from verifier.sdk.errors import (
    AccessDenied,
    CardProtocolError,
    CardRemoved,
    DeadlineExceeded,
    ReaderError,
    SecureMessagingError,
    VerifierError,
)

log = logging.getLogger(__name__)

SESSIONS_PER_TAP = 2
_BROKEN_SESSION = (CardRemoved, CardProtocolError, SecureMessagingError)


def read_card(
    card: CardInField,
    *,
    profile: CardProfile,
    password: Password,
    at: datetime,
    stop: Event,
    beat: Callable[[], None],
    on_broken: Callable[[], object],
) -> Evidence:
    """Return what the card's profile wants read.

    ``beat`` is called at every command, ``on_broken`` before a second session; once ``stop`` is set the card is asked
    nothing more. Raises ``GaveUp`` for whatever the card does, ``ReaderError`` where the reader fails.
    """
    attended = _Attended(card, stop, beat)
    for attempt in range(1, SESSIONS_PER_TAP + 1):
        try:
            return read(attended, profile=profile, password=password, at=at)
        except _BROKEN_SESSION as error:
            if attempt == SESSIONS_PER_TAP or not card.start_over():
                raise GaveUp(Decision.TRY_AGAIN, error.reason) from error
            log.info("%s, once more", error.reason)
            on_broken()
        except (AccessDenied, DeadlineExceeded) as error:
            raise GaveUp(Decision.TRY_AGAIN, error.reason) from error
        except ReaderError:
            raise
        except VerifierError as error:
            raise GaveUp(Decision.SEE_OFFICER, error.reason) from error
    raise AssertionError  # the last attempt returned or raised


@dataclass(frozen=True, slots=True)
class _Attended:
    """A card that is asked nothing more once the station is told to stop, and whose every answer is a sign of life."""

    card: CardInField
    stop: Event
    beat: Callable[[], None]

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        if self.stop.is_set():
            msg = "the station was told to stop"
            raise DeadlineExceeded(msg)
        self.beat()
        return self.card.transmit(command)
