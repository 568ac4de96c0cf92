"""A mirror that stands still, runs out, or puts two good publications together."""

from datetime import timedelta
from pathlib import Path

import pytest
from lists_world.appliances import Appliance, BadDay
from lists_world.forgery import Forgery
from lists_world.mirrors import Mirror
from lists_world.town import AT, DAY, Town

from appliance.errors import ListAltered, ListExpired, SourceIncomplete
from appliance.lists.freshness import FreshnessPolicy, Light
from appliance.lists.history import Outcome
from appliance.lists.sealed_store import SealedLists
from appliance.lists.sources.source import Source

TIMESTAMP_DAYS = 45


def test_a_mirror_that_stands_still_changes_nothing_while_the_age_rises(bad_day: BadDay, town: Town) -> None:
    lists = SealedLists(bad_day.appliance.folder)
    seen = []
    with Mirror(town.carry_to(town.folder / "frozen")) as mirror:
        for days in (1, 8, 31, TIMESTAMP_DAYS - 1):
            at = AT + days * DAY
            assert bad_day.appliance.sync(mirror.source, at=at).outcome is Outcome.UNCHANGED
            age = lists.current().age(FreshnessPolicy(), at=at)
            seen.append((age.age_days, age.light))
        bad_day.refuses(ListExpired, mirror.source, at=AT + TIMESTAMP_DAYS * DAY)
    lists.close()
    assert seen == [(1, Light.GREEN), (8, Light.AMBER), (31, Light.RED), (44, Light.RED)]


def test_what_is_in_use_stays_in_use_however_long_ago_it_expired(bad_day: BadDay, town: Town) -> None:
    later = AT + 390 * DAY
    bad_day.refuses(ListExpired, Source.stick(town.public), at=later)
    lists = SealedLists(bad_day.appliance.folder)
    assert len(lists.current().trust.anchors) == 1
    assert lists.current().age(FreshnessPolicy(), at=later).age_days == 390
    assert lists.problem is None
    assert "390 days old" in lists.summary(at=later)
    lists.close()
    town.now = later
    town.desk.rotate("root", at=later)  # only a later expiry
    for code in town.provinces:
        town.bring_bundle(code)
    bad_day.ends_with(town)


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets", "central"])
def test_new_metadata_that_has_expired_already_is_never_installed(
    bad_day: BadDay, town: Town, forgery: Forgery, role: str
) -> None:
    forgery.change(role, lambda signed: setattr(signed, "expires", AT + DAY))
    if role != "timestamp":
        forgery.chain(*{role} - {"snapshot"})
    bad_day.refuses(ListExpired, Source.stick(forgery.public), at=AT + 2 * DAY)
    bad_day.ends_with(town)


def test_a_new_root_that_has_expired_already_is_never_installed(bad_day: BadDay, town: Town, forgery: Forgery) -> None:
    forgery.change("root", lambda root: setattr(root, "expires", AT + DAY))
    forgery.chain("central")
    bad_day.refuses(ListExpired, Source.stick(forgery.public), at=AT + 2 * DAY)
    bad_day.ends_with(town)


def test_expiry_of_a_province_keeps_its_roster_out_and_lets_everything_else_in(
    appliance: Appliance, town: Town, forgery: Forgery
) -> None:
    forgery.change_and_chain("province-01", lambda signed: setattr(signed, "expires", AT + DAY))
    forgery.with_target("central", "rules/2027-1.json", b"{}")
    synced = appliance.take(forgery.public, at=AT + 2 * DAY)
    assert synced.outcome is Outcome.INSTALLED
    assert "rules/2027-1.json" in synced.taken.after.targets
    assert "rosters/01/phuong-mau-3.age" not in synced.taken.after.targets
    bad_day = BadDay.begins(appliance)
    bad_day.nothing_changed()
    forgery.change_and_chain("province-01", lambda signed: setattr(signed, "expires", AT + 90 * DAY))
    assert "rosters/01/phuong-mau-3.age" in appliance.take(forgery.public, at=AT + 2 * DAY).taken.after.targets


def test_a_card_status_list_that_is_out_of_date_is_not_installed_although_all_signatures_hold(
    bad_day: BadDay, town: Town
) -> None:
    town.list_cards(range(4), days=2)
    town.publish()
    at = town.now + 3 * DAY
    error = bad_day.refuses(ListExpired, Source.stick(town.public), at=at)
    assert "card status list 2 has expired" in error.sentence
    town.now = at
    bad_day.ends_with(town)


# --- mix-and-match ---------------------------------------------------------------------------------------------------


@pytest.fixture
def two_days(town: Town, tmp_path: Path) -> tuple[Path, Path]:
    """Two publications, both newer than what the appliance has."""
    town.next_day(cards=4)
    first = town.carry_to(tmp_path / "first")
    town.next_day(cards=5)
    return first, town.carry_to(tmp_path / "second")


def test_yesterdays_snapshot_under_todays_name_is_refused(
    bad_day: BadDay, two_days: tuple[Path, Path], town: Town
) -> None:
    first, second = (folder / "metadata" for folder in two_days)
    (second / "4.snapshot.json").write_bytes((first / "3.snapshot.json").read_bytes())
    bad_day.refuses(ListAltered, Source.stick(two_days[1]), at=town.now)
    bad_day.ends_with(town)


def test_yesterdays_central_under_todays_name_is_refused(
    bad_day: BadDay, two_days: tuple[Path, Path], town: Town
) -> None:
    first, second = (folder / "metadata" for folder in two_days)
    (second / "4.central.json").write_bytes((first / "3.central.json").read_bytes())
    bad_day.refuses(ListAltered, Source.stick(two_days[1]), at=town.now)
    bad_day.ends_with(town)


def test_todays_timestamp_over_yesterdays_folder_leads_nowhere(
    bad_day: BadDay, two_days: tuple[Path, Path], town: Town
) -> None:
    first, second = (folder / "metadata" for folder in two_days)
    (first / "timestamp.json").write_bytes((second / "timestamp.json").read_bytes())
    bad_day.refuses(SourceIncomplete, Source.stick(two_days[0]), at=town.now)
    bad_day.ends_with(town)


def test_a_copy_made_in_the_middle_of_a_publication_is_the_old_one(
    appliance: Appliance, two_days: tuple[Path, Path], town: Town
) -> None:
    first, second = (folder / "metadata" for folder in two_days)
    for path in second.glob("*.json"):
        if path.name != "timestamp.json":
            (first / path.name).write_bytes(path.read_bytes())
    appliance.take(two_days[0], at=town.now)
    assert appliance.knows_card(3)
    assert not appliance.knows_card(4)
    assert town.now - appliance.sealed.issued == timedelta(days=1)
