"""Cards and people for the benchmarks: seeded, synthetic, the same each time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from verifier.sdk import (
    CanPassword,
    Evidence,
    Outcome,
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
    pki: SyntheticPki
    status: SyntheticCardStatus

    def verification(self) -> Callable[[], Report]:
        """Return a verification with a trust store and status list of its own, which nobody has used yet."""
        trust: TrustStore = self.pki.trust_store()
        card_status = self.status.card_status_list(at=AT)
        return lambda: verify(self.evidence, trust, self.policy, at=AT, card_status=card_status)


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
    profile = load_profile("party-card")
    random = Random(2).randbytes  # noqa: S311 – a session that repeats
    evidence = read(card, profile=profile, password=CAN, at=AT, random=random)
    scene = Scene(evidence, policy_for(profile), pki, SyntheticCardStatus(random=random))
    report = scene.verification()()
    if report.outcome is not Outcome.PASSED:
        msg = f"the benchmark's card does not pass: {report.reason}"
        raise AssertionError(msg)
    return scene
