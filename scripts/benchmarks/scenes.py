"""Cards and people for the benchmarks: seeded, synthetic, the same each time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from verifier.pki.certificate import Certificate
from verifier.pki.crl import CertificateRevocationList
from verifier.sdk import (
    CanPassword,
    Evidence,
    MrzPassword,
    Outcome,
    Password,
    Policy,
    Report,
    TrustStore,
    load_profile,
    policy_for,
    read,
    verify,
)
from verifier.sdk.testing import (
    ChipOptions,
    KeyKind,
    SyntheticCardStatus,
    SyntheticPki,
    VirtualChip,
    invented_person,
    personalise,
)

AT = datetime(2026, 6, 1, tzinfo=UTC)
CAN = CanPassword("123456")


@dataclass(frozen=True)
class Scene:
    """One card, read, and everything that it is verified with."""

    evidence: Evidence
    policy: Policy
    trust: Callable[[], TrustStore]
    status: SyntheticCardStatus

    def verification(self) -> Callable[[], Report]:
        """Return a verification with a trust store and status list of its own, which nobody has used yet.

        The store forgets the card each time: what is measured is one that was not seen before.
        """
        trust = self.trust()
        card_status = self.status.card_status_list(at=AT)

        def once() -> Report:
            trust.signatures.forget_documents()
            return verify(self.evidence, trust, self.policy, at=AT, card_status=card_status)

        return once


def chip(curve: str, csca: KeyKind) -> tuple[VirtualChip, SyntheticPki]:
    """Make a chip whose PACE and Chip Authentication run on ``curve``, signed by P-256 under a CSCA of that kind."""
    random = Random(1).randbytes  # noqa: S311 – nobody trusts these issuers
    pki = SyntheticPki(at=AT, key_kind=csca, random=random)
    signer = pki.issue_document_signer()
    pki.issue_crl()
    options = ChipOptions(pace_curve=curve, chip_authentication_curve=curve)
    return personalise(signer, invented_person(1), options=options, random=random), pki


def read_scene(curve: str, csca: KeyKind) -> Scene:
    """Read a chip through the door, and make sure that it passes."""
    card, pki = chip(curve, csca)
    return _read(card, pki.trust_store, "party-card")


def passive_scene() -> Scene:
    """A passport with nothing but signed data: P-256 throughout, document signer, link certificate and older root."""
    random = Random(3).randbytes  # noqa: S311 – nobody trusts these issuers
    pki = SyntheticPki(at=AT, key_kind=KeyKind.P256, random=random)
    older_root = pki.csca.certificate
    pki.roll_over(at=AT, key_kind=KeyKind.P256)
    signer = pki.issue_document_signer()
    crl = CertificateRevocationList.decode(pki.issue_crl())
    link = pki.link_certificates[0]
    options = ChipOptions(pace_curve=None, chip_authentication_curve=None)
    holder = invented_person(1)
    card = personalise(signer, holder, options=options, random=random)
    known = [Certificate.decode(encoded) for encoded in (older_root, link)]
    password = MrzPassword(holder.document_number, holder.date_of_birth, holder.date_of_expiry)
    return _read(card, lambda: TrustStore.from_certificates(known, [crl]), "icao-mrtd", password)


def _read(card: VirtualChip, trust: Callable[[], TrustStore], profile_name: str, password: Password = CAN) -> Scene:
    profile = load_profile(profile_name)
    random = Random(2).randbytes  # noqa: S311 – a session that repeats
    evidence = read(card, profile=profile, password=password, at=AT, random=random)
    scene = Scene(evidence, policy_for(profile), trust, SyntheticCardStatus(random=random))
    report = scene.verification()()
    if report.outcome is not Outcome.PASSED:
        msg = f"the benchmark's card does not pass: {report.reason}"
        raise AssertionError(msg)
    return scene
