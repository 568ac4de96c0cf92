"""Put evidence together from what another program read, and look at what a proof holds."""

from datetime import UTC, datetime

from verifier.sdk import CanPassword, load_profile, read
from verifier.sdk.evidence import (
    AccessProtocol,
    AccessRecord,
    ChipAuthenticationProof,
    Evidence,
    TrustListVersion,
    trust_lists_in_use,
)
from verifier.sdk.testing import SyntheticPki, invented_person, personalise

now = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
pki = SyntheticPki(at=now)
card = personalise(pki.issue_document_signer(), invented_person(1))
seen = read(card, profile=load_profile("icao-mrtd"), password=CanPassword("123456"), at=now)
proof: ChipAuthenticationProof | None = seen.chip_authentication
assert proof is not None
lists: tuple[TrustListVersion, ...] = trust_lists_in_use(pki.trust_store())
again = Evidence(
    profile="icao-mrtd",
    captured_at=now,
    access=AccessRecord(AccessProtocol.PACE, pace_offered=True),
    files=seen.files,
    chip_authentication=proof,
    trust_lists=lists,
)
assert Evidence.from_bytes(again.to_bytes()) == again
