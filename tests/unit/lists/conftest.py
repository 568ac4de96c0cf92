"""The small world of signed lists (tests/helpers/lists_world) for the tests in this folder."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "helpers"))

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
