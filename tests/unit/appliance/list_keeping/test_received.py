"""The raw bytes of a verified set become rules and roster: each wholly or not at all, once, and without the other."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pyrage
import pytest

from appliance.__main__ import main
from appliance.config import Config
from appliance.errors import KeyLost, NotFound, RosterNotForUs, RosterRefused, RulesRefused
from appliance.list_keeping.published_roster import AppliedRoster
from appliance.list_keeping.received import SealedRoster, take_over_roster, take_over_rules
from appliance.lists.identity import SECRET_FILE, RosterIdentity
from appliance.lists.roster_document import PublishedMember, RosterDocument
from appliance.lists.roster_envelope import seal_roster
from appliance.lists.rules_document import encode_rules
from appliance.meetings.rule_sets import rule_set_in
from appliance.rules import RuleSet
from appliance.services import Services
from appliance.storage.members import MemberClass, MemberStatus

AT = datetime(2026, 11, 29, tzinfo=UTC)
RULES = RuleSet("2026-2", timedelta(minutes=5), frozenset(), 90, date(2026, 7, 1))
SEN = PublishedMember("DV-1", "Mẫu Thị Sen", MemberClass.OFFICIAL, MemberStatus.ACTIVE)


@dataclass
class Appliance:
    services: Services

    def sealed(
        self, *, recipient: str | None = None, chi_bo: str = "mau", members: tuple[PublishedMember, ...] = (SEN,)
    ) -> SealedRoster:
        ours = RosterIdentity.load_or_create(self.services.config.keys_directory).recipient
        document = RosterDocument("01", "mau", "Chi bộ Mẫu", b"k" * 32, members)
        return SealedRoster("01", chi_bo, seal_roster(document, [recipient or ours]))

    def take_over(self, roster: SealedRoster) -> AppliedRoster:
        return take_over_roster(self.services, roster, at=AT)

    @property
    def names(self) -> list[str]:
        return [member.name for member in self.services.roster.members()]


@pytest.fixture
def appliance(tmp_path):
    services = Services.open(Config.for_state(tmp_path / "state"))
    yield Appliance(services)
    services.database.close()


def test_a_roster_arrives_only_once(appliance):
    assert appliance.take_over(appliance.sealed()) == AppliedRoster(changed=True, members=1, added=1)
    again = appliance.take_over(appliance.sealed())  # the same document in another envelope
    assert again == AppliedRoster(changed=False, members=1)
    assert appliance.names == ["Mẫu Thị Sen"]


def test_rules_arrive_only_once(appliance):
    documents = {RULES.version: encode_rules(RULES)}
    assert take_over_rules(appliance.services, documents, at=AT) == ("2026-2",)
    assert take_over_rules(appliance.services, documents, at=AT) == ()
    with appliance.services.database.reading() as reader:
        assert rule_set_in(reader, "2026-2") == RULES


def test_a_roster_that_is_refused_changes_nothing(appliance):
    stranger = str(pyrage.x25519.Identity.generate().to_public())
    for roster in (appliance.sealed(recipient=stranger), appliance.sealed(chi_bo="khac")):
        with pytest.raises(RosterNotForUs):
            appliance.take_over(roster)
    with pytest.raises(RosterRefused):
        appliance.take_over(SealedRoster("01", "mau", b"x"))
    assert appliance.names == []


def test_of_rules_that_are_refused_none_arrives(appliance):
    with pytest.raises(RulesRefused):
        take_over_rules(appliance.services, {RULES.version: encode_rules(RULES), "2026-3": b"{}"}, at=AT)
    with appliance.services.database.reading() as reader, pytest.raises(NotFound):
        rule_set_in(reader, RULES.version)


def test_a_lost_identity_is_said_and_not_made_anew(appliance):
    roster = appliance.sealed()
    next(appliance.services.config.keys_directory.rglob(SECRET_FILE)).unlink()
    with pytest.raises(KeyLost):
        appliance.take_over(roster)
    assert appliance.names == []


def test_nothing_that_is_logged_names_a_person(appliance, caplog):
    caplog.set_level("DEBUG")
    roster = appliance.sealed()
    appliance.take_over(roster)
    assert "1 members: 1 new" in caplog.text
    assert "Sen" not in caplog.text + repr(roster)


def test_the_command_line_lists_whoever_is_on_the_roster_now(appliance, capsys):
    (appliance.services.config.state_directory / "appliance.toml").write_text('state_directory = "."\n')
    listing = ["roster", "list", "--state", str(appliance.services.config.state_directory)]
    appliance.take_over(appliance.sealed())
    assert main(listing) == 0
    assert "Mẫu Thị Sen" in capsys.readouterr().out
    appliance.take_over(appliance.sealed(members=()))
    assert main(listing) == 0
    assert capsys.readouterr().out == "0 members\n"
