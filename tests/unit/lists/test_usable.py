"""Beyond ``usable_days`` nothing shows any more that a card is good, and what is revoked stays revoked."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.config import Config
from appliance.config.lists import ListsConfig
from appliance.lists.hand_placed import HandPlacedLists
from appliance.lists.in_use import Lists
from appliance.lists.usable import UsableLists
from appliance.station.assembly import station_policy
from verifier.sdk import CanPassword, CheckName, CheckResult, Outcome, inspect, load_profile
from verifier.sdk.testing import DocumentSigner, SyntheticCardStatus, SyntheticPki, invented_person, personalise

AT = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)


class Device:
    """Issuers and CRLs that lie on a device, with the card status list of a day or without any, and a clock."""

    def __init__(self, state: Path) -> None:
        self.config = Config.for_state(state)
        self.now = AT
        self.pki = SyntheticPki(at=AT - 30 * DAY)
        self.good, self.revoked = self.pki.issue_document_signer(), self.pki.issue_document_signer()
        self.pki.revoke(self.revoked)
        self.pki.issue_crl()
        self.config.trust_directory.mkdir(parents=True)
        self.pki.write_to(self.config.trust_directory)

    def list_cards(self, at: datetime) -> None:
        status = SyntheticCardStatus()
        self.config.card_status_path.write_bytes(status.issue(at=at))
        self.config.card_status_key_path.write_bytes(status.public_key)

    def lists(self) -> UsableLists:
        config = self.config
        placed = HandPlacedLists(config.trust_directory, config.card_status_path, config.card_status_key_path)
        return UsableLists(placed, config.lists.usable, lambda: self.now)

    def says_of(self, signer: DocumentSigner, lists: Lists) -> CheckResult:
        profile = load_profile("party-card")
        seen = inspect(
            personalise(signer, invented_person(1)),
            lists.trust,
            card_status=lists.card_status,
            profile=profile,
            policy=station_policy(self.config, profile),
            password=CanPassword("123456"),
            at=self.now,
        )
        return next(result for result in seen.report.results if result.check is CheckName.SIGNER_REVOCATION)


@pytest.fixture
def device(tmp_path: Path) -> Device:
    return Device(tmp_path / "state")


REVOKED = (Outcome.FAILED, "signer-revoked")
GOOD = (Outcome.PASSED, "signer-not-revoked")
STALE = (Outcome.INDETERMINATE, "crl-stale")


@pytest.mark.parametrize("with_cards", [True, False])
@pytest.mark.parametrize(("days", "expected"), [(0, GOOD), (100, GOOD), (150, GOOD), (179, GOOD), (181, STALE)])
def test_a_revocation_list_shows_nothing_good_any_more_once_the_lists_are_too_old(
    device: Device, days: int, expected: tuple[Outcome, str], with_cards: bool
) -> None:
    """It was due a good while after they were signed, and once counted 180 days from then."""
    issued = AT if with_cards else AT - 30 * DAY  # without a card status list, by the newest CRL
    if with_cards:
        device.list_cards(AT)
    device.now = issued + days * DAY
    lists = device.lists().current()
    for signer, said in ((device.good, expected), (device.revoked, REVOKED)):
        found = device.says_of(signer, lists)
        assert (found.outcome, found.reason) == said


def test_lists_grow_too_old_while_a_station_runs_and_newer_ones_count_at_once(device: Device) -> None:
    device.list_cards(AT)
    lists = device.lists()
    first = lists.current()
    assert lists.current() == lists.in_use == first
    device.now = AT + 181 * DAY
    assert lists.in_use == first, "at a tap nothing is judged anew"
    outdated = lists.current()
    assert device.says_of(device.good, outdated).reason == "crl-stale"
    assert lists.current() is outdated, "made once"
    assert (outdated.issued, outdated.card_status) == (first.issued, first.card_status)
    device.list_cards(device.now)
    assert device.says_of(device.good, lists.current()).reason == "signer-not-revoked"


def test_how_long_they_are_used_is_as_it_is_configured(device: Device) -> None:
    device.list_cards(AT)
    device.config = replace(device.config, lists=ListsConfig(green_days=1, amber_days=2, usable_days=3))
    lists = device.lists()
    device.now = AT + 4 * DAY
    assert device.says_of(device.good, lists.current()).reason == "crl-stale"


def test_nothing_placed_is_nothing(tmp_path: Path) -> None:
    placed = HandPlacedLists(tmp_path / "trust", tmp_path / "list", tmp_path / "key")
    lists = UsableLists(placed, 180 * DAY, lambda: AT)
    assert lists.current() == placed.current()
    assert lists.problem is None
    assert lists.summary(at=AT) == "0 issuers, 0 CRLs, no card status list"
