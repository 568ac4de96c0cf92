"""An appliance without a clock battery: it starts in 1970, or in 2038, and takes up lists all the same."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from types import SimpleNamespace

import pytest
from lists_world.appliances import Appliance
from lists_world.forgery import Forgery
from lists_world.keepers import Household
from lists_world.town import AT, DAY, Town
from tuf.ngclient._internal import trusted_metadata_set

from appliance.clock import Reading
from appliance.config import ReaderConfig
from appliance.errors import ListExpired, ListFromTheFuture, ListRefused, ListRolledBack
from appliance.lists.freshness import Light
from appliance.lists.history import Outcome, read_history
from appliance.lists.publication import Publication
from appliance.lists.sources.stick import StickFetcher
from appliance.station.assembly import open_station

IN_1970 = datetime(1970, 1, 1, 0, 0, 20, tzinfo=UTC)
IN_2038 = datetime(2038, 1, 20, tzinfo=UTC)


@pytest.mark.parametrize("wrong", [IN_1970, IN_2038])
def test_a_clock_that_starts_elsewhere_takes_up_lists_and_learns_from_them(
    household: Household, town: Town, wrong: datetime
) -> None:
    household.settle(town)
    town.next_day()
    household.machine.restarts(at=wrong)
    with household.keeper() as keeper:
        assert keeper.import_from(town.public).outcome is Outcome.INSTALLED
        reading = keeper._services.clock.read()
        assert not reading.trusted
        assert reading.floor == town.now
        assert (keeper.status().age.light, keeper.status().age.at_least) == (Light.NONE, True)
        assert keeper.verify().ok


def test_a_first_start_in_1970_takes_up_lists(household: Household, town: Town) -> None:
    household.machine.restarts(at=IN_1970)
    household.settle(town)
    with household.keeper() as keeper:
        assert keeper.status().sealed is not None
        assert keeper._services.clock.read().floor == town.now


def test_a_station_that_lost_its_clock_file_learns_the_floor_from_the_lists_in_use(
    household: Household, town: Town
) -> None:
    household.settle(town)
    (household.state / "clock.json").unlink()
    household.machine.restarts(at=IN_1970)
    with household.opened() as services:
        assert services.clock.read().floor < town.now
    assert start_station(household).floor == town.now


def start_station(household: Household) -> Reading:
    """Start a station for a moment, as a device does after every power cut; return what the clock says then."""
    with household.opened() as services:
        config = replace(services.config, readers=(ReaderConfig("/dev/null"),))
        with open_station(replace(services, config=config), clock=services.clock.now):
            return services.clock.read()


def say_that_lists_in_use_were_signed(household: Household, issued: datetime) -> None:
    """As a set would say that was taken up before anybody refused such times."""
    file = household.lists.folder.current / "set.json"
    file.chmod(0o600)
    file.write_bytes(replace(household.lists.sealed, issued=issued).encode())


def test_lists_in_use_that_name_an_absurd_time_do_not_carry_the_clock_along(household: Household, town: Town) -> None:
    household.settle(town)
    say_that_lists_in_use_were_signed(household, datetime(2199, 6, 1, tzinfo=UTC))
    household.machine.restarts(at=town.now)
    assert start_station(household).floor == town.now
    ends = min(ends for role, ends in household.lists.sealed.expires.items() if role != "timestamp")
    say_that_lists_in_use_were_signed(household, ends)
    assert start_station(household).floor == ends, "up to there it can be"


def test_damaged_lists_in_use_keep_no_station_from_starting(household: Household, town: Town) -> None:
    household.settle(town)
    file = household.lists.folder.current / "set.json"
    file.chmod(0o600)
    file.write_bytes(b"{}")
    assert start_station(household).floor == town.now


def test_the_way_back_from_lists_signed_in_the_future_survives_a_power_cut_before_good_ones_arrive(
    household: Household, town: Town, forgery: Forgery, tmp_path: Path
) -> None:
    """The recipe of docs/clock.md, while the service that keeps lists goes on running."""
    household.settle(town)
    forgery.change("timestamp", at=town.now + 20 * DAY)  # somebody stole its key
    household.machine.restarts(at=town.now + timedelta(hours=3))
    household.write_config()
    with household.keeper() as keeping:
        keeping.import_from(forgery.public)
        assert keeping._services.clock.read().floor == town.now + 20 * DAY
        with household.opened() as console:
            right = household.machine.at
            assert console.clock.confirm(right, by="the console", lower=True, signed_too=True).trusted
        assert (keeping._services.clock.read().at, keeping._services.clock.read().trusted) == (right, True)
        assert (start_station(household).at, start_station(household).trusted) == (right, True)

    household.machine.restarts(at=town.now + timedelta(hours=4))  # the power cut
    assert start_station(household).floor == right
    with household.opened() as console:
        assert console.clock.confirm(household.machine.at, by="an officer, on the page").trusted

    town.desk.rotate("timestamp", at=town.now)
    town.next_day(cards=6)
    household.machine.restarts(at=town.now)
    with household.keeper() as keeping:
        assert keeping.import_from(town.public).outcome is Outcome.INSTALLED
        assert keeping._services.clock.read().floor == town.now


def test_an_old_publication_is_refused_with_a_clock_in_1970_too(
    household: Household, town: Town, tmp_path: Path
) -> None:
    """Setting the clock back does not make what has expired good again: the floor holds, and so do the versions."""
    old = town.carry_to(tmp_path / "old")
    household.settle(town)
    town.publish(days=100)
    for code in town.provinces:
        town.bring_bundle(code)
    town.publish()
    household.machine.restarts(at=town.now)
    with household.keeper() as keeper:
        keeper.import_from(town.public)
    household.machine.restarts(at=IN_1970)
    with household.keeper() as keeper, pytest.raises(ListRolledBack):
        keeper.import_from(old)
    household.copy(tmp_path / "beside")
    other = Household(tmp_path / "beside", machine=household.machine)
    for path in ("current", "sets", "parts"):
        place = other.config.lists_directory / path
        place.rename(place.with_name(f"gone-{path}"))
    with other.keeper() as keeper, pytest.raises(ListExpired):
        keeper.import_from(old)  # its memory of versions is gone, and time has passed all the same


def test_lists_signed_ahead_of_a_trusted_clock_are_refused(household: Household, town: Town) -> None:
    household.settle(town)
    household.machine.synchronised = True
    before = household.lists.files()
    town.next_day()
    with household.keeper() as keeper, pytest.raises(ListFromTheFuture, match="2026-11-30 03:00 UTC, which lies ahead"):
        keeper.import_from(town.public)
    assert household.lists.files() == before
    assert read_history(household.lists.folder.history)[0].reason == "list-from-the-future"
    household.machine.at = town.now + timedelta(minutes=1)
    with household.keeper() as keeper:
        assert keeper.import_from(town.public).outcome is Outcome.INSTALLED


def test_a_publisher_whose_clock_ran_ahead_does_not_carry_ours_along(
    household: Household, town: Town, forgery: Forgery
) -> None:
    household.settle(town)
    household.machine.synchronised = True
    forgery.chain("central", at=AT + 50 * DAY)
    with household.keeper() as keeper:
        with pytest.raises(ListFromTheFuture):
            keeper.import_from(forgery.public)
        assert keeper._services.clock.read().floor < AT + DAY


def test_the_key_of_timestamp_alone_does_not_carry_an_untrusted_clock_into_another_century(
    household: Household, town: Town, forgery: Forgery
) -> None:
    household.settle(town)
    household.machine.restarts(at=IN_1970)
    far = datetime(2199, 6, 1, tzinfo=UTC)
    forgery.change("timestamp", lambda timestamp: setattr(timestamp, "expires", far + DAY), at=far)
    with household.keeper() as keeper:
        with pytest.raises(ListRefused, match="signed on 2199-06-01, and expired before"):
            keeper.import_from(forgery.public)
        assert keeper._services.clock.read().floor < AT + DAY


def test_a_province_whose_signature_ran_out_stops_nobody_whose_clock_stands_behind(
    appliance: Appliance, town: Town
) -> None:
    town.now = appliance.sealed.expires["province-01"] + 10 * DAY
    town.list_cards(range(6), new_base=True)
    town.publish()
    assert appliance.take(town.public, at=AT, clock_trusted=False).outcome is Outcome.INSTALLED


# --- whose time counts for python-tuf --------------------------------------------------------------------------------


EXPIRY = [(AT, True), (AT + 44 * DAY, True), (AT + 46 * DAY, False), (IN_2038, False), (IN_1970, True)]


@pytest.mark.parametrize("machine_at", [IN_1970, AT, IN_2038])
def test_expiry_is_judged_by_the_time_that_is_given_whatever_the_machine_says(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, machine_at: datetime
) -> None:
    """``_UpdaterAt`` reaches into the library for this; a release that renames what it reaches for must not pass."""
    asked = []

    def now(zone: tzinfo) -> datetime:
        asked.append(zone)
        return machine_at

    clock = SimpleNamespace(datetime=SimpleNamespace(now=now), timezone=timezone)
    monkeypatch.setattr(trusted_metadata_set, "datetime", clock)
    for number, (at, good) in enumerate(EXPIRY):
        metadata = tmp_path / f"metadata-{number}"
        metadata.mkdir()
        with StickFetcher(town.public, tmp_path) as stick, nullcontext() if good else pytest.raises(ListExpired):
            Publication(stick, stick.base_url, metadata, town.first_root, at=at)
    assert len(asked) == len(EXPIRY), "the library asks for the time elsewhere now"


def test_a_clock_set_back_between_two_syncs_takes_nothing_back(appliance: Appliance, town: Town) -> None:
    town.next_day()
    appliance.take(town.public, at=town.now)
    assert appliance.take(town.public, at=IN_1970).outcome is Outcome.UNCHANGED
    assert appliance.knows_card(3)
