"""Reading a card by its profile's plan, with as few commands as there can be.

With extended length: SELECT, BAC (2), EF.SOD and DG1 make 5; EF.CardAccess, PACE (5), SELECT, EF.SOD and DG1 make 9;
DG14, Chip Authentication (2) and the read that proves it make 13 of these; DG15 and Active Authentication make 7 of
those. There is no SELECT of files, no look at headers, and no EF.COM.

Cards that do not know extended length or short identifiers, or that another program left within their application,
show it by an answer. Where their session is over then, they are opened once more, in the other manner.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from verifier.access.password import MrzPassword, Password
from verifier.access.proofs import AccessProtocol, ActiveAuthenticationProof, ChipAuthenticationProof
from verifier.errors import CardRefused, ExtendedLengthRefused, MalformedData, SecureMessagingError, UnsupportedFeature
from verifier.evidence import ACTIVE_AUTHENTICATION, CHIP_AUTHENTICATION, Evidence
from verifier.iso7816.exchange import Exchange
from verifier.iso7816.status import StatusWord
from verifier.lds.dg14 import DataGroup14
from verifier.lds.elementary_files import CARD_ACCESS, CARD_SECURITY, DG14, DG15, ELEMENTARY_FILES, SOD, ElementaryFile
from verifier.lds.security_object import SecurityObject
from verifier.reading.card_types import Learning
from verifier.reading.chip_proof import mapping_suffices, prove_by_active_authentication, prove_by_chip_authentication
from verifier.reading.file_reader import NO_SUCH_WAY, FileReader, read_atr_info
from verifier.reading.options import FileProgress, Progress, ReadingOptions, ReadingStep
from verifier.reading.profile import CardProfile
from verifier.reading.purpose import ChipProof, ReadingPlan
from verifier.reading.session import Session, open_session, read_card_access, return_to_master_file
from verifier.reading.wire import Wire, watched


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
    reading = _Reading(profile, plan, password, options, random, progress)
    while True:
        try:
            return (yield from reading.run(captured_at))
        except ExtendedLengthRefused:
            if not reading.manner.extended_length:
                raise
            reading.manner = replace(reading.manner, extended_length=False)
        except _OtherMannerError as other:
            reading.manner = other.manner
        yield from return_to_master_file()


@dataclass(frozen=True, slots=True)
class _Manner:
    """How a card is read; each of these is given up at most once in a reading."""

    extended_length: bool
    short_identifiers: bool = True
    trusts_first_look: bool = True
    """Whether a card that was found without EF.CardAccess is believed to have none."""
    passed_over: tuple[tuple[str, int], ...] = ()
    """Files that are not asked for again, with the status words by which the card ended its session over them."""


class _OtherMannerError(Exception):
    """The session is over, and a new one in this manner may bring more."""

    def __init__(self, manner: _Manner) -> None:
        super().__init__("the card is read in another manner")
        self.manner = manner


@dataclass
class _Reading:
    """One reading under way: what was got so far."""

    profile: CardProfile
    plan: ReadingPlan
    password: Password = field(repr=False)
    options: ReadingOptions
    random: Callable[[int], bytes]
    progress: Progress
    wire: Wire = field(default_factory=Wire)
    files: dict[str, bytes] = field(default_factory=dict, repr=False)
    refused: dict[str, int] = field(default_factory=dict)
    chip_authentication: ChipAuthenticationProof | None = None
    active_authentication: ActiveAuthenticationProof | None = None

    def __post_init__(self) -> None:
        self.manner = _Manner(extended_length=self.options.extended_length)
        self.learning = Learning(self.options.memory)
        self.looked = self.is_absent = False

    def run(self, captured_at: datetime) -> Exchange[Evidence]:
        """Open a session, read, and return the evidence; what an earlier session knew of EF.CardAccess is kept."""
        card_access = self.files.get(CARD_ACCESS.name)
        self.files.clear()
        self.refused.clear()
        self.chip_authentication = self.active_authentication = None
        try:
            session = yield from watched(self.wire, self._session(card_access))
        except (CardRefused, SecureMessagingError) as error:
            if self.wire.refused_extended_length and self.wire.response is not None:
                msg = "the card does not carry extended length"
                raise ExtendedLengthRefused(msg, self.wire.response.status) from error
            raise
        self.progress(ReadingStep.DONE)
        return Evidence(
            profile=self.profile.name,
            captured_at=captured_at,
            access=session.access,
            files=self.files,
            refused=self.refused,
            chip_authentication=self.chip_authentication,
            active_authentication=self.active_authentication,
            pace_chip_authentication=session.pace_chip_authentication,
        )

    def _session(self, card_access: bytes | None) -> Exchange[Session]:
        if AccessProtocol.PACE in self.options.access and not self.looked:
            self.progress(ReadingStep.LOOKING)
            card_access = yield from self._look()
        if card_access is not None:
            self.files[CARD_ACCESS.name] = card_access
        yield from self._recognise(card_access)
        self.progress(ReadingStep.OPENING)
        session = yield from open_session(
            self.profile.aid,
            self.password,
            self.options,
            extended_length=self.manner.extended_length,
            random=self.random,
            card_access=card_access,
        )
        self._note_card_security(session)
        self.progress(ReadingStep.READING)
        self.reader = FileReader(
            session, self.wire, self._received, self.manner.short_identifiers, self.learning.traits.max_response
        )
        sod = yield from self._read_first()
        if sod is None:
            return session  # Nothing can be verified without it, so nothing else is asked for.
        listed = _listed(sod)
        self.refused.update(self.manner.passed_over)
        for name in self.plan.data_groups:
            file = ELEMENTARY_FILES[name]
            if name not in self.refused and (listed is None or file.data_group in listed):
                yield from self._read(file)
                self._require_session(session, name)
        yield from self._prove(session, listed or frozenset())
        return session

    def _require_session(self, session: Session, name: str) -> None:
        """Open the card once more where it ended the session over a file: it has yet to prove itself.

        A copy could else choose a file to end it over, and would never be asked.
        """
        if not session.is_alive:
            passed_over = (*self.manner.passed_over, (name, self.refused[name]))
            raise _OtherMannerError(replace(self.manner, passed_over=passed_over))

    def _look(self) -> Exchange[bytes | None]:
        """Read EF.CardAccess; look twice before a password that needs it is blamed.

        A card that another reading left within its application has no such file there (ICAO 9303-10, 3.11.3).
        """
        self.looked = True
        card_access = yield from read_card_access()
        self.is_absent = self.wire.response is not None and self.wire.response.status == StatusWord.FILE_NOT_FOUND
        if card_access is None and self.manner.trusts_first_look and not isinstance(self.password, MrzPassword):
            self.manner = replace(self.manner, trusts_first_look=False)
            yield from return_to_master_file()
            card_access = yield from read_card_access()
        return card_access

    def _recognise(self, card_access: bytes | None) -> Exchange[None]:
        """Let what earlier readings learned about this type of card decide how it is read."""
        self.learning.recognise(self.profile.name, card_access)
        if self.options.memory is not None and card_access and not self.learning.traits.atr_info_looked_at:
            info = yield from read_atr_info()
            self.learning.note(
                atr_info_looked_at=True,
                max_response=info.max_response,
                extended_length=info.extended_length,
                short_identifiers=info.short_identifiers,
            )
        known = self.learning.traits
        self.manner = replace(
            self.manner,
            extended_length=self.manner.extended_length and known.extended_length is not False,
            short_identifiers=self.manner.short_identifiers and known.short_identifiers is not False,
        )

    def _read_first(self) -> Exchange[bytes | None]:
        """Read EF.SOD, and learn from it what the card knows."""
        sod = yield from self._read(SOD)
        status = self.refused.get(SOD.name)
        if sod is not None:
            session, access = self.reader.session, self.reader.session.access
            self.learning.note(
                extended_length=session.extended_length if self.options.extended_length else None,
                short_identifiers=self.reader.short_identifiers,
                pace_oid=access.pace_oid,
                pace_parameter_id=access.pace_parameter_id,
            )
        elif status in NO_SUCH_WAY and not self.reader.session.is_alive and self.manner.short_identifiers:
            raise _OtherMannerError(replace(self.manner, short_identifiers=False))
        return sod

    def _received(self, file: str, received: int, total: int) -> None:
        if self.options.file_progress is not None:
            self.options.file_progress(FileProgress(file, received, total))

    def _prove(self, session: Session, listed: frozenset[int]) -> Exchange[None]:
        """Run the first proof that plan, options and card have in common. Both proofs end a chip that fails them.

        A challenge is somebody's question. Only Active Authentication answers it, so it is run beside the other, and
        before it: Chip Authentication leaves the channel that the session knows.
        """
        options, proofs = self.options, list(self.plan.chip_proofs)
        if options.challenge is not None:
            proofs.sort(key=lambda proof: proof is not ChipProof.ACTIVE_AUTHENTICATION)
        for proof in proofs:
            if not session.is_alive:
                return
            match proof:
                case ChipProof.CHIP_AUTHENTICATION if options.chip_authentication and DG14.data_group in listed:
                    answered = yield from self._prove_by_chip_authentication(session)
                case ChipProof.ACTIVE_AUTHENTICATION if options.active_authentication and DG15.data_group in listed:
                    answered = yield from self._prove_by_active_authentication(session)
                case _:
                    answered = False
            if answered and options.challenge is None:
                return

    def _note_card_security(self, session: Session) -> None:
        if session.card_security is not None:
            self.files[CARD_SECURITY.name] = session.card_security
        if session.card_security_refusal is not None:
            self.refused[CARD_SECURITY.name] = session.card_security_refusal

    def _prove_by_chip_authentication(self, session: Session) -> Exchange[bool]:
        """Tell whether the chip answered, well or badly, or declined to."""
        dg14 = yield from self._read(DG14)
        if dg14 is None:
            return False
        self._compare_offers(dg14)
        if mapping_suffices(session, dg14):
            return True
        self.progress(ReadingStep.PROVING)
        try:
            self.chip_authentication = yield from prove_by_chip_authentication(
                session, dg14, self.random, self.wire, short_identifiers=self.reader.short_identifiers
            )
        except CardRefused as refusal:
            self._note_refusal(CHIP_AUTHENTICATION, refusal)
            return True
        return self.chip_authentication is not None

    def _prove_by_active_authentication(self, session: Session) -> Exchange[bool]:
        """Tell whether the chip answered, well or badly, or declined to."""
        dg15 = yield from self._read(DG15)
        if dg15 is None:
            return False
        self.progress(ReadingStep.PROVING)
        try:
            proof = yield from prove_by_active_authentication(
                session, dg15, self._challenge, self.wire, extended_length=self.options.extended_length
            )
        except CardRefused as refusal:  # also for its length: a chip with such a key has to carry it
            self.refused[ACTIVE_AUTHENTICATION] = refusal.status
            return True
        self.active_authentication = proof
        return proof is not None

    def _challenge(self, length: int) -> bytes:
        """Return what Active Authentication signs, which draws nothing else."""
        return self.random(length) if self.options.challenge is None else self.options.challenge

    def _compare_offers(self, dg14: bytes) -> None:
        """Look for EF.CardAccess again where DG14 repeats what only it can have offered (ICAO 9303-11, 9.2.11)."""
        doubtful = self.is_absent and self.manner.trusts_first_look and CARD_ACCESS.name not in self.files
        if doubtful and _offers_pace(dg14):
            self.looked = False
            raise _OtherMannerError(replace(self.manner, trusts_first_look=False))

    def _read(self, file: ElementaryFile) -> Exchange[bytes | None]:
        if file.name in self.files:
            return self.files[file.name]
        try:
            content = yield from self.reader.read(file)
        except CardRefused as refusal:
            self._note_refusal(file.name, refusal)
            return None
        self.files[file.name] = content
        return content

    def _note_refusal(self, name: str, refusal: CardRefused) -> None:
        if self.wire.refused_extended_length:
            raise refusal
        self.refused[name] = refusal.status


def _listed(sod: bytes) -> frozenset[int] | None:
    """Return the data groups that EF.SOD lists; ``None`` where it cannot be decoded, which the report will say."""
    try:
        return frozenset(SecurityObject.decode(sod).data_group_hashes)
    except (MalformedData, UnsupportedFeature):
        return None


def _offers_pace(dg14: bytes) -> bool:
    try:
        return bool(DataGroup14.decode(dg14).security_infos.pace)
    except MalformedData:
        return False
