"""A session with a card: how the reader was let in, and the channel in which it reads."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from verifier.access.bac import CHALLENGE_LENGTH, GET_CHALLENGE, establish_bac
from verifier.access.pace.establishment import choose_pace, establish_pace
from verifier.access.password import MrzPassword, Password
from verifier.access.proofs import AccessProtocol, AccessRecord, PaceChipAuthenticationProof
from verifier.access.secure_messaging import SecureMessaging
from verifier.errors import CardRefused, InvalidInput, UnsupportedFeature, VerifierError
from verifier.iso7816.apdu import EXTENDED_MAX_LE, SHORT_MAX_LE, CommandApdu
from verifier.iso7816.exchange import Exchange, through
from verifier.iso7816.files import SELECT, read_by_short_identifier, read_selected, select_application, select_file
from verifier.iso7816.status import StatusWord
from verifier.lds.card_access import CardAccess
from verifier.lds.elementary_files import CARD_ACCESS
from verifier.lds.security_infos import PaceInfo, SecurityInfos
from verifier.reading.card_security import complains_of_length, read_card_security
from verifier.reading.options import ReadingOptions

T = TypeVar("T")
_ABSENT_OR_LOCKED = {StatusWord.FILE_NOT_FOUND, StatusWord.SECURITY_STATUS_NOT_SATISFIED}


@dataclass(frozen=True, slots=True)
class Session:
    """An open session: ``channel`` is ``None`` on a card that gives its files without a password."""

    access: AccessRecord
    channel: SecureMessaging | None = field(repr=False)
    extended_length: bool
    pace_chip_authentication: PaceChipAuthenticationProof | None = None
    """What PACE with chip authentication mapping left behind; nothing is proved until EF.CardSecurity says so."""
    card_security: bytes | None = field(default=None, repr=False)
    """EF.CardSecurity, read beside that proof; ``None`` where there is no proof, or the card did not give the file."""
    card_security_refusal: int | None = None
    """The status word with which the card did not give it."""

    @property
    def chunk(self) -> int:
        """The largest Le to read with."""
        if self.extended_length:
            return EXTENDED_MAX_LE
        return SHORT_MAX_LE if self.channel is None else self.channel.max_plain_chunk()

    @property
    def is_alive(self) -> bool:
        """Whether anything can still be read."""
        return self.channel is None or self.channel.is_alive

    def inside(self, exchange: Exchange[T]) -> Exchange[T]:
        """Return the exchange as it travels in this session."""
        return exchange if self.channel is None else through(self.channel, exchange)


def read_card_access() -> Exchange[bytes | None]:
    """Read EF.CardAccess in one command where the card knows short identifiers, else by SELECT.

    Returns ``None`` where the card has none, or answers 6982: chips of Vietnamese citizen cards do, and mean BAC.
    """
    try:
        return (yield from read_by_short_identifier(CARD_ACCESS.short_identifier, chunk=SHORT_MAX_LE))
    except CardRefused as refusal:
        if refusal.status in _ABSENT_OR_LOCKED:
            return None
    try:
        yield from select_file(CARD_ACCESS.file_identifier)
        return (yield from read_selected(chunk=SHORT_MAX_LE))
    except CardRefused:
        return None


def return_to_master_file() -> Exchange[None]:
    """Leave the application and its session. Chips that refuse to (6D00) are left where they are."""
    yield CommandApdu(0x00, SELECT, 0x00, 0x0C, data=b"\x3f\x00")


def open_session(
    aid: bytes,
    password: Password,
    options: ReadingOptions,
    *,
    extended_length: bool,
    random: Callable[[int], bytes],
    card_access: bytes | None,
) -> Exchange[Session]:
    """Open the card by the first protocol of ``options.access`` that card, password and release have in common.

    Leaves the application ``aid`` selected. ``card_access`` is EF.CardAccess as read, or ``None``. ``extended_length``
    is whether files are read in it. Which PACE runs depends on ``options`` alone: a card whose files come in short
    commands only must still carry the keys of its own PACE (ICAO 9303-11, 9.3.1), and whoever forges a complaint about
    lengths shall not be able to choose a weaker one.

    Raises:
        AccessDenied: the password does not fit; nothing else is tried. InvalidInput: the password cannot open this
        card. UnsupportedFeature: the card offers only what this release or the options do not have.
        CardRefused: the card has no such application, or neither PACE nor BAC. MalformedData: EF.CardAccess is none.
    """
    offers = SecurityInfos() if card_access is None else CardAccess.decode(card_access).security_infos
    pace_offered = bool(offers.pace) if AccessProtocol.PACE in options.access else None
    try:
        protocol, pace = _choose(options, password, offers)
    except (InvalidInput, UnsupportedFeature) as error:
        yield from select_application(aid)  # A card of quite another kind is better called that.
        if isinstance(error, InvalidInput):
            yield from _require_bac()
        raise
    if pace is not None:
        return (yield from _open_with_pace(aid, pace, password, extended_length=extended_length, random=random))
    yield from select_application(aid)
    record = AccessRecord(protocol, pace_offered)
    if protocol is AccessProtocol.BAC and isinstance(password, MrzPassword):
        channel = yield from establish_bac(password, random)
        return Session(record, channel, extended_length)
    return Session(record, None, extended_length)


def _open_with_pace(
    aid: bytes, pace: PaceInfo, password: Password, *, extended_length: bool, random: Callable[[int], bytes]
) -> Exchange[Session]:
    opened = yield from establish_pace(pace, password, random)
    card_security, refusal = None, None
    if opened.chip_authentication is not None:
        try:
            card_security = yield from read_card_security(opened.channel, extended_length=extended_length)
        except CardRefused as refused:
            if extended_length and complains_of_length(refused.status):
                raise  # The reading opens the card once more, in short commands.
            refusal = refused.status
    yield from through(opened.channel, select_application(aid))
    record = AccessRecord(AccessProtocol.PACE, True, pace.oid, pace.parameter_id)
    proof = opened.chip_authentication
    return Session(record, opened.channel, extended_length, proof, card_security, refusal)


def _require_bac() -> Exchange[None]:
    """Ask for BAC's challenge: before the password is blamed, the card shows that another one would open it."""
    response = yield CommandApdu(0x00, GET_CHALLENGE, 0x00, 0x00, le=CHALLENGE_LENGTH)
    response.require_ok("GET CHALLENGE")


def _choose(
    options: ReadingOptions, password: Password, offers: SecurityInfos
) -> tuple[AccessProtocol, PaceInfo | None]:
    """Return the first protocol of the options that can run; say why not, where none can."""
    reason: VerifierError = UnsupportedFeature("the card offers none of the access protocols that may be used")
    for protocol in options.access:
        if protocol is AccessProtocol.PACE:
            try:
                return protocol, choose_pace(offers, extended_length=options.extended_length)
            except UnsupportedFeature as unsupported:
                reason = unsupported
        elif protocol is AccessProtocol.OPEN or isinstance(password, MrzPassword):
            return protocol, None
        elif not offers.pace:
            reason = InvalidInput("this card is opened by its MRZ; a card access number does not fit it")
    raise reason
