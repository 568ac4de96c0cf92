"""The small world of signed lists (tests/helpers/lists_world) for the tests in this folder."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "helpers"))

import pytest
from lists_world.fixtures import (
    appliance,
    bad_day,
    built,
    carried,
    forgery,
    founded,
    fresh,
    household,
    make_forgery,
    settled,
    town,
)

from appliance.list_keeping.keeper import ListKeeper

__all__ = [
    "appliance",
    "bad_day",
    "built",
    "carried",
    "forgery",
    "founded",
    "fresh",
    "household",
    "make_forgery",
    "settled",
    "town",
]


@pytest.fixture
def no_sticks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is plugged into the machine that runs the tests is nothing to them."""
    monkeypatch.setattr(ListKeeper, "sticks", lambda _: ())
