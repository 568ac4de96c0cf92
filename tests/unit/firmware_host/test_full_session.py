"""A whole inspection over the whole real path: chip, blocks, PN532, serial line, nfcpy, blocks, SDK."""

from datetime import UTC, datetime

import pytest

from appliance.firmware_host.nfcpy_reader import Pn532Reader
from appliance.firmware_host.simulator.card_options import CardOptions
from appliance.firmware_host.simulator.pn532 import SimulatedPn532
from verifier.sdk import CheckName, Inspection, MrzPassword, Outcome, inspect, load_profile
from verifier.sdk.errors import CardRemoved
from verifier.sdk.testing import SyntheticPki, VirtualChip, invented_person, personalise

AT = datetime(2026, 6, 1, tzinfo=UTC)
PERSON = invented_person(1)
MRZ = MrzPassword(PERSON.document_number, PERSON.date_of_birth, PERSON.date_of_expiry)
SLOW_AND_SMALL = CardOptions(fsci=5, chain_size=50, tb=0x50, extra_waits=1, wait_multiplier=4)


@pytest.fixture(scope="module")
def pki() -> SyntheticPki:
    return SyntheticPki(at=AT)


@pytest.fixture(scope="module")
def chip(pki: SyntheticPki) -> VirtualChip:
    return personalise(pki.issue_document_signer(), PERSON)


def passes(inspection: Inspection) -> bool:
    """Whether chip and data are genuine; without a CRL nobody can say more."""
    passed = {result.check for result in inspection.report.results if result.outcome is Outcome.PASSED}
    return passed >= {CheckName.SOD_SIGNATURE, CheckName.DATA_GROUP_HASHES, CheckName.CHIP_AUTHENTICITY}


@pytest.mark.parametrize("options", [CardOptions(), SLOW_AND_SMALL], ids=["common", "slow and small"])
def test_a_genuine_card_passes(
    reader: Pn532Reader, simulator: SimulatedPn532, pki: SyntheticPki, chip: VirtualChip, options: CardOptions
) -> None:
    simulator.field.place(chip, options)
    card = reader.wait_for_card(1)
    assert card is not None
    inspection = inspect(card, pki.trust_store(), profile=load_profile("party-card"), password=MRZ, at=AT)
    assert passes(inspection), inspection.report
    card.release()


def test_a_card_pulled_at_every_apdu_is_removed_and_the_next_one_is_read(
    reader: Pn532Reader, simulator: SimulatedPn532, pki: SyntheticPki, chip: VirtualChip
) -> None:
    trust, profile = pki.trust_store(), load_profile("party-card")
    simulator.field.place(chip)
    card = reader.wait_for_card(1)
    assert card is not None
    inspect(card, trust, profile=profile, password=MRZ, at=AT)
    apdus = card.statistics.apdus
    assert apdus >= 9
    for index in range(apdus):
        simulator.field.place(chip, remove_after_apdus=index)
        card = reader.wait_for_card(1)
        assert card is not None
        with pytest.raises(CardRemoved):
            inspect(card, trust, profile=profile, password=MRZ, at=AT)
    simulator.field.place(chip)
    card = reader.wait_for_card(1)
    assert card is not None
    assert passes(inspect(card, trust, profile=profile, password=MRZ, at=AT))


def test_a_session_may_be_begun_anew_while_the_card_stays(
    reader: Pn532Reader, simulator: SimulatedPn532, pki: SyntheticPki, chip: VirtualChip
) -> None:
    simulator.field.place(chip)
    card = reader.wait_for_card(1)
    assert card is not None
    trust, profile = pki.trust_store(), load_profile("party-card")
    assert passes(inspect(card, trust, profile=profile, password=MRZ, at=AT))
    assert card.start_over()
    assert passes(inspect(card, trust, profile=profile, password=MRZ, at=AT))
