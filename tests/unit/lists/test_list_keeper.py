"""What command line and page do with lists, over a whole appliance: services, store, clock, and the lists' folder."""

from collections.abc import Callable
from pathlib import Path

import pytest
from lists_world.forgery import Forgery
from lists_world.keepers import Household
from lists_world.mirrors import Mirror, answers
from lists_world.town import CHI_BO, DAY, Town
from sqlalchemy import select, update

from appliance.checkin.erasure import ErasureService
from appliance.errors import (
    ListsNotSetUp,
    RosterNotForUs,
    RosterRefused,
    RulesRefused,
    SourceUnreachable,
)
from appliance.list_keeping.keeper import ListKeeper
from appliance.lists.freshness import Light
from appliance.lists.history import Outcome
from appliance.lists.rules_document import encode_rules
from appliance.lists.sealed_set import PartKind
from appliance.rules import BUILT_IN
from appliance.storage.rules import rule_sets


def members_of(keeper: ListKeeper) -> list[str]:
    return sorted(member.name for member in keeper._services.roster.members())


def rules_of(keeper: ListKeeper) -> list[str]:
    with keeper._services.database.reading() as reader:
        return sorted(reader.scalars(select(rule_sets.c.version)))


def test_an_appliance_without_a_root_says_so(household: Household, town: Town) -> None:
    with household.keeper() as keeper:
        status = keeper.status()
        assert (status.pinned, status.sealed, status.age.light, status.problem) == (None, None, Light.NONE, None)
        assert status.expires_first() is None
        with pytest.raises(ListsNotSetUp):
            keeper.import_from(town.public)


def test_lists_are_taken_up_and_rules_and_roster_handed_over(household: Household, town: Town) -> None:
    household.settle(town)
    household.machine.synchronised = True
    with household.keeper() as keeper:
        assert members_of(keeper) == ["Mẫu Thị Sen", "Mẫu Văn Ổi"]
        status = keeper.status()
        assert status.problem is None
        assert status.sealed is not None
        assert CHI_BO.roster in status.sealed.targets
        assert (status.age.light, status.age.age_days) == (Light.GREEN, 0)
        assert status.expires_first() == ("timestamp", town.now + 45 * DAY)
        assert [attempt.outcome for attempt in status.history] == [Outcome.INSTALLED]
        assert not status.is_syncing


