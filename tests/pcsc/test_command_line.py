"""``thechip readers`` and ``thechip read`` with PC/SC readers."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from verifier.sdk.testing.misbehaving import Scene

THECHIP = [sys.executable, "-m", "verifier.cli"]


def thechip(*arguments: object, stdin: str = "123456\n") -> subprocess.CompletedProcess[str]:
    command = [*THECHIP, *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def trust(scene: Scene, tmp_path: Path) -> Path:
    scene.home.write_to(tmp_path / "trust")
    return tmp_path / "trust"


def test_readers_are_listed_for_people_and_programs(put: Callable, daemon: Any) -> None:
    put(slot=1)
    told = thechip("readers")
    while "a card is in it" not in told.stdout:  # the driver looks a few times a second
        told = thechip("readers")
    assert told.stdout.splitlines()[::2] == [
        "   1  Virtual 00 00",
        "   2  Virtual 00 01",
        "vpcd  virtual cards, over TCP on this machine",
    ]
    listed = [json.loads(line) for line in thechip("readers", "--json").stdout.splitlines()]
    assert [(one["reader"], one["number"], one["has_card"]) for one in listed] == [
        ("Virtual 00 00", 1, False),
        ("Virtual 00 01", 2, True),
        ("vpcd", None, None),
    ]


@pytest.mark.parametrize("chosen", [(), ("--reader", "2"), ("--reader", "virtual 00 01")])
def test_a_card_is_read_in_the_reader_that_was_chosen_or_in_any(
    put: Callable, trust: Path, chosen: tuple[str, ...]
) -> None:
    if chosen:
        put("clone-without-the-key", 0)
    put("genuine", 1)
    ran = thechip("read", *chosen, "--trust", trust, "--at", "2026-11-22T08:00:00Z")
    assert ran.returncode == 3, ran.stderr
    assert "The chip is the original one" in ran.stdout
    assert ran.stderr.startswith("Waiting for a card: ")


@pytest.mark.parametrize(("chosen", "code"), [("3", 2), ("Nobody's Reader", 4)])
def test_a_reader_that_is_not_there_is_named(daemon: Any, trust: Path, chosen: str, code: int) -> None:
    ran = thechip("read", "--reader", chosen, "--trust", trust, "--wait", "0.2")
    assert ran.returncode == code
    assert chosen in ran.stderr


def test_a_card_that_leaves_and_a_service_that_is_not_there_have_their_reasons(
    put: Callable, daemon: Any, trust: Path
) -> None:
    put("removed")
    left = thechip("read", "--trust", trust, "--json")
    assert (left.returncode, json.loads(left.stdout)["error"]["reason"]) == (4, "card-removed")
    daemon.stop()
    for command in (("read", "--trust", trust), ("readers",)):
        missing = thechip(*command, "--json")
        told = [json.loads(line) for line in missing.stdout.splitlines()]
        assert (missing.returncode, told[0]["error"]["reason"]) == (4, "reader-unavailable")
        assert [line["reader"] for line in told[1:]] == (["vpcd"] if "readers" in command else [])
