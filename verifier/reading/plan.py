"""Reading a card by its profile's plan, with as few commands as there can be.

With extended length: SELECT, BAC (2), EF.SOD and DG1 make 5; EF.CardAccess, PACE (5), SELECT, EF.SOD and DG1 make 9;
DG14, Chip Authentication (2) and the read that proves it make 13 of these; DG15 and Active Authentication make 7 of
those. There is no SELECT of files, no look at headers, and no EF.COM.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from verifier.access.password import Password
from verifier.access.proofs import AccessProtocol, ActiveAuthenticationProof, ChipAuthenticationProof
from verifier.errors import CardRefused, ExtendedLengthRefused, MalformedData, SecureMessagingError, UnsupportedFeature
from verifier.evidence import ACTIVE_AUTHENTICATION, CHIP_AUTHENTICATION, Evidence
from verifier.iso7816.exchange import Exchange
from verifier.iso7816.files import read_by_short_identifier
from verifier.lds.elementary_files import CARD_ACCESS, DG14, DG15, ELEMENTARY_FILES, SOD, ElementaryFile
from verifier.lds.security_object import SecurityObject
from verifier.reading.chip_proof import prove_by_active_authentication, prove_by_chip_authentication
from verifier.reading.options import Progress, ReadingOptions, ReadingStep
from verifier.reading.profile import CardProfile, ChipProof
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
    """Read what the profile's plan names, and nothing beyond it.

    A file that the card does not give, and a proof that the chip declines, stand in ``Evidence.refused``. A card that
    turns out not to carry extended length is opened once more and read in short commands: the session, never a command.

    Raises:
        AccessDenied: the password does not fit. It is never tried again by itself.
        CardRefused, CardProtocolError, SecureMessagingError, MalformedData, UnsupportedFeature: it cannot be read.
    """
    reading = _Reading(profile, password, random, progress)
    try:
        return (yield from reading.run(options, captured_at))
    except ExtendedLengthRefused:
        if not options.extended_length:
            raise
    yield from return_to_master_file()
    return (yield from reading.run(replace(options, extended_length=False), captured_at))


@dataclass
class _Reading:
    """One reading under way: what was got so far."""

    profile: CardProfile
    password: Password = field(repr=False)
    random: Callable[[int], bytes]
    progress: Progress
    wire: Wire = field(default_factory=Wire)
    files: dict[str, bytes] = field(default_factory=dict, repr=False)
    refused: dict[str, int] = field(default_factory=dict)
    chip_authentication: ChipAuthenticationProof | None = None
    active_authentication: ActiveAuthenticationProof | None = None

    def run(self, options: ReadingOptions, captured_at: datetime) -> Exchange[Evidence]:
        """Open a session, read, and return the evidence; what an earlier session knew of EF.CardAccess is kept."""
        card_access = self.files.get(CARD_ACCESS.name)
        self.files.clear()
        self.refused.clear()
        self.chip_authentication = self.active_authentication = None
        try:
            session = yield from watched(self.wire, self._session(options, card_access))
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
        )

    def _session(self, options: ReadingOptions, card_access: bytes | None) -> Exchange[Session]:
        if AccessProtocol.PACE in options.access and card_access is None:
            self.progress(ReadingStep.LOOKING)
            card_access = yield from read_card_access()
        if card_access is not None:
            self.files[CARD_ACCESS.name] = card_access
        self.progress(ReadingStep.OPENING)
        session = yield from open_session(
            self.profile.aid, self.password, options, random=self.random, card_access=card_access
        )
        self.progress(ReadingStep.READING)
        sod = yield from self._read(session, SOD)
        if sod is None:
            return session  # Nothing can be verified without it, so nothing else is asked for.
        listed = _listed(sod)
        for name in self.profile.plan.data_groups:
            file = ELEMENTARY_FILES[name]
            if session.is_alive and (listed is None or file.data_group in listed):
                yield from self._read(session, file)
        yield from self._prove(session, options, listed or frozenset())
        return session

    def _prove(self, session: Session, options: ReadingOptions, listed: frozenset[int]) -> Exchange[None]:
        """Run the first proof that plan, options and card have in common. Both proofs end a chip that fails them."""
        for proof in self.profile.plan.chip_proofs:
            if not session.is_alive:
                return
            match proof:
                case ChipProof.CHIP_AUTHENTICATION if options.chip_authentication and DG14.data_group in listed:
                    answered = yield from self._prove_by_chip_authentication(session)
                case ChipProof.ACTIVE_AUTHENTICATION if options.active_authentication and DG15.data_group in listed:
                    answered = yield from self._prove_by_active_authentication(session)
                case _:
                    answered = False
            if answered:
                return

    def _prove_by_chip_authentication(self, session: Session) -> Exchange[bool]:
        """Tell whether the chip answered, well or badly, or declined to."""
        dg14 = yield from self._read(session, DG14)
        if dg14 is None:
            return False
        self.progress(ReadingStep.PROVING)
        try:
            self.chip_authentication = yield from prove_by_chip_authentication(session, dg14, self.random, self.wire)
        except CardRefused as refusal:
            self._note_refusal(CHIP_AUTHENTICATION, refusal)
            return True
        return self.chip_authentication is not None

    def _prove_by_active_authentication(self, session: Session) -> Exchange[bool]:
        """Tell whether the chip answered, well or badly, or declined to."""
        dg15 = yield from self._read(session, DG15)
        if dg15 is None:
            return False
        self.progress(ReadingStep.PROVING)
        try:
            proof = yield from prove_by_active_authentication(session, dg15, self.random, self.wire)
        except CardRefused as refusal:
            self._note_refusal(ACTIVE_AUTHENTICATION, refusal)
            return True
        self.active_authentication = proof
        return proof is not None

    def _read(self, session: Session, file: ElementaryFile) -> Exchange[bytes | None]:
        if file.name in self.files:
            return self.files[file.name]
        try:
            content = yield from self.wire.refusals_of(
                session.inside(read_by_short_identifier(file.short_identifier, chunk=session.chunk))
            )
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