def test_what_was_handed_over_is_not_handed_over_again(
    household: Household, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    household.settle(town)
    for name in ("take_over_rules", "take_over_roster"):
        monkeypatch.setattr(
            f"appliance.list_keeping.delivery.{name}", lambda *_, **__: pytest.fail("it is handed over again")
        )
    with household.keeper() as keeper:
        keeper.deliver()
        town.publish(days=1)
        assert keeper.import_from(town.public).outcome is Outcome.RENEWED


@pytest.mark.parametrize("kind", ["rules", "roster"])
def test_a_sync_that_was_cut_off_before_it_handed_over_is_made_good_by_whoever_looks_next(
    household: Household, town: Town, kind: str
) -> None:
    household.settle(town)
    marker = household.config.lists_directory / f"delivered-{kind}"
    marker.unlink()
    with household.keeper() as keeper:
        assert keeper.status().problem is None
        assert members_of(keeper) == ["Mẫu Thị Sen", "Mẫu Văn Ổi"]
    assert marker.exists()


def test_what_an_older_release_noted_as_handed_over_is_handed_over_once_more_and_does_no_harm(
    household: Household, town: Town
) -> None:
    household.settle(town)
    folder = household.config.lists_directory
    for kind in ("rules", "roster"):
        (folder / f"delivered-{kind}").unlink()
    (folder / "delivered").write_text(household.lists.sealed.content)
    with household.opened() as services:
        erased = services.roster.members()[0]
        erasing = ErasureService(services.database, services.ledger, services.roster)
        erasing.erase_member(erased.id, at=town.now, officer="một")
        keeper = ListKeeper(services)
        assert keeper.status().problem is None
        assert members_of(keeper) == ["Mẫu Văn Ổi"], "the same roster is not applied again"


def test_a_roster_that_is_sealed_to_another_appliance_is_told_and_stops_no_other_list(
    household: Household, town: Town
) -> None:
    household.settle(town)
    town.add_roster("01")  # to somebody else
    town.add_rules("2026-9")
    town.next_day()
    with household.keeper() as keeper:
        assert keeper.import_from(town.public).outcome is Outcome.INSTALLED
        status = keeper.status()
        assert status.problem is not None
        assert status.problem.reason == RosterNotForUs.reason
        assert members_of(keeper) == ["Mẫu Thị Sen", "Mẫu Văn Ổi"]
        assert keeper.verify().ok
        assert rules_of(keeper) == ["2026-2", "2026-9"]
    assert household.lists.knows_card(3)


def test_whoever_holds_a_provinces_key_cannot_keep_centrals_rules_out(
    household: Household, town: Town, make_forgery: Callable[[], Forgery]
) -> None:
    household.settle(town)
    town.now += DAY
    town.add_rules("2026-9")
    town.publish()
    household.machine.at = town.now
    forgery = make_forgery()
    forgery.with_target("province-01", CHI_BO.roster, b"age-encryption.org/v1\nnonsense")
    with household.keeper() as keeper:
        assert keeper.import_from(forgery.public).outcome is Outcome.INSTALLED
        problem = keeper.status().problem
        assert problem is not None
        assert problem.reason == RosterRefused.reason
        assert rules_of(keeper) == ["2026-2", "2026-9"]


def test_rules_that_are_refused_do_not_keep_a_roster_out_and_both_are_told(household: Household, town: Town) -> None:
    household.settle(town)
    with household.opened() as services:
        with services.database.writing() as writer:
            writer.execute(
                update(rule_sets).values(document=encode_rules(BUILT_IN))
            )  # as if it had meant another thing
        for kind in ("rules", "roster"):
            (household.config.lists_directory / f"delivered-{kind}").unlink()
        keeper = ListKeeper(services)
        problem = keeper.status().problem
        assert problem is not None
        assert problem.reason == RulesRefused.reason
        assert (household.config.lists_directory / "delivered-roster").exists()
        part = household.lists.sealed.parts[PartKind.ROSTER]
        (household.config.lists_directory / "delivered-roster").unlink()
        sealed = household.config.lists_directory / "parts" / part.name / "roster.age"
        sealed.chmod(0o600)
        sealed.write_bytes(b"nonsense")
        problem = keeper.status().problem
        assert problem is not None
        assert problem.reason == RulesRefused.reason
        assert "; " in problem.sentence


def test_mirrors_are_asked_first_and_sticks_when_none_gives_anything(
    household: Household, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ListKeeper, "sticks", lambda _: (town.public,))
    with Mirror(town.public, behaviours={"*": answers(503)}) as broken:
        household.mirrors = (broken.address,)
        household.settle(town)
        town.next_day()
        with household.keeper() as keeper:
            synced = keeper.sync()
    assert synced.source.named == "stick"
    assert [(source.named, error.reason) for source, error in synced.failures] == [
        (broken.address, "source-unreachable")
    ]


@pytest.mark.usefixtures("no_sticks")
def test_an_error_names_the_source_it_comes_from(household: Household, town: Town) -> None:
    with Mirror(town.public, behaviours={"*": answers(503)}) as one, Mirror(town.public) as other:
        other.behaviours["*"] = answers(302, Location="/login")
        household.mirrors = (one.address, other.address)
        household.settle(town)
        with household.keeper() as keeper, pytest.raises(SourceUnreachable) as caught:
            keeper.sync()
    assert caught.value.sentence == (
        f"{other.address}: the source sends us elsewhere; does this network want somebody to log in?; "
        "1 other source failed as well, see lists status"
    )


def test_a_look_at_a_stick_changes_nothing(household: Household, town: Town) -> None:
    household.settle(town)
    before = household.lists.files()
    town.next_day()
    with household.keeper() as keeper:
        assert keeper.look_at(town.public).is_new
        assert household.lists.files() == before
        keeper.import_from(town.public)
        assert not keeper.look_at(town.public).is_new


def test_progress_tells_the_source_and_what_came(household: Household, town: Town) -> None:
    household.settle(town)
    town.next_day()
    told: list[tuple[str, int]] = []
    with household.keeper() as keeper:
        synced = keeper.import_from(
            town.public, progress=lambda source, received: told.append((source.named, received))
        )
    assert told[0] == ("stick", 0)
    assert told[-1] == ("stick", synced.received)
    assert [received for _, received in told] == sorted(received for _, received in told)


def test_two_appliances_have_minutes_of_their_own(household: Household, tmp_path: Path) -> None:
    other = Household.made(tmp_path / "other")
    with household.keeper() as one, other.keeper() as another:
        assert one.schedule.device != another.schedule.device
