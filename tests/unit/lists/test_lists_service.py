"""The service that keeps lists fresh: which round asks whom, and what is said when something is wrong."""

import tempfile
import threading
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from lists_world.keepers import Household
from lists_world.mirrors import Mirror, answers
from lists_world.town import DAY, Town

from appliance.clock import ClockState
from appliance.commands.lists_service import keep_fresh
from appliance.errors import StorageUnreachable
from appliance.list_keeping.keeper import ListKeeper
from appliance.lists.history import Outcome
from appliance.lists.sealed_set import PartKind


class Stopping(threading.Event):
    """Lets so many rounds pass; between two of them something happens."""

    def __init__(self, *between: object) -> None:
        super().__init__()
        self._between = list(between)

    def wait(self, timeout: float | None = None) -> bool:
        if not self._between:
            self.set()
        else:
            self._between.pop(0)()
        return self.is_set()


def test_a_stick_that_is_plugged_in_is_taken_up_at_once_and_once(
    household: Household, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    household.settle(town)
    plugged_in: list[Path] = []
    monkeypatch.setattr(ListKeeper, "sticks", lambda _: tuple(plugged_in))
    town.next_day()
    empty = town.folder / "empty"
    empty.mkdir()
    with household.opened() as services:
        keeper = ListKeeper(services)
        plug_in, nothing = (lambda: plugged_in.extend((empty, town.public))), (lambda: None)
        keep_fresh(services, keeper, Stopping(plug_in, nothing, nothing))
        outcomes = [attempt.outcome for attempt in keeper.status().history]
    assert outcomes == [Outcome.FAILED, Outcome.INSTALLED, Outcome.INSTALLED], "the empty one was looked at last"


@pytest.mark.usefixtures("no_sticks")
def test_mirrors_are_asked_soon_after_the_start_then_at_its_own_minute_and_sooner_after_a_failure(
    household: Household, town: Town
) -> None:
    machine = household.machine

    def half_an_hour() -> None:
        machine.at += timedelta(minutes=30)
        machine.uptime += 1800.0

    with Mirror(town.public) as mirror, household.settle(town).opened() as services:
        household.mirrors = (mirror.address,)
        keeper = ListKeeper(replace(services, config=household.config))

        def asked_in(steps: int) -> int:
            before = len([one for one in mirror.asked if one.path == "metadata/timestamp.json"])
            keep_fresh(services, keeper, Stopping(*[half_an_hour] * steps))
            return len([one for one in mirror.asked if one.path == "metadata/timestamp.json"]) - before

        assert asked_in(1) == 1
        assert asked_in(48) - 1 in {3, 4}  # its own minute may come just after the last of these steps
        mirror.behaviours["*"] = answers(500)
        mirror.asked.clear()
        keep_fresh(services, keeper, Stopping(*[half_an_hour] * 48))
        assert 7 <= len(mirror.asked) <= 14


def test_the_service_looks_at_once_when_the_daily_check_finds_damage(household: Household, town: Town) -> None:
    household.settle(town)
    with Mirror(town.public) as mirror, household.opened() as services:
        household.mirrors = (mirror.address,)
        keeper = ListKeeper(replace(services, config=household.config))
        crls = keeper.folder.parts / household.lists.sealed.parts[PartKind.TRUST].name / "files" / "crls.zip"

        def a_day_later() -> None:
            household.machine.at += DAY
            household.machine.uptime += DAY.total_seconds()
            crls.chmod(0o600)
            crls.write_bytes(b"a spoilt sector")

        keep_fresh(services, keeper, Stopping(a_day_later, lambda: None))
        assert keeper.verify().ok


@pytest.mark.parametrize(("wrong", "state"), [(430 * DAY, ClockState.AHEAD), (-300 * DAY, ClockState.BEHIND)])
def test_whoever_does_not_know_the_time_asks_mirrors_all_the_more(
    household: Household, town: Town, wrong: timedelta, state: ClockState
) -> None:
    household.machine.synchronised = True
    household.settle(town)
    household.machine.synchronised = state is ClockState.AHEAD
    household.machine.restarts(at=town.now + wrong)

    def half_an_hour() -> None:
        household.machine.at += timedelta(minutes=30)
        household.machine.uptime += 1800.0

    with Mirror(town.public) as mirror, household.opened() as services:
        assert services.clock.read().state is state
        household.mirrors = (mirror.address,)
        keep_fresh(services, ListKeeper(replace(services, config=household.config)), Stopping(*[half_an_hour] * 3))
        assert mirror.asked


def test_a_stick_that_had_to_wait_in_vain_is_tried_again(
    household: Household, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    household.settle(town)
    town.next_day()
    monkeypatch.setattr(ListKeeper, "sticks", lambda _: (town.public,))
    with household.opened() as services, ExitStack() as held:
        keeper = ListKeeper(services)
        keeper.patience_s = 0.05
        held.enter_context(keeper.folder.only_sync())
        keep_fresh(services, keeper, Stopping(held.close, lambda: None))
        assert household.lists.sealed.issued == town.now


def test_where_there_is_no_room_to_look_nothing_is_called_damaged_and_nobody_looks_at_every_turn(
    household: Household, town: Town, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    household.settle(town)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "no such folder"))
    looked: list[object] = []
    with household.opened() as services:
        keeper = ListKeeper(services)
        real = keeper.verify
        monkeypatch.setattr(keeper, "verify", lambda: (looked.append(None), real())[1])

        def a_day_later() -> None:
            household.machine.at += DAY
            household.machine.uptime += DAY.total_seconds()

        keep_fresh(services, keeper, Stopping(a_day_later, *[lambda: None] * 5))
        assert len(looked) == 1
        assert keeper.status().problem is None
        with pytest.raises(StorageUnreachable):
            keeper.check(every=timedelta(0))
