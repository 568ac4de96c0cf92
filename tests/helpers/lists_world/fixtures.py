"""Fixtures: a town and an appliance that took up its lists, made once and copied for every test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from appliance.lists.sources.source import Source
from lists_world.appliances import Appliance, BadDay
from lists_world.forgery import Forgery
from lists_world.keepers import Household
from lists_world.mirrors import Mirror
from lists_world.town import Town


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return Town.found(tmp_path_factory.mktemp("founded") / "town")


@pytest.fixture(scope="session")
def settled(founded: Town, tmp_path_factory: pytest.TempPathFactory) -> Appliance:
    """An appliance that took up the first lists."""
    appliance = Appliance.pinned(tmp_path_factory.mktemp("settled") / "lists", founded.first_root)
    appliance.take(founded.public, at=founded.now)
    return appliance


@pytest.fixture
def town(founded: Town, tmp_path: Path) -> Town:
    return founded.copy(tmp_path / "town")


@pytest.fixture
def appliance(settled: Appliance, tmp_path: Path) -> Appliance:
    return settled.copy(tmp_path / "lists")


@pytest.fixture
def fresh(town: Town, tmp_path: Path) -> Appliance:
    """An appliance that has only its root."""
    return Appliance.pinned(tmp_path / "fresh", town.first_root)


@pytest.fixture
def make_forgery(town: Town, tmp_path: Path) -> Callable[[], Forgery]:
    """Begin a forgery of what is published by now."""
    return lambda: Forgery(town.carry_to(tmp_path / f"forged-{len(list(tmp_path.glob('forged-*')))}"), town)


@pytest.fixture
def forgery(make_forgery: Callable[[], Forgery]) -> Forgery:
    return make_forgery()


@pytest.fixture(params=["stick", "mirror"])
def carried(request: pytest.FixtureRequest) -> Iterator[Callable[[Path], Source]]:
    """Make a published folder a source: once as a stick's, once behind a web server."""
    with ExitStack() as servers:
        yield (
            Source.stick if request.param == "stick" else (lambda folder: servers.enter_context(Mirror(folder)).source)
        )


@pytest.fixture
def bad_day(appliance: Appliance) -> BadDay:
    return BadDay.begins(appliance)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Household:
    """An appliance with its store and keys."""
    return Household.made(tmp_path_factory.mktemp("built") / "state")


@pytest.fixture
def household(built: Household, town: Town, tmp_path: Path) -> Household:
    """An appliance to which the town's roster is sealed, and that has not heard of the town yet."""
    household = built.copy(tmp_path / "state")
    town.add_roster("01", household.recipient)
    town.publish()
    return household
