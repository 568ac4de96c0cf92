"""Make a kind of card, read it for a purpose, and keep what was learned of the type."""

from collections.abc import Iterator
from datetime import UTC, datetime

from verifier.sdk import CanPassword, ReadingOptions, inspect
from verifier.sdk.profiles import (
    CardProfile,
    CardTypeMemory,
    ChipProof,
    FileProgress,
    HolderData,
    ReadingPlan,
    ReadingPurpose,
    policy_for,
)
from verifier.sdk.testing import SyntheticPki, invented_person, personalise

now = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def number(holder: HolderData) -> str:
    return holder.document_number


club_card = CardProfile(
    "club-card",
    "Card of a club",
    plan=ReadingPlan(data_groups=("DG1",), chip_proofs=(ChipProof.CHIP_AUTHENTICATION,)),
    plans={ReadingPurpose.IDENTITY_CHECK: ReadingPlan(data_groups=("DG1", "DG2"))},
    required_checks=frozenset({"sod-signature", "signer-path", "data-group-hashes", "chip-authenticity"}),
    holder_identifier=number,
)
memory = CardTypeMemory()
arrived: list[FileProgress] = []
pki = SyntheticPki(at=now)
signer = pki.issue_document_signer()


def numbers() -> Iterator[str]:
    for which in (1, 2):
        options = ReadingOptions(memory=memory, file_progress=arrived.append)
        card = personalise(signer, invented_person(which))
        password = CanPassword("123456")
        trust = pki.trust_store()
        report = inspect(card, trust, profile=club_card, password=password, at=now, options=options).report
        if report.passed and report.holder is not None:
            yield club_card.holder_identifier(report.holder)


assert len(set(numbers())) == 2
assert len(CardTypeMemory.from_bytes(memory.to_bytes())) == 1
assert {progress.file for progress in arrived} >= {"EF.SOD", "DG1"}
assert policy_for(club_card).issuing_states is None
