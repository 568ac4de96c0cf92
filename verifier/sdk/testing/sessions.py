"""Seeded sessions: real reading against virtual chips, with leading zero bytes forced where they are known to hurt.

A session is named by kind, seed and number, and is the same each time: curve, cipher and password follow the number,
randomness on both sides comes from the name (RSA keys alone are made anew in each process). Secrets and points keep
their leading zeros (BSI TR-03111, 3.1.3). Code that strips them works 255 times out of 256, so a quarter of the
sessions is made to have some.

    sessions = SeededSessions(seed=1, at=now)
    sessions.run(SessionKind.PACE, 17).leading_zeros
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from random import Random as SeededRandom

from verifier.access.password import CanPassword, MrzPassword, Password
from verifier.access.proofs import AccessProtocol
from verifier.evidence.record import Evidence
from verifier.reading.options import ReadingOptions
from verifier.sdk.inspection import read
from verifier.sdk.profiles import load_profile
from verifier.sdk.testing.arithmetic.groups import Group, draw_scalar, scalar_with_leading_zero
from verifier.sdk.testing.card_side.active_authentication import EcdsaSigner
from verifier.sdk.testing.card_side.observed_pace import Forced, ObservedPace, ReaderRandom, zeros_of
from verifier.sdk.testing.card_side.pace_mapping import PaceMapping
from verifier.sdk.testing.chip import VirtualChip
from verifier.sdk.testing.chip_data import ChipData
from verifier.sdk.testing.chip_options import ChipOptions
from verifier.sdk.testing.people import invented_person
from verifier.sdk.testing.personalise import write_chip_data
from verifier.sdk.testing.pki import SyntheticPki
from verifier.sdk.testing.session_variants import (
    ACTIVE_AUTHENTICATION_VARIANTS,
    CHIP_AUTHENTICATION_VARIANTS,
    PACE_VARIANTS,
    pick,
)
from verifier.sdk.testing.writing.signing import KeyKind
from verifier.verification.policy import Policy
from verifier.verification.report import CheckName, Outcome, Report
from verifier.verification.verify import verify


class SessionKind(StrEnum):
    """What a session proves."""

    PACE = "PACE"
    CHIP_AUTHENTICATION = "Chip Authentication"
    ACTIVE_AUTHENTICATION = "Active Authentication"


@dataclass(frozen=True, slots=True)
class SeededSession:
    """A session that went as it must."""

    kind: SessionKind
    number: int
    variant: str
    """Curve, cipher and password, or key and hash."""
    leading_zeros: frozenset[str]
    """Every secret, point coordinate or signature of this session that began with a zero byte, as it was seen."""


class SessionFailed(AssertionError):
    """A genuine chip was not read, or not believed. The sentence names the session, so that it can be repeated."""


_FORCED_SHARE = 0.25
_CHALLENGE = 8
_LONGEST_DRAW_OF_BAC = 16
_PASSIVE = frozenset({CheckName.ACCESS, CheckName.SOD_SIGNATURE, CheckName.SIGNER_PATH, CheckName.DATA_GROUP_HASHES})
_WITH_CHIP = _PASSIVE | {CheckName.CHIP_AUTHENTICITY}


class SeededSessions:
    """Runs sessions of one seed, all under one synthetic PKI as of ``at``."""

    def __init__(self, *, seed: int, at: datetime) -> None:
        self.seed = seed
        self._at = at
        random = SeededRandom(f"{seed} pki")
        pki = SyntheticPki(at=at, key_kind=KeyKind.P256, random=random.randbytes)
        self._signer = pki.issue_document_signer()
        self._trust = pki.trust_store()
        self._profile = load_profile("icao-mrtd")
        self._runs: dict[SessionKind, Callable[[int, SeededRandom], SeededSession]] = {
            SessionKind.PACE: self._pace,
            SessionKind.CHIP_AUTHENTICATION: self._chip_authentication,
            SessionKind.ACTIVE_AUTHENTICATION: self._active_authentication,
        }

    def run(self, kind: SessionKind, number: int) -> SeededSession:
        """Run one session. Raises ``SessionFailed``, or whatever error the reading ended in."""
        return self._runs[kind](number, SeededRandom(f"{self.seed} {kind} {number}"))

    def _pace(self, number: int, random: SeededRandom) -> SeededSession:
        variant = pick(PACE_VARIANTS, number)
        group, cipher, mapping = variant.group, variant.cipher, variant.mapping
        options = ChipOptions(
            pace_curve=group.name,
            pace_cipher=cipher,
            pace_mapping=mapping,
            bac=False,
            chip_authentication_curve=None,
        )
        data, seen = self._personalise(options, random), set[str]()
        possible = [Forced.SECRETS, Forced.CHIP_KEYS] if mapping is PaceMapping.INTEGRATED else list(Forced)
        forced = random.choice(possible) if random.random() < _FORCED_SHARE else None
        reader = ReaderRandom(random, lambda length: length == group.order_length)
        if forced is Forced.READER_KEY:
            reader.force(scalar_with_leading_zero(group, group.generator, draw_scalar(group, random.randbytes)))
        chip = VirtualChip(
            data, random=random.randbytes, pace_responder=partial(ObservedPace, seen=seen, forced=forced)
        )
        mrz = MrzPassword.from_mrz(data.mrz)
        password: Password = CanPassword(data.can or "") if variant.by_can else mrz
        evidence = self._read(chip, password, AccessProtocol.PACE, reader)
        proof = _reason_of(mapping)
        return self._judged(evidence, proof, kind=SessionKind.PACE, number=number, variant=str(variant), seen=seen)

    def _chip_authentication(self, number: int, random: SeededRandom) -> SeededSession:
        variant = pick(CHIP_AUTHENTICATION_VARIANTS, number)
        group = variant.group
        data = self._personalise(variant.options(random.randbytes), random)
        chip_key = data.chip_authentication[0].public_point
        reader = ReaderRandom(random, lambda length: length > _LONGEST_DRAW_OF_BAC)
        if random.random() < _FORCED_SHARE:
            point = random.choice((chip_key, group.generator))  # the shared secret, or the reader's public key
            reader.force(scalar_with_leading_zero(group, point, draw_scalar(group, random.randbytes)))
        chip = VirtualChip(data, random=random.randbytes)
        evidence = self._read(chip, MrzPassword.from_mrz(data.mrz), AccessProtocol.BAC, reader)
        seen = _chip_authentication_zeros(group, reader.last_scalar(group), data)
        kind = SessionKind.CHIP_AUTHENTICATION
        return self._judged(evidence, "chip-authentic-ca", kind=kind, number=number, variant=str(variant), seen=seen)

    def _active_authentication(self, number: int, random: SeededRandom) -> SeededSession:
        variant = pick(ACTIVE_AUTHENTICATION_VARIANTS, number)
        data = self._personalise(variant.options(), random)
        reader = ReaderRandom(random, lambda length: length == _CHALLENGE)
        signer = data.active_authentication
        if isinstance(signer, EcdsaSigner) and not signer.der and random.random() < _FORCED_SHARE:
            reader.force(
                int.from_bytes(_challenge_with_leading_zero(signer, random)), draw=2
            )  # the first one is RND.IFD of BAC
        chip = VirtualChip(data, random=random.randbytes)
        evidence = self._read(chip, MrzPassword.from_mrz(data.mrz), AccessProtocol.BAC, reader)
        proof = evidence.active_authentication
        seen = {"signature"} if proof is not None and proof.signature[0] == 0 else set()
        kind = SessionKind.ACTIVE_AUTHENTICATION
        return self._judged(evidence, "chip-authentic-aa", kind=kind, number=number, variant=str(variant), seen=seen)

    def _personalise(self, options: ChipOptions, random: SeededRandom) -> ChipData:
        return write_chip_data(
            self._signer, invented_person(random.randint(1, 99)), options=options, random=random.randbytes
        )

    def _read(
        self, chip: VirtualChip, password: Password, access: AccessProtocol, random: Callable[[int], bytes]
    ) -> Evidence:
        options = ReadingOptions(access=(access,))
        return read(chip, profile=self._profile, password=password, at=self._at, options=options, random=random)

    def _judged(
        self, evidence: Evidence, reason: str, *, kind: SessionKind, number: int, variant: str, seen: set[str]
    ) -> SeededSession:
        """Verify the evidence like any other; the session succeeded where a check passed with ``reason``."""
        required = _PASSIVE if kind is SessionKind.PACE else _WITH_CHIP
        report = verify(evidence, self._trust, Policy(required=required), at=self._at)
        if report.outcome is not Outcome.PASSED or not _has(report, reason):
            msg = f"{kind}, seed {self.seed}, number {number} ({variant}): {report.reason}"
            raise SessionFailed(msg)
        return SeededSession(kind, number, variant, frozenset(seen))


def _reason_of(mapping: PaceMapping) -> str:
    """Chip authentication mapping is judged as what it is: it proves the chip too."""
    return "chip-authentic-pace-cam" if mapping is PaceMapping.CHIP_AUTHENTICATION else "access-pace"


def _has(report: Report, reason: str) -> bool:
    return any(result.reason == reason and result.outcome is Outcome.PASSED for result in report.results)


def _chip_authentication_zeros(curve: Group, scalar: int, data: ChipData) -> set[str]:
    """Calculate what a session of Chip Authentication agreed on, in the chip's arithmetic, and look at its zeros."""
    key = data.chip_authentication[0]
    public, shared = curve.multiply(scalar, curve.generator), curve.multiply(scalar, key.public_point)
    seen = zeros_of("reader's ephemeral key", public, curve) | zeros_of("chip's static key", key.public_point, curve)
    return seen | {"shared secret"} if curve.encode_x(shared)[0] == 0 else seen


def _challenge_with_leading_zero(signer: EcdsaSigner, random: SeededRandom) -> bytes:
    """Return a challenge to which this chip's signature, r and s in plain, begins with a zero byte."""
    while True:
        challenge = random.randbytes(_CHALLENGE)
        if signer.sign(challenge, random.randbytes)[0] == 0:
            return challenge
