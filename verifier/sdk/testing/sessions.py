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
from itertools import product
from random import Random as SeededRandom

from verifier.access.password import CanPassword, MrzPassword, Password
from verifier.access.proofs import AccessProtocol
from verifier.evidence import Evidence
from verifier.reading.options import ReadingOptions
from verifier.sdk.inspection import read
from verifier.sdk.profiles import load_profile
from verifier.sdk.testing.active_authentication import EcdsaSigner
from verifier.sdk.testing.chip import VirtualChip
from verifier.sdk.testing.chip_data import ChipData
from verifier.sdk.testing.ciphers import CipherSuite
from verifier.sdk.testing.curves import CURVES, Curve, draw_scalar, scalar_with_leading_zero
from verifier.sdk.testing.observed_pace import Forced, ObservedPace, ReaderRandom, zeros_of
from verifier.sdk.testing.people import invented_person
from verifier.sdk.testing.personalise import ActiveAuthenticationKind, ChipOptions, write_chip_data
from verifier.sdk.testing.pki import SyntheticPki
from verifier.sdk.testing.signing import KeyKind
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
_PACE_VARIANTS = tuple(product(CURVES, CipherSuite, ("CAN", "MRZ")))
_CA_VARIANTS = tuple(product(CURVES, CipherSuite))
_AA_VARIANTS = tuple(product(ActiveAuthenticationKind, ("SHA-1", "SHA-224", "SHA-256", "SHA-384", "SHA-512")))
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
        curve_name, cipher, password_kind = _PACE_VARIANTS[number % len(_PACE_VARIANTS)]
        options = ChipOptions(pace_curve=curve_name, pace_cipher=cipher, bac=False, chip_authentication_curve=None)
        data = self._personalise(options, random)
        curve, seen = CURVES[curve_name], set[str]()
        forced = random.choice(list(Forced)) if random.random() < _FORCED_SHARE else None
        reader = ReaderRandom(random, curve.order_length)
        if forced is Forced.READER_KEY:
            reader.force(scalar_with_leading_zero(curve, curve.generator, draw_scalar(curve, random.randbytes)))
        chip = VirtualChip(
            data, random=random.randbytes, pace_responder=partial(ObservedPace, seen=seen, forced=forced)
        )
        mrz = MrzPassword.from_mrz(data.mrz)
        password: Password = CanPassword(data.can or "") if password_kind == "CAN" else mrz
        evidence = self._read(chip, password, AccessProtocol.PACE, reader)
        variant = f"{curve_name}, {cipher.name}, {password_kind}"
        kind = SessionKind.PACE
        return self._judged(evidence, "access-pace", kind=kind, number=number, variant=variant, seen=seen)

    def _chip_authentication(self, number: int, random: SeededRandom) -> SeededSession:
        curve_name, cipher = _CA_VARIANTS[number % len(_CA_VARIANTS)]
        options = ChipOptions(pace_curve=None, chip_authentication_curve=curve_name, chip_authentication_cipher=cipher)
        data = self._personalise(options, random)
        curve, chip_key = CURVES[curve_name], data.chip_authentication[0].public_point
        reader = ReaderRandom(random, curve.order_length)
        if random.random() < _FORCED_SHARE:
            point = random.choice((chip_key, curve.generator))  # the shared secret, or the reader's public key
            reader.force(scalar_with_leading_zero(curve, point, draw_scalar(curve, random.randbytes)))
        chip = VirtualChip(data, random=random.randbytes)
        evidence = self._read(chip, MrzPassword.from_mrz(data.mrz), AccessProtocol.BAC, reader)
        seen = _chip_authentication_zeros(curve, reader.last_scalar(curve), data)
        variant = f"{curve_name}, {cipher.name}"
        kind = SessionKind.CHIP_AUTHENTICATION
        return self._judged(evidence, "chip-authentic-ca", kind=kind, number=number, variant=variant, seen=seen)

    def _active_authentication(self, number: int, random: SeededRandom) -> SeededSession:
        key_kind, hash_name = _AA_VARIANTS[number % len(_AA_VARIANTS)]
        options = ChipOptions(
            pace_curve=None,
            chip_authentication_curve=None,
            active_authentication=key_kind,
            active_authentication_hash=hash_name,
        )
        data = self._personalise(options, random)
        reader = ReaderRandom(random, length=8)
        if isinstance(data.active_authentication, EcdsaSigner) and random.random() < _FORCED_SHARE:
            challenge = _challenge_with_leading_zero(data.active_authentication, random)
            reader.force(challenge, draw=2)  # the first one is RND.IFD of BAC
        chip = VirtualChip(data, random=random.randbytes)
        evidence = self._read(chip, MrzPassword.from_mrz(data.mrz), AccessProtocol.BAC, reader)
        proof = evidence.active_authentication
        seen = {"signature"} if proof is not None and proof.signature[0] == 0 else set()
        variant = f"{key_kind}, {hash_name}"
        kind = SessionKind.ACTIVE_AUTHENTICATION
        return self._judged(evidence, "chip-authentic-aa", kind=kind, number=number, variant=variant, seen=seen)

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


def _has(report: Report, reason: str) -> bool:
    return any(result.reason == reason and result.outcome is Outcome.PASSED for result in report.results)


def _chip_authentication_zeros(curve: Curve, scalar: int, data: ChipData) -> set[str]:
    """Calculate what a session of Chip Authentication agreed on, in the chip's arithmetic, and look at its zeros."""
    (key,) = data.chip_authentication
    public, shared = curve.multiply(scalar, curve.generator), curve.multiply(scalar, key.public_point)
    seen = zeros_of("reader's ephemeral key", public, curve) | zeros_of("chip's static key", key.public_point, curve)
    return seen | {"shared secret"} if curve.encode_x(shared)[0] == 0 else seen


def _challenge_with_leading_zero(signer: EcdsaSigner, random: SeededRandom) -> bytes:
    """Return a challenge to which this chip's signature, r and s in plain, begins with a zero byte."""
    while True:
        challenge = random.randbytes(8)
        if signer.sign(challenge, random.randbytes)[0] == 0:
            return challenge
