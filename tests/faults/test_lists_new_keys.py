"""Roots that follow one another, and keys that are replaced, while an appliance was off."""

from collections.abc import Callable
from pathlib import Path

import pytest
from lists_world.appliances import Appliance, BadDay
from lists_world.forgery import Forgery, stranger
from lists_world.mirrors import Mirror
from lists_world.town import DAY, Town

from appliance.errors import ListExpired, ListNotSigned, ListRefused, ListRolledBack
from appliance.lists.sources.source import Source

Carried = Callable[[Path], Source]


@pytest.fixture
def rotated(town: Town) -> Town:
    """Three roots further: other keys of root itself, of the timestamp, and of central."""
    for role in ("root", "timestamp", "root"):
        town.desk.rotate(role, at=town.now, new_key=role == "root")
        if role == "timestamp":
            town.desk.rotate("central", at=town.now)
        town.publish(days=30)
    for code in town.provinces:
        town.bring_bundle(code)
    town.list_cards(range(5))
    town.publish()
    return town


def test_an_appliance_that_was_off_follows_three_roots(appliance: Appliance, rotated: Town, carried: Carried) -> None:
    synced = appliance.sync(carried(rotated.public), at=rotated.now)
    assert synced.taken.after.versions["root"] == 4
    assert appliance.knows_card(4)
    BadDay.begins(appliance).nothing_changed()


def test_a_new_appliance_follows_them_from_its_first_root(fresh: Appliance, rotated: Town) -> None:
    assert fresh.take(rotated.public, at=rotated.now).taken.after.versions["root"] == 4
    BadDay.begins(fresh).nothing_changed()


def test_roots_that_are_known_are_not_asked_for_again(appliance: Appliance, rotated: Town) -> None:
    with Mirror(rotated.public) as mirror:
        appliance.sync(mirror.source, at=rotated.now)
        first = [asked.path for asked in mirror.asked if "root" in asked.path]
        mirror.asked.clear()
        appliance.sync(mirror.source, at=rotated.now)
        assert [asked.path for asked in mirror.asked] == ["metadata/5.root.json", "metadata/timestamp.json"]
    assert first == [f"metadata/{version}.root.json" for version in (2, 3, 4, 5)]


def test_a_chain_without_one_of_its_roots_leads_nowhere(bad_day: BadDay, rotated: Town, tmp_path: Path) -> None:
    public = rotated.carry_to(tmp_path / "incomplete")
    (public / "metadata" / "3.root.json").unlink()
    bad_day.refuses(ListNotSigned, Source.stick(public), at=rotated.now)
    bad_day.ends_with(rotated)


@pytest.mark.parametrize("version", [2, 3, 4])
def test_a_root_that_skips_a_number_is_refused(bad_day: BadDay, rotated: Town, tmp_path: Path, version: int) -> None:
    metadata = rotated.carry_to(tmp_path / "mirror") / "metadata"
    following = metadata / f"{version + 1}.root.json"
    content = following.read_bytes() if following.exists() else (metadata / "1.root.json").read_bytes()
    (metadata / f"{version}.root.json").write_bytes(content)
    with pytest.raises(ListRefused):
        bad_day.appliance.take(metadata.parent, at=rotated.now)
    bad_day.nothing_changed()
    bad_day.ends_with(rotated)


def test_a_root_signed_by_too_few_of_the_old_keys_is_refused(bad_day: BadDay, town: Town, forgery: Forgery) -> None:
    forgery.change("root", by=town.signers_of("root")[:1])
    bad_day.refuses(ListNotSigned, Source.stick(forgery.public), at=town.now)
    bad_day.ends_with(town)


def test_a_root_that_makes_somebody_else_its_signer_is_refused(bad_day: BadDay, town: Town, forgery: Forgery) -> None:
    """Signed by its own new keys, and not by enough of those that were believed till now."""
    thief = stranger()

    def edit(root: object) -> None:
        role = root.roles["root"]
        for keyid in list(role.keyids):
            root.revoke_key(keyid, "root")
        root.add_key(thief.public_key, "root")
        role.threshold = 1

    forgery.change("root", edit, by=(town.signers_of("root")[0], thief))
    bad_day.refuses(ListNotSigned, Source.stick(forgery.public), at=town.now)
    bad_day.ends_with(town)


def test_a_lost_timestamp_key_is_replaced(bad_day: BadDay, town: Town, tmp_path: Path) -> None:
    old = town.signers_of("timestamp")
    town.desk.rotate("timestamp", at=town.now)
    town.next_day()
    bad_day.appliance.take(town.public, at=town.now)
    assert bad_day.appliance.sealed.versions["root"] == 2
    bad_day = BadDay.begins(bad_day.appliance)
    stolen = Forgery(town.carry_to(tmp_path / "stolen"), town)
    stolen.change("timestamp", by=old)
    bad_day.refuses(ListNotSigned, Source.stick(stolen.public), at=town.now)
    bad_day.ends_with(town)


def test_an_old_stick_from_before_the_new_keys_is_refused(bad_day: BadDay, town: Town, tmp_path: Path) -> None:
    old = town.carry_to(tmp_path / "old")
    town.desk.rotate("timestamp", at=town.now)
    town.next_day()
    bad_day.appliance.take(town.public, at=town.now)
    BadDay.begins(bad_day.appliance).refuses(ListRolledBack, Source.stick(old), at=town.now)


def test_a_root_that_is_no_longer_good_stops_updates_until_there_is_another(bad_day: BadDay, town: Town) -> None:
    """Three years and a day: the desk must make another root before, and no attendance is lost when it did not."""
    town.now += 1096 * DAY
    for code in town.provinces:
        town.bring_bundle(code)
    town.publish()
    bad_day.refuses(ListExpired, Source.stick(town.public), at=town.now)
    town.desk.rotate("root", at=town.now)  # only a later expiry
    bad_day.ends_with(town)
