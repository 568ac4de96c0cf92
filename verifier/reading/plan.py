"""Reading a card by its profile's plan, with as few commands as there can be.

With extended length: SELECT, BAC (2), EF.SOD and DG1 make 5; EF.CardAccess, PACE (5), SELECT, EF.SOD and DG1 make 9;
DG14, Chip Authentication (2) and the read that proves it make 13 of these; DG15 and Active Authentication make 7 of
those. There is no SELECT of files, no look at headers, and no EF.COM.

Cards that do not know extended length or short identifiers, or that another program left within their application,
show it by an answer. Where their session is over then, they are opened once more, in the other manner.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from verifier.access.password import Password
from verifier.errors import ExtendedLengthRefused
from verifier.evidence.record import Evidence
from verifier.iso7816.exchange import Exchange
from verifier.reading.one_session import read_once
from verifier.reading.options import Progress, ReadingOptions, ReadingStep
from verifier.reading.profile import CardProfile
from verifier.reading.session import return_to_master_file
from verifier.reading.under_way import OtherMannerError, Reading


def _unseen(_: ReadingStep) -> None:
    """Nobody watches."""


def read_card(
    profile: CardProfile,
    password: Password,
    options: ReadingOptions,
    *,
    random: Callable[[int], bytes],
    captured_at: datetime,
    progress: Progress = _unseen,
) -> Exchange[Evidence]:
    """Read what the profile permits for the purpose of the reading, and nothing beyond it.

    A file that the card does not give, and a proof that the chip declines, stand in ``Evidence.refused``. A card that
    turns out not to carry extended length is opened once more and read in short commands: the session, never a command.
    So is one that was found within its application, and one whose session a short identifier ended.

    Raises:
        PolicyError: the profile does not permit the purpose, or not what was asked for; nothing was sent.
        AccessDenied: the password does not fit. It is never tried again by itself.
        CardRefused, CardProtocolError, SecureMessagingError, MalformedData, UnsupportedFeature: it cannot be read.
    """
    plan = profile.plan_for(options.purpose, options.data_groups)
    reading = Reading(profile, plan, password, options, random, progress)
    while True:
        try:
            return (yield from read_once(reading, captured_at))
        except ExtendedLengthRefused:
            if not reading.manner.extended_length:
                raise
            reading.manner = replace(reading.manner, extended_length=False, trusts_memory=False)
        except OtherMannerError as other:
            reading.manner = other.manner
        yield from return_to_master_file()
