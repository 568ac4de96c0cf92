"""Whoever holds a mirror or a stick keeps an older publication, each of its signatures good, and offers it again."""

from pathlib import Path

import pytest
from lists_world.appliances import Appliance, BadDay
from lists_world.forgery import Forgery
from lists_world.mirrors import Mirror
from lists_world.town import Town

from appliance.errors import ListRefused, ListRolledBack
from appliance.lists.sources.source import Source


@pytest.fixture
def older(town: Town, tmp_path: Path) -> Path:
    """What was published first."""
    return town.carry_to(tmp_path / "older")


@pytest.fixture
def current(town: Town, older: Path, appliance: Appliance) -> BadDay:
    """An appliance with the lists of the next day."""
    town.next_day()
    appliance.take(town.public, at=town.now)
    return BadDay.begins(appliance)


def test_an_older_stick_is_refused(current: BadDay, older: Path, town: Town) -> None:
    current.refuses(ListRolledBack, Source.stick(older), at=town.now)
    current.ends_with(town)


def test_an_older_mirror_is_refused(current: BadDay, older: Path, town: Town) -> None:
    with Mirror(older) as mirror:
        current.refuses(ListRolledBack, mirror.source, at=town.now)
    current.ends_with(town)


@pytest.mark.parametrize("role", ["targets", "central", "province-01"])
def test_no_role_goes_back_even_if_snapshot_and_timestamp_are_signed_anew(
    appliance: Appliance, town: Town, forgery: Forgery, role: str
) -> None:
    forgery.change_and_chain(role)
    appliance.take(forgery.public, at=town.now)
    bad_day = BadDay.begins(appliance)
    version = forgery.newest(role).signed.version
    forgery.change("snapshot", lambda snapshot: setattr(snapshot.meta[f"{role}.json"], "version", version - 1))
    forgery.chain()
    bad_day.refuses(ListRolledBack, Source.stick(forgery.public), at=town.now)
    forgery.change_and_chain(role)
    assert appliance.take(forgery.public, at=town.now).taken.is_new


def test_a_snapshot_does_not_go_back_even_if_the_timestamp_is_signed_anew(
    current: BadDay, town: Town, forgery: Forgery
) -> None:
    forgery.change("timestamp", lambda timestamp: setattr(timestamp.snapshot_meta, "version", 2))
    current.refuses(ListRolledBack, Source.stick(forgery.public), at=town.now)
    current.ends_with(town)


def test_a_role_that_a_snapshot_no_longer_names_is_missed(current: BadDay, town: Town, forgery: Forgery) -> None:
    forgery.change("snapshot", lambda snapshot: snapshot.meta.pop("province-02.json"))
    forgery.chain()
    current.refuses(ListRefused, Source.stick(forgery.public), at=town.now)
    current.ends_with(town)


def test_an_older_root_in_place_of_the_next_is_refused(bad_day: BadDay, town: Town, tmp_path: Path) -> None:
    public = town.carry_to(tmp_path / "mirror")
    (public / "metadata" / "2.root.json").write_bytes(town.first_root)
    bad_day.refuses(ListRolledBack, Source.stick(public), at=town.now)
    bad_day.ends_with(town)


def test_an_older_card_status_list_is_refused_although_central_signed_it_anew(
    current: BadDay, town: Town, forgery: Forgery
) -> None:
    forgery.change_and_chain("central", lambda central: central.targets.pop("card-status/delta"))
    error = current.refuses(ListRolledBack, Source.stick(forgery.public), at=town.now)
    assert "card status list 1 " in error.sentence
    assert current.appliance.knows_card(3)
    current.ends_with(town)


def test_memory_of_what_was_seen_is_kept_twice(current: BadDay, older: Path, town: Town) -> None:
    metadata = current.appliance.folder.current / "metadata"
    for name in ("timestamp.json", "snapshot.json"):
        (metadata / name).chmod(0o600)
        (metadata / name).write_bytes(b"a spoilt sector")
    current.before = current.appliance.files()
    with pytest.raises(ListRolledBack, match="an older"):
        current.appliance.take(older, at=town.now)
    assert current.appliance.files() == current.before
    assert current.appliance.take(town.public, at=town.now, repair=True).taken.is_new


def test_versions_may_begin_anew_once_the_keys_are_others(appliance: Appliance, town: Town, forgery: Forgery) -> None:
    """A thief of the online keys signs versions without end; the root then names other keys, and versions start low."""
    forgery.change("snapshot", bump=1_000_000)
    forgery.chain(bump=1_000_000)
    assert appliance.take(forgery.public, at=town.now).taken.after.timestamp_version > 1_000_000
    for role in ("timestamp", "snapshot"):
        town.desk.rotate(role, at=town.now)
    town.publish(days=1)
    assert appliance.take(town.public, at=town.now).taken.after.timestamp_version < 10
    BadDay.begins(appliance).ends_with(town)
